"""Two layers keep a slot from being sold twice: the lock and the constraints.

Each is tried alone, and then neither: without both it must go wrong, or these tests show nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Barrier, Lock
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, SQLModel

from directory.database import Database
from directory.errors import BusyError
from directory.viewer import PUBLIC
from scheduling.commands import holds
from scheduling.commands import places as taking
from scheduling.commands.appointments import confirm_hold
from scheduling.commands.holds import place_hold
from scheduling.errors import SlotFullError
from scheduling.queries.slots import count_places_taken
from tests.conftest import NOON
from tests.factories import TEN_MINUTES, make_slot
from tests.scheduling.unguarded import UnlockedDatabase, no_constraints, remove_slot_lock

CALLERS = 8
CAPACITY = 3

places = SQLModel.metadata.tables["slot_place"]


def open_slot(database: Database) -> UUID:
    with database.transaction() as session:
        return make_slot(session, capacity=CAPACITY)


def taken(database: Database, slot_id: UUID) -> int:
    with database.reading() as session:
        return count_places_taken(session, slot_id, now=NOON)


def hold_and_confirm(database: Database, slot_id: UUID) -> str:
    """Hold, then confirm, each in its transaction; return what came of it."""
    try:
        with database.transaction() as session:
            hold = place_hold(session, slot_id, viewer=PUBLIC, now=NOON)
        with database.transaction() as session:
            confirm_hold(session, hold["id"], viewer=PUBLIC, now=NOON)
    except (SlotFullError, BusyError, DBAPIError) as error:
        return type(error).__name__
    return "booked"


def everyone_at_once(work: Callable[[], str]) -> Counter[str]:
    with ThreadPoolExecutor(CALLERS) as callers:
        return Counter(callers.map(lambda _: work(), range(CALLERS)))


@pytest.fixture
def nobody_writes_before_all_have_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every caller wait, between counting free places and taking one, for all the others."""
    all_have_counted = Barrier(CALLERS)
    count = taking._free_numbers

    def count_and_wait(*args: Any, **kwargs: Any) -> list[int]:
        free = count(*args, **kwargs)
        all_have_counted.wait(timeout=60)
        return free

    monkeypatch.setattr(taking, "_free_numbers", count_and_wait)


@pytest.fixture
def alone_between_count_and_write(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Check that no two callers are ever between counting and the end of their transaction."""
    inside = Lock()
    crowded = []
    count = taking._free_numbers

    def count_alone(session: Session, *args: Any, **kwargs: Any) -> list[int]:
        if not inside.acquire(blocking=False):
            crowded.append(1)
            return count(session, *args, **kwargs)
        # The lock on the slot lasts until the commit: leave just before it.
        sa.event.listen(session, "before_commit", lambda _: inside.release(), once=True)
        return count(session, *args, **kwargs)

    monkeypatch.setattr(taking, "_free_numbers", count_alone)
    yield
    assert not crowded


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.usefixtures("nobody_writes_before_all_have_counted")
def test_without_the_lock_the_constraints_alone_hold_on_postgresql(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All have counted place 1 as free: one gets it.

    The others' ``IntegrityError`` would be an internal error to the caller. It can only come
    about when a programmer has removed the lock, and that should be loud.
    """
    slot_id = open_slot(database)
    remove_slot_lock(monkeypatch)

    outcomes = everyone_at_once(lambda: hold_and_confirm(database, slot_id))

    assert outcomes == {"booked": 1, "IntegrityError": CALLERS - 1}
    assert taken(database, slot_id) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("nobody_writes_before_all_have_counted")
def test_without_any_transaction_the_constraints_alone_hold_on_sqlite(database: Database) -> None:
    slot_id = open_slot(database)

    with closing(UnlockedDatabase(database.url, begin="SELECT 1")) as unlocked:
        outcomes = everyone_at_once(lambda: hold_and_confirm(unlocked, slot_id))

    assert outcomes == {"booked": 1, "IntegrityError": CALLERS - 1}
    assert taken(database, slot_id) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_the_lock_sqlite_refuses_to_write_upon_an_old_count(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plain BEGIN reads a snapshot, and who writes upon an old one is told "locked"."""
    slot_id = open_slot(database)
    all_have_looked = Barrier(CALLERS)
    look = taking.lock_bookable

    def look_and_wait(*args: Any, **kwargs: Any) -> Any:
        row = look(*args, **kwargs)
        all_have_looked.wait(timeout=60)
        return row

    monkeypatch.setattr(holds, "lock_bookable", look_and_wait)

    with closing(UnlockedDatabase(database.url, begin="BEGIN")) as unlocked:
        outcomes = everyone_at_once(lambda: hold_and_confirm(unlocked, slot_id))

    assert outcomes == {"booked": 1, "OperationalError": CALLERS - 1}
    assert taken(database, slot_id) == 1


@pytest.mark.usefixtures("alone_between_count_and_write")
def test_without_the_constraints_the_lock_alone_holds(database: Database) -> None:
    """Each caller comes from a process of its own, where SQLite's queue of writers is no help."""
    slot_id = open_slot(database)

    def come_from_elsewhere() -> str:
        with closing(Database(database.url)) as elsewhere:
            return hold_and_confirm(elsewhere, slot_id)

    with no_constraints(database):
        outcomes = everyone_at_once(come_from_elsewhere)
        sold = taken(database, slot_id)

    assert outcomes == {"booked": CAPACITY, "SlotFullError": CALLERS - CAPACITY}
    assert sold == CAPACITY


@pytest.mark.usefixtures("nobody_writes_before_all_have_counted")
def test_without_both_the_slot_is_oversold(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the same callers, and nothing in their way."""
    slot_id = open_slot(database)
    remove_slot_lock(monkeypatch)
    unlocked = UnlockedDatabase(database.url, begin="SELECT 1")

    with closing(unlocked), no_constraints(database):
        outcomes = everyone_at_once(lambda: hold_and_confirm(unlocked, slot_id))
        sold = taken(database, slot_id)

    assert outcomes == {"booked": CALLERS}
    assert sold == CALLERS > CAPACITY


@contextmanager
def refused(session: Session) -> Iterator[None]:
    with pytest.raises(IntegrityError), session.begin_nested():
        yield


def second_place(slot_id: UUID, hold_id: UUID) -> dict[str, Any]:
    return {
        "slot_id": slot_id,
        "place": 2,
        "slot_capacity": CAPACITY,
        "hold_id": hold_id,
        "expires_at": NOON + TEN_MINUTES,
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"place": CAPACITY + 1},
        {"place": 0},
        {"place": 1},  # held
        {"place": CAPACITY + 1, "slot_capacity": CAPACITY + 1},
        {"slot_id": uuid4()},
        {"expires_at": None},
        {"hold_id": None},
        {"hold_id": None, "expires_at": None},
    ],
)
def test_database_itself_refuses_a_place_that_is_not_there_to_have(
    session: Session, wrong: dict[str, Any]
) -> None:
    slot_id = make_slot(session, capacity=CAPACITY)
    hold_id = place_hold(session, slot_id, viewer=PUBLIC, now=NOON)["id"]

    right = second_place(slot_id, hold_id)

    with refused(session):
        session.connection().execute(sa.insert(places), {**right, **wrong})
    session.connection().execute(sa.insert(places), right)


def test_database_itself_refuses_to_cut_the_capacity_below_a_place_taken(session: Session) -> None:
    slot_id = make_slot(session, capacity=CAPACITY)
    place_hold(session, slot_id, viewer=PUBLIC, now=NOON, wanted=2)
    slot = SQLModel.metadata.tables["slot"]
    resize = sa.update(slot).where(slot.c.id == slot_id)

    session.connection().execute(resize.values(capacity=2))
    with refused(session):
        session.connection().execute(resize.values(capacity=1))
