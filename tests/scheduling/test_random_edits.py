"""No sequence of edits, closures and rolls drops or moves a booking that nobody decided about."""

import pytest
from sqlalchemy.exc import IntegrityError

from directory.database import Database
from directory.errors import DomainError
from scheduling import decisions, replanning
from scheduling.commands import slot_changes, window_changes
from tests.scheduling.edits_at_random import EditsAtRandom
from tests.scheduling.faults import Fault, plant


def run(database: Database, seed: int, steps: int) -> None:
    with database.transaction() as session:
        EditsAtRandom(session, seed).run(steps)
        session.rollback()


@pytest.mark.parametrize("seed", range(3))
def test_everyone_keeps_what_they_were_told_whatever_the_host_does(
    database: Database, seed: int
) -> None:
    run(database, seed, steps=30)


@pytest.mark.long
def test_everyone_keeps_what_they_were_told_for_a_night(database: Database) -> None:
    for seed in range(1000, 3000):
        run(database, seed, steps=60)


FAULTS = {
    "bookings nobody decided about are passed over": Fault(
        decisions, "is_decided", "and set(decided) == set(now)", "and set(decided) <= set(now)"
    ),
    "slots that people have are deleted": Fault(
        slot_changes, "delete_unused", "~sa.or_(*used)", "sa.true()"
    ),
    "holds stay on slots that end": Fault(
        slot_changes, "close_slots", "_end_holds(", "_ = (lambda *_, **__: None)("
    ),
    "slots that end stay open": Fault(
        slot_changes, "close_slots", "withdrawn_at=now", "withdrawn_at=None"
    ),
    "slots that come back stay withdrawn": Fault(
        slot_changes, "open_slots", "withdrawn_at=None", "withdrawn_at=sa.func.current_timestamp()"
    ),
    "numbers come again": Fault(slot_changes, "open_slots", "+= NUMBERS_OF_A_RULE", "+= 0"),
    "places above the new capacity keep their numbers": Fault(
        slot_changes, "_shrink", "if number > capacity:", "if False:"
    ),
    "a slot shrinks below what is booked": Fault(
        slot_changes, "_shrink", "max(capacity, len(taken))", "capacity"
    ),
    "what has begun is touched": Fault(
        slot_changes, "plan_window", "slots.c.starts_at > now", "sa.true()"
    ),
    "closures are forgotten by an edit": Fault(
        window_changes, "_plan", "find_closures(session, window.organization_id)", "[]"
    ),
    "a slot of the same start is taken for the same": Fault(
        replanning, "plan_slots", 'row["starts_at"], row["ends_at"])', 'row["starts_at"], None)'
    ),
}


#: Faults that are found within a second or two. The others take it up to a minute.
QUICKLY_FOUND = {
    "closures are forgotten by an edit",
    "numbers come again",
    "slots that end stay open",
    "slots that people have are deleted",
}


def find(fault: str, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, *FAULTS[fault])

    with pytest.raises((AssertionError, IntegrityError, DomainError, StopIteration)):
        run_many(database)


def run_many(database: Database) -> None:
    for seed in range(40):
        run(database, seed, steps=30)


@pytest.mark.parametrize("fault", sorted(QUICKLY_FOUND))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_fault_is_found(fault: str, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    find(fault, database, monkeypatch)


@pytest.mark.long
@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - QUICKLY_FOUND))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_fault_is_found_in_the_end(
    fault: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    find(fault, database, monkeypatch)
