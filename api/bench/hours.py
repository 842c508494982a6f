"""How quickly hours are read, and search rows kept current with them."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from api.bench.databases import insert, temporary_database
from api.bench.figures import ROUNDS, Figures, median_figures, median_ratio
from api.bench.report import Report
from api.bench.towns import make_directory, numbered_id
from directory.commands.needs import ensure_needs
from directory.database import Database, find_rows
from directory.hours import OpeningRule, current_or_next, open_intervals
from directory.index import BATCH, refresh_hours, refresh_services
from directory.intervals import Interval
from directory.offers import entries
from directory.queries.schedules import as_rule

#: Rows of ``schedule`` are numbered with this kind.
SCHEDULE = 7

ZONES = (
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Kathmandu",
)
DAYS_READY = timedelta(days=60)
STEP = timedelta(minutes=97)
WEEK = timedelta(days=8)  # and a day, so that every interval is over

_EMPTY: dict[str, Any] = {
    **dict.fromkeys(
        (
            *("valid_from", "valid_to", "dtstart", "until", "count", "wkst", "byday"),
            *("byweekno", "bymonthday", "byyearday", "opens_at", "closes_at"),
        )
    ),
    "freq": "WEEKLY",
    "repeat_interval": 1,
    "by_appointment": False,
}
_Row = dict[str, Any]
_Asked = tuple[Sequence[OpeningRule], ZoneInfo, datetime]


def _row(byday: str, opens: int, closes: int, **more: Any) -> _Row:
    return {
        **_EMPTY,
        "byday": byday,
        "opens_at": time(opens % 24),
        "closes_at": time(closes % 24),
        **more,
    }


def timetables(today: date) -> list[list[_Row]]:
    """Return sets of schedule rows such as directories have, simple and not."""
    holiday = {**_EMPTY, "freq": None, "valid_from": today, "valid_to": today}
    return [
        [_row("MO,TU,WE,TH,FR", 9, 17)],
        [_row(day, 9, 17) for day in ("MO", "TU", "WE", "TH", "FR", "SA", "SU")],
        [_row(day, *hours) for day in ("MO", "TU", "TH") for hours in ((9, 12), (13, 17))],
        [_row("MO,TU,WE,TH,FR,SA,SU", 20, 8)],
        [_row("MO,TU,WE,TH,FR,SA,SU", 0, 0)],
        [_row("2TU,4TU", 13, 15, freq="MONTHLY")],
        [_row("MO,WE,FR", 9, 17), holiday, {**holiday, "valid_to": today + timedelta(days=30)}],
    ]


def bench_reading(*, seconds: float, now: datetime, rounds: int = ROUNDS) -> Report:
    """Measure finding the current or next interval, against a loop over intervals made ready."""
    sets = [[as_rule(row) for row in rows] for rows in timetables(now.date())]
    asked: list[_Asked] = [
        (rules, ZoneInfo(zone), now + n * STEP)
        for n, (zone, rules) in enumerate((zone, rules) for zone in ZONES for rules in sets)
    ]
    ready = [(open_intervals(rules, zone, now, at + DAYS_READY), at) for rules, zone, at in asked]
    measured = [
        (
            _a_second(_first_not_over, ready, seconds),
            _a_second(current_or_next, asked, seconds),
        )
        for _ in range(rounds)
    ]
    return _report("hours", "no database", "questions", "intervals, ready", measured, seconds)


def bench_refreshing(
    *, rows: int, seconds: float, database: str, now: datetime, rounds: int = ROUNDS
) -> Report:
    """Measure keeping search rows current, against writing the same rows ready-made."""
    measured = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        made = stack.enter_context(temporary_database(database, folder))
        _fill(made, rows, now)
        at = now
        for _ in range(rounds):
            limit = _rewriting(made, seconds)
            at, subject = _refreshing(made, at, seconds)
            measured.append((limit, subject))
    return _report(
        f"refreshing hours of {rows:,}", database, "rows", "the same rows, ready", measured, seconds
    )


def _first_not_over(intervals: Sequence[Interval], now: datetime) -> Interval | None:
    return next((each for each in intervals if now < each.ends_at), None)


def _a_second(ask: Callable[..., object], asked: Sequence[Any], seconds: float) -> Figures:
    """Ask all questions in turn until the time is over; return how many a second."""
    began = perf_counter()
    done = 0
    while (spent := perf_counter() - began) < seconds:
        for each in asked:
            ask(*each)
        done += len(asked)
    return Figures(per_second=done / spent, processor_us=spent / done * 1_000_000)


def _fill(database: Database, rows: int, now: datetime) -> None:
    made = make_directory(rows, now=now)
    sets = cycle(timetables(now.date()))
    places = made.tables["service_at_location"]
    owned = [(place, row) for place, one in zip(places, sets, strict=False) for row in one]
    schedules = [
        {**row, "id": numbered_id(SCHEDULE, n), "service_at_location_id": place["id"], "version": 1}
        for n, (place, row) in enumerate(owned)
    ]
    with database.transaction() as session:
        ensure_needs(session)
    insert(database, {**made.tables, "schedule": schedules})
    with database.transaction() as session:
        refresh_services(session, [row["id"] for row in made.tables["service"]], now=now)


def _refreshing(database: Database, at: datetime, seconds: float) -> tuple[datetime, Figures]:
    """Refresh batch after batch, from week to week; return the moment reached, and how many."""
    began = perf_counter()
    done = 0
    while (spent := perf_counter() - began) < seconds or not done:
        with database.transaction() as session:
            batch = refresh_hours(session, now=at, limit=BATCH)
        done += batch
        if not batch:
            at += WEEK
    return at, Figures(per_second=done / spent, processor_us=spent / done * 1_000_000)


def _rewriting(database: Database, seconds: float) -> Figures:
    """Delete and insert a batch of rows that are ready, again and again."""
    with database.reading() as session:
        ready = [dict(row) for row in islice(find_rows(session, sa.select(entries)), BATCH)]
    mine = entries.c.service_id.in_([row["service_id"] for row in ready])
    began = perf_counter()
    done = 0
    while (spent := perf_counter() - began) < seconds or not done:
        with database.transaction() as session:
            session.connection().execute(sa.delete(entries).where(mine))
            session.connection().execute(sa.insert(entries), ready)
        done += len(ready)
    return Figures(per_second=done / spent, processor_us=spent / done * 1_000_000)


def _report(
    bench: str,
    database: str,
    unit: str,
    ceiling: str,
    measured: Sequence[tuple[Figures, Figures]],
    seconds: float,
) -> Report:
    limits, subjects = zip(*measured, strict=True)
    return Report(
        bench=bench,
        database=database,
        clients=1,
        seconds=seconds,
        rounds=len(measured),
        unit=unit,
        subject="Openings",
        ceiling=ceiling,
        measured=median_figures(subjects),
        limit=median_figures(limits),
        ratio=median_ratio(subjects, limits),
        remark="In one thread; the time for one is all of it, waiting included.",
    )
