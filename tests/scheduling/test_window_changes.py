"""Editing, pausing and ending windows: nobody loses a booking unless it was decided so."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.commands.records.errors import StaleError
from directory.database import find_rows
from directory.errors import InvalidError, NotFoundError
from directory.models.accounts import Role
from directory.viewer import PUBLIC, Viewer
from scheduling.commands.appointments import cancel_appointment, confirm_hold
from scheduling.commands.holds import place_hold
from scheduling.commands.window_changes import (
    Change,
    added_on,
    as_usual_on,
    change_window,
    closed_on,
    ended,
    pause_window,
    preview_change,
    resume_window,
)
from scheduling.commands.windows import roll_windows
from scheduling.decisions import Decision, DecisionKind
from scheduling.errors import (
    DecisionsNeededError,
    HoldExpiredError,
    SlotFullError,
    SlotWithdrawnError,
    WindowEndedError,
)
from scheduling.models import TABLES
from scheduling.models.bookings import Appointment, AppointmentStatus
from scheduling.models.slots import Slot
from scheduling.models.windows import AvailabilityWindow, WindowStatus
from scheduling.queries.slots import find_bookable_slots
from scheduling.queries.window_terms import schedule_of
from scheduling.schedule import AddedDay
from tests.conftest import NOON
from tests.factories import make_organization, make_viewer, make_window

DAY = timedelta(days=1)
TUESDAY = date(2030, 6, 4)
KEEP, MOVE, CANCEL = DecisionKind.KEEP, DecisionKind.MOVE, DecisionKind.CANCEL


def terms(**fields: Any) -> Change:
    return lambda draft: replace(draft, **fields)


def slots_of(session: Session, window: AvailabilityWindow) -> Sequence[Slot]:
    """All of them, the withdrawn too, in order of time."""
    session.expire_all()
    mine = select(Slot).where(Slot.window_id == window.id)
    return session.exec(mine.order_by(col(Slot.starts_at), col(Slot.slot_index))).all()


def open_times(session: Session, window: AvailabilityWindow) -> list[datetime]:
    return [slot.starts_at for slot in slots_of(session, window) if slot.withdrawn_at is None]


def host_of(window: AvailabilityWindow) -> Viewer:
    return Viewer(window.organization_id, Role.PUBLISHER)


def book(session: Session, slot_id: UUID, viewer: Viewer = PUBLIC, wanted: int = 1) -> UUID:
    hold = place_hold(session, slot_id, viewer=viewer, now=NOON, wanted=wanted)
    booked: UUID = confirm_hold(session, hold["id"], viewer=viewer, now=NOON).appointment["id"]
    return booked


def edit(
    session: Session, window: AvailabilityWindow, change: Change, *decisions: Decision
) -> AvailabilityWindow:
    return change_window(
        session,
        window.id,
        change,
        expected=window.version,
        viewer=host_of(window),
        now=NOON,
        decisions=decisions,
    )


def decided(kind: DecisionKind, appointment_id: UUID, **to: Any) -> Decision:
    return Decision(appointment_id=appointment_id, sequence=0, kind=kind, **to)


def appointment(session: Session, appointment_id: UUID) -> Appointment:
    session.expire_all()
    return session.get_one(Appointment, appointment_id)


def taken(session: Session, slot_id: UUID) -> list[int]:
    places = TABLES["slot_place"]
    rows = find_rows(session, sa.select(places).where(places.c.slot_id == slot_id))
    return sorted(row["place"] for row in rows)


# -- without bookings


def test_edited_window_has_the_slots_of_its_new_rule(session: Session) -> None:
    window = make_window(session)

    edit(session, window, terms(opens_at=time(14), closes_at=time(15), title="Talk", capacity=3))

    assert (window.title, window.version) == ("Talk", 2)
    expected = [slot.interval.starts_at for slot in schedule_of(session, window).slots(
        TUESDAY, TUESDAY + 20 * DAY
    )]  # fmt: skip
    assert open_times(session, window) == expected
    assert {slot.capacity for slot in slots_of(session, window)} == {3}


def test_slots_that_the_new_rule_has_too_stay_the_same(session: Session) -> None:
    window = make_window(session)
    before = {slot.starts_at: slot.id for slot in slots_of(session, window)}

    edit(session, window, terms(opens_at=time(14), closes_at=time(16)))

    after = {slot.starts_at: slot.id for slot in slots_of(session, window)}
    assert len(after) == len(before)
    shared = before.keys() & after.keys()
    assert len(shared) == len(before) / 2
    assert all(before[at] == after[at] for at in shared)


def test_slots_nobody_ever_had_are_deleted_and_their_numbers_never_come_again(
    session: Session,
) -> None:
    window = make_window(session)
    numbers: dict[tuple[date, int], datetime] = {}

    for opens in (13, 9, 13, 14):
        edit(session, window, terms(opens_at=time(opens), closes_at=time(opens + 2)))
        for slot in slots_of(session, window):
            assert slot.withdrawn_at is None
            key = (slot.local_date, slot.slot_index)
            assert numbers.setdefault(key, slot.starts_at) == slot.starts_at


def test_what_was_rolled_before_is_extended_when_the_horizon_grows(session: Session) -> None:
    window = make_window(session, horizon_days=7)
    assert len(open_times(session, window)) == 4

    edit(session, window, terms(horizon_days=14, notice_minutes=60))

    slots = slots_of(session, window)
    assert len(slots) == 8
    assert {slot.starts_at - slot.bookable_until for slot in slots} == {timedelta(hours=1)}
    assert {slot.starts_at - slot.bookable_from for slot in slots} == {14 * DAY}


def test_rolling_after_an_edit_adds_only_what_is_missing(session: Session) -> None:
    window = make_window(session)
    edit(session, window, terms(opens_at=time(9), closes_at=time(10)))
    before = open_times(session, window)
    window.rolled_through = None  # even if that should be forgotten
    session.flush()

    roll_windows(session, now=NOON)

    assert open_times(session, window) == before


def test_edit_of_another_version_is_stale(session: Session) -> None:
    window = make_window(session)
    edit(session, window, terms(title="First"))

    for expected in (1, 3):
        with pytest.raises(StaleError) as refused:
            change_window(
                session, window.id, terms(title="Second"), expected=expected,
                viewer=host_of(window), now=NOON,
            )  # fmt: skip
        assert refused.value.version == 2


def test_mistakes_of_an_edit_are_named(session: Session) -> None:
    window = make_window(session)

    with pytest.raises(InvalidError) as refused:
        edit(session, window, terms(capacity=0, title="", partner_organization_ids=[uuid4()]))

    paths = {error.path for error in refused.value.errors}
    assert paths == {"title", "capacity", "partner_organization_ids.0"}


def test_window_of_another_agency_does_not_exist(session: Session) -> None:
    window = make_window(session)
    stranger = make_viewer(session, make_organization(session, "Other"), Role.PUBLISHER)
    more: Any = {"expected": 1, "viewer": stranger}

    with pytest.raises(NotFoundError):
        change_window(session, window.id, terms(title="x"), now=NOON, **more)
    with pytest.raises(NotFoundError):
        preview_change(session, window.id, terms(title="x"), now=NOON, **more)
    with pytest.raises(NotFoundError):
        pause_window(session, window.id, **more)
    with pytest.raises(NotFoundError):
        resume_window(session, window.id, now=NOON, **more)


# -- with bookings


def test_dry_run_lists_each_booking_that_would_lose_its_time_and_changes_nothing(
    session: Session,
) -> None:
    window = make_window(session)
    first, *_, last = slots_of(session, window)
    gone, _stays = book(session, first.id), book(session, last.id)

    plan = preview_change(
        session, window.id, closed_on(TUESDAY, "Training"), expected=1, viewer=host_of(window),
        now=NOON,
    )  # fmt: skip

    assert [(row["appointment_id"], row["why"]) for row in plan.affected] == [(gone, "ends")]
    assert plan.affected[0].keys() == {
        "appointment_id", "sequence", "code", "places", "slot_id", "organization_id",
        "booked_by_name", "window_id", "starts_at", "ends_at", "why",
    }  # fmt: skip
    assert len(plan.slots.gone) == 4
    assert len(open_times(session, window)) == 12
    assert window.version == 1


def test_edit_without_a_decision_for_each_booking_changes_nothing_and_lists_them(
    session: Session,
) -> None:
    window = make_window(session)
    slots = slots_of(session, window)
    bookings = [book(session, slot.id) for slot in slots[:2]]
    for decisions in (
        [],
        [decided(KEEP, bookings[0])],
        [decided(KEEP, bookings[0]), decided(KEEP, bookings[0])],
        [*(decided(KEEP, id_) for id_ in bookings), decided(CANCEL, bookings[1])],
        [*(decided(KEEP, id_) for id_ in bookings), decided(KEEP, uuid4())],
    ):
        with pytest.raises(DecisionsNeededError) as refused:
            edit(session, window, ended, *decisions)
        assert [row["appointment_id"] for row in refused.value.affected] == bookings
        assert "2 bookings" in str(refused.value)

    assert window.status is WindowStatus.PUBLISHED
    assert len(open_times(session, window)) == 12


def test_decision_about_a_booking_as_it_was_earlier_is_stale(session: Session) -> None:
    window = make_window(session)
    slot = slots_of(session, window)[0]
    booked = book(session, slot.id)
    old = decided(CANCEL, booked)
    cancel_appointment(session, booked, viewer=host_of(window), now=NOON, reason="mistake")
    newer = book(session, slot.id)

    with pytest.raises(DecisionsNeededError) as refused:
        edit(session, window, ended, old)

    assert [row["appointment_id"] for row in refused.value.affected] == [newer]


def test_kept_booking_keeps_its_time_which_nobody_else_can_book(session: Session) -> None:
    window = make_window(session, capacity=2)
    slot = slots_of(session, window)[0]
    booked = book(session, slot.id)

    edit(session, window, terms(opens_at=time(9), closes_at=time(11)), decided(KEEP, booked))

    kept = appointment(session, booked)
    assert (kept.slot_id, kept.status, kept.sequence) == (slot.id, AppointmentStatus.BOOKED, 0)
    session.refresh(slot)
    assert slot.withdrawn_at == NOON
    assert taken(session, slot.id) == [1]
    with pytest.raises(NotFoundError):
        place_hold(session, slot.id, viewer=PUBLIC, now=NOON)


def test_kept_booking_is_not_asked_about_again(session: Session) -> None:
    window = make_window(session)
    booked = book(session, slots_of(session, window)[0].id)
    edit(session, window, closed_on(TUESDAY, None), decided(KEEP, booked))

    edit(session, window, terms(opens_at=time(9), closes_at=time(11)))
    edit(session, window, ended)

    assert appointment(session, booked).status is AppointmentStatus.BOOKED


def test_cancelled_booking_is_cancelled_by_the_host(session: Session) -> None:
    window = make_window(session)
    slot = slots_of(session, window)[0]
    booked = book(session, slot.id)

    edit(session, window, closed_on(TUESDAY, None), decided(CANCEL, booked))

    gone = appointment(session, booked)
    assert (gone.status, gone.cancelled_by) == (AppointmentStatus.CANCELLED, "host")
    assert (gone.cancel_reason, gone.sequence) == ("host-closed", 1)
    assert taken(session, slot.id) == []


def test_booking_moves_to_a_time_that_the_edit_has_just_made(session: Session) -> None:
    window = make_window(session)
    booked = book(session, slots_of(session, window)[0].id)
    nine = datetime(2030, 6, 4, 13, tzinfo=UTC)

    edit(
        session,
        window,
        terms(opens_at=time(9), closes_at=time(11)),
        decided(MOVE, booked, starts_at=nine),
    )

    moved = appointment(session, booked)
    assert session.get_one(Slot, moved.slot_id).starts_at == nine
    assert (moved.status, moved.sequence) == (AppointmentStatus.BOOKED, 1)
    assert taken(session, moved.slot_id) == [1]


def test_booking_moves_to_another_window_of_the_host(session: Session) -> None:
    window = make_window(session)
    other = make_window(session, None)  # of another host
    booked = book(session, slots_of(session, window)[0].id)
    elsewhere = slots_of(session, other)[0].id

    with pytest.raises(NotFoundError):
        edit(session, window, ended, decided(MOVE, booked, slot_id=elsewhere))


def test_booking_does_not_move_to_a_time_that_is_full(session: Session) -> None:
    window = make_window(session)
    first, *_, last = slots_of(session, window)
    booked, _ = book(session, first.id), book(session, last.id)

    with pytest.raises(SlotFullError):
        edit(session, window, closed_on(TUESDAY, None), decided(MOVE, booked, slot_id=last.id))


@pytest.mark.parametrize("starts_at", [None, datetime(2030, 6, 4, 17, tzinfo=UTC)])
def test_booking_does_not_move_to_a_time_that_ends(
    session: Session, starts_at: datetime | None
) -> None:
    window = make_window(session)
    booked = book(session, slots_of(session, window)[0].id)

    with pytest.raises(InvalidError):
        edit(session, window, closed_on(TUESDAY, None), decided(MOVE, booked, starts_at=starts_at))


def test_hold_on_a_time_that_ends_is_told_so_when_it_is_confirmed(session: Session) -> None:
    window = make_window(session)
    slot = slots_of(session, window)[0]
    hold = place_hold(session, slot.id, viewer=PUBLIC, now=NOON)

    edit(session, window, closed_on(TUESDAY, None))

    assert taken(session, slot.id) == []
    with pytest.raises(SlotWithdrawnError):
        confirm_hold(session, hold["id"], viewer=PUBLIC, now=NOON)


def test_time_that_somebody_once_had_is_withdrawn_and_comes_back_as_itself(
    session: Session,
) -> None:
    window = make_window(session)
    slot = slots_of(session, window)[0]
    booked = book(session, slot.id)
    cancel_appointment(session, booked, viewer=host_of(window), now=NOON, reason="mistake")

    edit(session, window, closed_on(TUESDAY, None))
    assert [each.id for each in slots_of(session, window) if each.withdrawn_at] == [slot.id]
    edit(session, window, as_usual_on(TUESDAY))

    assert len(open_times(session, window)) == 12
    assert slots_of(session, window)[0].id == slot.id


def test_what_has_begun_is_left_as_it_is(session: Session) -> None:
    window = make_window(session)
    slot = slots_of(session, window)[0]
    booked = book(session, slot.id)

    change_window(session, window.id, ended, expected=1, viewer=host_of(window), now=slot.starts_at)

    assert appointment(session, booked).status is AppointmentStatus.BOOKED
    session.refresh(slot)
    assert slot.withdrawn_at is None


# -- fewer places (T10)


def test_capacity_below_what_is_booked_needs_a_decision_for_each_of_them(
    session: Session,
) -> None:
    window = make_window(session, capacity=3)
    slot = slots_of(session, window)[0]
    bookings = [book(session, slot.id) for _ in range(3)]

    with pytest.raises(DecisionsNeededError) as refused:
        edit(session, window, terms(capacity=2))
    assert {row["why"] for row in refused.value.affected} == {"too-many"}
    assert "3 bookings" in str(refused.value)
    first, *others = sorted(bookings)
    edit(
        session,
        window,
        terms(capacity=2),
        decided(CANCEL, first),
        *(decided(KEEP, each) for each in others),
    )

    assert slots_of(session, window)[0].capacity == 2
    assert taken(session, slot.id) == [1, 2]


def test_kept_bookings_above_the_new_capacity_close_the_time_to_others(session: Session) -> None:
    window = make_window(session, capacity=3)
    slot = slots_of(session, window)[0]
    bookings = [book(session, slot.id) for _ in range(2)]

    edit(session, window, terms(capacity=1), *(decided(KEEP, each) for each in bookings))

    first, second, *_ = slots_of(session, window)
    assert (first.capacity, second.capacity) == (2, 1)
    assert taken(session, slot.id) == [1, 2]
    with pytest.raises(SlotFullError):
        place_hold(session, slot.id, viewer=PUBLIC, now=NOON)


def test_places_above_the_new_capacity_get_lower_numbers(session: Session) -> None:
    window = make_window(session, capacity=4)
    slot = slots_of(session, window)[0]
    first, second, third = (book(session, slot.id) for _ in range(3))
    cancel_appointment(session, first, viewer=host_of(window), now=NOON, reason="mistake")
    assert taken(session, slot.id) == [2, 3]

    edit(session, window, terms(capacity=2))

    assert taken(session, slot.id) == [1, 2]
    for each in (second, third):
        assert appointment(session, each).status is AppointmentStatus.BOOKED


def test_holds_that_do_not_fit_any_more_end(session: Session) -> None:
    window = make_window(session, capacity=3)
    slot = slots_of(session, window)[0]
    book(session, slot.id)
    hold = place_hold(session, slot.id, viewer=PUBLIC, now=NOON, wanted=2)

    edit(session, window, terms(capacity=2))

    assert taken(session, slot.id) == [1]
    with pytest.raises(HoldExpiredError):
        confirm_hold(session, hold["id"], viewer=PUBLIC, now=NOON)


# -- single days


def test_added_day_that_goes_again_takes_its_slots_along(session: Session) -> None:
    window = make_window(session)
    saturday = date(2030, 6, 8)

    edit(session, window, added_on(AddedDay(saturday, time(9), time(10))))
    assert [
        slot.starts_at for slot in slots_of(session, window) if slot.local_date == saturday
    ] == [datetime(2030, 6, 8, 13, minute, tzinfo=UTC) for minute in (0, 30)]
    edit(session, window, as_usual_on(saturday))

    assert len(slots_of(session, window)) == 12


def test_day_is_closed_or_added_never_both(session: Session) -> None:
    window = make_window(session)

    edit(session, window, closed_on(TUESDAY, "Training"))
    assert len(open_times(session, window)) == 8
    edit(session, window, added_on(AddedDay(TUESDAY, time(17), time(18))))
    assert len(open_times(session, window)) == 10
    edit(session, window, closed_on(TUESDAY, None))

    assert len(open_times(session, window)) == 8


# -- pausing, ending


def test_paused_window_is_offered_to_nobody_and_everyone_keeps_their_place(
    session: Session,
) -> None:
    window = make_window(session)
    booked = book(session, slots_of(session, window)[0].id)

    pause_window(session, window.id, expected=1, viewer=host_of(window))
    assert find_bookable_slots(session, PUBLIC, now=NOON) == []
    assert roll_windows(session, now=NOON + 7 * DAY) == 0
    resume_window(session, window.id, expected=2, viewer=host_of(window), now=NOON + 7 * DAY)

    assert window.version == 3
    assert len(slots_of(session, window)) == 16
    assert appointment(session, booked).status is AppointmentStatus.BOOKED


def test_ended_window_has_no_slots_to_come_and_stays_ended(session: Session) -> None:
    window = make_window(session)

    edit(session, window, ended)

    assert (window.status, window.version) == (WindowStatus.ENDED, 2)
    assert slots_of(session, window) == []
    assert roll_windows(session, now=NOON + 7 * DAY) == 0
    with pytest.raises(WindowEndedError):
        edit(session, window, terms(title="Again"))
    with pytest.raises(WindowEndedError):
        resume_window(session, window.id, expected=2, viewer=host_of(window), now=NOON)
