"""Saying whether there is room: at once, for a while, and never for somebody else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.openings import OpeningReport, report_openings
from directory.database import Database, find_rows
from directory.errors import InvalidError, NotFoundError
from directory.index import find_stale_services
from directory.models.accounts import Role
from directory.models.openings import OpeningStatus
from directory.models.services import Service, ServiceAtLocation
from directory.offers import entries
from directory.queries.openings import find_openings_history
from directory.search import search
from directory.search_query import SearchQuery
from directory.viewer import Viewer
from tests.conftest import NOON
from tests.factories import make_offer, make_organization

HOUR = timedelta(hours=1)


def host_of(session: Session, offer: ServiceAtLocation) -> Viewer:
    return Viewer(session.get_one(Service, offer.service_id).organization_id, Role.PUBLISHER)


def report(session: Session, offer: ServiceAtLocation, *, at: Any = NOON, **said: Any) -> Any:
    return report_openings(
        session, offer.id, OpeningReport(**said), viewer=host_of(session, offer), now=at
    )


def with_room(session: Session, *, now: Any) -> int:
    return search(session, SearchQuery(openings=True), now=now).total


def test_a_report_is_found_at_once_and_until_it_is_too_old(session: Session) -> None:
    offer = make_offer(session)

    report(session, offer, unit="beds", available=3, maximum=10, valid_for_minutes=60)

    assert with_room(session, now=NOON) == 1
    assert with_room(session, now=NOON + HOUR - timedelta(seconds=1)) == 1
    assert with_room(session, now=NOON + HOUR) == 0


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"available": 3}, OpeningStatus.OPEN),
        ({"available": 0}, OpeningStatus.FULL),
        ({"status": OpeningStatus.OPEN}, OpeningStatus.OPEN),
        ({"available": 2, "status": OpeningStatus.WAITLIST}, OpeningStatus.WAITLIST),
    ],
)
def test_without_a_status_the_count_says_it(
    session: Session, said: dict[str, Any], status: OpeningStatus
) -> None:
    offer = make_offer(session)

    assert report(session, offer, **said).status is status
    assert with_room(session, now=NOON) == (status is OpeningStatus.OPEN)


def test_the_newest_report_counts_and_the_older_ones_are_kept(session: Session) -> None:
    offer = make_offer(session)
    report(session, offer, available=3)
    report(session, offer, available=0, at=NOON + HOUR)

    assert with_room(session, now=NOON + HOUR) == 0
    history = find_openings_history(session, offer.id)
    assert [row["available"] for row in history] == [0, 3]


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({}, {"available"}),
        ({"unit": " ", "available": -1}, {"unit", "available"}),
        ({"unit": "x" * 61, "available": 1}, {"unit"}),
        ({"available": 3, "maximum": 2}, {"available"}),
        ({"available": 10_001, "maximum": -1}, {"available", "maximum"}),
        ({"available": 0, "status": OpeningStatus.OPEN}, {"status"}),
        ({"available": 1, "status": OpeningStatus.FULL}, {"status"}),
        ({"available": 1, "valid_for_minutes": 0}, {"valid_for_minutes"}),
        ({"available": 1, "valid_for_minutes": 10_081, "note": "x" * 201},
         {"valid_for_minutes", "note"}),
    ],
)  # fmt: skip
def test_every_mistake_is_named(session: Session, said: dict[str, Any], fields: set[str]) -> None:
    offer = make_offer(session)

    with pytest.raises(InvalidError) as caught:
        report(session, offer, **said)

    assert {error.path for error in caught.value.errors} >= fields
    assert find_openings_history(session, offer.id) == []


def test_nobody_reports_for_another_organization(session: Session) -> None:
    offer = make_offer(session)
    stranger = Viewer(make_organization(session, "Stoat Street").id, Role.PUBLISHER)

    with pytest.raises(NotFoundError):
        report_openings(session, offer.id, OpeningReport(available=1), viewer=stranger, now=NOON)


def test_of_reports_at_the_same_time_the_last_one_is_what_a_search_says(
    database: Database,
) -> None:
    with database.transaction() as session:
        offer = make_offer(session)
        session.flush()
        host = host_of(session, offer)
        session.expunge(offer)

    def say(minute: int) -> None:
        at = NOON + timedelta(minutes=minute)
        with database.transaction() as session:
            said = OpeningReport(available=minute)
            report_openings(session, offer.id, said, viewer=host, now=at)

    with ThreadPoolExecutor(6) as callers:
        list(callers.map(say, [4, 1, 6, 3, 5, 2]))

    with database.transaction() as session:
        (row,) = find_rows(session, sa.select(entries))
        history = find_openings_history(session, offer.id)
        assert row["openings"][0]["available"] == history[0]["available"]
        assert len({each["updated"] for each in history}) == 6
        assert find_stale_services(session, now=NOON) == set()
