from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from directory.tokens import read_code
from directory.viewer import PUBLIC, Viewer
from scheduling.bookable import slots_open_to
from scheduling.models.agreements import AgreementStatus
from scheduling.models.bookings import AppointmentStatus
from scheduling.models.windows import BookableBy
from scheduling.queries.slots import find_bookable_slots
from seed.listings import organization_id_of
from tests.conftest import NOON

Every = Callable[[str], Sequence[Any]]

WEEK = timedelta(weeks=1)


def test_bookings_never_exceed_capacity(every: Every) -> None:
    taken: Counter[UUID] = Counter()
    for row in every("appointment"):
        if row.status != AppointmentStatus.CANCELLED:
            taken[row.slot_id] += row.places
    capacity = {row.id: row.capacity for row in every("slot")}
    assert all(taken[slot] <= capacity[slot] for slot in taken)
    assert any(taken[slot] == capacity[slot] > 1 for slot in taken)


def test_appointments_have_exactly_the_places_they_say(every: Every) -> None:
    held = Counter(row.appointment_id for row in every("slot_place"))
    for row in every("appointment"):
        assert held[row.id] == (0 if row.status == AppointmentStatus.CANCELLED else row.places)


def test_bookings_reach_from_three_weeks_ago_to_three_weeks_ahead(every: Every) -> None:
    starts = {row.id: row.starts_at for row in every("slot")}
    booked = [starts[row.slot_id] for row in every("appointment")]
    assert NOON - 3 * WEEK <= min(booked) < NOON - 2 * WEEK
    assert NOON + 2 * WEEK < max(booked) <= NOON + 3 * WEEK


def test_what_is_over_has_an_outcome_and_what_is_ahead_has_none(every: Every) -> None:
    slots = {row.id: row for row in every("slot")}
    over = {AppointmentStatus.FULFILLED, AppointmentStatus.NOSHOW, AppointmentStatus.CANCELLED}
    ahead = {AppointmentStatus.BOOKED, AppointmentStatus.CANCELLED}
    past, future = set(), set()
    for row in every("appointment"):
        if slots[row.slot_id].ends_at <= NOON:
            past.add(row.status)
        elif slots[row.slot_id].starts_at > NOON:
            future.add(row.status)
    assert (past, future) == (over, ahead)


def test_everybody_booked_only_where_they_may(session: Session, every: Every) -> None:
    open_to: dict[UUID | None, dict[UUID, Any]] = {}
    for row in every("appointment"):
        who = row.organization_id
        if who not in open_to:
            viewer = Viewer(organization_id=who) if who else PUBLIC
            found = session.connection().execute(slots_open_to(viewer, now=NOON)).mappings()
            open_to[who] = {slot["id"]: slot for slot in found}
        slot = open_to[who][row.slot_id]
        assert row.agreement_id == slot["agreement_id"]
        assert row.host_organization_id == slot["host_organization_id"]
    assert None in open_to
    assert len(open_to) > 10


def test_each_step_came_after_the_last_and_none_in_the_future(every: Every) -> None:
    steps: dict[UUID, list[Any]] = {}
    for row in sorted(every("appointment_change"), key=lambda row: row.sequence):
        steps.setdefault(row.appointment_id, []).append(row)
    for row in every("appointment"):
        history = steps[row.id]
        assert [step.sequence for step in history] == list(range(row.sequence + 1))
        times = [step.at for step in history]
        assert times == sorted(times)
        assert times[-1] == row.changed_at <= NOON
        assert history[-1].status == row.status


def test_nobody_booked_before_the_window_opened_or_after_it_closed(every: Every) -> None:
    opened = {row.id: row.created_at for row in every("availability_window")}
    slots = {row.id: row for row in every("slot")}
    for row in every("appointment"):
        slot = slots[row.slot_id]
        assert opened[slot.window_id] <= row.booked_at <= slot.bookable_until
        assert slot.bookable_from <= row.booked_at


def test_codes_and_handles_are_such_as_the_product_makes(every: Every) -> None:
    for row in every("appointment"):
        assert read_code(row.code) == row.code
        if row.client_handle is not None:
            assert read_code(row.client_handle) == row.client_handle
        assert (row.client_handle is None) == (row.organization_id is None)


def test_agreements_are_in_every_state(every: Every) -> None:
    states = Counter(row.status for row in every("agreement"))
    assert set(states) == set(AgreementStatus)
    assert states[AgreementStatus.ACTIVE] > 15


def test_windows_are_of_every_kind(every: Every) -> None:
    windows = every("availability_window")
    assert {row.bookable_by for row in windows} == set(BookableBy)
    assert {row.freq for row in windows} == {"DAILY", "WEEKLY", "MONTHLY"}
    assert {row.slot_minutes for row in windows} >= {15, 30, 60}
    assert {row.capacity for row in windows} >= {1, 2, 12}
    assert any(row.closes_at < row.opens_at for row in windows)
    assert every("window_partner")


def test_every_agency_with_windows_has_staff(every: Every) -> None:
    hosts = {row.organization_id for row in every("availability_window")}
    assert hosts <= {row.organization_id for row in every("account")}


def test_the_demo_coordinator_can_book_at_the_demo_provider(session: Session) -> None:
    coordinator = Viewer(organization_id=organization_id_of("papercrane"))
    found = find_bookable_slots(session, coordinator, now=NOON, limit=5000)
    assert organization_id_of("lanternfish") in {row["host_organization_id"] for row in found}
    assert {row["agreement_id"] for row in found} - {None}
