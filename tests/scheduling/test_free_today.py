"""What the calendar has free today, beside what was said."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from directory.models.openings import OpeningStatus
from directory.models.organizations import Organization
from directory.models.services import Service, ServiceAtLocation
from directory.openings import Opening
from directory.viewer import Viewer
from scheduling.commands.holds import place_hold
from scheduling.comparison import Comparison, FreeToday, compare, count_said
from scheduling.models.windows import BookableBy, WindowStatus
from scheduling.queries.free_today import find_free_today
from scheduling.queries.slots import find_bookable_slots
from tests.conftest import NOON
from tests.factories import make_offer, make_organization, make_window

STATUSES = st.sampled_from(OpeningStatus)


def opening(status: OpeningStatus, available: int | None) -> Opening:
    return Opening(
        unit="beds",
        population="",
        status=status,
        available=available,
        maximum=None,
        note=None,
        as_of=NOON,
        expires_at=NOON + timedelta(hours=1),
        said_by="A",
    )


said = st.lists(
    st.builds(opening, STATUSES, st.none() | st.integers(0, 9)),
    max_size=4,
)


@given(live=said)
def test_numbers_are_added_up_and_words_are_none(live: list[Opening]) -> None:
    told = [each for each in live if each.status in (OpeningStatus.OPEN, OpeningStatus.FULL)]
    wordless = [
        each for each in told if each.available is None and each.status is OpeningStatus.OPEN
    ]

    total = sum(each.available or 0 for each in told)
    assert count_said(live) == (total if told and not wordless else None)


@given(live=said, places=st.integers(0, 9))
def test_two_numbers_differ_and_a_number_and_a_word_do_not(
    live: list[Opening], places: int
) -> None:
    compared = compare(live, FreeToday(places, places))

    assert compared is not None
    assert compared.differs == (compared.said not in (None, places))


def test_place_without_a_window_left_today_is_not_compared() -> None:
    assert compare([opening(OpeningStatus.OPEN, 3)], None) is None
    assert compare([], FreeToday(0, 0)) == Comparison(None, FreeToday(0, 0))


@pytest.fixture
def host(session: Session) -> Organization:
    return make_organization(session)


def free(
    session: Session, offers: list[ServiceAtLocation], *, now: datetime = NOON
) -> list[FreeToday | None]:
    """What the places' own agency is told of each."""
    service = session.get_one(Service, offers[0].service_id)
    zones = {offer.id: "America/Detroit" for offer in offers}
    found = find_free_today(session, Viewer(service.organization_id), zones, now=now)
    return [found.get(offer.id) for offer in offers]


def window_today(session: Session, offer: ServiceAtLocation, **terms: Any) -> Any:
    terms = {"opens_at": time(13), "closes_at": time(15), "capacity": 2, **terms}
    return make_window(session, offer, starts_on=date(2030, 6, 3), byday=("MO", "TU"), **terms)


def test_coming_places_of_today_are_counted(session: Session, host: Organization) -> None:
    booked, quiet, silent = (make_offer(session, organization=host) for _ in range(3))
    window_today(session, booked)
    window_today(session, quiet, capacity=1)
    first = find_bookable_slots(
        session, Viewer(host.id), now=NOON, service_at_location_ids=[booked.id]
    )[0]["id"]
    for _ in range(2):
        place_hold(session, first, viewer=Viewer(host.id), now=NOON)

    assert free(session, [booked, quiet, silent]) == [FreeToday(3, 6), FreeToday(4, 4), None]


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (datetime(2030, 6, 3, 17, 30, tzinfo=UTC), FreeToday(2, 4)),  # 1:30 pm: that slot has begun
        (datetime(2030, 6, 3, 18, 30, tzinfo=UTC), None),
        (datetime(2030, 6, 4, 3, 59, 59, tzinfo=UTC), None),  # still Monday in Detroit
        (datetime(2030, 6, 4, 4, tzinfo=UTC), FreeToday(4, 8)),  # Tuesday
    ],
)
def test_today_is_the_day_at_the_place(
    session: Session, host: Organization, clock: datetime, expected: FreeToday | None
) -> None:
    offer = make_offer(session, organization=host)
    window_today(session, offer)

    assert free(session, [offer], now=clock) == [expected]


def test_places_of_several_zones_have_days_of_their_own(
    session: Session, host: Organization
) -> None:
    here = make_offer(session, organization=host)
    there = make_offer(session, organization=host, timezone="Pacific/Auckland")
    window_today(session, here)
    window_today(session, there, opens_at=time(1), closes_at=time(3))  # Tuesday there, now over
    viewer = Viewer(host.id)
    zones = {here.id: "America/Detroit", there.id: "Pacific/Auckland"}
    at = datetime(2030, 6, 3, 12, 30, tzinfo=UTC)  # half past midnight, Tuesday there

    assert find_free_today(session, viewer, zones, now=at) == {
        here.id: FreeToday(4, 8),
        there.id: FreeToday(4, 8),
    }
    earlier = datetime(2030, 6, 3, 11, 30, tzinfo=UTC)  # half past eleven, Monday there
    assert set(find_free_today(session, viewer, zones, now=earlier)) == {here.id}


def test_what_is_all_taken_has_none_free_and_what_is_too_near_counts_as_none(
    session: Session, host: Organization
) -> None:
    offer = make_offer(session, organization=host)
    window_today(session, offer, capacity=1, closes_at=time(13, 30), notice_minutes=0)
    near = make_offer(session, organization=host)
    window_today(session, near, notice_minutes=10 * 60)
    (slot,) = find_bookable_slots(
        session,
        Viewer(host.id),
        now=NOON,
        service_at_location_ids=[offer.id],
        starts_before=NOON + timedelta(hours=12),
    )
    place_hold(session, slot["id"], viewer=Viewer(host.id), now=NOON)

    assert free(session, [offer, near]) == [FreeToday(0, 0), FreeToday(0, 0)]


def test_paused_windows_and_those_of_others_do_not_count(
    session: Session, host: Organization
) -> None:
    offer = make_offer(session, organization=host)
    window = window_today(session, offer, bookable_by=BookableBy.PARTNERS)
    assert free(session, [offer]) == [FreeToday(4, 8)]

    stranger = Viewer(make_organization(session, "Stoat Street").id)
    assert find_free_today(session, stranger, {offer.id: "UTC"}, now=NOON) == {}
    window.status = WindowStatus.PAUSED
    session.flush()
    assert free(session, [offer]) == [None]


def test_no_places_no_question(session: Session) -> None:
    assert find_free_today(session, Viewer(), {}, now=NOON) == {}
