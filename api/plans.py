"""Plan my day: from a request to the times that could be part of a plan.

Services are found by the one search, with its needs and its answer to whom they are for; times
by the one answer to what this viewer may book.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from api.finding import read_query
from api.languages import Language
from api.schemas.plans import (
    PlanRequest,
)
from api.schemas.search import SearchRequest
from api.settings import Settings
from directory.database import Row
from directory.errors import FieldError, InvalidError
from directory.folding import fold
from directory.intervals import local_instant
from directory.needs import NEEDS_BY_CODE
from directory.search import search
from directory.search_query import Answer, Hit, SearchQuery
from directory.tokens import read_code
from directory.viewer import Viewer
from geo.places import Place
from scheduling.planning import MOST_DAYS, Candidate, Trip
from scheduling.queries.bundles import spot_of
from scheduling.queries.plan_times import Wanted, find_times, first_time
from scheduling.ways import Spot, Ways

DAY = timedelta(days=1)
MIDNIGHT = time(0)
#: Days that are planned for when none are named.
USUAL_DAYS = 7
#: So far ahead is looked for what is not there in the days of the plan.
LATER = timedelta(days=366)
#: More services for one need than any network has in reach; all of them are looked at.
ALL = 100_000


class Asked(NamedTuple):
    """A request that was read: the trip, its days, and a search for each need."""

    request: PlanRequest
    origin: Place
    trip: Trip
    first_day: date
    last_day: date
    names: Sequence[str]
    queries: Sequence[SearchQuery]
    client_handle: str | None

    def wanted(self, now: datetime) -> Wanted:
        """Return which times may be part of the plan."""
        first = local_instant(self.first_day, MIDNIGHT, self.trip.zone)
        return Wanted(now, first, self._ends_at, self.request.places, self.client_handle)

    def wanted_later(self, now: datetime) -> Wanted:
        """Return which times come after the days of the plan."""
        return Wanted(
            now, self._ends_at, self._ends_at + LATER, self.request.places, self.client_handle
        )

    @property
    def _ends_at(self) -> datetime:
        return local_instant(self.last_day + DAY, MIDNIGHT, self.trip.zone)


class Found(NamedTuple):
    """The services for each need, and the times at them."""

    answers: Sequence[Answer]
    hits: Mapping[UUID, Hit]
    candidates: Sequence[Candidate]
    times: Mapping[object, Row]

    def count(self, need: int) -> int:
        """Count the times for a need."""
        return sum(each.need == need for each in self.candidates)


# ---------------------------------------------------------------------------------- reading


def read_plan(
    session: Session,
    request: PlanRequest,
    *,
    viewer: Viewer,
    settings: Settings,
    language: Language,
    now: datetime,
) -> Asked:
    """Read a request. Raises ``InvalidError`` naming every mistake."""
    mistakes: dict[FieldError, None] = {}
    queries = []
    for number, need in enumerate(request.needs):
        try:
            queries.append(_query(session, request, need, viewer, settings, now))
        except InvalidError as error:
            mistakes |= dict.fromkeys(_of_need(each, number) for each in error.errors)
    mistakes |= dict.fromkeys(_twice(request.needs))
    origin = queries[0].origin if queries else None
    zone = ZoneInfo(origin.timezone if origin else "UTC")
    today = now.astimezone(zone).date()
    first_day = request.first_day or today
    last_day = request.last_day or first_day + (USUAL_DAYS - 1) * DAY
    mistakes |= dict.fromkeys(_wrong_times(request, first_day, last_day, today))
    handle = request.client_handle and read_code(request.client_handle)
    if request.client_handle and handle is None:
        mistakes[
            FieldError(
                "client_handle", 'Give a handle such as "7K2M-QX4P", or leave it out for a new one.'
            )
        ] = None
    if not request.near.strip():
        mistakes[FieldError("near", "Say where the way begins: a ZIP code or town.")] = None
    if mistakes or origin is None:
        raise InvalidError(list(mistakes))
    trip = Trip(
        start=Spot("start", origin.point),
        ways=Ways(request.mode),
        zone=zone,
        leave_after=time.fromisoformat(request.leave_after),
        back_by=time.fromisoformat(request.back_by),
        not_before=now,
    )
    names = [_name(need, language) for need in request.needs]
    return Asked(request, origin, trip, first_day, last_day, names, queries, handle)


def _query(
    session: Session,
    request: PlanRequest,
    need: str,
    viewer: Viewer,
    settings: Settings,
    now: datetime,
) -> SearchQuery:
    asked = SearchRequest(
        near=request.near,
        within_km=request.within_km,
        need=[need],
        facts=request.facts,
        documents=request.documents,
        facets=False,
    )
    query = read_query(session, asked, viewer=viewer, settings=settings, now=now)
    return replace(query, limit=ALL)


def _of_need(error: FieldError, number: int) -> FieldError:
    return error._replace(path=f"needs.{number}") if error.path == "need" else error


def _twice(needs: Sequence[str]) -> Iterator[FieldError]:
    for number, need in enumerate(needs):
        if not fold(need):
            yield FieldError(f"needs.{number}", "Say what is needed.")
        elif fold(need) in map(fold, needs[:number]):
            yield FieldError(f"needs.{number}", "Name each need once.")


def _wrong_times(
    request: PlanRequest, first_day: date, last_day: date, today: date
) -> Iterator[FieldError]:
    if first_day < today:
        yield FieldError("first_day", "This day is over.")
    if last_day < first_day:
        yield FieldError("last_day", "Give a day that is not before the first.")
    elif (last_day - first_day).days >= MOST_DAYS:
        yield FieldError("last_day", f"Give at most {MOST_DAYS} days.")
    if request.back_by <= request.leave_after:
        yield FieldError("back_by", "Give a time after the one of leaving.")


def _name(need: str, language: Language) -> str:
    known = NEEDS_BY_CODE.get(need)
    return language.translate(known.name) if known else need


# ---------------------------------------------------------------------------------- finding


def find_candidates(session: Session, asked: Asked, *, viewer: Viewer, now: datetime) -> Found:
    """Return all times that could be part of a plan: none is left out beforehand."""
    wanted = asked.wanted(now)
    first = first_time(viewer, wanted)
    answers = [
        search(session, replace(query, bookable=True, first_time=first), now=now)
        for query in asked.queries
    ]
    hits = {hit.entry["service_at_location_id"]: hit for answer in answers for hit in answer.hits}
    rows = find_times(session, viewer, hits, wanted)
    spots = {id_: spot_of(hit.entry) for id_, hit in hits.items()}
    meets: dict[UUID, list[int]] = {}
    for need, answer in enumerate(answers):
        for hit in answer.hits:
            meets.setdefault(hit.entry["service_at_location_id"], []).append(need)
    candidates = [
        Candidate(need, row["id"], spots[place], row["starts_at"], row["ends_at"])
        for row in rows
        for place in [row["service_at_location_id"]]
        for need in meets[place]
    ]
    return Found(answers, hits, candidates, {row["id"]: row for row in rows})
