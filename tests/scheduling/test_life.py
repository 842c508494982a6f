"""An appointment's life: asked for, approved, come to, or not; every end is an end."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, select

from directory.database import Database, Row
from directory.errors import (
    ForbiddenError,
    InvalidError,
    NotFoundError,
    NothingToUndoError,
)
from directory.models.accounts import Role
from directory.viewer import PUBLIC, Viewer
from scheduling.commands.appointments import (
    Booked,
    cancel_appointment,
    cancel_own_appointment,
    confirm_hold,
    reschedule_appointment,
    reschedule_own_appointment,
)
from scheduling.commands.approvals import (
    approve_appointment,
    decline_appointment,
    decline_unanswered,
)
from scheduling.commands.holds import place_hold
from scheduling.commands.visits import (
    check_in,
    fulfill_appointment,
    mark_no_show,
    undo_visit,
)
from scheduling.commands.window_changes import change_window
from scheduling.errors import (
    AppointmentFinalError,
    HoldExpiredError,
    NotPendingError,
    SlotFullError,
    TooEarlyError,
)
from scheduling.models.slots import Slot
from scheduling.models.windows import Approval
from scheduling.queries.appointments import get_appointment
from scheduling.queries.desks import find_changes
from scheduling.queries.slots import count_places_taken, find_bookable_slots
from tests.conftest import NOON
from tests.factories import make_organization, make_slot, make_viewer, make_window
from tests.scheduling.test_bookings import Partners, hold_and_confirm

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)


class Life:
    """One appointment of somebody who booked for themselves, tomorrow at 13:00 in Detroit."""

    def __init__(self, session: Session, **terms: Any) -> None:
        self.session = session
        self.slot = make_slot(session, **terms)
        self.booked: Booked = hold_and_confirm(session, self.slot)
        self.id: UUID = self.booked.appointment["id"]
        self.host = Viewer(self.booked.appointment["host_organization_id"], Role.PUBLISHER)
        self.starts_at: datetime = self.booked.appointment["starts_at"]

    def do(self, command: Callable[..., Row], now: datetime = NOON, **more: Any) -> Row:
        with self.session.begin_nested():
            return command(self.session, self.id, viewer=self.host, now=now, **more)

    def cancel_own(self, now: datetime = NOON) -> Row:
        assert self.booked.manage_token is not None
        return cancel_own_appointment(self.session, self.booked.manage_token, now=now)

    @property
    def row(self) -> Row:
        return get_appointment(self.session, self.id, self.host)

    @property
    def taken(self) -> int:
        return count_places_taken(self.session, self.slot, now=NOON)

    @property
    def history(self) -> list[tuple[str, str | None]]:
        steps = find_changes(self.session, self.id)
        return [(step["status"], step["reason"]) for step in steps]


@pytest.fixture
def asked(session: Session) -> Life:
    """One that waits for the host's answer."""
    return Life(session, approval=Approval.HOST)


@pytest.fixture
def life(session: Session) -> Life:
    return Life(session)


# -- approval


def test_asking_takes_the_place_until_the_host_has_answered(asked: Life) -> None:
    assert (asked.row["status"], asked.row["decide_by"]) == ("pending", asked.starts_at)
    with pytest.raises(SlotFullError):
        place_hold(asked.session, asked.slot, viewer=PUBLIC, now=NOON)

    approved = asked.do(approve_appointment)

    assert (approved["status"], approved["decide_by"], approved["sequence"]) == ("booked", None, 1)
    assert asked.taken == 1


def test_host_has_two_days_to_answer(session: Session) -> None:
    make_window(session, approval=Approval.HOST)
    last = find_bookable_slots(session, PUBLIC, now=NOON)[-1]

    booked = hold_and_confirm(session, last["id"])

    assert booked.appointment["decide_by"] == NOON + 2 * DAY


def test_own_staff_need_not_ask_themselves(session: Session) -> None:
    scene = Partners(session, approval=Approval.HOST)
    slot = find_bookable_slots(session, scene.coordinator, now=NOON)[0]["id"]

    booked = hold_and_confirm(session, slot, Viewer(scene.host.id, Role.COORDINATOR))

    assert booked.appointment["status"] == "booked"


def test_declining_frees_the_place_at_once_and_once(asked: Life) -> None:
    once = asked.do(decline_appointment, reason="no-room")
    twice = asked.do(decline_appointment, reason="host-closed")

    assert (once["cancelled_by"], once["cancel_reason"]) == ("host", "no-room")
    assert twice["sequence"] == once["sequence"] == 1
    assert asked.taken == 0
    assert asked.history == [("pending", None), ("cancelled", "no-room")]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (partial(decline_appointment, reason="no-room"), approve_appointment),
        (approve_appointment, partial(decline_appointment, reason="no-room")),
        (partial(cancel_appointment, reason="mistake"), approve_appointment),
    ],
)
def test_first_answer_counts(
    asked: Life, first: Callable[..., Row], then: Callable[..., Row]
) -> None:
    answered = asked.do(first)

    with pytest.raises(NotPendingError):
        asked.do(then)

    assert asked.row["status"] == answered["status"]


def test_answer_to_one_request_leaves_the_others_alone(session: Session) -> None:
    life = Life(session, approval=Approval.HOST, capacity=3)
    others = [hold_and_confirm(session, life.slot).appointment["id"] for _ in range(2)]
    before = [get_appointment(session, other, life.host) for other in others]

    life.do(approve_appointment)
    assert [get_appointment(session, other, life.host) for other in others] == before

    life.do(cancel_appointment, reason="mistake")
    assert [get_appointment(session, other, life.host) for other in others] == before
    assert life.taken == len(others)


def test_person_may_take_a_request_back(asked: Life) -> None:
    assert asked.cancel_own()["status"] == "cancelled"
    assert asked.taken == 0


def test_only_the_host_answers(session: Session) -> None:
    scene = Partners(session, approval=Approval.HOST)
    slot = find_bookable_slots(session, scene.coordinator, now=NOON)[0]["id"]
    booked = hold_and_confirm(session, slot, scene.coordinator)
    stranger = make_viewer(session, make_organization(session, "Somebody Else"))

    for viewer, refusal in ((scene.coordinator, ForbiddenError), (stranger, NotFoundError)):
        with pytest.raises(refusal):
            approve_appointment(session, booked.appointment["id"], viewer=viewer, now=NOON)


def test_what_nobody_answered_is_declined_by_the_clock_and_never_before(asked: Life) -> None:
    assert decline_unanswered(asked.session, now=asked.starts_at - SECOND) == 0

    assert decline_unanswered(asked.session, now=asked.starts_at) == 1

    row = asked.row
    assert (row["cancelled_by"], row["cancel_reason"]) == ("clock", "not-answered")
    assert decline_unanswered(asked.session, now=asked.starts_at) == 0
    assert asked.taken == 0


def test_nothing_is_approved_after_the_start(asked: Life) -> None:
    with pytest.raises(AppointmentFinalError):
        asked.do(approve_appointment, now=asked.starts_at)


def test_clock_leaves_alone_what_was_answered(asked: Life) -> None:
    asked.do(approve_appointment)

    assert decline_unanswered(asked.session, now=asked.starts_at) == 0
    assert asked.row["status"] == "booked"


def test_one_moved_by_who_booked_has_to_be_approved_again(session: Session) -> None:
    make_window(session, approval=Approval.HOST)
    old, new, newer, *_ = (row["id"] for row in find_bookable_slots(session, PUBLIC, now=NOON))
    booked = hold_and_confirm(session, old)
    host = Viewer(booked.appointment["host_organization_id"], Role.PUBLISHER)
    assert booked.manage_token is not None
    id_ = booked.appointment["id"]
    approve_appointment(session, id_, viewer=host, now=NOON)

    by_person = reschedule_own_appointment(session, booked.manage_token, new, now=NOON)
    approve_appointment(session, id_, viewer=host, now=NOON)
    by_host = reschedule_appointment(session, id_, newer, viewer=host, now=NOON)

    assert (by_person["status"], by_host["status"]) == ("pending", "booked")


@pytest.mark.parametrize(
    ("before", "after", "stands", "new"),
    [
        (Approval.AUTOMATIC, Approval.HOST, "booked", "pending"),
        (Approval.HOST, Approval.AUTOMATIC, "pending", "booked"),
    ],
)
def test_another_way_to_approve_is_for_new_bookings_and_needs_no_decision(
    session: Session, before: Approval, after: Approval, stands: str, new: str
) -> None:
    life = Life(session, approval=before)
    row = life.row
    (window_id,) = session.exec(select(Slot.window_id).where(Slot.id == row["slot_id"]))
    other = find_bookable_slots(session, PUBLIC, now=NOON)[0]["id"]

    change_window(
        session,
        window_id,
        lambda draft: replace(draft, approval=after),
        expected=1,
        viewer=life.host,
        now=NOON,
    )

    assert life.row == row
    assert life.row["status"] == stands
    assert hold_and_confirm(session, other).appointment["status"] == new


def test_many_answers_at_once_are_one(database: Database) -> None:
    """Approving, declining and taking back at the same moment: one of them happens (I5)."""
    with database.transaction() as session:
        life = Life(session, approval=Approval.HOST)
    steps: list[Callable[..., Row]] = [
        approve_appointment,
        partial(decline_appointment, reason="no-room"),
        partial(decline_appointment, reason="host-closed"),
        approve_appointment,
    ]

    def answer(command: Callable[..., Row]) -> str:
        try:
            with database.transaction() as session:
                return str(command(session, life.id, viewer=life.host, now=NOON)["status"])
        except NotPendingError:
            return "refused"

    with ThreadPoolExecutor(4) as callers:
        answers = list(callers.map(answer, steps))

    with database.reading() as session:
        row = get_appointment(session, life.id, life.host)
        assert set(answers) == {row["status"], "refused"}
        assert row["sequence"] == 1
        assert count_places_taken(session, life.slot, now=NOON) == (row["status"] == "booked")


# -- the day itself


def test_check_in_is_for_the_day_by_the_hosts_clock(life: Life) -> None:
    midnight_in_detroit = life.starts_at - 13 * HOUR
    with pytest.raises(TooEarlyError):
        life.do(check_in, now=midnight_in_detroit - SECOND)

    assert life.do(check_in, now=midnight_in_detroit)["status"] == "arrived"


def test_nobody_has_failed_to_come_before_the_start(life: Life) -> None:
    with pytest.raises(TooEarlyError):
        life.do(mark_no_show, now=life.starts_at - SECOND)

    assert life.do(mark_no_show, now=life.starts_at)["status"] == "noshow"


def test_what_came_of_it_is_one_of_the_fixed_words(life: Life) -> None:
    life.do(check_in, now=life.starts_at)
    with pytest.raises(InvalidError):
        life.do(fulfill_appointment, now=life.starts_at, outcome="Ana cried")

    done = life.do(fulfill_appointment, now=life.starts_at, outcome="come-again")

    assert (done["status"], done["outcome"]) == ("fulfilled", "come-again")


def test_nothing_has_taken_place_before_anybody_came_or_it_began(life: Life) -> None:
    with pytest.raises(TooEarlyError):
        life.do(fulfill_appointment, now=life.starts_at - SECOND)

    life.do(check_in, now=life.starts_at - HOUR)
    assert life.do(fulfill_appointment, now=life.starts_at - SECOND)["status"] == "fulfilled"


def test_mistaken_no_show_is_taken_back_on_its_day_only(life: Life) -> None:
    life.do(mark_no_show, now=life.starts_at)
    with pytest.raises(NothingToUndoError):
        life.do(undo_visit, now=life.starts_at + 11 * HOUR)  # midnight

    assert life.do(undo_visit, now=life.starts_at + 11 * HOUR - SECOND)["status"] == "booked"
    assert life.history == [("booked", None), ("noshow", None), ("booked", "mistake")]


def test_nothing_is_taken_back_where_nothing_was_said(life: Life) -> None:
    with pytest.raises(NothingToUndoError):
        life.do(undo_visit)


ENDS: dict[str, Callable[[Life], object]] = {
    "cancelled": lambda life: life.cancel_own(),
    "noshow": lambda life: life.do(mark_no_show, now=life.starts_at),
    "fulfilled": lambda life: life.do(fulfill_appointment, now=life.starts_at),
}
LATER: list[Callable[[Life], object]] = [
    lambda life: life.do(check_in, now=life.starts_at),
    lambda life: life.do(mark_no_show, now=life.starts_at),
    lambda life: life.do(fulfill_appointment, now=life.starts_at),
    lambda life: life.do(approve_appointment),
    lambda life: life.do(partial(decline_appointment, reason="no-room")),
    lambda life: life.do(partial(reschedule_appointment, slot_id=life.slot)),
    lambda life: life.cancel_own(),
    lambda life: life.do(partial(cancel_appointment, reason="mistake")),
]


@pytest.mark.parametrize("end", sorted(ENDS))
def test_t15_every_end_absorbs_whatever_comes_later(session: Session, end: str) -> None:
    """Each later step is refused or is the same step again; places are given back once."""
    life = Life(session, capacity=2)
    hold_and_confirm(session, life.slot)
    ENDS[end](life)
    ended, taken = life.row, life.taken

    for step in LATER:
        with suppress(AppointmentFinalError, NotPendingError):
            step(life)

    assert (life.row["status"], life.row["sequence"]) == (end, ended["sequence"])
    assert life.taken == taken == (1 if end == "cancelled" else 2)


def test_t15_cancelled_hold_cannot_be_confirmed_into_a_second_appointment(
    session: Session,
) -> None:
    slot = make_slot(session)
    hold = place_hold(session, slot, viewer=PUBLIC, now=NOON)
    booked = confirm_hold(session, hold["id"], viewer=PUBLIC, now=NOON)
    assert booked.manage_token is not None
    cancel_own_appointment(session, booked.manage_token, now=NOON)

    with pytest.raises(NotFoundError):
        confirm_hold(session, hold["id"], viewer=PUBLIC, now=NOON)


def test_t03_hold_counts_as_used_for_everybody_else_until_it_lapses(session: Session) -> None:
    slot = make_slot(session)
    hold = place_hold(session, slot, viewer=PUBLIC, now=NOON)

    for now in (NOON, hold["expires_at"] - SECOND):
        with pytest.raises(SlotFullError):
            place_hold(session, slot, viewer=PUBLIC, now=now)


def test_t04_hold_that_lapses_while_it_is_confirmed_goes_to_one(database: Database) -> None:
    """Confirming a second before the end races with taking the lapsed place at the end."""
    with database.transaction() as session:
        slots = [make_slot(session) for _ in range(10)]
    for slot in slots:
        with database.transaction() as session:
            hold = place_hold(session, slot, viewer=PUBLIC, now=NOON)

        def confirm(hold: Row = hold) -> str:
            try:
                with database.transaction() as session:
                    confirm_hold(
                        session, hold["id"], viewer=PUBLIC, now=hold["expires_at"] - SECOND
                    )
            except HoldExpiredError:
                return "expired"
            return "had"

        def take(hold: Row = hold) -> str:
            try:
                with database.transaction() as session:
                    place_hold(session, hold["slot_id"], viewer=PUBLIC, now=hold["expires_at"])
            except SlotFullError:
                return "full"
            return "had"

        with ThreadPoolExecutor(2) as callers:
            first, second = callers.submit(confirm), callers.submit(take)
            assert {first.result(), second.result()} in ({"had", "full"}, {"expired", "had"})
