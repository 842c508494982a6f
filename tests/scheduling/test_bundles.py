"""Several appointments booked as one: all or nothing, with time for the way, and nobody stuck."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta
from random import Random
from threading import Barrier, BrokenBarrierError, local
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, col, func, select

from directory.database import Database
from directory.errors import BusyError, InvalidError, NotFoundError
from directory.index import refresh_services
from directory.models.locations import Location, LocationType
from directory.models.services import ServiceAtLocation
from directory.viewer import PUBLIC, Viewer
from geo.travel import Mode
from scheduling.commands import bundles as commands
from scheduling.commands.appointments import cancel_appointment
from scheduling.commands.bundles import book_bundle, cancel_bundle
from scheduling.commands.holds import place_hold
from scheduling.errors import (
    BundleCancelError,
    BundleTimeError,
    BundleTooTightError,
    CancelTooLateError,
    ClientBusyError,
    SlotFullError,
)
from scheduling.models.bookings import Appointment, AppointmentStatus, Bundle, Hold
from scheduling.models.slots import Slot
from scheduling.models.windows import BookableBy
from scheduling.queries.appointments import find_appointments, get_appointment
from scheduling.queries.bundles import find_bundles, get_bundle
from scheduling.queries.slots import count_places_taken, lock_slot
from tests.conftest import NOON
from tests.factories import (
    LANSING,
    make_offer,
    make_organization,
    make_viewer,
    make_window,
)

#: 3 km north of the hall: 52 minutes on foot.
NORTH = (LANSING[0] + 0.027, LANSING[1])


class Town(NamedTuple):
    """Two agencies with a window each, and the agency that books."""

    viewer: Viewer
    here: list[UUID]
    there: list[UUID]
    hosts: list[UUID]


def slots_of(session: Session, window_id: UUID) -> list[UUID]:
    found = select(Slot.id).where(Slot.window_id == window_id).order_by(col(Slot.starts_at))
    return list(session.exec(found))


def make_town(session: Session, point: tuple[float, float] | None = NORTH, **terms: Any) -> Town:
    """Half hours from 13:00 to 15:00 on one Tuesday, in both places."""
    viewer = make_viewer(session, make_organization(session, "Moonbeam Desk"))
    hosts, slots = [], []
    for name, where in (("Lanternfish", LANSING), ("Papercrane", point)):
        host = make_organization(session, name)
        offer = make_offer(session, name=name, organization=host, point=where)
        day = {"freq": None, "byday": (), "starts_on": date(2030, 6, 4), "title": name}
        slots.append(slots_of(session, make_window(session, offer, **{**day, **terms}).id))
        hosts.append(host.id)
    return Town(viewer, slots[0], slots[1], hosts)


def book(session: Session, town: Town, *slots: UUID, **more: Any) -> Any:
    return book_bundle(session, slots, viewer=town.viewer, now=NOON, **more)


def statuses(session: Session) -> list[str]:
    return [str(row) for row in session.exec(select(Appointment.status))]


# ---------------------------------------------------------------------------------- booking


def test_bundle_books_each_time_for_one_client(session: Session) -> None:
    town = make_town(session)

    booked = book(session, town, town.there[3], town.here[0], mode=Mode.WALK)

    assert [row["slot_id"] for row in booked.appointments] == [town.here[0], town.there[3]]
    assert {row["client_handle"] for row in booked.appointments} == {booked.bundle["client_handle"]}
    assert {row["bundle_id"] for row in booked.appointments} == {booked.bundle["id"]}
    assert session.exec(select(func.count()).select_from(Hold)).one() == 0


def test_bundle_takes_the_handle_that_is_given_and_places_for_a_family(session: Session) -> None:
    town = make_town(session, capacity=4)

    booked = book(session, town, town.here[0], town.there[3], client_handle="7K2M-QX4P", places=3)

    assert booked.bundle["client_handle"] == "7K2M-QX4P"
    assert [
        count_places_taken(session, slot, now=NOON) for slot in (town.here[0], town.there[3])
    ] == [3, 3]


def test_full_time_leaves_nothing_booked_and_is_named(database: Database) -> None:
    with database.transaction() as session:
        town = make_town(session)
        place_hold(session, town.there[3], viewer=PUBLIC, now=NOON)

    with pytest.raises(BundleTimeError) as refusal, database.transaction() as session:
        book(session, town, town.here[0], town.there[3], mode=Mode.WALK)

    assert refusal.value.number == 1
    assert isinstance(refusal.value.cause, SlotFullError)
    with database.reading() as session:
        assert count_places_taken(session, town.here[0], now=NOON) == 0
        assert statuses(session) == []
        assert session.exec(select(func.count()).select_from(Bundle)).one() == 0


def test_client_who_is_elsewhere_then_is_not_booked_again(session: Session) -> None:
    town = make_town(session, capacity=2)
    handle = book(session, town, town.here[0]).bundle["client_handle"]

    with pytest.raises(BundleTimeError) as refusal:
        book(session, town, town.here[3], town.there[0], client_handle=handle, mode=Mode.DRIVE)

    assert isinstance(refusal.value.cause, ClientBusyError)
    assert refusal.value.number == 1


@pytest.mark.parametrize("strange", ["unknown", "not ours"])
def test_time_that_is_not_open_to_the_agency_looks_like_none(
    session: Session, strange: str
) -> None:
    town = make_town(session)
    others = make_town(session, bookable_by=BookableBy.OWN)
    slot = uuid4() if strange == "unknown" else others.here[2]

    with pytest.raises(BundleTimeError, match="There is no such time"):
        book(session, town, town.here[0], slot)


@pytest.mark.parametrize("count", [0, 7])
def test_bundle_has_one_to_six_times(session: Session, count: int) -> None:
    town = make_town(session)

    with pytest.raises(InvalidError, match="Give 1 to 6 times"):
        book(session, town, *(uuid4() for _ in range(count)))


def test_same_time_twice_is_refused(session: Session) -> None:
    town = make_town(session)

    with pytest.raises(InvalidError, match="Give each time once"):
        book(session, town, town.here[0], town.here[0])


def test_public_has_no_bundles(session: Session) -> None:
    town = make_town(session)

    with pytest.raises(InvalidError, match="Only agencies"):
        book_bundle(session, [town.here[0], town.there[3]], viewer=PUBLIC, now=NOON)


# ------------------------------------------------------------------------------- time for the way


def test_way_that_takes_longer_than_there_is_time_is_refused_and_said(session: Session) -> None:
    town = make_town(session)

    with pytest.raises(BundleTooTightError) as refusal:  # 13:30 to 14:00 for 3 km on foot
        book(session, town, town.here[0], town.there[2], mode=Mode.WALK)

    assert (refusal.value.needed, refusal.value.missing) == (52, 22)
    assert "from Lanternfish (2030-06-04 13:00 to 13:30)" in str(refusal.value)
    assert "to Papercrane (2030-06-04 14:00 to 14:30)" in str(refusal.value)
    assert "22 minutes are missing" in str(refusal.value)


def test_the_same_way_by_car_is_in_time(session: Session) -> None:
    town = make_town(session)

    assert book(session, town, town.here[0], town.there[2], mode=Mode.DRIVE).appointments


def test_times_that_overlap_are_refused(session: Session) -> None:
    town = make_town(session, point=LANSING)

    with pytest.raises(BundleTooTightError, match="overlap"):
        book(session, town, town.here[0], town.there[0])


def test_one_after_the_other_in_one_place_needs_no_way(session: Session) -> None:
    town = make_town(session)

    assert book(session, town, town.here[0], town.here[1], mode=Mode.WALK).appointments


def test_place_without_a_point_is_never_taken_to_be_near(session: Session) -> None:
    town = make_town(session, point=None)

    with pytest.raises(BundleTooTightError) as refusal:
        book(session, town, town.here[0], town.there[2], mode=Mode.DRIVE)
    assert refusal.value.needed == 60
    assert book(session, town, town.here[0], town.there[3], mode=Mode.DRIVE).appointments


def test_appointment_by_phone_needs_no_way(session: Session) -> None:
    town = make_town(session, point=None)
    make_remote(session, town.there[0])

    assert book(session, town, town.here[0], town.there[1], mode=Mode.WALK).appointments


def make_remote(session: Session, slot_id: UUID) -> None:
    offer = session.get_one(
        ServiceAtLocation, session.get_one(Slot, slot_id).service_at_location_id
    )
    session.get_one(Location, offer.location_id).location_type = LocationType.VIRTUAL
    session.flush()
    refresh_services(session, [offer.service_id], now=NOON)


# --------------------------------------------------------------------------------- who sees it


def test_each_host_sees_its_own_appointment_and_no_bundle(session: Session) -> None:
    town = make_town(session)
    booked = book(session, town, town.here[0], town.there[3])
    host = Viewer(town.hosts[0])

    assert [row["slot_id"] for row in find_appointments(session, host)] == [town.here[0]]
    assert find_bundles(session, host) == []
    with pytest.raises(NotFoundError):
        get_bundle(session, booked.bundle["id"], host)
    with pytest.raises(NotFoundError):
        get_appointment(session, booked.appointments[1]["id"], host)
    with pytest.raises(NotFoundError):
        cancel_bundle(session, booked.bundle["id"], viewer=host, now=NOON, reason="client-asked")


def test_agency_that_booked_finds_it(session: Session) -> None:
    town = make_town(session)
    booked = book(session, town, town.here[0], town.there[3])

    assert [row["id"] for row in find_bundles(session, town.viewer)] == [booked.bundle["id"]]


# ----------------------------------------------------------------------------------- cancelling


def cancel(session: Session, town: Town, bundle: Any, now: Any = NOON) -> Any:
    return cancel_bundle(session, bundle["id"], viewer=town.viewer, now=now, reason="client-unwell")


def test_whole_bundle_is_cancelled_in_one_step(session: Session) -> None:
    town = make_town(session)
    booked = book(session, town, town.here[0], town.there[3])

    cancelled = cancel(session, town, booked.bundle)

    assert {row["status"] for row in cancelled.appointments} == {AppointmentStatus.CANCELLED}
    assert count_places_taken(session, town.here[0], now=NOON) == 0
    assert cancel(session, town, booked.bundle).appointments == cancelled.appointments


def test_one_appointment_is_cancelled_by_itself(session: Session) -> None:
    town = make_town(session)
    booked = book(session, town, town.here[0], town.there[3])

    cancel_appointment(
        session, booked.appointments[0]["id"], viewer=town.viewer, now=NOON, reason="mistake"
    )

    assert sorted(statuses(session)) == ["booked", "cancelled"]
    cancelled = cancel(session, town, booked.bundle)
    assert [row["cancel_reason"] for row in cancelled.appointments] == ["mistake", "client-unwell"]


def test_one_that_is_too_late_to_cancel_leaves_all_as_they_are(database: Database) -> None:
    with database.transaction() as session:
        town = make_town(session, cancel_cutoff_minutes=60)
        booked = book(session, town, town.here[0], town.there[3])
    late = NOON + timedelta(days=1, hours=4, minutes=30)  # half an hour before the first

    with pytest.raises(BundleCancelError) as refusal, database.transaction() as session:
        cancel(session, town, booked.bundle, now=late)

    assert isinstance(refusal.value.cause, CancelTooLateError)
    assert "Lanternfish" in str(refusal.value)
    with database.reading() as session:
        assert statuses(session) == ["booked", "booked"]


def test_what_is_over_stays_and_the_rest_is_cancelled(session: Session) -> None:
    town = make_town(session)
    booked = book(session, town, town.here[0], town.there[3])

    cancelled = cancel(
        session, town, booked.bundle, now=NOON + timedelta(days=1, hours=5, minutes=5)
    )

    assert [row["status"] for row in cancelled.appointments] == ["booked", "cancelled"]


# ---------------------------------------------------------------------------- all at once (T14)

CALLERS = 8
ATTEMPTS = 160


def attempt(database: Database, viewer: Viewer, slots: Sequence[UUID]) -> str:
    try:
        with database.transaction() as session:
            book_bundle(session, slots, viewer=viewer, now=NOON, mode=Mode.DRIVE)
    except BundleTimeError as refusal:
        return type(refusal.cause).__name__
    except BusyError as error:
        return "stuck" if is_deadlock(error) else "busy"
    return "booked"


def is_deadlock(error: BusyError) -> bool:
    return getattr(getattr(error.__cause__, "orig", None), "sqlstate", None) == "40P01"


def attempt_until_answered(database: Database, viewer: Viewer, slots: Sequence[UUID]) -> str:
    """Try again after waiting too long for a lock, as 503 with Retry-After asks for."""
    return next(
        came_of
        for came_of in iter(lambda: attempt(database, viewer, slots), None)
        if came_of != "busy"
    )


def test_overlapping_bundles_race_and_none_is_booked_in_part(database: Database) -> None:
    with database.transaction() as session:
        town = make_town(session, point=LANSING, capacity=3)
    rolling = Random(14)  # noqa: S311
    wanted = []
    for _ in range(ATTEMPTS):
        times = rolling.sample(range(4), rolling.choice((2, 3, 4)))
        wanted.append([rolling.choice((town.here, town.there))[n] for n in times])

    with ThreadPoolExecutor(CALLERS) as callers:
        seen = Counter(
            callers.map(lambda slots: attempt_until_answered(database, town.viewer, slots), wanted)
        )

    assert set(seen) == {"booked", "SlotFullError"}
    with database.reading() as session:
        sizes = Counter(session.exec(select(Appointment.bundle_id)))
        assert None not in sizes
        assert len(sizes) == seen["booked"]
        assert set(sizes.values()) <= {2, 3, 4}
        for slot in (*town.here, *town.there):
            assert count_places_taken(session, slot, now=NOON) <= 3
        assert session.exec(select(func.count()).select_from(Hold)).one() == 0


def meet_after_the_first_lock(
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Session, UUID], None]:
    """Make each of two callers wait, holding its first lock, for the other to hold one too."""
    both, mine = Barrier(2), local()

    def lock_and_wait(session: Session, slot_id: UUID) -> None:
        lock_slot(session, slot_id)
        if not getattr(mine, "met", False):
            mine.met = True
            with suppress(BrokenBarrierError):
                both.wait(timeout=1)

    monkeypatch.setattr("scheduling.queries.slots.lock_slot", lock_and_wait)
    return lock_and_wait


def book_both_ways_at_once(database: Database) -> Counter[str]:
    with database.transaction() as session:
        town = make_town(session, point=LANSING, capacity=3)
    slots = sorted((town.here[0], town.there[3]))
    with ThreadPoolExecutor(2) as callers:
        ways = (slots, slots[::-1])
        return Counter(callers.map(lambda way: attempt(database, town.viewer, way), ways))


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_sorted_locks_let_both_book(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    meet_after_the_first_lock(monkeypatch)

    assert book_both_ways_at_once(database) == {"booked": 2}


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_without_an_order_of_locks_one_of_them_would_be_stuck(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock_and_meet = meet_after_the_first_lock(monkeypatch)

    def lock_as_asked(session: Session, slot_ids: Sequence[UUID]) -> None:
        for slot_id in slot_ids:
            lock_and_meet(session, slot_id)

    monkeypatch.setattr(commands, "lock_slots", lock_as_asked)

    assert book_both_ways_at_once(database) == {"booked": 1, "stuck": 1}
