"""An edit and a booking at the same moment: one of the two comes first, and the other knows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from threading import Barrier, Event
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, select

from directory.database import Database
from directory.errors import BusyError, NotFoundError
from directory.models.accounts import Role
from directory.viewer import PUBLIC, Viewer
from scheduling.commands import window_changes
from scheduling.commands.appointments import confirm_hold
from scheduling.commands.holds import place_hold
from scheduling.commands.window_changes import change_window, closed_on
from scheduling.commands.windows import roll_windows
from scheduling.errors import (
    AgreementEndedError,
    DecisionsNeededError,
    HoldExpiredError,
    SlotWithdrawnError,
)
from scheduling.models.bookings import Appointment
from scheduling.models.slots import Slot
from scheduling.models.windows import AvailabilityWindow
from tests.conftest import NOON
from tests.factories import make_window
from tests.scheduling.test_window_changes import DAY, host_of, slots_of

ROUNDS = 12
TUESDAY = date(2030, 6, 4)


class Race:
    """A window, its host, and one of its slots."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            window = make_window(session)
            self.window_id, self.host = window.id, host_of(window)
            self.slot_id: UUID = slots_of(session, window)[0].id

    def hold(self) -> UUID:
        with self.database.transaction() as session:
            held: UUID = place_hold(session, self.slot_id, viewer=PUBLIC, now=NOON)["id"]
            return held

    def confirm(self, hold_id: UUID) -> str:
        try:
            with self.database.transaction() as session:
                confirm_hold(session, hold_id, viewer=PUBLIC, now=NOON)
        except (SlotWithdrawnError, HoldExpiredError, NotFoundError, AgreementEndedError):
            return "refused"
        return "booked"

    def close(self) -> str:
        try:
            with self.database.transaction() as session:
                change_window(
                    session, self.window_id, closed_on(TUESDAY, None), expected=1,
                    viewer=self.host, now=NOON,
                )  # fmt: skip
        except DecisionsNeededError:
            return "refused"
        return "closed"

    def outcome(self) -> tuple[bool, bool]:
        """Whether somebody has a booking there, and whether the slot is still open."""
        with self.database.reading() as session:
            booked = session.exec(
                select(Appointment).where(Appointment.slot_id == self.slot_id)
            ).all()
            slot = session.get_one(Slot, self.slot_id)
            return bool(booked), slot.withdrawn_at is None


def at_once(*work: Callable[[], Any]) -> list[Any]:
    together = Barrier(len(work))

    def start(one: Callable[[], Any]) -> Any:
        together.wait(timeout=60)
        return one()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(start, work))


def test_booking_and_closing_at_once_never_pass_each_other(database: Database) -> None:
    for _ in range(ROUNDS):
        race = Race(database)
        hold = race.hold()

        confirmed, closed = at_once(partial(race.confirm, hold), race.close)

        assert (confirmed, closed) in {("booked", "refused"), ("refused", "closed")}
        booked = confirmed == "booked"
        assert race.outcome() == (booked, booked)


def book_while_the_edit_waits(race: Race, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Let a booking begin when the edit has looked which bookings it affects; return what came."""
    hold, looked, tried = race.hold(), Event(), Event()
    plan = window_changes._plan

    def slow_plan(*args: Any, **more: Any) -> Any:
        planned = plan(*args, **more)
        looked.set()
        tried.wait(timeout=1.5)  # less than the booking would wait for a lock
        return planned

    monkeypatch.setattr(window_changes, "_plan", slow_plan)

    def confirm() -> str:
        looked.wait(timeout=60)
        try:
            return race.confirm(hold)
        except BusyError:
            return "busy"
        finally:
            tried.set()

    with ThreadPoolExecutor(2) as pool:
        closing, confirming = pool.submit(race.close), pool.submit(confirm)
        return confirming.result(), closing.result()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.postgres
def test_booking_waits_for_an_edit_that_has_looked_already(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    race = Race(database)

    assert book_while_the_edit_waits(race, monkeypatch) == ("refused", "closed")
    assert race.outcome() == (False, False)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.postgres
def test_without_the_locks_of_slots_a_booking_would_slip_through(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    race = Race(database)
    monkeypatch.setattr(window_changes, "lock_coming_slots", lambda *_, **__: None)

    assert book_while_the_edit_waits(race, monkeypatch) == ("booked", "closed")
    assert race.outcome() == (True, False)  # nobody decided about this one


def test_two_edits_of_one_version_at_once_are_one_edit(database: Database) -> None:
    race = Race(database)

    def edit() -> str:
        try:
            with database.transaction() as session:
                change_window(
                    session, race.window_id, closed_on(TUESDAY, None), expected=1,
                    viewer=race.host, now=NOON,
                )  # fmt: skip
        except Exception as error:  # noqa: BLE001  (its name is looked at)
            return type(error).__name__
        return "changed"

    assert sorted(at_once(edit, edit, edit)) == ["StaleError", "StaleError", "changed"]


def test_rolling_and_closing_at_once_leave_the_slots_of_the_rule(database: Database) -> None:
    day = TUESDAY + 21 * DAY  # comes within the horizon with this roll

    def roll() -> None:
        with database.transaction() as session:
            roll_windows(session, now=NOON + 7 * DAY)

    for _ in range(ROUNDS // 2):
        with database.transaction() as session:
            window = make_window(session)
            window_id, host = window.id, Viewer(window.organization_id, Role.PUBLISHER)

        def close(window_id: UUID = window_id, host: Viewer = host) -> None:
            with database.transaction() as session:
                change_window(
                    session, window_id, closed_on(day, None), expected=1, viewer=host,
                    now=NOON + 7 * DAY,
                )  # fmt: skip

        at_once(roll, close)
        roll()
        assert day not in open_days(database, window_id)
        assert len(open_days(database, window_id)) == 3


def open_days(database: Database, window_id: UUID) -> set[date]:
    with database.reading() as session:
        return _open_days(session, session.get_one(AvailabilityWindow, window_id))


def _open_days(session: Session, window: AvailabilityWindow) -> set[date]:
    return {slot.local_date for slot in slots_of(session, window) if slot.withdrawn_at is None}
