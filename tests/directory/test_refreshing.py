"""Every command leaves searches true, and would not without making rows anew."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from inspect import isfunction, signature
from pathlib import Path
from pkgutil import iter_modules, walk_packages
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.sql.visitors import iterate
from sqlmodel import Session

import directory.commands
import scheduling.commands
from directory.database import Database
from directory.index import find_stale_services
from directory.models.services import LISTED
from directory.offers import services
from directory.search_upkeep import count_index_mistakes, find_wrong_words
from seed import county
from seed.county import seed_county
from tests.conftest import NOON
from tests.directory.refreshing import edits, imports, merging, reports, taxonomies
from tests.directory.refreshing.world import Case, World, make_world

CASES: tuple[Case, ...] = (
    *edits.CASES,
    *reports.CASES,
    *merging.CASES,
    *taxonomies.CASES,
    *imports.CASES,
)
THAT_REFRESH = tuple(case for case in CASES if case.refreshed_by is not None)

ROOT = Path(__file__).parents[2]
WRITES = (sa.Insert, sa.Update, sa.Delete)


def name_of(case: Case) -> str:
    return case.name


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def untouched(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The world, made once for each database, in a transaction that is undone at the end."""
    database = Database(request.getfixturevalue(f"{request.param}_database"))
    with database.transaction() as session:
        yield make_world(session, tmp_path_factory.mktemp("imports"))
        session.rollback()
    database.close()


@pytest.fixture
def world(untouched: World) -> Iterator[World]:
    """The world; what a case does to it is undone."""
    with untouched.session.begin_nested() as savepoint:
        yield untouched
        savepoint.rollback()
    untouched.session.expire_all()


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_what_happens_is_in_the_rows_in_the_index_and_in_the_vocabulary(
    world: World, case: Case
) -> None:
    for _ in case.happening(world):
        assert world.stale() == set()

    assert world.stale() == set()
    assert count_index_mistakes(world.session) == 0
    assert find_wrong_words(world.session) == ([], [])


@pytest.mark.parametrize("case", THAT_REFRESH, ids=name_of)
def test_without_its_refresh_the_check_names_whose_rows_are_wrong(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in case.happening(world):
        monkeypatch.setattr(case.refreshed_by, "refresh_services", make_nothing_anew)

    assert world.stale() == set(case.stale)


def make_nothing_anew(*_: Any, **__: Any) -> int:
    return 0


def test_a_county_that_is_seeded_without_its_refresh_is_wrong_in_every_row(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With it, no row is: tests/seed/test_county.py says so of one that was seeded already."""
    listed = sa.select(services.c.name).where(services.c.status.in_(LISTED))
    before = set(world.session.connection().execute(listed).scalars())
    monkeypatch.setattr(county, "refresh_services", make_nothing_anew)

    seed_county(world.session, now=NOON)

    after = set(world.session.connection().execute(listed).scalars())
    assert world.stale() == after - before


# ------------------------------------------------------------------------- the table is complete

IN_SCHEDULING = scheduling.commands.__path__

#: Functions and modules of commands without a case, and why.
WITHOUT_A_CASE = {
    **dict.fromkeys(
        (
            "directory.commands.accounts",
            "directory.commands.openings_links",
            "directory.commands.outbox",
            "directory.commands.search_counts",
            *(f"scheduling.commands.{found.name}" for found in iter_modules(IN_SCHEDULING)),
        ),
        "writes no table that a row is made from",
    ),
    **dict.fromkeys(
        (
            "directory.commands.history",
            "directory.commands.records.finishing",
            "directory.commands.records.hiding",
            "directory.commands.records.needs",
            "directory.commands.records.ownership",
            "directory.commands.records.placing",
            "directory.commands.records.planning",
            "directory.commands.records.removal",
        ),
        "is a part of the commands that end with finish_change",
    ),
    "directory.commands.asking.close_if_checked": "is a part of record_verification",
    "directory.commands.needs.ensure_words": "is a part of update_needs and of imports",
    "directory.commands.taxonomies.add_mappings": "is a part of update_needs and of imports",
    "directory.commands.taxonomies.find_services_with": "reads",
    "directory.commands.merges.get_merge": "reads",
    "directory.commands.openings.find_last_said": "reads",
}

#: Modules that make rows anew and change nothing that these are made from.
NO_COMMANDS = {
    "directory.index": "defines it",
    "api.bench.hours": "makes up a directory to measure it",
    "api.bench.planning": "makes up a directory to measure it",
}


def functions_of_commands() -> Iterator[str]:
    """Everything in the rooms of commands that takes a session."""
    for package in (directory.commands, scheduling.commands):
        for found in walk_packages(package.__path__, f"{package.__name__}."):
            module = import_module(found.name)
            for name, function in vars(module).items():
                if isfunction(function) and function.__module__ == module.__name__:
                    first = next(iter(signature(function).parameters), "")
                    if first == "session" and not name.startswith("_"):
                        yield full_name(function)


def full_name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def test_every_command_has_a_case_or_a_reason() -> None:
    there = set(functions_of_commands())
    with_a_case = {full_name(case.command) for case in CASES}
    excused = {name for name in there if {name, name.rpartition(".")[0]} & WITHOUT_A_CASE.keys()}

    assert there - with_a_case - excused == set(), "Give it a case in tests/directory/refreshing."
    assert excused & with_a_case == set()
    assert all(any(name.startswith(each) for name in there) for each in WITHOUT_A_CASE)
    assert len({case.name for case in CASES}) == len(CASES) > 25


def test_every_module_that_makes_rows_anew_has_a_case_that_takes_that_out() -> None:
    there = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for room in ("api", "directory", "scheduling", "seed")
        for path in (ROOT / room).rglob("*.py")
        if "refresh_services" in path.read_text()
    }
    taken_out = {case.refreshed_by.__name__ for case in CASES if case.refreshed_by}

    assert there == taken_out | NO_COMMANDS.keys() | {county.__name__}


@contextmanager
def statements(session: Session) -> Iterator[list[Any]]:
    """Collect what is sent to the database."""
    sent: list[Any] = []

    def collect(_: sa.Connection, statement: Any, *_rest: Any) -> None:
        sent.append(statement)

    sa.event.listen(session.get_bind(), "before_execute", collect)
    yield sent
    sa.event.remove(session.get_bind(), "before_execute", collect)


@pytest.mark.parametrize("untouched", ["sqlite"], indirect=True)
def test_every_table_that_a_row_is_made_from_is_written_in_some_case(world: World) -> None:
    """A new source of rows fails here until a command that writes it has a case."""
    with statements(world.session) as sent:
        find_stale_services(world.session, now=NOON)
    parts = (part for statement in sent for part in iterate(statement))
    made_from = {part.name for part in parts if isinstance(part, sa.Table)}

    written: set[str] = set()
    for case in CASES:
        with world.session.begin_nested() as savepoint:
            happens = case.happening(world)
            next(happens)
            with statements(world.session) as sent:
                assert next(happens, None) is None
            savepoint.rollback()
        written |= {str(each.table) for each in sent if isinstance(each, WRITES)}

    assert len(made_from) > 20
    assert made_from - written == set()
