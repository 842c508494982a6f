"""Two layers keep a week's allotment from being overdrawn: the lock and the numbered places.

Each is tried alone, and then neither: without both it must go wrong, or these tests show nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from threading import Barrier
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, SQLModel

from directory.database import Database
from directory.errors import BusyError
from directory.viewer import Viewer
from scheduling.commands import places as taking
from scheduling.commands.appointments import confirm_hold
from scheduling.commands.hold_limits import NO_LIMITS
from scheduling.commands.holds import place_hold
from scheduling.commands.places import allotment_places, lock_allotments
from scheduling.errors import AllotmentUsedError, SlotFullError
from scheduling.models.windows import BookableBy
from scheduling.queries.slots import find_bookable_slots
from tests.conftest import NOON
from tests.factories import (
    TEN_MINUTES,
    make_agreement,
    make_allotment,
    make_offer,
    make_organization,
    make_viewer,
    make_window,
)
from tests.scheduling.faults import replace_everywhere
from tests.scheduling.unguarded import UnlockedDatabase

T = TypeVar("T")

CALLERS = 8
NUMBER = 3


class Week(NamedTuple):
    """Eight slots of one week, an allotment of three places, a partner and somebody else."""

    slots: list[UUID]
    allotment_id: UUID
    partner: Viewer
    other: Viewer


def make_week(database: Database, *, capacity: int = 1, number: int = NUMBER) -> Week:
    with database.transaction() as session:
        host, partner = make_organization(session, "Host"), make_organization(session, "Partner")
        other = make_organization(session, "Other")
        offer = make_offer(session, organization=host)
        window = make_window(
            session, offer, bookable_by=BookableBy.PARTNERS, capacity=capacity, slot_minutes=15,
            horizon_days=6,
        )  # fmt: skip
        agreement = make_agreement(session, host.id, partner.id)
        make_agreement(session, host.id, other.id)
        allotment_id = make_allotment(session, agreement, number, windows=[window]).id
        ours, theirs = make_viewer(session, partner), make_viewer(session, other)
        rows = find_bookable_slots(session, ours, now=NOON)
        assert len(rows) == CALLERS
        return Week([row["id"] for row in rows], allotment_id, ours, theirs)


def until_not_busy(database: Database, work: Callable[[Session], T]) -> T:
    """Do it in one transaction; who is told to come back does."""
    while True:
        with suppress(BusyError), database.transaction() as session:
            return work(session)


def book(database: Database, slot_id: UUID, viewer: Viewer) -> str:
    """Hold, then confirm, each in its transaction; return what came of it."""
    try:
        hold = until_not_busy(
            database,
            lambda session: place_hold(session, slot_id, viewer=viewer, now=NOON, limits=NO_LIMITS),
        )
        until_not_busy(
            database, lambda session: confirm_hold(session, hold["id"], viewer=viewer, now=NOON)
        )
    except (AllotmentUsedError, SlotFullError, DBAPIError) as error:
        return type(error).__name__
    return "booked"


def all_at_once(database: Database, slots: list[UUID], viewer: Viewer) -> Counter[str]:
    """Each slot is booked by another caller, from a process's own pool of connections."""

    def come_from_elsewhere(slot_id: UUID) -> str:
        with closing(type(database)(database.url)) as elsewhere:
            return book(elsewhere, slot_id, viewer)

    with ThreadPoolExecutor(CALLERS) as callers:
        return Counter(callers.map(come_from_elsewhere, slots))


def used(database: Database) -> int:
    with database.reading() as session:
        count = sa.select(sa.func.count()).select_from(allotment_places)
        return session.connection().execute(count).scalar_one()


@contextmanager
def no_numbers(database: Database) -> Iterator[None]:
    """Rebuild the table of an allotment's places without its key and checks, for a while."""
    bare: Any = sa.Table(
        "allotment_place",
        sa.MetaData(),
        *[sa.Column(c.name, c.type) for c in allotment_places.c],
    )
    allotment_places.drop(database.engine)
    bare.create(database.engine)
    try:
        yield
    finally:
        bare.drop(database.engine)
        allotment_places.create(database.engine)


def remove_allotment_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_lock(_session: Session, _slot_ids: Any) -> None: ...

    replace_everywhere(monkeypatch, "lock_allotments", lock_allotments, no_lock)


@pytest.fixture
def nobody_writes_before_all_have_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    all_have_counted = Barrier(CALLERS)
    count = taking._free_numbers_of_week

    def count_and_wait(*args: Any, **kwargs: Any) -> list[int]:
        free = count(*args, **kwargs)
        all_have_counted.wait(timeout=60)
        return free

    monkeypatch.setattr(taking, "_free_numbers_of_week", count_and_wait)


def test_of_many_in_different_slots_as_many_are_booked_as_were_granted(database: Database) -> None:
    week = make_week(database)

    outcomes = all_at_once(database, week.slots, week.partner)

    assert outcomes == {"booked": NUMBER, "AllotmentUsedError": CALLERS - NUMBER}
    assert used(database) == NUMBER


def test_of_many_others_nobody_takes_what_is_kept(database: Database) -> None:
    week = make_week(database, number=CALLERS - 2)

    outcomes = all_at_once(database, week.slots, week.other)

    assert outcomes == {"booked": 2, "SlotFullError": CALLERS - 2}


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.usefixtures("nobody_writes_before_all_have_counted")
def test_without_the_lock_the_numbers_alone_hold(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    week = make_week(database)
    remove_allotment_lock(monkeypatch)

    outcomes = all_at_once(database, week.slots, week.partner)

    assert outcomes == {"booked": 1, "IntegrityError": CALLERS - 1}
    assert used(database) == 1


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_without_the_lock_others_take_what_is_kept(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No constraint holds the reserve: the lock does. All look before anybody writes."""
    week = make_week(database, number=CALLERS - 2)
    remove_allotment_lock(monkeypatch)
    all_have_counted = Barrier(CALLERS)
    count = taking._free_numbers

    def count_and_wait(*args: Any, **kwargs: Any) -> list[int]:
        free = count(*args, **kwargs)
        all_have_counted.wait(timeout=60)
        return free

    monkeypatch.setattr(taking, "_free_numbers", count_and_wait)

    assert all_at_once(database, week.slots, week.other) == {"booked": CALLERS}


def test_without_the_numbers_the_lock_alone_holds(database: Database) -> None:
    week = make_week(database)

    with no_numbers(database):
        outcomes = all_at_once(database, week.slots, week.partner)
        number = used(database)

    assert outcomes == {"booked": NUMBER, "AllotmentUsedError": CALLERS - NUMBER}
    assert number == NUMBER


@pytest.mark.usefixtures("nobody_writes_before_all_have_counted")
def test_without_both_the_week_is_overdrawn(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the same callers, and nothing in their way."""
    week = make_week(database)
    remove_allotment_lock(monkeypatch)
    unlocked = UnlockedDatabase(database.url, begin="SELECT 1")

    with closing(unlocked), no_numbers(database), ThreadPoolExecutor(CALLERS) as callers:
        outcomes = Counter(
            callers.map(lambda slot_id: book(unlocked, slot_id, week.partner), week.slots)
        )
        number = used(database)

    assert outcomes == {"booked": CALLERS}
    assert number == CALLERS > NUMBER


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": NUMBER + 1},
        {"number": 0},
        {"number": 1},  # held
        {"number": NUMBER + 1, "allotment_places": NUMBER + 1},
        {"expires_at": None},
        {"hold_id": None},
        {"hold_id": None, "expires_at": None},
    ],
)
def test_database_itself_refuses_a_place_that_was_not_granted(
    database: Database, wrong: dict[str, Any]
) -> None:
    week = make_week(database)
    with database.transaction() as session:
        held = place_hold(session, week.slots[0], viewer=week.partner, now=NOON)
        right = {
            **dict(session.connection().execute(sa.select(allotment_places)).mappings().one()),
            "number": 2,
            "hold_id": held["id"],
            "expires_at": NOON + TEN_MINUTES,
        }
        with pytest.raises(IntegrityError), session.begin_nested():
            session.connection().execute(sa.insert(allotment_places), {**right, **wrong})
        session.connection().execute(sa.insert(allotment_places), right)


def test_database_itself_refuses_to_cut_an_allotment_below_what_is_used(
    database: Database,
) -> None:
    week = make_week(database)
    allotment = SQLModel.metadata.tables["allotment"]
    with database.transaction() as session:
        for slot_id in week.slots[:2]:
            place_hold(session, slot_id, viewer=week.partner, now=NOON)
        cut = sa.update(allotment).where(allotment.c.id == week.allotment_id)
        session.connection().execute(cut.values(places=2))
        with pytest.raises(IntegrityError), session.begin_nested():
            session.connection().execute(cut.values(places=1))
