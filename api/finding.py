"""From a search request to its reply: used by the API and by every page that searches."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from api.check_words import checked_words, unclaimed_words
from api.cursors import read_cursor, write_cursor
from api.hours_sentence import summary_words
from api.languages import Language
from api.parsing import instant_in
from api.room_words import shown_opening, told_openings
from api.schemas.search import (
    CheckedReply,
    FacetReply,
    FacetsReply,
    FoundLocation,
    HitReply,
    HoursReply,
    NamedReply,
    NextSlotReply,
    OriginReply,
    SearchReply,
    SearchRequest,
)
from api.settings import Settings
from api.words import hours_words
from directory.database import Row
from directory.errors import FieldError, InvalidError
from directory.hours import NoHours
from directory.hours_summary import HoursSummary
from directory.needs import NEEDS_BY_CODE
from directory.queries.needs import find_codes
from directory.search import Answer, Cursor, Hit, SearchQuery, search
from directory.truth import is_claimed
from directory.viewer import Viewer
from directory.week_times import WeekTime, parse_week_time
from geo.gazetteer import AmbiguousPlaceError, UnknownPlaceError, resolve_place
from geo.places import Place
from geo.points import Point
from scheduling.queries.slots import find_next_slots

A_YEAR = timedelta(days=366)

_OPEN_AT_WORDS = (
    'Give "now", a weekday and time such as "saturday 22:00", or a coming time within a year '
    "with its offset: 2030-06-03T17:00:00-04:00."
)


def find(
    session: Session,
    request: SearchRequest,
    *,
    viewer: Viewer,
    settings: Settings,
    language: Language,
    now: datetime,
) -> SearchReply:
    """Search, and find the next time that the viewer may book at each result of the page."""
    query = _query(session, request, settings, now)
    answer = search(session, query, now=now)
    ids = [hit.entry["service_at_location_id"] for hit in answer.hits]
    next_slots = find_next_slots(session, viewer, [id_ for id_ in ids if id_ is not None], now=now)
    return SearchReply(
        origin=_origin(query.origin),
        within_km=answer.within_km,
        widened=answer.widened,
        total=answer.total,
        facets=_facets(answer, language),
        results=[hit_reply(hit, next_slots, language, now) for hit in answer.hits],
        next=_next(answer),
    )


def _query(
    session: Session, request: SearchRequest, settings: Settings, now: datetime
) -> SearchQuery:
    needs = find_codes(session, request.need)
    mistakes = [
        FieldError("need", f'There is no need called "{asked}".')
        for asked, codes in needs.items()
        if not codes
    ]
    origin, place_mistakes = _place(request.near, settings)
    open_at, time_mistakes = _open_at(request.open_at, now)
    mistakes += place_mistakes + time_mistakes
    if mistakes:
        raise InvalidError(mistakes)
    return SearchQuery(
        origin=origin,
        within_km=request.within_km,
        needs=[code for codes in needs.values() for code in codes],
        words=request.q or "",
        languages=request.language,
        free=request.free,
        openings=request.openings,
        open_at=open_at,
        limit=request.limit,
        after=read_cursor(request.next, Cursor),
    )


def home_point(settings: Settings) -> Point | None:
    """Return where this network is, to tell towns of the same name apart."""
    return resolve_place(settings.home).point if settings.home else None


def _place(text: str | None, settings: Settings) -> tuple[Place | None, list[FieldError]]:
    if not text or not text.strip():
        return None, []
    try:
        return resolve_place(text, near=home_point(settings)), []
    except AmbiguousPlaceError as error:
        choices = "; ".join(place.label for place in error.candidates)
        return None, [FieldError("near", f"{error} ({choices})")]
    except UnknownPlaceError as error:
        return None, [FieldError("near", str(error))]


def _open_at(
    text: str | None, now: datetime
) -> tuple[datetime | WeekTime | None, list[FieldError]]:
    """Read "now", an instant up to a year ahead, or a weekday and time."""
    if not text or not text.strip():
        return None, []
    if text.strip().casefold() == "now":
        return now, []
    at = instant_in(text)
    if at is not None and now <= at <= now + A_YEAR:
        return at, []
    try:
        return parse_week_time(text), []
    except ValueError:
        return None, [FieldError("open_at", _OPEN_AT_WORDS)]


def _origin(place: Place | None) -> OriginReply | None:
    if place is None:
        return None
    return OriginReply(
        label=place.label, latitude=place.point.latitude, longitude=place.point.longitude
    )


def _next(answer: Answer) -> str | None:
    return write_cursor(answer.hits[-1].cursor) if answer.more else None


def _facets(answer: Answer, language: Language) -> FacetsReply:
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
    )


def hit_reply(
    hit: Hit, next_slots: Mapping[UUID, Row], language: Language, now: datetime
) -> HitReply:
    """Say one result in full."""
    row = hit.entry
    slot = next_slots.get(row["service_at_location_id"])
    return HitReply(
        id=row["id"],
        service_at_location_id=row["service_at_location_id"],
        service=NamedReply(id=row["service_id"], name=row["service_name"]),
        organization=NamedReply(id=row["organization_id"], name=row["organization_name"]),
        location=_location(row),
        phone=row["phone"],
        free=row["is_free"],
        distance_km=None if hit.distance_km is None else round(hit.distance_km, 2),
        match=hit.match,
        serves_your_area=hit.serves,
        hours=_hours(hit, language, now),
        opening=shown_opening(row, language, now),
        openings=told_openings(row, language, now),
        next_slot=NextSlotReply.of(slot) if slot else None,
        verified_at=row["verified_on"],
        checked=CheckedReply(
            at=row["checked_at"],
            method=row["checked_how"],
            words=checked_words(row, now, language),
        ),
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


def place_choices(text: str, settings: Settings) -> Sequence[Place]:
    """Return the places that an ambiguous name may mean."""
    try:
        resolve_place(text, near=home_point(settings))
    except AmbiguousPlaceError as error:
        return error.candidates
    except UnknownPlaceError:
        return ()
    return ()
