"""Moving an appointment is one step: the old places are free, the new ones taken, or neither."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session

from directory.database import Database
from directory.errors import InvalidError, NotFoundError
from directory.models.accounts import Role
from directory.tokens import hash_token
from directory.viewer import PUBLIC, Viewer
from scheduling.commands.appointments import (
    Booked,
    cancel_appointment,
    confirm_hold,
    reschedule_appointment,
    reschedule_own_appointment,
)
from scheduling.commands.holds import place_hold
from scheduling.errors import (
    AppointmentFinalError,
    CancelTooLateError,
    SlotClosedError,
    SlotFullError,
)
from scheduling.models.agreements import AgreementStatus
from scheduling.queries.appointments import get_appointment_by_token
from scheduling.queries.desks import find_changes
from scheduling.queries.slots import count_places_taken, find_bookable_slots
from tests.conftest import NOON
from tests.factories import make_window
from tests.scheduling.test_bookings import Partners, hold_and_confirm


def slots_of_a_window(session: Session, **terms: Any) -> Sequence[UUID]:
    make_window(session, **terms)
    return [row["id"] for row in find_bookable_slots(session, PUBLIC, now=NOON)]


def host_of(booked: Booked) -> Viewer:
    return Viewer(booked.appointment["host_organization_id"], Role.PUBLISHER)


def taken(session: Session, *slot_ids: UUID) -> list[int]:
    return [count_places_taken(session, slot_id, now=NOON) for slot_id in slot_ids]


def test_moved_appointment_keeps_who_it_is_and_frees_the_old_time(session: Session) -> None:
    old, new, *_ = slots_of_a_window(session)
    booked = hold_and_confirm(session, old)
    assert booked.manage_token is not None

    moved = reschedule_own_appointment(session, booked.manage_token, new, now=NOON)

    before = booked.appointment
    assert [moved[name] for name in ("id", "code", "status", "slot_id", "sequence")] == [
        before["id"],
        before["code"],
        "booked",
        new,
        1,
    ]
    assert taken(session, old, new) == [0, 1]
    steps = find_changes(session, before["id"])
    assert [step["slot_id"] for step in steps] == [old, new]


def test_same_time_again_is_no_change(session: Session) -> None:
    old, *_ = slots_of_a_window(session)
    booked = hold_and_confirm(session, old)
    assert booked.manage_token is not None

    same = reschedule_own_appointment(session, booked.manage_token, old, now=NOON)

    assert same["sequence"] == 0
    assert taken(session, old) == [1]


def test_family_moves_with_all_its_places(session: Session) -> None:
    old, new, *_ = slots_of_a_window(session, capacity=4)
    hold = place_hold(session, old, viewer=PUBLIC, now=NOON, wanted=4)
    booked = confirm_hold(session, hold["id"], viewer=PUBLIC, now=NOON)

    reschedule_appointment(session, booked.appointment["id"], new, viewer=host_of(booked), now=NOON)

    assert taken(session, old, new) == [0, 4]


def test_nothing_moves_into_a_full_time(session: Session) -> None:
    old, new, *_ = slots_of_a_window(session)
    booked = hold_and_confirm(session, old)
    hold_and_confirm(session, new)
    assert booked.manage_token is not None

    with pytest.raises(SlotFullError), session.begin_nested():
        reschedule_own_appointment(session, booked.manage_token, new, now=NOON)

    row = get_appointment_by_token(session, hash_token(booked.manage_token))
    assert (row["slot_id"], row["sequence"]) == (old, 0)
    assert taken(session, old, new) == [1, 1]


def test_who_booked_cannot_move_after_the_cut_off_but_the_host_can(session: Session) -> None:
    slots = slots_of_a_window(session, cancel_cutoff_minutes=24 * 60)
    booked = hold_and_confirm(session, slots[0])
    assert booked.manage_token is not None
    late = booked.appointment["starts_at"] - timedelta(hours=23)

    with pytest.raises(CancelTooLateError):
        reschedule_own_appointment(session, booked.manage_token, slots[1], now=late)
    moved = reschedule_appointment(
        session,
        booked.appointment["id"],
        slots[1],
        viewer=host_of(booked),
        now=late,
        reason="host-changed",
    )

    assert moved["slot_id"] == slots[1]


def test_nothing_moves_into_the_past(session: Session) -> None:
    old, _, _, _, later, *_ = slots_of_a_window(session)  # the last one is a week later
    booked = hold_and_confirm(session, later)
    after_the_first = booked.appointment["starts_at"] - timedelta(days=1)

    with pytest.raises(SlotClosedError):
        reschedule_appointment(
            session, booked.appointment["id"], old, viewer=host_of(booked), now=after_the_first
        )


def test_cancelled_appointment_cannot_be_moved(session: Session) -> None:
    old, new, *_ = slots_of_a_window(session)
    booked = hold_and_confirm(session, old)
    id_ = booked.appointment["id"]
    cancel_appointment(session, id_, viewer=host_of(booked), now=NOON, reason="mistake")

    with pytest.raises(AppointmentFinalError):
        reschedule_appointment(session, id_, new, viewer=host_of(booked), now=NOON)


def test_appointment_moves_only_where_its_booker_could_book(session: Session) -> None:
    scene = Partners(session)
    old, new, *_ = [r["id"] for r in find_bookable_slots(session, scene.coordinator, now=NOON)]
    booked = hold_and_confirm(session, old, scene.coordinator)
    scene.agreement.status = AgreementStatus.SUSPENDED
    session.flush()

    for viewer in (scene.coordinator, Viewer(scene.host.id, Role.PUBLISHER)):
        with pytest.raises(NotFoundError), session.begin_nested():
            reschedule_appointment(session, booked.appointment["id"], new, viewer=viewer, now=NOON)


def test_appointment_stays_with_its_host(session: Session) -> None:
    scene = Partners(session)
    elsewhere, *_ = slots_of_a_window(session)
    old = find_bookable_slots(session, scene.coordinator, now=NOON)
    mine = next(r["id"] for r in old if r["host_organization_id"] == scene.host.id)
    booked = hold_and_confirm(session, mine, scene.coordinator)

    with pytest.raises(NotFoundError):
        reschedule_appointment(
            session, booked.appointment["id"], elsewhere, viewer=scene.coordinator, now=NOON
        )


def test_move_gives_one_of_the_fixed_reasons(session: Session) -> None:
    old, new, *_ = slots_of_a_window(session)
    booked = hold_and_confirm(session, old)

    with pytest.raises(InvalidError):
        reschedule_appointment(
            session,
            booked.appointment["id"],
            new,
            viewer=host_of(booked),
            now=NOON,
            reason="Ana is unwell",
        )


def test_two_who_swap_their_times_do_not_wait_for_each_other(database: Database) -> None:
    """Both lock both slots, in one order; one place being free in each, both can move."""
    with database.transaction() as session:
        one, other, *_ = slots_of_a_window(session, capacity=2)
        first, second = (hold_and_confirm(session, slot) for slot in (one, other))

    def move(booked: Booked, to: UUID) -> None:
        with database.transaction() as session:
            reschedule_appointment(
                session, booked.appointment["id"], to, viewer=host_of(booked), now=NOON
            )

    for _ in range(5):
        with ThreadPoolExecutor(2) as callers:
            for done in [
                callers.submit(move, first, other),
                callers.submit(move, second, one),
            ]:
                done.result()
        one, other = other, one

    with database.reading() as session:
        assert taken(session, one, other) == [1, 1]


def test_moved_and_cancelled_at_once_has_its_places_once(database: Database) -> None:
    with database.transaction() as session:
        slots = slots_of_a_window(session)
    for old, new in zip(slots[0::2], slots[1::2], strict=True):
        with database.transaction() as session:
            booked = hold_and_confirm(session, old)

        def cancel(booked: Booked = booked) -> None:
            with database.transaction() as session:
                cancel_appointment(
                    session,
                    booked.appointment["id"],
                    viewer=host_of(booked),
                    now=NOON,
                    reason="mistake",
                )

        def move(booked: Booked = booked, new: UUID = new) -> None:
            with database.transaction() as session:
                reschedule_appointment(
                    session, booked.appointment["id"], new, viewer=host_of(booked), now=NOON
                )

        with ThreadPoolExecutor(2) as callers:
            outcomes = [callers.submit(cancel).exception(), callers.submit(move).exception()]
        with database.reading() as session:
            freed = outcomes[0] is None
            assert sum(taken(session, old, new)) == (0 if freed else 1)
