"""Tiny runs: that they measure what they say, and leave nothing behind. Never how fast."""

import json
import re
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from api.bench.booking import Shape, bench_booking
from api.bench.databases import insert, temporary_database
from api.bench.hours import bench_reading, bench_refreshing
from api.bench.load import fetch
from api.bench.peer import EXTENSIONS
from api.bench.planning import bench_plan
from api.bench.processes import BenchError
from api.bench.recording import Step
from api.bench.replay import Variable, pgbench_script
from api.bench.search import KINDS, bench_search
from api.bench.server import serving_ceiling
from api.bench.towns import make_directory
from api.cli import openings
from api.clock import read_the_clock
from tests.conftest import NOON, POSTGRES_SERVER, skip_or_fail

TINY = 0.1


def postgres_answers() -> bool:
    try:
        with sa.create_engine(POSTGRES_SERVER, poolclass=sa.NullPool).connect():
            return True
    except (sa.exc.OperationalError, ImportError):
        return False


def test_search_is_measured_beside_its_ceiling() -> None:
    reports = bench_search(
        rows=300, seconds=TINY, clients=2, database="sqlite", now=read_the_clock(), rounds=1
    )

    for report in reports:
        assert report.limit is not None
        assert report.limit.per_second > 0
        assert report.measured.per_second > 0
        assert report.ratio is not None
        assert (report.rounds, report.unit) == (1, "requests")
    assert [report.subject for report in reports][: len(KINDS)] == list(KINDS)


@pytest.mark.postgres
def test_search_is_measured_beside_an_extension_for_places(postgres_database: str) -> None:
    assert postgres_database
    reports = bench_search(
        rows=300,
        seconds=TINY,
        clients=2,
        database="postgres",
        now=read_the_clock(),
        rounds=1,
        kinds=(),
    )

    peer = reports[0]
    assert peer.ceiling in EXTENSIONS
    assert peer.limit is not None
    assert peer.limit.per_second > 0


def test_reading_hours_and_refreshing_rows_are_measured_beside_their_ceilings() -> None:
    now = read_the_clock()
    reading = bench_reading(seconds=TINY, now=now, rounds=1)
    refreshing = bench_refreshing(rows=60, seconds=TINY, database="sqlite", now=now, rounds=1)

    for report in (reading, refreshing):
        assert report.limit is not None
        assert report.limit.per_second > 0
        assert report.measured.per_second > 0
        assert report.ratio is not None


def test_ceiling_sends_the_same_bytes_for_each_question(tmp_path: Path) -> None:
    prepared = {"near=48933&need=food": b'{"a":"\xc3\xa9"}', "near=48864": b"[]"}

    with serving_ceiling(prepared, tmp_path) as server:
        sent = {query: fetch(server.port, (f"/api/v1/search?{query}", "")) for query in prepared}
        with pytest.raises(BenchError, match="500"):
            fetch(server.port, ("/api/v1/search?near=nobody", ""))

    assert sent == prepared


def test_bookings_are_measured_beside_their_statements_and_written_as_json(
    tmp_path: Path,
) -> None:
    path = tmp_path / "figures.json"
    command = ["bench", "booking", "--database", "sqlite", "--seconds", "0.2", "--clients", "2"]

    result = CliRunner().invoke(openings, [*command, "--json", str(path)])

    assert result.exit_code == 0, result.output
    reports = json.loads(path.read_text())
    assert [report["subject"] for report in reports] == [shape.words for shape in Shape]
    for report in reports:
        assert report["database"] == "sqlite"
        assert report["measured"]["per_second"] > 0
        assert report["limit"]["per_second"] > 0
        assert report["ratio"] > 0


@pytest.mark.postgres
def test_bookings_are_measured_beside_pgbench() -> None:
    if shutil.which("pgbench") is None:
        skip_or_fail("postgres", "pgbench is not installed")

    if not postgres_answers():
        skip_or_fail("postgres", "no server answers")

    reports = bench_booking(
        seconds=TINY, clients=2, database="postgres", now=read_the_clock(), rounds=1
    )

    for report in reports:
        assert report.ceiling == "pgbench"
        assert report.limit is not None
        assert report.limit.per_second > 0


def test_script_changes_what_no_two_bookings_share_and_nothing_else() -> None:
    sql = "INSERT INTO t (id, place, status)  VALUES (%(id)s::UUID, %(place)s, %(status)s)"
    step = Step(sql, ("id", "place", "status"), ("abc", 1, "it's 5:00"))

    script = pgbench_script([step], {"abc": Variable("id", "000")}, clients=2, slots=4)

    assert script.splitlines()[-1] == (
        "INSERT INTO t (id, place, status) VALUES (('000' || :id)::UUID, :place, 'it''s 5:00');"
    )


def test_directory_is_the_same_each_time_and_fits_the_tables(tmp_path: Path) -> None:
    made = make_directory(50, now=NOON)

    with temporary_database("sqlite", tmp_path) as database:
        insert(database, made.tables)  # with every foreign key checked

    assert make_directory(50, now=NOON) == made
    assert all(re.fullmatch(r"\d{5}", code) for code in made.zips)


def test_plan_is_measured_beside_trying_everything() -> None:
    report = bench_plan(scale=1, needs=2, database="sqlite", now=NOON)

    assert report.candidates > 0
    assert report.proposals > 0
    assert report.answer_seconds > 0
    assert report.naive_years > 0
    assert report.choices > report.candidates
