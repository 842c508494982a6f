"""Changes that share a commit: each by itself, all on disk before anybody is told."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from threading import Event
from time import sleep
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from directory import database as database_module
from directory import together
from directory.database import Database
from directory.errors import BusyError, ConflictError, UnavailableError
from directory.models.organizations import Organization
from directory.quick import QuickStatement
from tests.factories import make_organization

RENAME = QuickStatement(
    sa.update(SQLModel.metadata.tables["organization"]).values(name=sa.bindparam("name"))
)

#: PostgreSQL lets many write at a time.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def add(name: str) -> Callable[[Session], str]:
    """Add an organization of that name, and return it."""

    def work(session: Session) -> str:
        make_organization(session, name)
        return name

    return work


def fail(session: Session) -> str:
    make_organization(session, "never")
    raise ConflictError("no")


def names(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.exec(select(col(Organization.name))))


class Line:
    """Changes that all wait until the first of them, which holds the turn, is told to go on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._holds_the_turn, self._go_on = Event(), Event()
        self._threads = ThreadPoolExecutor(80)
        self.first = self._threads.submit(database.change, self._wait)
        assert self._holds_the_turn.wait(10)

    def _wait(self, session: Session) -> str:
        self._holds_the_turn.set()
        assert self._go_on.wait(10)
        return add("first")(session)

    def come(self, *works: Callable[[Session], Any]) -> list[Any]:
        """Let these wait in line, in this order; then let all go on, and return what came of it."""
        waiting = self._database._together._waiting
        coming = []
        for number, work in enumerate(works):
            coming.append(self._threads.submit(self._database.change, work))
            while len(waiting) <= number:
                sleep(0.001)
        self._go_on.set()
        outcomes = [one.exception(10) or one.result() for one in coming]
        self._threads.shutdown()
        return outcomes


@pytest.fixture
def commits(database: Database) -> Iterator[list[int]]:
    """One entry for each commit."""
    seen: list[int] = []

    def note(_connection: sa.Connection) -> None:
        seen.append(1)

    sa.event.listen(database.engine, "commit", note)
    yield seen
    sa.event.remove(database.engine, "commit", note)


@pytest.fixture
def line(database: Database) -> Line:
    return Line(database)


def test_change_is_there_and_answered(database: Database) -> None:
    assert database.change(add("Lanternfish Pantry")) == "Lanternfish Pantry"
    assert names(database) == {"Lanternfish Pantry"}


def test_what_fails_changes_nothing(database: Database) -> None:
    with pytest.raises(ConflictError):
        database.change(fail)
    assert names(database) == set()


@on_sqlite
def test_changes_that_wait_share_one_commit(
    line: Line, database: Database, commits: list[int]
) -> None:
    outcomes = line.come(add("b"), add("c"), add("d"))

    assert outcomes == ["b", "c", "d"]
    assert names(database) == {"first", "b", "c", "d"}
    assert len(commits) == 2


@on_sqlite
def test_what_fails_among_others_is_undone_by_itself(line: Line, database: Database) -> None:
    outcomes = line.come(add("b"), fail, add("d"))

    assert [str(outcome) for outcome in outcomes] == ["b", "no", "d"]
    assert names(database) == {"first", "b", "d"}


@on_sqlite
def test_more_than_share_a_commit_take_the_next(
    line: Line, database: Database, commits: list[int]
) -> None:
    many = [f"{number:02}" for number in range(together.MOST_TOGETHER + 3)]

    assert line.come(*map(add, many)) == many
    assert names(database) == {"first", *many}
    assert len(commits) == 3


@on_sqlite
def test_commit_that_fails_fails_for_all(line: Line, database: Database) -> None:
    """A foreign key that is checked at the end only."""

    def break_it(session: Session) -> str:
        session.connection().exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        session.connection().exec_driver_sql(
            "INSERT INTO slot_place (slot_id, place, slot_capacity, hold_id, expires_at)"
            " VALUES ('a', 1, 1, 'b', '2030-01-01')"
        )
        return "told too early"

    outcomes = line.come(add("b"), break_it)

    assert all(isinstance(outcome, sa.exc.IntegrityError) for outcome in outcomes)
    assert names(database) == {"first"}


@on_sqlite
def test_what_a_quick_statement_did_is_undone_too(line: Line, database: Database) -> None:
    rename = QuickStatement(sa.update(Organization).values(name=sa.bindparam("its_name")))

    def fail_afterwards(session: Session) -> str:
        assert rename.change(session, {"its_name": "never"})
        raise ConflictError("no")

    outcomes = line.come(add("b"), fail_afterwards)

    assert isinstance(outcomes[1], ConflictError)
    assert names(database) == {"first", "b"}


@on_sqlite
@pytest.mark.parametrize("how", ["rollback", "commit", "flush"])
def test_what_is_done_after_a_savepoint_has_ended_is_undone_too(
    line: Line, database: Database, how: str
) -> None:
    """However a change ended the savepoint that it was given."""

    def end_and_go_on(session: Session) -> None:
        if how == "flush":
            session.add(
                Organization(id=make_organization(session, "x").id, name="", description="")
            )
            with suppress(sa.exc.IntegrityError):
                session.flush()
        else:
            getattr(session, how)()
        RENAME.change(session, {"name": "renamed"})
        raise ConflictError("no")

    line.come(add("second"), end_and_go_on)

    assert names(database) == {"first", "second"}


@on_sqlite
def test_when_sqlite_undoes_everything_nobody_is_told_otherwise(
    line: Line, database: Database
) -> None:
    def fill_the_disk(session: Session) -> str:
        session.connection().exec_driver_sql("ROLLBACK")  # as SQLite does by itself
        raise sa.exc.OperationalError("INSERT", (), Exception("database or disk is full"))

    outcomes = line.come(add("b"), fill_the_disk, add("d"))

    assert all(isinstance(outcome, UnavailableError) for outcome in outcomes)
    assert names(database) == {"first"}


@on_sqlite
def test_who_fills_the_disk_alone_is_told_the_same(database: Database) -> None:
    def fill_the_disk(_session: Session) -> str:
        raise sa.exc.OperationalError("INSERT", (), Exception("database or disk is full"))

    with pytest.raises(UnavailableError):
        database.change(fill_the_disk)


def test_who_waits_too_long_is_told_so_and_nothing_was_changed(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "LOCK_TIMEOUT_SECONDS", 0.05)
    path = tmp_path / "openings.db"
    path.write_bytes(sqlite_template.read_bytes())
    with closing(Database(f"sqlite:///{path}")) as database:
        line = Line(database)
        with pytest.raises(BusyError):
            database.change(add("too late"))
        assert line.come() == []
        assert line.first.result(10) == "first"
        assert names(database) == {"first"}


def test_who_is_already_being_served_waits_for_the_outcome(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telling them "busy" would be wrong: it may be done in a moment."""
    monkeypatch.setattr(database_module, "LOCK_TIMEOUT_SECONDS", 0.2)
    path = tmp_path / "openings.db"
    path.write_bytes(sqlite_template.read_bytes())

    def slow(session: Session) -> str:
        sleep(0.5)
        return add("slow")(session)

    with closing(Database(f"sqlite:///{path}")) as database:
        outcomes = Line(database).come(slow, add("in the same commit"))
        assert outcomes == ["slow", "in the same commit"]
        assert names(database) == {"first", "slow", "in the same commit"}


class Left(deque[Any]):
    """A line that somebody leaves as soon as it has been counted."""

    def __len__(self) -> int:
        return super().__len__() + 1


@on_sqlite
def test_who_leaves_the_line_while_it_is_counted_keeps_nobody_from_their_turn(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database._together, "_waiting", Left())

    assert database.change(add("first")) == "first"
    assert names(database) == {"first"}


def test_changes_know_the_terms_of_the_installation(database_url: str, database: Database) -> None:
    """On both databases, whether or not they share a commit."""
    assert database.change(lambda session: session.info.get("offer_office_hours")) is None
    with closing(Database(database_url, terms={"offer_office_hours": 7})) as with_terms:
        assert with_terms.change(lambda session: session.info["offer_office_hours"]) == 7
