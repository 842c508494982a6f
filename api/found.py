"""Saying what a search found, in the reader's language."""

from datetime import datetime
from zoneinfo import ZoneInfo

from api.check_words import checked_words, unclaimed_words
from api.cursors import write_cursor
from api.hours_sentence import summary_words
from api.languages import Language
from api.left_out import left_out_reply
from api.people import eligibility_reply
from api.room_words import shown_opening, told_openings
from api.schemas.search import (
    CheckedReply,
    CorrectionReply,
    EligibilityFacet,
    FacetReply,
    FacetsReply,
    FoundLocation,
    HitReply,
    HoursReply,
    HowFound,
    NamedReply,
    NextSlotReply,
    OfferReply,
    OriginReply,
    SearchReply,
)
from api.words import hours_words
from directory.database import Row
from directory.eligibility import Verdict
from directory.hours import NoHours
from directory.hours_summary import HoursSummary
from directory.needs import NEEDS_BY_CODE
from directory.search_query import Answer, Hit, SearchQuery
from directory.search_words import spelled
from directory.truth import is_claimed
from geo.places import Place


def say_answer(
    query: SearchQuery,
    answer: Answer,
    language: Language,
    now: datetime,
    results: list[HitReply],
) -> SearchReply:
    """Say an answer, whose results are said already."""
    return SearchReply(
        origin=_origin(query.origin),
        within_km=answer.within_km,
        widened=answer.widened,
        corrected=[
            CorrectionReply(word=each.word, read_as=[spelled(word) for word in each.read_as])
            for each in answer.corrected
        ],
        total=answer.total,
        facets=_facets(answer, language, told=bool(query.facts)) if query.facets else None,
        results=results,
        excluded_nearer=[
            left_out_reply(each, _hours_words(each.hit, language, now), language, now)
            for each in answer.excluded_nearer
        ],
        next=_next(answer),
    )


def _origin(place: Place | None) -> OriginReply | None:
    if place is None:
        return None
    return OriginReply(
        label=place.label, latitude=place.point.latitude, longitude=place.point.longitude
    )


def _next(answer: Answer) -> str | None:
    return write_cursor(answer.hits[-1].cursor) if answer.more else None


def _facets(answer: Answer, language: Language, *, told: bool) -> FacetsReply:
    """Tell the counts; of needs only the everyday ones, not every term of every taxonomy."""
    return FacetsReply(
        need=[
            FacetReply(code=code, name=language.translate(NEEDS_BY_CODE[code].name), count=count)
            for code, count in answer.needs.most_common()
            if code in NEEDS_BY_CODE
        ],
        language=[
            FacetReply(code=code, name=code, count=count)
            for code, count in answer.languages.most_common(20)
        ],
        open_now=answer.open_now,
        free=answer.free,
        eligibility=_eligibility_facet(answer) if told else None,
    )


def _eligibility_facet(answer: Answer) -> EligibilityFacet:
    counts = answer.verdicts
    return EligibilityFacet(
        eligible=counts[Verdict.ELIGIBLE],
        needs_more=counts[Verdict.NEEDS_MORE],
        not_stated=counts[None],
    )


def hit_reply(
    hit: Hit, next_slot: NextSlotReply | None, language: Language, now: datetime
) -> HitReply:
    """Say one result in full."""
    parts = (offer_reply(hit, language, now), how_found(hit, language))
    said = {name: getattr(part, name) for part in parts for name in part.__struct_fields__}
    return HitReply(**said, next_slot=next_slot)


def offer_reply(hit: Hit, language: Language, now: datetime) -> OfferReply:
    """Say of a result what does not depend on the question."""
    row = hit.entry
    return OfferReply(
        id=row["id"],
        service_at_location_id=row["service_at_location_id"],
        service=NamedReply(id=row["service_id"], name=row["service_name"]),
        organization=NamedReply(id=row["organization_id"], name=row["organization_name"]),
        location=_location(row),
        phone=row["phone"],
        free=row["is_free"],
        hours=_hours(hit, language, now),
        opening=shown_opening(row, language, now),
        openings=told_openings(row, language, now),
        verified_at=row["verified_on"],
        checked=CheckedReply(
            at=row["checked_at"],
            method=row["checked_how"],
            words=checked_words(row, now, language),
        ),
    )


def how_found(hit: Hit, language: Language) -> HowFound:
    """Say of a result what depends on the question."""
    km = hit.distance_km
    return HowFound(
        distance_km=None if km is None else round(km, 2),
        match=hit.match,
        serves_your_area=hit.serves,
        eligibility=eligibility_reply(hit.judgement, language, hit.query.facts),
    )


def _location(row: Row) -> FoundLocation | None:
    if row["location_id"] is None:
        return None
    return FoundLocation(
        id=row["location_id"],
        name=row["location_name"],
        address=row["address"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        approximate=row["approximate"],
        timezone=row["timezone"],
    )


def _hours(hit: Hit, language: Language, now: datetime) -> HoursReply:
    interval = hit.hours
    is_open = _is_open(hit, now)
    return HoursReply(
        open=is_open,
        until=interval.ends_at if interval and is_open else None,
        opens_at=interval.starts_at if interval and not is_open else None,
        words=_hours_words(hit, language, now),
        summary=usual_hours(hit.summary, language) if hit.summary else None,
    )


def _is_open(hit: Hit, now: datetime) -> bool | None:
    """Say whether it is open; None where that cannot be known, or nobody stands by the hours."""
    if hit.entry["hours_known"] and not is_claimed(hit.entry, now):
        return None
    if hit.entry["temporarily_closed"]:
        return False
    if hit.hours is not None:
        return hit.hours.contains(now)
    return None if _why_none(hit) is not NoHours.CLOSED else False


def _why_none(hit: Hit) -> NoHours:
    if hit.entry["by_appointment"]:
        return NoHours.BY_APPOINTMENT
    return NoHours.CLOSED if hit.entry["hours_known"] else NoHours.NOT_GIVEN


def usual_hours(summary: HoursSummary, language: Language) -> str | None:
    """Say the usual hours, or nothing where nothing is usual."""
    words = summary_words(summary, language=language.tag, translate=language.translate)
    return words or None


def _hours_words(hit: Hit, language: Language, now: datetime) -> str:
    if hit.entry["temporarily_closed"]:
        return language.translate("Closed for now")
    if hit.entry["hours_known"] and not is_claimed(hit.entry, now):
        return unclaimed_words(hit.entry, language, now)
    return hours_words(
        hit.hours or _why_none(hit),
        now,
        ZoneInfo(hit.entry["timezone"]),
        language=language.tag,
        translate=language.translate,
    )
