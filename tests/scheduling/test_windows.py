"""Publishing windows, and the slots that are made of them as time passes."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import Session, col, select

from directory.database import Database
from directory.errors import InvalidError, NotFoundError
from directory.models.accounts import Role
from directory.models.services import ServiceAtLocation
from directory.viewer import PUBLIC, Viewer
from scheduling.commands.holds import place_hold
from scheduling.commands.window_changes import preview_change
from scheduling.commands.windows import publish_window, roll_windows
from scheduling.drafts import WindowDraft
from scheduling.models.agreements import AgreementStatus
from scheduling.models.slots import Slot
from scheduling.models.windows import (
    AvailabilityWindow,
    BookableBy,
    WindowPartner,
    WindowStatus,
)
from scheduling.queries.slots import count_places_taken, find_bookable_slots
from scheduling.schedule import AddedDay
from tests.conftest import NOON
from tests.factories import (
    make_agreement,
    make_offer,
    make_organization,
    make_viewer,
    make_window,
)

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def slots_of(session: Session, window: AvailabilityWindow) -> Sequence[Slot]:
    return session.exec(
        select(Slot).where(Slot.window_id == window.id).order_by(col(Slot.starts_at))
    ).all()


def days_of(session: Session, window: AvailabilityWindow) -> list[date]:
    return sorted({slot.local_date for slot in slots_of(session, window)})


# -- publishing


@pytest.mark.parametrize(
    ("terms", "path"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"title": "x" + " " * 120}, "title"),
        ({"timezone": "America/Nowhere"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"instructions": "x" * 1001}, "instructions"),
        ({"horizon_days": 1, "notice_minutes": 24 * 60}, "notice_minutes"),
        ({"interval": 0}, "interval"),
        ({"interval": 53}, "interval"),
        ({"count": 0}, "count"),
        ({"count": 401}, "count"),
        ({"slot_minutes": 4}, "slot_minutes"),
        ({"slot_minutes": 1441}, "slot_minutes"),
        ({"gap_minutes": -1}, "gap_minutes"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 501}, "capacity"),
        ({"notice_minutes": -1}, "notice_minutes"),
        ({"horizon_days": 0}, "horizon_days"),
        ({"horizon_days": 549}, "horizon_days"),
        ({"cancel_cutoff_minutes": 43_201}, "cancel_cutoff_minutes"),
        ({"timezone": "Etc/GMT+14"}, "timezone"),
        ({"timezone": "Etc/GMT+12"}, "timezone"),
        ({"timezone": "EST5EDT"}, "timezone"),
        ({"timezone": "localtime"}, "timezone"),
        ({"timezone": "posixrules"}, "timezone"),
        ({"timezone": "america/detroit"}, "timezone"),
        ({"timezone": ""}, "timezone"),
        ({"added_on": [AddedDay(date(2030, 6, 3))]}, "added_on.0.date"),
        ({"added_on": [AddedDay(date(2031, 12, 31))]}, "added_on.0.date"),
        ({"added_on": [AddedDay(date(2030, 6, 5))] * 2}, "added_on.1.date"),
        ({"added_on": [AddedDay(date(2030, 6, 5))], "closed_on": [date(2030, 6, 5)]},
         "added_on.0.date"),
        ({"added_on": [AddedDay(date(2030, 6, 5), time(9))]}, "added_on.0.opens_at"),
        ({"added_on": [AddedDay(date(2030, 6, 5), time(9, tzinfo=UTC), time(10))]},
         "added_on.0.opens_at"),
        ({"added_on": [AddedDay(date(2030, 6, 5), time(9), time(9, 20))]},
         "added_on.0.closes_at"),
        ({"added_on": [AddedDay(date(2030, 6, 5), reason="x" * 201)]}, "added_on.0.reason"),
        ({"closed_on": [date(2030, 1, 1) + n * DAY for n in range(401)]}, "closed_on"),
        ({"starts_on": date(1999, 12, 31)}, "starts_on"),
        ({"starts_on": date(2100, 1, 1)}, "starts_on"),
        ({"freq": "SECONDLY"}, "pattern.freq"),
        ({"freq": "YEARLY"}, "pattern.freq"),
        ({"until": date(2030, 7, 1), "count": 3}, "pattern.until"),
        ({"until": date(2030, 6, 3)}, "pattern.until"),
        ({"until": date(2032, 6, 4)}, "pattern.until"),
        ({"byday": ("XX",)}, "pattern.byday"),
        ({"byday": ("2TU",)}, "pattern.byday"),
        ({"byday": ("TU",) * 41}, "pattern.byday"),
        ({"freq": None, "byday": ("TU",)}, "pattern.byday"),
        ({"slot_minutes": 121}, "closes_at"),
        ({"opens_at": time(13, tzinfo=UTC)}, "opens_at"),
        ({"closes_at": time(15, tzinfo=UTC)}, "closes_at"),
        ({"freq": "MONTHLY", "interval": 12, "byday": ("5TU",), "starts_on": date(2030, 2, 1)},
         "pattern"),
        ({"freq": "DAILY", "byday": (), "slot_minutes": 5, "horizon_days": 100}, "horizon_days"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_by_its_field(
    session: Session, terms: dict[str, Any], path: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        make_window(session, **terms)

    assert [error.path for error in refused.value.errors] == [path]


def test_all_mistakes_are_named_at_once(session: Session) -> None:
    with pytest.raises(InvalidError) as refused:
        make_window(
            session, title="", capacity=0, freq="HOURLY", partner_organization_ids=[uuid4()]
        )

    assert {error.path for error in refused.value.errors} == {
        "title",
        "capacity",
        "pattern.freq",
        "partner_organization_ids.0",
    }


def draft_for(offer: ServiceAtLocation, **terms: Any) -> WindowDraft:
    return WindowDraft(
        service_at_location_id=offer.id,
        title="Intake",
        timezone="America/Detroit",
        starts_on=date(2030, 6, 4),
        opens_at=time(13),
        closes_at=time(15),
        slot_minutes=30,
        **terms,
    )


def test_service_of_another_does_not_exist_for_whoever_would_publish_it(session: Session) -> None:
    offer = make_offer(session)
    other = make_viewer(session, make_organization(session, "Somebody Else"), Role.PUBLISHER)

    for viewer in (other, PUBLIC):
        with pytest.raises(NotFoundError):
            publish_window(session, draft_for(offer), viewer=viewer, now=NOON)


def test_unknown_service_does_not_exist(session: Session) -> None:
    nowhere = ServiceAtLocation(service_id=uuid4(), location_id=uuid4())
    viewer = make_viewer(session, make_organization(session), Role.PUBLISHER)

    with pytest.raises(NotFoundError):
        publish_window(session, draft_for(nowhere), viewer=viewer, now=NOON)


@pytest.mark.parametrize("status", [None, *(s for s in AgreementStatus if s != "active")])
def test_window_cannot_be_kept_for_a_partner_without_an_active_agreement(
    session: Session, status: AgreementStatus | None
) -> None:
    host, partner = make_organization(session, "Host"), make_organization(session, "Partner")
    friend = make_organization(session, "Friend")
    make_agreement(session, host.id, friend.id)
    make_agreement(session, partner.id, host.id)  # the other way round is another thing
    if status is not None:
        make_agreement(session, host.id, partner.id, status)

    with pytest.raises(InvalidError) as refused:
        make_window(
            session,
            make_offer(session, organization=host),
            partner_organization_ids=[friend.id, partner.id],
        )

    assert [error.path for error in refused.value.errors] == ["partner_organization_ids.1"]


def test_partner_named_twice_is_one_partner(session: Session) -> None:
    host, partner = make_organization(session, "Host"), make_organization(session, "Partner")
    make_agreement(session, host.id, partner.id)

    window = make_window(
        session,
        make_offer(session, organization=host),
        partner_organization_ids=[partner.id, partner.id],
    )

    named = session.exec(select(WindowPartner).where(WindowPartner.window_id == window.id))
    assert [row.organization_id for row in named] == [partner.id]


def test_nothing_is_published_when_anything_is_wrong(database: Database) -> None:
    with pytest.raises(InvalidError), database.transaction() as session:
        make_window(session, capacity=0)

    with database.reading() as session:
        assert session.exec(select(AvailabilityWindow)).all() == []


def test_tuesdays_and_thursdays_one_to_three_for_a_named_partner_over_a_change_of_clocks(
    session: Session,
) -> None:
    now = datetime(2030, 3, 1, 12, tzinfo=UTC)
    host, partner = make_organization(session, "Host"), make_organization(session, "Partner")
    make_agreement(session, host.id, partner.id, starts_on=date(2030, 1, 1))
    make_window(
        session,
        make_offer(session, organization=host),
        starts_on=date(2030, 3, 1),
        byday=("TU", "TH"),
        capacity=2,
        horizon_days=14,
        bookable_by=BookableBy.PARTNERS,
        partner_organization_ids=[partner.id],
        now=now,
    )

    listed = find_bookable_slots(
        session, make_viewer(session, partner), now=now + timedelta(hours=8)
    )

    # Clocks go forward on Sunday 10 March: 13:00 is 18:00 UTC before, and 17:00 after.
    expected = [
        datetime(2030, 3, day, hour, minute, tzinfo=UTC)
        for day, hours in ((5, (18, 19)), (7, (18, 19)), (12, (17, 18)), (14, (17, 18)))
        for hour in hours
        for minute in (0, 30)
    ]
    assert [row["starts_at"] for row in listed] == expected
    assert {row["ends_at"] - row["starts_at"] for row in listed} == {timedelta(minutes=30)}
    assert {row["places_left"] for row in listed} == {2}
    assert [row["slot_index"] for row in listed] == [0, 1, 2, 3] * 4
    stranger = make_viewer(session, make_organization(session, "Stranger"))
    assert not find_bookable_slots(session, stranger, now=now)
    assert not find_bookable_slots(session, PUBLIC, now=now)


# -- rolling


def daily(session: Session, **terms: Any) -> AvailabilityWindow:
    return make_window(session, **{"freq": "DAILY", "byday": (), "horizon_days": 3, **terms})


def test_rolling_twice_makes_nothing_twice(session: Session) -> None:
    window = daily(session)
    before = [(slot.id, slot.starts_at) for slot in slots_of(session, window)]

    assert roll_windows(session, now=NOON) == 0
    window.rolled_through = None  # even if that should be forgotten
    session.flush()
    roll_windows(session, now=NOON)

    assert [(slot.id, slot.starts_at) for slot in slots_of(session, window)] == before


def test_later_days_appear_as_time_passes(session: Session) -> None:
    window = daily(session)
    assert days_of(session, window) == [date(2030, 6, day) for day in (4, 5, 6)]

    assert roll_windows(session, now=NOON + 2 * DAY) == 8

    assert days_of(session, window) == [date(2030, 6, day) for day in (4, 5, 6, 7, 8)]


def test_days_missed_by_a_roll_that_came_late_are_not_made_up_for(session: Session) -> None:
    window = daily(session)

    roll_windows(session, now=NOON + 10 * DAY)

    assert days_of(session, window) == [date(2030, 6, day) for day in (4, 5, 6, 13, 14, 15, 16)]


def test_closed_days_have_no_slots(session: Session) -> None:
    closed = date(2030, 6, 5)
    window = daily(session, closed_on=[closed, closed, date(2030, 6, 7)])

    roll_windows(session, now=NOON + DAY)

    assert days_of(session, window) == [date(2030, 6, 4), date(2030, 6, 6)]


def test_added_days_happen_besides_the_pattern_at_its_hours_or_their_own(
    session: Session,
) -> None:
    window = make_window(
        session,
        added_on=[AddedDay(date(2030, 6, 8)), AddedDay(date(2030, 6, 11), time(9), time(10))],
    )

    made = [
        (slot.local_date, slot.slot_index, slot.starts_at) for slot in slots_of(session, window)
    ]

    assert [day for day, number, _ in made if number == 0] == [
        date(2030, 6, day) for day in (4, 8, 11, 18)
    ]
    assert [at for day, _, at in made if day == date(2030, 6, 11)] == [
        datetime(2030, 6, 11, 13, minute, tzinfo=UTC) for minute in (0, 30)
    ]


def test_window_may_be_a_list_of_dates(session: Session) -> None:
    dates = [date(2030, 6, 4), date(2030, 6, 5), date(2030, 6, 30), date(2030, 7, 9)]
    window = make_window(
        session, freq=None, byday=(), added_on=[AddedDay(day) for day in dates[1:]]
    )
    assert days_of(session, window) == dates[:2]

    for days in range(0, 50, 7):
        roll_windows(session, now=NOON + days * DAY)

    assert days_of(session, window) == dates


def test_many_added_days_are_counted_against_the_most_slots_at_once(session: Session) -> None:
    added = [AddedDay(date(2031, 1, 1) + n * DAY, time(0), time(0)) for n in range(100)]

    with pytest.raises(InvalidError) as refused:
        make_window(session, added_on=added)

    assert [error.path for error in refused.value.errors] == ["horizon_days"]


def test_slots_that_have_begun_are_not_made(session: Session) -> None:
    window = make_window(session, now=datetime(2030, 6, 4, 17, 30, tzinfo=UTC), horizon_days=1)

    assert [slot.slot_index for slot in slots_of(session, window)] == [2, 3]  # 14:00, 14:30


def test_night_that_goes_on_has_its_slots_whatever_day_it_is_by_now(session: Session) -> None:
    """Published or edited at 2 in the morning, a window has the same rest of its night."""
    at_two = datetime(2030, 6, 5, 6, tzinfo=UTC)  # in Detroit, in the night of the 4th
    terms: dict[str, Any] = {"freq": "DAILY", "byday": (), "horizon_days": 1, "slot_minutes": 60}
    night: dict[str, Any] = {"opens_at": time(22), "closes_at": time(5)}
    window = make_window(session, now=at_two, **terms, **night)
    left = [slot.starts_at for slot in slots_of(session, window)][:3]

    assert left == [at_two + HOUR, at_two + 2 * HOUR, at_two + 20 * HOUR]
    edited = preview_change(
        session,
        window.id,
        lambda draft: replace(draft, capacity=2),
        expected=window.version,
        viewer=Viewer(window.organization_id, Role.PUBLISHER),
        now=at_two,
    )
    assert not edited.slots.made
    assert not edited.slots.gone


def test_rolling_never_touches_slots_that_exist(session: Session) -> None:
    window = daily(session)
    slot = slots_of(session, window)[0]
    place_hold(session, slot.id, viewer=PUBLIC, now=NOON)
    window.capacity, window.slot_minutes, window.opens_at = 5, 60, time(9)
    window.rolled_through = None
    before = slot.model_dump()

    roll_windows(session, now=NOON + DAY)

    session.expire_all()
    assert slots_of(session, window)[0].model_dump() == before
    assert count_places_taken(session, slot.id, now=NOON) == 1


@pytest.mark.parametrize("end", [{"count": 5}, {"until": date(2030, 6, 8)}])
def test_count_and_until_end_a_window_however_long_it_is_rolled(
    session: Session, end: dict[str, Any]
) -> None:
    window = daily(session, **end)

    for days in range(1, 12):
        roll_windows(session, now=NOON + days * DAY)

    assert days_of(session, window) == [date(2030, 6, day) for day in (4, 5, 6, 7, 8)]


@pytest.mark.parametrize("status", [WindowStatus.PAUSED, WindowStatus.ENDED])
def test_windows_that_are_not_published_are_not_rolled(
    session: Session, status: WindowStatus
) -> None:
    window = daily(session)
    window.status = status
    session.flush()

    assert roll_windows(session, now=NOON + 2 * DAY) == 0


def test_horizon_is_counted_in_days_of_the_window_not_of_utc(session: Session) -> None:
    late_on_monday = datetime(2030, 6, 4, 3, tzinfo=UTC)  # 23:00 in Detroit
    window = daily(session, now=late_on_monday, horizon_days=1)

    assert days_of(session, window) == [date(2030, 6, 4)]


def test_window_of_one_day_happens_once(session: Session) -> None:
    window = make_window(session, freq=None, byday=())

    roll_windows(session, now=NOON + 7 * DAY)

    assert days_of(session, window) == [date(2030, 6, 4)]


def test_workers_that_roll_at_once_make_each_slot_once(database: Database) -> None:
    with database.transaction() as session:
        windows = [daily(session) for _ in range(4)]
        ids = {window.id for window in windows}
    together = Barrier(4)

    def roll(_: int) -> None:
        together.wait(timeout=60)
        with database.transaction() as session:
            roll_windows(session, now=NOON + 7 * DAY)

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(roll, range(4)))

    with database.reading() as session:
        made = session.exec(select(Slot).where(col(Slot.window_id).in_(ids))).all()
    keys = Counter((slot.window_id, slot.local_date, slot.slot_index) for slot in made)
    assert set(keys.values()) == {1}
    assert len(keys) == 4 * (3 + 4) * 4  # windows, days, slots


def test_host_may_book_into_its_own_window_whoever_else_may(session: Session) -> None:
    window = make_window(session, bookable_by=BookableBy.OWN)
    host = Viewer(window.organization_id, Role.PUBLISHER)

    assert len(find_bookable_slots(session, host, now=NOON)) == 12
    assert find_bookable_slots(session, PUBLIC, now=NOON) == []
