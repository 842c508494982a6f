"""From a search request to its reply: used by the API and by every page that searches."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from api.cursors import read_cursor
from api.found import hit_reply, say_answer
from api.known_slots import next_slots
from api.languages import Language
from api.parsing import instant_in
from api.people import facts_in
from api.schemas.search import (
    SearchReply,
    SearchRequest,
)
from api.settings import Settings
from api.tally import SearchTally
from directory.errors import FieldError, InvalidError
from directory.folding import fold
from directory.needs import NEEDS_BY_CODE
from directory.queries.needs import find_codes, find_words_alike
from directory.search import search
from directory.search_copy.copy import SearchCopy
from directory.search_query import Answer, Cursor, FirstTime, SearchQuery, Sort
from directory.viewer import PUBLIC, Viewer
from directory.week_times import WeekTime, parse_week_time
from geo.gazetteer import AmbiguousPlaceError, UnknownPlaceError, resolve_place
from geo.places import Place
from geo.points import Point
from scheduling.bookable import first_bookable_start

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


@dataclass(frozen=True, slots=True)
class Finder:
    """What every search uses: the settings, the count of searches, and the copy to search, if any.

    Use it in a session that has changed nothing, and sees one moment (``Database.snapshot``).
    """

    settings: Settings
    tally: SearchTally
    copy: SearchCopy | None = None


def find(
    session: Session,
    request: SearchRequest,
    *,
    viewer: Viewer,
    finder: Finder,
    language: Language,
    now: datetime,
) -> SearchReply:
    """Search, count it, and say what was found in the reader's language."""
    query, answer = find_answer(session, request, viewer=viewer, finder=finder, now=now)
    finder.tally.note(query, answer, now=now)
    return reply_to(session, query, answer, viewer=viewer, language=language, now=now)


class AskTheDatabaseError(Exception):
    """A request cannot be read without the database."""


def find_answer(
    session: Session,
    request: SearchRequest,
    *,
    viewer: Viewer,
    finder: Finder,
    now: datetime,
    by_rule: bool = False,
) -> tuple[SearchQuery, Answer]:
    """Read a request and search. Raises ``InvalidError`` naming every mistake."""
    query = read_query(session, request, viewer=viewer, settings=finder.settings, now=now)
    query = replace(query, by_rule=by_rule)
    return query, search(session, query, now=now, copy=finder.copy)


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
    slots = next_slots(session, viewer, places_of(answer), now=now)
    results = [
        hit_reply(hit, slot, language, now) for hit, slot in zip(answer.hits, slots, strict=True)
    ]
    return say_answer(query, answer, language, now, results)


def places_of(answer: Answer) -> list[UUID | None]:
    """Return where each result of a page may be booked."""
    return [hit.entry["service_at_location_id"] for hit in answer.hits]


def read_query(
    session: Session | None,
    request: SearchRequest,
    *,
    viewer: Viewer,
    settings: Settings,
    now: datetime,
) -> SearchQuery:
    """Read a request. Raises ``InvalidError`` naming every mistake.

    Without a session raises ``AskTheDatabaseError`` where one is needed.
    """
    needs = _codes(session, request.need)
    excluded = _codes(session, request.exclude)
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
        facets=request.facets,
        limit=request.limit,
        after=read_cursor(request.next, Cursor),
    )
    if query.after is not None and query.after.sort is not query.order:
        raise InvalidError.of("next", ANOTHER_ORDER)
    return query


def _codes(session: Session | None, asked: Sequence[str]) -> Codes:
    """Return what words mean; our own codes mean themselves."""
    if all(text in NEEDS_BY_CODE for text in asked):
        return {text: (text,) for text in asked}
    if session is None:
        raise AskTheDatabaseError
    return find_codes(session, asked)


def _need_mistakes(session: Session | None, needs: Codes) -> Iterator[FieldError]:
    for asked, codes in needs.items():
        if session is not None and not codes:
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


def place_choices(text: str, settings: Settings) -> Sequence[Place]:
    """Return the places that an ambiguous name may mean."""
    try:
        resolve_place(text, near=home_point(settings))
    except AmbiguousPlaceError as error:
        return error.candidates
    except UnknownPlaceError:
        return ()
    return ()
