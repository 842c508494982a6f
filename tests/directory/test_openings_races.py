"""Many phones at once: every tap counts, nothing is taken back twice."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from uuid import UUID

import pytest
import sqlalchemy as sa

from directory.commands.openings import (
    OpeningReport,
    report_openings,
    step_openings,
    undo_openings,
)
from directory.database import Database, find_row
from directory.errors import SaidSinceError
from directory.index import find_stale_services
from directory.models.accounts import Role
from directory.models.openings import Unit
from directory.offers import entries
from directory.queries.openings import find_openings_history, units
from directory.viewer import Viewer
from tests.conftest import NOON
from tests.factories import make_offer, make_organization

TAPS = 20


@dataclass(frozen=True)
class Host:
    viewer: Viewer
    places: list[UUID]


@pytest.fixture
def host(database: Database) -> Host:
    with database.transaction() as session:
        organization = make_organization(session)
        session.add(Unit(name="beds"))
        places = [make_offer(session, organization=organization).id for _ in range(2)]
        return Host(Viewer(organization.id, Role.PUBLISHER), places)


@pytest.mark.parametrize("first", [None, 3])
def test_twenty_taps_at_the_same_instant_are_twenty(
    database: Database, host: Host, first: int | None
) -> None:
    beds = OpeningReport(unit="beds")
    place = host.places[0]
    if first is not None:
        with database.transaction() as session:
            said = OpeningReport(unit="beds", available=first)
            report_openings(session, place, said, viewer=host.viewer, now=NOON)
    together = Barrier(TAPS)

    def tap(_: int) -> None:
        together.wait(30)
        with database.transaction() as session:
            step_openings(session, place, beds, by=1, viewer=host.viewer, now=NOON)

    with ThreadPoolExecutor(TAPS) as phones:
        list(phones.map(tap, range(TAPS)))

    with database.reading() as session:
        row = find_row(session, sa.select(entries).where(entries.c.id == place))
        assert row is not None
        (shown,) = row["openings"]
        assert shown["available"] == (first or 0) + TAPS
        history = find_openings_history(session, place, limit=100)
        assert len({each["updated"] for each in history}) == len(history) == TAPS + bool(first)
        assert find_stale_services(session, now=NOON) == set()


def test_one_report_is_taken_back_once_however_many_try(database: Database, host: Host) -> None:
    place = host.places[0]
    with database.transaction() as session:
        for number in (1, 2):
            said = OpeningReport(unit="beds", available=number)
            row = report_openings(session, place, said, viewer=host.viewer, now=NOON)
        report_id = row.id
    together = Barrier(4)

    def undo(_: int) -> bool:
        together.wait(30)
        try:
            with database.transaction() as session:
                undo_openings(
                    session, place, unit="beds", report_id=report_id, viewer=host.viewer, now=NOON
                )
        except SaidSinceError:
            return False
        return True

    with ThreadPoolExecutor(4) as phones:
        assert sorted(phones.map(undo, range(4))) == [False, False, False, True]


def test_two_places_begin_to_count_the_same_new_thing_at_once(
    database: Database, host: Host
) -> None:
    with database.transaction() as session:  # a second service: another lock
        street = make_organization(session, "Stoat Street")
        stranger = Viewer(street.id, Role.PUBLISHER)
        other_id = make_offer(session, organization=street).id
    together = Barrier(2)

    def count(whose: tuple[UUID, Viewer]) -> None:
        with database.transaction() as session:
            if not database.is_sqlite:  # there writers queue before they could meet
                together.wait(30)
            said = OpeningReport(unit="cots", available=1)
            report_openings(session, whose[0], said, viewer=whose[1], now=NOON)

    with ThreadPoolExecutor(2) as desks:
        list(desks.map(count, [(host.places[0], host.viewer), (other_id, stranger)]))

    with database.reading() as session:
        named = sa.select(sa.func.count()).where(units.c.name == "cots")
        assert session.connection().execute(named).scalar_one() == 1
