"""T19: no client of an agency is in two places at once; the database itself sees to it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import time
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from directory.database import Database
from directory.viewer import PUBLIC, Viewer
from scheduling.commands import appointments as appointment_commands
from scheduling.commands.appointments import (
    cancel_appointment,
    confirm_hold,
    reschedule_appointment,
)
from scheduling.commands.holds import place_hold
from scheduling.commands.overlaps import refuse_busy_client
from scheduling.commands.visits import mark_no_show, undo_visit
from scheduling.errors import ClientBusyError
from scheduling.models import TABLES
from scheduling.queries.slots import find_bookable_slots
from tests.conftest import NOON
from tests.factories import make_offer, make_organization, make_viewer, make_window
from tests.scheduling.faults import replace_everywhere

HANDLE = "7K2M-QX4P"


class Town:
    """Two services whose first slots begin together, 13:00 and 13:15, and last half an hour."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.agency = make_organization(session, "Moonbeam Desk")
        self.viewer = make_viewer(session, self.agency)
        self.here, self.there = (self._publish(opens) for opens in (time(13), time(13, 15)))

    def _publish(self, opens: time) -> Sequence[UUID]:
        offer = make_offer(self.session)
        closes = opens.replace(hour=opens.hour + 2)
        make_window(self.session, offer, opens_at=opens, closes_at=closes, capacity=3)
        rows = find_bookable_slots(
            self.session, PUBLIC, now=NOON, service_at_location_ids=[offer.id]
        )
        return [row["id"] for row in rows]

    def book(self, slot: UUID, handle: str | None = HANDLE, viewer: Viewer | None = None) -> Any:
        return book(self.session, slot, viewer or self.viewer, handle)


def book(session: Session, slot: UUID, viewer: Viewer, handle: str | None = HANDLE) -> Any:
    hold = place_hold(session, slot, viewer=viewer, now=NOON)
    return confirm_hold(session, hold["id"], viewer=viewer, now=NOON, client_handle=handle)


@pytest.fixture
def town(session: Session) -> Town:
    return Town(session)


def test_t19_client_cannot_be_in_two_places_at_once(town: Town) -> None:
    town.book(town.here[0])

    with pytest.raises(ClientBusyError):
        town.book(town.there[0])


def test_t19_one_appointment_may_begin_as_another_ends(town: Town) -> None:
    town.book(town.here[0])

    assert town.book(town.here[1]).appointment["status"] == "booked"


def test_same_handle_at_another_agency_is_another_person(town: Town) -> None:
    other = make_viewer(town.session, make_organization(town.session, "Heron House"))
    town.book(town.here[0])

    town.book(town.there[0], viewer=other)


def test_new_handles_and_the_public_are_nobody_yet(town: Town) -> None:
    for handle, viewer in ((None, town.viewer), (None, town.viewer), (None, PUBLIC)):
        town.book(town.here[0], handle, viewer)


def test_cancelled_appointment_leaves_the_client_free(town: Town) -> None:
    first = town.book(town.here[0]).appointment["id"]
    cancel_appointment(town.session, first, viewer=town.viewer, now=NOON, reason="mistake")

    town.book(town.there[0])


def test_moving_looks_at_the_clients_other_appointments_and_not_at_its_own(town: Town) -> None:
    moved = town.book(town.here[0]).appointment["id"]
    town.book(town.there[2])

    with pytest.raises(ClientBusyError), town.session.begin_nested():
        reschedule_appointment(town.session, moved, town.here[2], viewer=town.viewer, now=NOON)
    row = reschedule_appointment(town.session, moved, town.here[1], viewer=town.viewer, now=NOON)
    assert row["slot_id"] == town.here[1]


def test_no_show_is_not_taken_back_over_another_appointment(town: Town) -> None:
    first = town.book(town.here[0]).appointment
    host = Viewer(first["host_organization_id"])
    mark_no_show(town.session, first["id"], viewer=host, now=first["starts_at"])
    town.book(town.there[0])

    with pytest.raises(ClientBusyError):
        undo_visit(town.session, first["id"], viewer=host, now=first["starts_at"])


def test_t19_database_refuses_what_a_forgetful_programmer_writes(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_everywhere(monkeypatch, "refuse_busy_client", refuse_busy_client, lambda *_, **__: None)
    town.book(town.here[0])

    with pytest.raises(IntegrityError, match="client-busy"):
        town.book(town.there[0])


def test_t19_database_refuses_a_change_that_makes_two_overlap(town: Town) -> None:
    table = TABLES["appointment"]
    town.book(town.here[0])
    other = town.book(town.there[2]).appointment["id"]
    update = sa.update(table).where(table.c.id == other).values(slot_id=town.there[0])

    with pytest.raises(IntegrityError, match="client-busy"):
        town.session.connection().execute(update)


@pytest.mark.parametrize("by", ["the command", "the database alone"])
def test_t05_of_many_bookings_at_once_for_one_client_one_is_made(
    database: Database, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    if by == "the database alone":
        monkeypatch.setattr(appointment_commands, "refuse_busy_client", lambda *_, **__: None)
    with database.transaction() as session:
        town = Town(session)
        viewers = [Viewer(town.agency.id)] * 4
        slots = [town.here[0], town.there[0], town.here[0], town.there[0]]
        holds = [
            place_hold(session, slot, viewer=viewer, now=NOON)["id"]
            for slot, viewer in zip(slots, viewers, strict=True)
        ]

    def confirm(hold: UUID) -> bool:
        try:
            with database.transaction() as session:
                confirm_hold(session, hold, viewer=viewers[0], now=NOON, client_handle=HANDLE)
        except (ClientBusyError, IntegrityError):
            return False
        return True

    with ThreadPoolExecutor(4) as callers:
        assert sum(callers.map(confirm, holds)) == 1
