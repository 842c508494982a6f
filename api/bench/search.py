"""How many searches a second, against the least that could send the same bytes, and others."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from random import Random
from time import monotonic, sleep
from typing import Any, Final
from urllib.parse import urlencode

from api.bench.calendars import make_windows
from api.bench.databases import insert, temporary_database
from api.bench.figures import ROUNDS, Figures, median_figures, median_ratio
from api.bench.load import Clients, Question, fetch, run_alone
from api.bench.peer import install_peer
from api.bench.processes import BenchError
from api.bench.recording import Step, recording
from api.bench.report import Report
from api.bench.server import Server, serving_ceiling, serving_openings, serving_peer
from api.bench.towns import SPREAD_DEGREES, Directory, make_directory
from api.clock import read_the_clock
from directory.commands.needs import ensure_needs
from directory.database import Database
from directory.search import search
from directory.search_query import SearchQuery
from geo.gazetteer import resolve_place
from geo.points import Point
from scheduling.models.windows import BookableBy

PATH: Final = "/api/v1/search"

#: So many different questions are asked over and over; of those asked once, so many a client.
MOST_QUESTIONS: Final = 50
MOST_NEW: Final = 20_000

#: So long may reading the rows into memory take, in seconds.
COPY_SECONDS: Final = 240

#: One place in so many takes bookings by everybody.
PLACES_PER_WINDOW: Final = 20

#: What can be asked, beside where and for what need; each is another row of the table.
KINDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "near, asked again": {},
    "near, never asked before": {},
    "without facets, asked again": {"facets": False},
    "with words": {"q": "agency 1"},
    "for somebody": {"facts": {"age": 67, "income_month": 900, "household_size": 2}},
}
AGAIN: Final = "near, asked again"
NEW: Final = "near, never asked before"


def bench_search(
    *,
    rows: int,
    seconds: float,
    clients: int,
    database: str,
    now: datetime,
    rounds: int = ROUNDS,
    kinds: Sequence[str] = tuple(KINDS),
    told: Callable[[str], object] = lambda _: None,
) -> list[Report]:
    """Measure searches and their ceiling in turns, each ``seconds`` long a round.

    Raises ``BenchError`` when something stands in the way, and when either side sends an
    answer that is wrong: what is not the same cannot be compared.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        made = stack.enter_context(temporary_database(database, folder))
        told("Making the rows ...")
        towns = _fill(made, make_directory(rows, now=now), now)
        peer = install_peer(made)
        callers = stack.enter_context(Clients(clients))
        run = _Run(made, folder, callers, seconds, rounds, clients, rows, database)
        reports = []
        with serving_openings(made.url, folder) as subject:
            _wait_for_copy(subject.port, next(questions_of(AGAIN, towns)))
            for kind in kinds:
                told(f"{kind} ...")
                reports.append(run.measure(kind, towns, subject))
            if peer is not None:
                told(f"{peer} ...")
                reports.append(run.measure_peer(peer, towns, subject))
        told("from the tables alone ...")
        with serving_openings(made.url, folder, copy=False) as subject:
            reports.append(run.measure(AGAIN, towns, subject, called=f"{AGAIN}, no copy"))
        told("the statements ...")
        reports.append(run.measure_statements(towns))
    return reports


def _fill(database: Database, made: Directory, now: datetime) -> list[str]:
    """Write the directory and some calendars; return the ZIP codes to ask from."""
    bookable = [
        (row["id"], row["organization_id"])
        for row in made.tables["search_entry"][::PLACES_PER_WINDOW]
    ]
    calendars = make_windows(bookable, slots=20, capacity=2, bookable_by=BookableBy.PUBLIC, now=now)
    with database.transaction() as session:
        ensure_needs(session)
    insert(database, {**made.tables, **calendars})
    return made.zips[:MOST_QUESTIONS]


def questions_of(kind: str, towns: Sequence[str]) -> Iterator[Question]:
    """Yield what is asked: by address, or, where a person is described, in a body."""
    more = KINDS[kind]
    for town in towns:
        asked = {"near": town, "within_km": 25, "need": "food", **more}
        if "facts" in asked:
            yield PATH, json.dumps({**asked, "need": ["food"]})
        else:
            words = {k: str(v).lower() if isinstance(v, bool) else v for k, v in asked.items()}
            yield f"{PATH}?{urlencode(words)}", ""


def places_around(towns: Sequence[str], count: int) -> list[str]:
    """Return so many places, all different, in turn around each town."""
    random = Random(211)  # noqa: S311  (no secrets here)
    middles = [resolve_place(town).point for town in towns]
    return [_near(random, middles[n % len(middles)]) for n in range(count)]


def _near(random: Random, middle: Point) -> str:
    latitude = random.gauss(middle.latitude, SPREAD_DEGREES / 2)
    return f"{latitude:.6f},{random.gauss(middle.longitude, SPREAD_DEGREES / 2):.6f}"


class _Run:
    """One database, and the clients that ask servers on it."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        clients: Clients,
        seconds: float,
        rounds: int,
        count: int,
        rows: int,
        kind_of_database: str,
    ) -> None:
        self._database, self._folder, self._clients = database, folder, clients
        self._seconds, self._rounds, self._count = seconds, rounds, count
        self._rows, self._kind_of_database = rows, kind_of_database

    def measure(
        self, kind: str, towns: Sequence[str], subject: Server, *, called: str = ""
    ) -> Report:
        """Measure a kind of search beside the same bytes, ready."""
        sample = towns if kind != NEW else places_around(towns, len(towns))
        questions = list(questions_of(kind, sample))
        prepared = {question: fetch(subject.port, question) for question in questions}
        asked: Sequence[Question] = questions
        if kind == NEW:  # each round goes on where the one before ended
            asked = list(questions_of(kind, places_around(towns, MOST_NEW * self._count)))
        measured = []
        with self._ceiling(prepared) as limit:
            for number in range(self._rounds):
                start = number * len(asked) // (self._rounds * self._count)
                again = asked if kind != NEW else [*asked[start:], *asked[:start]]
                measured.append((self._ask(limit, questions), self._ask(subject, again)))
        return self._report(called or kind, measured)

    @contextmanager
    def _ceiling(self, prepared: dict[Question, bytes]) -> Iterator[Server]:
        by_question = {
            body or path.partition("?")[2]: answer for (path, body), answer in prepared.items()
        }
        with serving_ceiling(by_question, self._folder) as limit:
            for question, answer in prepared.items():
                if fetch(limit.port, question) != answer:
                    raise BenchError("The ceiling sent other bytes than the search.")
            yield limit

    def _ask(self, server: Server, questions: Sequence[Question]) -> Figures:
        before = server.processor_seconds()
        load = self._clients.fetch(server.port, questions, seconds=self._seconds)
        return load.figures(server.processor_seconds() - before)

    def measure_statements(self, towns: Sequence[str]) -> Report:
        """Measure the search in the tables beside its own statements, bare, in one thread each."""
        queries = [_query(town) for town in towns]
        recorded = [self._record(query) for query in queries]
        measured = [(self._replay(recorded), self._search(queries)) for _ in range(self._rounds)]
        return self._report(
            "one thread, no HTTP, no copy", measured, ceiling="its statements, bare", clients=1
        )

    def _record(self, query: SearchQuery) -> list[Step]:
        with recording(self._database) as steps, self._database.reading() as session:
            search(session, query, now=read_the_clock())
        return [step for step in steps if step.sql.lstrip().upper().startswith(("SELECT", "WITH"))]

    def _replay(self, recorded: Sequence[Sequence[Step]]) -> Figures:
        with closing(self._database.engine.raw_connection()) as connection:
            cursor = connection.cursor()

            def ask(number: int) -> None:
                for step in recorded[number % len(recorded)]:
                    cursor.execute(step.sql, self._values(step))
                    cursor.fetchall()

            return run_alone(ask, self._seconds)

    def _values(self, step: Step) -> Any:
        if self._database.is_sqlite:
            return list(step.values)
        return dict(zip(step.names, step.values, strict=True))

    def _search(self, queries: Sequence[SearchQuery]) -> Figures:
        def ask(number: int) -> None:
            with self._database.reading() as session:
                search(session, queries[number % len(queries)], now=read_the_clock())

        return run_alone(ask, self._seconds)

    def measure_peer(self, name: str, towns: Sequence[str], subject: Server) -> Report:
        """Measure our search beside what a geographic extension makes of the same question."""
        questions = list(questions_of(AGAIN, towns))
        with serving_peer(self._database.url) as peer:
            measured = [
                (self._ask(peer, questions), self._ask(subject, questions))
                for _ in range(self._rounds)
            ]
        return self._report(AGAIN, measured, ceiling=name)

    def _report(
        self,
        subject: str,
        measured: Sequence[tuple[Figures, Figures]],
        *,
        ceiling: str = "the same bytes, ready",
        clients: int | None = None,
    ) -> Report:
        limits, subjects = zip(*measured, strict=True)
        return Report(
            bench=f"search among {self._rows:,}",
            database=self._kind_of_database,
            clients=clients or self._count,
            seconds=self._seconds,
            rounds=len(measured),
            unit="requests",
            subject=subject,
            ceiling=ceiling,
            measured=median_figures(subjects),
            limit=median_figures(limits),
            ratio=median_ratio(subjects, limits),
        )


def _query(town: str) -> SearchQuery:
    return SearchQuery(origin=resolve_place(town), within_km=25, needs=["food"])


def _wait_for_copy(port: int, question: Question) -> None:
    """Ask once, so that the rows are read into memory, and wait for that."""
    fetch(port, question)
    deadline = monotonic() + COPY_SECONDS
    while b'"search_copy":"not ready"' in fetch(port, ("/health", "")):
        if monotonic() > deadline:
            raise BenchError("The copy in memory was not ready in time.")
        sleep(0.1)
