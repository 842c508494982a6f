"""Why a nearer place was left out of a search, in words."""

from datetime import datetime

from api.eligibility_words import refusal_words
from api.languages import Language
from api.languages import marked as _
from api.room_words import shown_opening
from api.schemas.search import LeftOutReason, LeftOutReply
from directory.search_query import Asked, LeftOut

_WORDS = {
    Asked.STEP_FREE: _("Does not say that one gets in without a step"),
    Asked.REMOTE: _("One has to go there"),
    Asked.LANGUAGE: _("Does not say that they speak your language"),
    Asked.FREE: _("May cost something"),
    Asked.PRICE: _("May cost more"),
    Asked.TIME: _("No time to book soon"),
}

#: Codes that differ from what was asked.
_CODES = {Asked.ELIGIBLE: "not_eligible", Asked.TIME: "no_time", Asked.OPEN: "closed"}


def left_out_reply(
    left_out: LeftOut, hours_words: str, language: Language, now: datetime
) -> LeftOutReply:
    """Say which place it is and the first of what speaks against it."""
    row = left_out.hit.entry
    return LeftOutReply(
        service_at_location_id=row["service_at_location_id"],
        name=row["service_name"],
        organization=row["organization_name"],
        distance_km=round(left_out.hit.distance_km or 0.0, 2),
        reason=_reason(left_out, hours_words, language, now),
    )


def _reason(
    left_out: LeftOut, hours_words: str, language: Language, now: datetime
) -> LeftOutReason:
    asked, hit = left_out.asked, left_out.hit
    if asked is Asked.ROOM:
        opening = shown_opening(hit.entry, language, now)
        code = "room_unknown" if opening.status == "ask" else "full"
        return LeftOutReason(code=code, words=opening.words)
    if asked is Asked.ELIGIBLE and hit.judgement is not None:
        words = refusal_words(hit.judgement.because, language, facts=hit.query.facts)
        return LeftOutReason(code=_CODES[asked], words=words)
    if asked is Asked.OPEN:
        return LeftOutReason(code=_CODES[asked], words=hours_words)
    return LeftOutReason(code=_CODES.get(asked, asked), words=language.translate(_WORDS[asked]))
