"""A snow day: one action, everyone told, and nothing that was not decided."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.asking import Letter
from directory.database import Row, find_rows
from directory.errors import InvalidError, NotFoundError
from directory.models.accounts import Role
from directory.models.services import ServiceAtLocation
from directory.viewer import PUBLIC, Viewer
from scheduling.commands.closures import declare_closure, lift_closure, preview_closure
from scheduling.commands.notices import Notice
from scheduling.commands.window_changes import change_window, ended
from scheduling.commands.windows import roll_windows
from scheduling.decisions import Decision, DecisionKind
from scheduling.drafts import first_slots
from scheduling.errors import DecisionsNeededError
from scheduling.models import TABLES
from scheduling.models.bookings import AppointmentStatus
from scheduling.models.windows import AvailabilityWindow, Closure
from scheduling.queries.slots import find_bookable_slots
from scheduling.queries.window_terms import draft_of, find_closures
from scheduling.schedule import Closed
from tests.conftest import NOON
from tests.factories import (
    make_agreement,
    make_offer,
    make_organization,
    make_viewer,
    make_window,
)
from tests.scheduling.test_window_changes import (
    appointment,
    book,
    host_of,
    open_times,
    slots_of,
    taken,
)

DAY = timedelta(days=1)
SNOW = Closed(date(2030, 6, 4), date(2030, 6, 5))


def write(notice: Notice) -> Letter:
    return Letter(notice.kind, f"{notice.count} {notice.appointment_id}")


def close(session: Session, window: AvailabilityWindow, **more: Any) -> Closure:
    return declare_closure(
        session, SNOW, "Snow", viewer=host_of(window), now=NOON, **{"write": write, **more}
    )


def rows_of(session: Session, table: str) -> list[Row]:
    return list(find_rows(session, sa.select(TABLES[table])))


@pytest.fixture
def window(session: Session) -> AvailabilityWindow:
    return make_window(session)


@pytest.fixture
def partner(session: Session, window: AvailabilityWindow) -> Viewer:
    organization = make_organization(session, "Heron House")
    make_agreement(session, window.organization_id, organization.id)
    return make_viewer(session, organization)


def test_closure_takes_the_slots_of_every_window_on_those_days(
    session: Session, window: AvailabilityWindow
) -> None:
    place = session.get_one(ServiceAtLocation, window.service_at_location_id)
    daily = make_window(session, place, freq="DAILY", byday=(), horizon_days=3)
    elsewhere = make_window(session)

    close(session, window)

    assert len(open_times(session, window)) == 8
    assert {slot.local_date.day for slot in slots_of(session, daily) if not slot.withdrawn_at} == {
        6
    }
    assert len(open_times(session, elsewhere)) == 12
    assert find_bookable_slots(session, PUBLIC, now=NOON)[0]["window_id"] == elsewhere.id


def test_dry_run_of_a_closure_lists_bookings_and_changes_nothing(
    session: Session, window: AvailabilityWindow
) -> None:
    booked = book(session, slots_of(session, window)[0].id)

    (plan,) = preview_closure(session, SNOW, viewer=host_of(window), now=NOON)

    assert [row["appointment_id"] for row in plan.affected] == [booked]
    assert len(open_times(session, window)) == 12
    assert rows_of(session, "closure") == []


def test_bookings_are_cancelled_and_the_agency_that_booked_is_told(
    session: Session, window: AvailabilityWindow, partner: Viewer
) -> None:
    first, second, third, *_ = slots_of(session, window)
    theirs = sorted([book(session, first.id, partner), book(session, second.id, partner)])
    publics = book(session, third.id)

    close(session, window)

    for each in (*theirs, publics):
        gone = appointment(session, each)
        assert (gone.status, gone.cancel_reason) == (AppointmentStatus.CANCELLED, "host-closed")
    ticklers = rows_of(session, "tickler")
    assert {row["appointment_id"] for row in ticklers} == set(theirs)
    assert {(row["organization_id"], row["account_id"], row["kind"]) for row in ticklers} == {
        (partner.organization_id, partner.account_id, "host-cancelled")
    }
    (mail,) = rows_of(session, "outgoing_message")
    assert (mail["subject"], mail["body"]) == ("host-cancelled", f"2 {theirs[0]}")
    assert mail["recipient"].endswith("@t.example")


def test_without_a_mail_server_the_desk_is_told_all_the_same(
    session: Session, window: AvailabilityWindow, partner: Viewer
) -> None:
    book(session, slots_of(session, window)[0].id, partner)

    close(session, window, write=None)

    assert len(rows_of(session, "tickler")) == 1
    assert rows_of(session, "outgoing_message") == []


def test_booking_is_kept_where_that_was_decided(
    session: Session, window: AvailabilityWindow
) -> None:
    first, second, *_ = slots_of(session, window)
    kept, gone = book(session, first.id), book(session, second.id)
    keep = Decision(appointment_id=kept, sequence=0, kind=DecisionKind.KEEP)

    close(session, window, decisions=[keep])

    assert appointment(session, kept).status is AppointmentStatus.BOOKED
    assert appointment(session, gone).status is AppointmentStatus.CANCELLED
    assert taken(session, first.id) == [1]
    assert rows_of(session, "tickler") == []


def test_decision_about_a_booking_on_another_day_is_refused(
    session: Session, window: AvailabilityWindow
) -> None:
    later = book(session, slots_of(session, window)[-1].id)
    keep = Decision(appointment_id=later, sequence=0, kind=DecisionKind.KEEP)

    with pytest.raises(DecisionsNeededError):
        close(session, window, decisions=[keep])


def test_lifting_a_closure_brings_the_same_slots_back(
    session: Session, window: AvailabilityWindow
) -> None:
    before = [slot.id for slot in slots_of(session, window)]
    kept = book(session, before[0])
    closure = close(session, window, otherwise=DecisionKind.KEEP)

    for _ in range(2):
        lift_closure(session, closure.id, viewer=host_of(window), now=NOON)

    assert len(open_times(session, window)) == 12
    assert [slot.id for slot in slots_of(session, window)] == before
    assert appointment(session, kept).status is AppointmentStatus.BOOKED
    assert taken(session, before[0]) == [1]


def test_days_that_another_closure_covers_stay_closed(
    session: Session, window: AvailabilityWindow
) -> None:
    close(session, window)
    second = close(session, window)

    lift_closure(session, second.id, viewer=host_of(window), now=NOON)

    assert len(open_times(session, window)) == 8


def test_slots_rolled_later_and_windows_published_later_keep_to_a_closure(
    session: Session, window: AvailabilityWindow
) -> None:
    later = Closed(date(2030, 6, 25), date(2030, 6, 25))
    declare_closure(session, later, None, viewer=host_of(window), now=NOON)
    place = session.get_one(ServiceAtLocation, window.service_at_location_id)

    roll_windows(session, now=NOON + 7 * DAY)
    published = make_window(session, place, horizon_days=28)

    assert later.first not in {slot.local_date for slot in slots_of(session, window)}
    assert later.first not in {slot.local_date for slot in slots_of(session, published)}
    closures = find_closures(session, window.organization_id)
    previewed = first_slots(draft_of(session, published), now=NOON, days=60, closures=closures)
    assert later.first not in {slot.starts_at.date() for slot in previewed}


def test_ended_windows_do_not_come_back_with_a_lifted_closure(
    session: Session, window: AvailabilityWindow
) -> None:
    closure = close(session, window)
    change_window(session, window.id, ended, expected=1, viewer=host_of(window), now=NOON)

    lift_closure(session, closure.id, viewer=host_of(window), now=NOON)

    assert open_times(session, window) == []


def test_closure_of_another_agency_does_not_exist(
    session: Session, window: AvailabilityWindow, partner: Viewer
) -> None:
    closure = close(session, window)

    for viewer in (partner, PUBLIC):
        with pytest.raises(NotFoundError):
            lift_closure(session, closure.id, viewer=viewer, now=NOON)
    with pytest.raises(NotFoundError):
        declare_closure(session, SNOW, None, viewer=PUBLIC, now=NOON)


@pytest.mark.parametrize(
    ("days", "path"),
    [
        (Closed(date(2030, 6, 5), date(2030, 6, 4)), "ends_on"),
        (Closed(date(2030, 6, 5), date(2031, 6, 6)), "ends_on"),
        (Closed(date.max, date.max), "starts_on"),
    ],
)
def test_odd_days_of_a_closure_are_refused(session: Session, days: Closed, path: str) -> None:
    host = make_viewer(session, make_organization(session), Role.PUBLISHER)

    with pytest.raises(InvalidError) as refused:
        declare_closure(session, days, None, viewer=host, now=NOON)
    with pytest.raises(InvalidError):
        preview_closure(session, days, viewer=host, now=NOON)

    assert [error.path for error in refused.value.errors] == [path]


def test_moved_bookings_are_told_of_with_the_time_they_have_now(
    session: Session, window: AvailabilityWindow, partner: Viewer
) -> None:
    first, *_, last = slots_of(session, window)
    booked = book(session, first.id, partner)
    move = Decision(appointment_id=booked, sequence=0, kind=DecisionKind.MOVE, slot_id=last.id)

    close(session, window, decisions=[move])

    assert appointment(session, booked).slot_id == last.id
    (tickler,) = rows_of(session, "tickler")
    assert (tickler["kind"], tickler["about"]) == ("host-moved", f"{booked} 1")
    (mail,) = rows_of(session, "outgoing_message")
    assert mail["body"] == f"1 {booked}"


def test_disabled_account_gets_no_letter(
    session: Session, window: AvailabilityWindow, partner: Viewer
) -> None:
    book(session, slots_of(session, window)[0].id, partner)
    accounts = TABLES["account"]
    session.connection().execute(
        sa.update(accounts).where(accounts.c.id == partner.account_id).values(disabled_at=NOON)
    )

    close(session, window)

    assert rows_of(session, "outgoing_message") == []
    assert [row["account_id"] for row in rows_of(session, "tickler")] == [None]


def test_offers_of_services_elsewhere_stay_open(session: Session) -> None:
    window, other = make_window(session), make_window(session, make_offer(session))

    close(session, window)

    assert len(open_times(session, other)) == 12
