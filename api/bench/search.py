"""How many searches a second, against the least that could send the same bytes."""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlencode

from api.bench.calendars import make_windows
from api.bench.databases import insert, temporary_database
from api.bench.figures import ROUNDS, Figures, median_figures, median_ratio
from api.bench.load import Clients, fetch
from api.bench.processes import BenchError
from api.bench.report import Report
from api.bench.server import Server, serving_ceiling, serving_openings
from api.bench.towns import Directory, make_directory
from directory.commands.needs import ensure_needs
from directory.database import Database
from scheduling.models.windows import BookableBy

PATH = "/api/v1/search"

#: So many different questions are asked.
MOST_QUESTIONS = 50

#: So long may reading the rows into memory take, in seconds.
COPY_SECONDS = 120

#: One place in so many takes bookings by everybody.
PLACES_PER_WINDOW = 20


def bench_search(
    *, rows: int, seconds: float, clients: int, database: str, now: datetime, rounds: int = ROUNDS
) -> Report:
    """Measure the search and its ceiling in turns, each ``seconds`` long a round.

    Raises ``BenchError`` when something stands in the way, and when either side sends an
    answer that is wrong: what is not the same cannot be compared.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        made = stack.enter_context(temporary_database(database, folder))
        paths = _fill(made, make_directory(rows, now=now), now)
        subject = stack.enter_context(serving_openings(made.url, folder))
        _wait_for_copy(subject.port, paths[0])
        prepared = {path: fetch(subject.port, path) for path in paths}
        by_query = {path.partition("?")[2]: body for path, body in prepared.items()}
        limit = stack.enter_context(serving_ceiling(by_query, folder))
        _refuse_other_bytes(limit.port, prepared)
        callers = stack.enter_context(Clients(clients))
        measured = [
            (_measure(callers, limit, paths, seconds), _measure(callers, subject, paths, seconds))
            for _ in range(rounds)
        ]
    return _report(measured, database=database, clients=clients, seconds=seconds, rows=rows)


def _fill(database: Database, made: Directory, now: datetime) -> list[str]:
    """Write the directory and some calendars; return what to ask."""
    bookable = [
        (row["id"], row["organization_id"])
        for row in made.tables["search_entry"][::PLACES_PER_WINDOW]
    ]
    calendars = make_windows(bookable, slots=20, capacity=2, bookable_by=BookableBy.PUBLIC, now=now)
    with database.transaction() as session:
        ensure_needs(session)
    insert(database, {**made.tables, **calendars})
    return [
        f"{PATH}?{urlencode({'near': code, 'within_km': 25, 'need': 'food'})}"
        for code in made.zips[:MOST_QUESTIONS]
    ]


def _wait_for_copy(port: int, path: str) -> None:
    """Ask once, so that the rows are read into memory, and wait for that."""
    fetch(port, path)
    deadline = monotonic() + COPY_SECONDS
    while b'"search_copy":"not ready"' in fetch(port, "/health"):
        if monotonic() > deadline:
            raise BenchError("The copy in memory was not ready in time.")
        sleep(0.1)


def _refuse_other_bytes(port: int, prepared: dict[str, bytes]) -> None:
    for path, body in prepared.items():
        if fetch(port, path) != body:
            raise BenchError("The ceiling sent other bytes than the search.")


def _measure(clients: Clients, server: Server, paths: Sequence[str], seconds: float) -> Figures:
    before = server.processor_seconds()
    load = clients.fetch(server.port, paths, seconds=seconds)
    return load.figures(server.processor_seconds() - before)


def _report(
    measured: Sequence[tuple[Figures, Figures]],
    *,
    database: str,
    clients: int,
    seconds: float,
    rows: int,
) -> Report:
    limits, subjects = zip(*measured, strict=True)
    return Report(
        bench=f"search among {rows:,}",
        database=database,
        clients=clients,
        seconds=seconds,
        rounds=len(measured),
        unit="requests",
        subject="search",
        ceiling="the same bytes, ready",
        measured=median_figures(subjects),
        limit=median_figures(limits),
        ratio=median_ratio(subjects, limits),
    )
