"""Reminders are made once, for one state of things, and close themselves when it has passed."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import Session

from directory.errors import InvalidError, NotFoundError
from directory.models.accounts import Role
from directory.viewer import Viewer
from scheduling.commands.appointments import (
    cancel_appointment,
    confirm_hold,
    reschedule_appointment,
)
from scheduling.commands.approvals import approve_appointment
from scheduling.commands.holds import place_hold
from scheduling.commands.ticklers import add_tickler, finish_tickler, remind
from scheduling.commands.visits import fulfill_appointment
from scheduling.models.windows import Approval
from scheduling.queries.slots import find_bookable_slots
from scheduling.queries.ticklers import find_ticklers
from tests.conftest import NOON
from tests.factories import make_account, make_organization, make_viewer
from tests.scheduling.test_bookings import Partners

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class Desk:
    """A partner's appointment at a host, on the first of three Tuesdays, 29 hours from NOON."""

    def __init__(self, session: Session, **terms: Any) -> None:
        self.session = session
        self.scene = Partners(session, **terms)
        self.coordinator = self.scene.coordinator
        self.host = Viewer(self.scene.host.id, Role.PUBLISHER)
        rows = find_bookable_slots(session, self.coordinator, now=NOON)
        self.slots = [row["id"] for row in rows]
        hold = place_hold(session, self.slots[0], viewer=self.coordinator, now=NOON)
        booked = confirm_hold(session, hold["id"], viewer=self.coordinator, now=NOON)
        self.id = booked.appointment["id"]
        self.starts_at, self.ends_at = (booked.appointment[n] for n in ("starts_at", "ends_at"))

    def kinds(self, viewer: Viewer, now: Any = NOON) -> list[str]:
        return [str(row["kind"]) for row in find_ticklers(self.session, viewer, now=now)]


def test_papers_are_asked_for_two_days_before_and_once(session: Session) -> None:
    desk = Desk(session, documents=["Photo ID"])

    assert remind(session, now=desk.starts_at - 2 * DAY - HOUR) == 0
    assert remind(session, now=NOON) == 1
    assert remind(session, now=NOON + HOUR) == 0

    assert desk.kinds(desk.coordinator) == ["documents-due"]
    assert desk.kinds(desk.host) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda desk: cancel_appointment(
            desk.session, desk.id, viewer=desk.host, now=NOON, reason="host-closed"
        ),
        lambda desk: reschedule_appointment(
            desk.session, desk.id, desk.slots[-1], viewer=desk.host, now=NOON
        ),
    ],
    ids=["cancelled", "moved"],
)
def test_reminder_of_what_has_changed_says_nothing_and_closes(
    session: Session, change: Callable[[Desk], object]
) -> None:
    desk = Desk(session, documents=["Photo ID"])
    remind(session, now=NOON)

    change(desk)

    assert desk.kinds(desk.coordinator) == []
    assert remind(session, now=NOON + HOUR) == 1  # it is closed, and none is made for later


def test_host_is_told_the_day_after_that_nothing_was_said(session: Session) -> None:
    desk = Desk(session)

    assert remind(session, now=desk.ends_at + DAY - HOUR) == 0
    assert remind(session, now=desk.ends_at + DAY) == 1
    assert desk.kinds(desk.host, desk.ends_at + DAY) == ["no-outcome"]

    fulfill_appointment(session, desk.id, viewer=desk.host, now=desk.ends_at + DAY)
    assert desk.kinds(desk.host, desk.ends_at + DAY) == []


def test_host_is_told_that_somebody_waits_for_its_answer(session: Session) -> None:
    desk = Desk(session, approval=Approval.HOST)

    remind(session, now=NOON)
    assert desk.kinds(desk.host) == ["to-approve"]

    approve_appointment(session, desk.id, viewer=desk.host, now=NOON)
    assert desk.kinds(desk.host) == []


def test_both_parties_are_told_two_weeks_before_their_agreement_ends(session: Session) -> None:
    desk = Desk(session)
    desk.scene.agreement.ends_on = date(2030, 6, 18)
    session.flush()

    assert remind(session, now=NOON) == 0
    assert remind(session, now=NOON + DAY) == 2

    for viewer in (desk.host, desk.coordinator):
        assert desk.kinds(viewer) == ["agreement-ending"]


def test_note_is_for_its_writer_and_the_colleague_it_names(session: Session) -> None:
    agency = make_organization(session)
    writer, other = make_viewer(session, agency), make_viewer(session, agency, Role.PUBLISHER)
    third = Viewer(agency.id, Role.COORDINATOR, make_account(session, agency, email="x@t").id)
    stranger = make_viewer(session, make_organization(session, "Somebody Else"))
    row = add_tickler(
        session,
        uuid4(),
        viewer=writer,
        account_id=other.account_id,
        sealed_note="sealed",
        due_at=NOON,
        now=NOON,
    )

    seen = [len(find_ticklers(session, each, now=NOON)) for each in (writer, other, third)]

    assert seen == [1, 1, 0]
    for viewer in (third, stranger):
        with pytest.raises(NotFoundError):
            finish_tickler(session, row["id"], viewer=viewer, now=NOON)


def test_note_is_not_for_people_of_other_agencies(session: Session) -> None:
    writer = make_viewer(session, make_organization(session))
    stranger = make_viewer(session, make_organization(session, "Somebody Else"))

    with pytest.raises(InvalidError):
        add_tickler(
            session,
            uuid4(),
            viewer=writer,
            account_id=stranger.account_id,
            sealed_note="sealed",
            due_at=NOON,
            now=NOON,
        )


def test_done_twice_is_done_once(session: Session) -> None:
    desk = Desk(session, documents=["Photo ID"])
    remind(session, now=NOON)
    (row,) = find_ticklers(session, desk.coordinator, now=NOON)

    once = finish_tickler(session, row["id"], viewer=desk.coordinator, now=NOON)
    twice = finish_tickler(session, row["id"], viewer=desk.coordinator, now=NOON + HOUR)

    assert once["done_at"] == twice["done_at"] == NOON
    assert remind(session, now=NOON + HOUR) == 0
