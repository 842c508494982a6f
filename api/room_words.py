"""What is said about room: how much, for whom, by whom, how long ago; or "ask"."""

from datetime import datetime

from api.languages import Language
from api.languages import marked as _
from api.schemas.search import OpeningReply
from api.words import age_words
from directory.database import Row
from directory.models.openings import OpeningStatus
from directory.openings import Opening, find_live

#: What is said in place of a number.
_STATUS_WORDS = {
    OpeningStatus.FULL: _("Full"),
    OpeningStatus.WAITLIST: _("Waiting list"),
    OpeningStatus.ASSESSMENT: _("Assessment first"),
    OpeningStatus.CALL: _("Call first"),
}

#: Whom places are often kept for; a provider may write anything.
POPULATIONS = (
    _("families"),
    _("women"),
    _("women with children"),
    _("men"),
    _("young people"),
    _("veterans"),
)


def shown_opening(row: Row, language: Language, now: datetime) -> OpeningReply:
    """Say the first opening of a search row that counts; where none does, it is "ask"."""
    live = find_live(row, now)
    if live:
        return opening_reply(live[0], language, now)
    return OpeningReply(
        status="ask",
        words=language.translate("Ask if there is room"),
        population="",
        whole_service=False,
        available=None,
        maximum=None,
        unit=None,
        note=None,
        as_of=None,
        expires_at=None,
        said_by=None,
    )


def told_openings(row: Row, language: Language, now: datetime) -> list[OpeningReply]:
    """Say every opening of a search row that counts, in the order in which they are shown."""
    return [opening_reply(each, language, now) for each in find_live(row, now)]


def opening_reply(opening: Opening, language: Language, now: datetime) -> OpeningReply:
    """Say one opening."""
    age = age_words(opening.as_of, now, translate=language.translate)
    return OpeningReply(
        status=opening.status,
        available=opening.available,
        maximum=opening.maximum,
        unit=opening.unit,
        population=opening.population,
        whole_service=opening.whole_service,
        note=opening.note,
        as_of=opening.as_of,
        expires_at=opening.expires_at,
        said_by=opening.said_by,
        words=f"{room_words(opening, language)}, {age}",
    )


def room_words(opening: Opening, language: Language) -> str:
    """Say how much room there is and for whom: ``"2 of 10 beds free (women with children)"``."""
    amount = amount_words(opening, language)
    said = _wholly(amount, language) if opening.whole_service else amount
    return f"{said} ({language.translate(opening.population)})" if opening.population else said


def _wholly(amount: str, language: Language) -> str:
    return language.translate("{amount} in all places together").format(amount=amount)


def amount_words(opening: Opening, language: Language) -> str:
    """Say how much room there is: ``"2 of 10 beds free"``, ``"Full"``."""
    translate = language.translate
    if opening.status in _STATUS_WORDS:
        return translate(_STATUS_WORDS[opening.status])
    if opening.available is None:
        return translate("Has room")
    if opening.available == 0:
        return translate("Full")
    unit = translate(opening.unit)
    if opening.maximum is None:
        return translate("{available} {unit} free").format(available=opening.available, unit=unit)
    return translate("{available} of {maximum} {unit} free").format(
        available=opening.available, maximum=opening.maximum, unit=unit
    )
