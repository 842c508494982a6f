"""From a search request to its reply: used by the API and by every page that searches."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from api.check_words import checked_words, unclaimed_words
from api.cursors import read_cursor, write_cursor
from api.hours_sentence import summary_words
from api.languages import Language
from api.left_out import left_out_reply
from api.parsing import instant_in
from api.people import eligibility_reply, facts_in
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
    NamedReply,
    NextSlotReply,
    OriginReply,
    SearchReply,
    SearchRequest,
)
from api.settings import Settings
from api.tally import SearchTally
from api.words import hours_words
from directory.database import Row
from directory.eligibility import Facts, Verdict
from directory.errors import FieldError, InvalidError
from directory.folding import fold
from directory.hours import NoHours
from directory.hours_summary import HoursSummary
from directory.needs import NEEDS_BY_CODE
from directory.queries.needs import find_codes, find_words_alike
from directory.search import search
from directory.search_query import Answer, Cursor, FirstTime, Hit, SearchQuery, Sort
from directory.search_words import spelled
from directory.truth import is_claimed
from directory.viewer import PUBLIC, Viewer
from directory.week_times import WeekTime, parse_week_time
from geo.gazetteer import AmbiguousPlaceError, UnknownPlaceError, resolve_place
from geo.places import Place
from geo.points import Point
from scheduling.bookable import first_bookable_start
from scheduling.queries.slots import find_next_slots

A_YEAR = timedelta(days=366)

#: So far ahead is looked for the soonest time, in days.
DAYS_TO_BOOK = 366

NO_WORDS_TO_SORT_BY = "Give words (q) to sort by relevance."
NOTHING_TO_LEAVE_OUT = "Give words, or needs, to leave out."
ASKED_AND_LEFT_OUT = "You ask for a need and leave it out."
ANOTHER_ORDER = "This belongs to a list in another order. Begin again."
NO_PLACE_TO_SORT_BY = "Give a place (near) to sort by distance."

#: What somebody asked for, and the codes of needs that it means.
Codes = Mapping[str, Sequence[str]]

_OPEN_AT_WORDS = (
    'Give "now", a weekday and time such as "saturday 22:00", or a coming time within a year '
    "with its offset: 2030-06-03T17:00:00-04:00."
)


_BOOKABLE_FOR_WORDS = 'Give "public" or the id of your own organization.'


def find(
    session: Session,
    request: SearchRequest,
    *,
    viewer: Viewer,
    settings: Settings,
    language: Language,
    now: datetime,
    tally: SearchTally,
) -> SearchReply:
    """Search, count it, and say what was found in the reader's language."""
    query, answer = find_answer(session, request, viewer=viewer, settings=settings, now=now)
    tally.note(query, answer, now=now)
    return reply_to(session, query, answer, viewer=viewer, language=language, now=now)


def find_answer(
    session: Session,
    request: SearchRequest,
    *,
    viewer: Viewer,
    settings: Settings,
    now: datetime,
    by_rule: bool = False,
) -> tuple[SearchQuery, Answer]:
    """Read a request and search. Raises ``InvalidError`` naming every mistake."""
    query = replace(_query(session, request, viewer, settings, now), by_rule=by_rule)
    return query, search(session, query, now=now)


def reply_to(
    session: Session,
    query: SearchQuery,
    answer: Answer,
    *,
    viewer: Viewer,
    language: Language,
    now: datetime,
) -> SearchReply:
    """Say an answer, with the next time that the viewer may book at each result of the page."""
    ids = [hit.entry["service_at_location_id"] for hit in answer.hits]
    next_slots = find_next_slots(session, viewer, [id_ for id_ in ids if id_ is not None], now=now)
    return SearchReply(
        origin=_origin(query.origin),
        within_km=answer.within_km,
        widened=answer.widened,
        corrected=[
            CorrectionReply(word=each.word, read_as=[spelled(word) for word in each.read_as])
            for each in answer.corrected
        ],
        total=answer.total,
        facets=_facets(answer, language, query.facts),
        results=[
            hit_reply(hit, next_slots, language, now, facts=query.facts) for hit in answer.hits
        ],
        excluded_nearer=[
            left_out_reply(each, _hours(each.hit, language, now), language, query.facts, now)
            for each in answer.excluded_nearer
        ],
        next=_next(answer),
    )


def _query(
    session: Session,
    request: SearchRequest,
    viewer: Viewer,
    settings: Settings,
    now: datetime,
) -> SearchQuery:
    needs = find_codes(session, request.need)
    excluded = find_codes(session, request.exclude)
    origin, place_mistakes = _place(request.near, settings)
    open_at, time_mistakes = _open_at(request.open_at, now)
    mistakes = [
        *_need_mistakes(session, needs),
        *_exclude_mistakes(needs, excluded),
        *_sort_mistakes(request),
        *place_mistakes,
        *time_mistakes,
    ]
    with _collecting(mistakes):
        facts = facts_in(request, origin, now)
    with _collecting(mistakes):
        first_time = _first_time(request, viewer, now)
    if mistakes:
        raise InvalidError(mistakes)
    query = SearchQuery(
        origin=origin,
        within_km=request.within_km,
        needs=[code for codes in needs.values() for code in codes],
        words=request.q or "",
        without_needs=[code for codes in excluded.values() for code in codes],
        without_words=request.exclude,
        languages=request.language,
        free=request.free,
        price_at_most=None if request.cost_at_most is None else round(request.cost_at_most * 100),
        step_free=request.step_free,
        remote=request.remote,
        facts=facts,
        openings=request.openings,
        open_at=open_at,
        bookable=request.bookable_within_days is not None,
        first_time=first_time,
        sort=request.sort,
        limit=request.limit,
        after=read_cursor(request.next, Cursor),
    )
    if query.after is not None and query.after.sort is not query.order:
        raise InvalidError.of("next", ANOTHER_ORDER)
    return query


def _need_mistakes(session: Session, needs: Codes) -> Iterator[FieldError]:
    for asked, codes in needs.items():
        if not codes:
            alike = " or ".join(find_words_alike(session, asked))
            meant = f" Did you mean {alike}?" if alike else ""
            yield FieldError("need", f'There is no need called "{asked}".{meant}')


def _exclude_mistakes(needs: Codes, excluded: Codes) -> Iterator[FieldError]:
    for asked in excluded:
        if not fold(asked):
            yield FieldError("exclude", NOTHING_TO_LEAVE_OUT)
    left_out = {code for codes in excluded.values() for code in codes}
    if any(codes and left_out.issuperset(codes) for codes in needs.values()):
        yield FieldError("exclude", ASKED_AND_LEFT_OUT)


def _sort_mistakes(request: SearchRequest) -> Iterator[FieldError]:
    if request.sort is Sort.RELEVANCE and not fold(request.q or ""):
        yield FieldError("sort", NO_WORDS_TO_SORT_BY)
    if request.sort is Sort.DISTANCE and not (request.near or "").strip():
        yield FieldError("sort", NO_PLACE_TO_SORT_BY)


def order_of_form(sort: Sort | None, words: str | None) -> Sort | None:
    """Return the order that a form asks for; it keeps its choice while words come and go."""
    return None if sort is Sort.RELEVANCE and not fold(words or "") else sort


@contextmanager
def _collecting(mistakes: list[FieldError]) -> Iterator[None]:
    """Note what is refused inside, to tell it with the other mistakes."""
    try:
        yield
    except InvalidError as error:
        mistakes += error.errors


def _first_time(request: SearchRequest, viewer: Viewer, now: datetime) -> FirstTime | None:
    """Return how to find the first time that may be booked soon enough, where that is asked."""
    asked_for = _bookable_for(request.bookable_for, viewer)
    if request.bookable_within_days is None and request.sort is not Sort.SOONEST:
        return None
    before = now + timedelta(days=request.bookable_within_days or DAYS_TO_BOOK)
    return lambda place: first_bookable_start(asked_for, place, now=now, before=before)


def _bookable_for(text: str | None, viewer: Viewer) -> Viewer:
    """Return as whom one would book: oneself, or anybody."""
    if not text or text.strip().casefold() == str(viewer.organization_id):
        return viewer
    if text.strip().casefold() == "public":
        return PUBLIC
    raise InvalidError.of("bookable_for", _BOOKABLE_FOR_WORDS)


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


def _facets(answer: Answer, language: Language, facts: Facts) -> FacetsReply:
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
        eligibility=_eligibility_facet(answer) if facts else None,
    )


def _eligibility_facet(answer: Answer) -> EligibilityFacet:
    counts = answer.verdicts
    return EligibilityFacet(
        eligible=counts[Verdict.ELIGIBLE],
        needs_more=counts[Verdict.NEEDS_MORE],
        not_stated=counts[None],
    )


def hit_reply(
    hit: Hit,
    next_slots: Mapping[UUID, Row],
    language: Language,
    now: datetime,
    *,
    facts: Facts,
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
        eligibility=eligibility_reply(hit.judgement, language, facts),
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
