from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from directory.commands.openings import OpeningReport, report_openings, undo_openings
from directory.intervals import Interval
from directory.models.accounts import Role
from directory.queries.reliability import find_reliability
from directory.reliability import share_covered
from directory.viewer import Viewer
from tests.conftest import NOON
from tests.factories import make_offer, make_organization

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

minutes = st.integers(-20, 120)
spans = st.lists(
    st.tuples(minutes, minutes).map(
        lambda pair: Interval(NOON + pair[0] * MINUTE, NOON + pair[1] * MINUTE)
    ),
    max_size=8,
)


@given(spans=spans, length=st.integers(1, 100))
def test_share_is_the_minutes_in_any_span(spans: list[Interval], length: int) -> None:
    during = Interval(NOON, NOON + length * MINUTE)

    counted = sum(
        any(span.contains(NOON + minute * MINUTE) for span in spans) for minute in range(length)
    )

    assert share_covered(spans, during) == pytest.approx(counted / length)


@given(spans=spans)
def test_stretch_of_no_length_is_not_covered(spans: list[Interval]) -> None:
    assert share_covered(spans, Interval(NOON, NOON)) == 0


def test_share_is_of_the_time_since_the_first_report_or_of_thirty_days(session: Session) -> None:
    organization = make_organization(session)
    host = Viewer(organization.id, Role.PUBLISHER)
    old, new, silent = (make_offer(session, organization=organization) for _ in range(3))

    def say(place: object, days_ago: float, hours: int, **said: object) -> None:
        report = OpeningReport(available=1, valid_for_minutes=60 * hours, **said)  # type: ignore[arg-type]
        at = NOON - days_ago * DAY
        report_openings(session, place.id, report, viewer=host, now=at)  # type: ignore[attr-defined]

    say(old, 40, 24)
    say(old, 31, 48)  # a day of it is in the thirty
    say(old, 10, 24)
    say(old, 10 - 0.5, 24)  # half a day more
    say(old, 9.75, 6, population="men")  # in the midst of the others: no more of it
    say(new, 2, 24)

    found = find_reliability(session, now=NOON)[organization.id]

    assert found.places[old.id] == pytest.approx(2.5 / 30)
    assert found.places[new.id] == pytest.approx(0.5)
    assert silent.id not in found.places
    assert found.share == pytest.approx((2.5 / 30 + 0.5) / 2)
    assert set(find_reliability(session, now=NOON, organization_id=organization.id)) == {
        organization.id
    }


def test_what_was_replaced_or_taken_back_counts_until_then(session: Session) -> None:
    organization = make_organization(session)
    host = Viewer(organization.id, Role.PUBLISHER)
    place = make_offer(session, organization=organization).id
    long = OpeningReport(available=1, valid_for_minutes=7 * 24 * 60)
    short = OpeningReport(available=1, valid_for_minutes=60)
    report_openings(session, place, long, viewer=host, now=NOON - 10 * HOUR)
    report_openings(session, place, short, viewer=host, now=NOON - 8 * HOUR)

    assert _share(session, organization.id, place) == pytest.approx(0.3)

    report_openings(session, place, long, viewer=host, now=NOON - 2 * HOUR)
    for _ in range(3):
        undo_openings(session, place, unit="places", viewer=host, now=NOON - HOUR)

    assert _share(session, organization.id, place) == pytest.approx(0.4)


def _share(session: Session, organization_id: object, place: object) -> float:
    found = find_reliability(session, now=NOON)
    return found[organization_id].places[place]  # type: ignore[index]


def test_places_of_others_are_not_among_one_agencys(session: Session) -> None:
    organizations = [make_organization(session, name) for name in ("One", "Two")]
    for organization in organizations:
        place = make_offer(session, organization=organization).id
        host = Viewer(organization.id, Role.PUBLISHER)
        report_openings(session, place, OpeningReport(available=1), viewer=host, now=NOON - HOUR)

    assert len(find_reliability(session, now=NOON)) == 2
    assert len(find_reliability(session, now=NOON, organization_id=organizations[0].id)) == 1
