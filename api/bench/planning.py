"""How long planning a client's day takes, and how long trying everything would."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from itertools import product
from math import prod
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import msgspec
from rich.table import Table
from sqlmodel import Session

from api.bench.databases import temporary_database
from api.languages import language
from api.plan_reply import make_plans
from api.plans import Asked, find_candidates, read_plan
from api.schemas.plans import PlanRequest, PlansReply
from api.settings import Settings
from directory.commands.needs import ensure_needs
from directory.database import Database
from directory.index import refresh_services
from directory.models.accounts import Role
from directory.viewer import PUBLIC, Viewer
from geo.travel import Mode
from scheduling.commands.windows import publish_window
from scheduling.models.windows import BookableBy
from scheduling.planning import Candidate, plan
from scheduling.timetables import timetable
from scheduling.ways import find_tight
from seed.listings import Offered, list_region
from seed.places import region
from seed.rows import Rows
from seed.windows import PLANS, draft_of

#: Six needs for which the demo county has times.
NEEDS = ("food", "dental", "legal", "health", "utilities", "jobs")
ROUNDS = 5
#: So many choices are tried, to see how long one takes.
TRIED = 20_000
SECONDS_A_YEAR = 365 * 24 * 3600


class PlanReport(msgspec.Struct, frozen=True, kw_only=True):
    """Medians, in seconds, of a whole answer and of its parts; processor time of all of it.

    ``choices`` is how many there are to try, and ``naive_years`` how long that would take at the
    speed of those that were tried.
    """

    bench: str = "plan"
    database: str
    scale: int
    needs: int
    days: int
    candidates: int
    places: int
    proposals: int
    answer_seconds: float
    processor_seconds: float
    finding_seconds: float
    planning_seconds: float
    choices: int
    naive_years: float


def bench_plan(*, scale: int, needs: int, database: str, now: datetime) -> PlanReport:
    """Measure plans in ``scale`` demo counties on top of each other, all times open to all."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        made = stack.enter_context(temporary_database(database, folder))
        with made.transaction() as session:
            pile_up_counties(session, scale, now=now)
        return _measure(made, database, folder, scale, NEEDS[:needs], now)


def pile_up_counties(session: Session, scale: int, *, now: datetime) -> None:
    """Write the demo county's listings and windows ``scale`` times, all in the same towns."""
    need_ids, home = ensure_needs(session), region(0)
    for number in range(scale):
        rows = Rows()
        again = home._replace(number=number, suffix=f" {number}" if number else "")
        offered = list_region(rows, again, need_ids, now=now)
        rows.write(session)
        _publish(session, offered, now)
        refresh_services(session, {each.service_id for each in offered}, now=now)


def _publish(session: Session, offered: Sequence[Offered], now: datetime) -> None:
    at = {(o.agency.key, o.offer_key, o.branch.number): o for o in offered if o.branch}
    for each in PLANS:
        place = at[each.agency, each.offer, each.branch]
        draft = replace(
            draft_of(each, place, now, now),
            bookable_by=BookableBy.PUBLIC,
            partner_organization_ids=(),
        )
        host = Viewer(place.organization_id, Role.PUBLISHER)
        publish_window(session, draft, viewer=host, now=now)


def _measure(
    database: Database,
    kind: str,
    folder: Path,
    scale: int,
    needs: Sequence[str],
    now: datetime,
) -> PlanReport:
    request = PlanRequest(near="48933", needs=list(needs), mode=Mode.TRANSIT)
    settings = Settings(data_dir=folder, home="48933")

    def ask(session: Session) -> PlansReply:
        return make_plans(
            session,
            request,
            viewer=PUBLIC,
            settings=settings,
            language=language("en"),
            now=now,
        )

    with database.snapshot() as session:
        asked = read_plan(
            session,
            request,
            viewer=PUBLIC,
            settings=settings,
            language=language("en"),
            now=now,
        )
        reply = ask(session)  # and what is made once is made
        answers = [_timed(lambda: ask(session)) for _ in range(ROUNDS)]
        finding = [
            _timed(lambda: find_candidates(session, asked, viewer=PUBLIC, now=now))
            for _ in range(ROUNDS)
        ]
        found = find_candidates(session, asked, viewer=PUBLIC, now=now)
    planning = [
        _timed(lambda: plan(found.candidates, asked.trip, len(needs))) for _ in range(ROUNDS)
    ]
    choices = prod(found.count(need) + 1 for need in range(len(needs)))
    return PlanReport(
        database=kind,
        scale=scale,
        needs=len(needs),
        days=(asked.last_day - asked.first_day).days + 1,
        candidates=len(found.candidates),
        places=len(found.hits),
        proposals=len(reply.proposals),
        answer_seconds=median(seconds for seconds, _ in answers),
        processor_seconds=median(processor for _, processor in answers),
        finding_seconds=median(seconds for seconds, _ in finding),
        planning_seconds=median(seconds for seconds, _ in planning),
        choices=choices,
        naive_years=choices * _seconds_a_choice(found.candidates, asked) / SECONDS_A_YEAR,
    )


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    began, worked = perf_counter(), process_time()
    work()
    return perf_counter() - began, process_time() - worked


def _seconds_a_choice(candidates: Sequence[Candidate], asked: Asked) -> float:
    """Try some choices one after the other, as a search without any thought would."""
    by_need = [
        [each for each in candidates if each.need == need] for need in range(len(asked.queries))
    ]
    began, tried = perf_counter(), 0
    for choice in product(*(each for each in by_need if each)):
        _can_be_kept(sorted(choice, key=lambda each: each.starts_at), asked)
        tried += 1
        if tried == TRIED:
            break
    return (perf_counter() - began) / max(tried, 1)


def _can_be_kept(stops: Sequence[Candidate], asked: Asked) -> bool:
    trip = asked.trip
    return find_tight(stops, trip.ways) is None and all(
        trip.opens(day.day) <= day.leaves_at and day.back_at <= trip.closes(day.day)
        for day in timetable(stops, trip)
    )


def as_table(report: PlanReport) -> Table:
    """Lay the report out for a terminal."""
    table = Table(title=f"plans on {report.database}: {report.scale} demo counties")
    for heading in ("", "seconds"):
        table.add_column(heading, justify="right" if heading else "left")
    table.add_row(
        f"{report.needs} needs, {report.days} days, {report.candidates:,} times "
        f"at {report.places:,} places",
        f"{report.answer_seconds:.2f}",
    )
    table.add_row("of it finding services and times", f"{report.finding_seconds:.2f}")
    table.add_row("of it choosing the best", f"{report.planning_seconds:.2f}")
    table.add_row("processor time", f"{report.processor_seconds:.2f}")
    table.add_row(
        f"trying all {report.choices:.1e} choices, at the speed of the first {TRIED:,}",
        f"{report.naive_years:.1e} years",
    )
    return table
