"""Listing times asks little of the database, and finds what it needs by indexes, however many.

The tables are full: some thousand slots, most of them over, their places, and allotments.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from litestar.testing import TestClient
from sqlmodel import Session

from directory.database import Database, find_rows
from directory.models.accounts import Role
from directory.viewer import PUBLIC, Viewer
from scheduling.bookable import first_bookable_start, slots
from scheduling.models import TABLES
from scheduling.models.windows import BookableBy
from scheduling.queries.free_today import find_free_today
from scheduling.queries.plan_times import Wanted, find_times
from scheduling.queries.slots import (
    find_bookable_slots,
    find_next_changes,
    find_next_slots,
    find_times_to_move,
)
from tests.conftest import NOON
from tests.factories import (
    make_agreement,
    make_allotment,
    make_offer,
    make_organization,
    make_viewer,
    make_window,
    sign_in,
)
from tests.statements import asked, plan_of, reading_through

EIGHT_WEEKS = timedelta(weeks=8)
ZONE = "America/Detroit"

#: Tables that grow with every day that is published, and the names that statements give them.
READ_THROUGH = reading_through(
    "slot", "slot_place", "allotment_slot", "allotment_place", "other", "covering", "beside"
)


# ------------------------------------------------------------------------------- how many questions


class Weeks(NamedTuple):
    """Who asks for the times of fifty windows in eight weeks, and where these are."""

    place: UUID
    host: UUID
    partner: UUID
    allotted: UUID

    def caller(self, who: str) -> Viewer:
        """Return somebody who may book."""
        if who == "public":
            return PUBLIC
        return Viewer(getattr(self, who), Role.COORDINATOR)


WHO = ("public", "host", "partner", "allotted")


def publish(session: Session) -> Weeks:
    """Publish fifty windows at one place: one time in each of eight weeks."""
    host = make_organization(session, "Host")
    offer = make_offer(session, organization=host)
    partner, allotted = (make_organization(session, name) for name in ("Partner", "Allotted"))
    make_agreement(session, host.id, partner.id)
    windows = [
        make_window(
            session,
            offer,
            slot_minutes=120,
            horizon_days=60,
            bookable_by=BookableBy.PUBLIC if number % 2 else BookableBy.PARTNERS,
        )
        for number in range(50)
    ]
    make_allotment(session, make_agreement(session, host.id, allotted.id), 9, windows=windows)
    return Weeks(offer.id, host.id, partner.id, allotted.id)


@pytest.mark.parametrize("who", WHO)
def test_eight_weeks_of_fifty_windows_are_one_question(session: Session, who: str) -> None:
    weeks = publish(session)
    viewer = weeks.caller(who)

    with asked(session.get_bind()) as statements:
        rows = find_bookable_slots(
            session,
            viewer,
            now=NOON,
            service_at_location_ids=[weeks.place],
            starts_before=NOON + EIGHT_WEEKS,
            limit=1000,
        )

    assert len(statements) == 1
    assert len(rows) == {"public": 200, "host": 400, "partner": 400, "allotted": 400}[who]


@pytest.fixture
def weeks(database: Database) -> Weeks:
    with database.transaction() as session:
        return publish(session)


@pytest.mark.parametrize("who", WHO)
def test_eight_weeks_take_the_api_and_each_page_fewer_than_ten_questions(
    client: TestClient[Any], database: Database, weeks: Weeks, who: str
) -> None:
    if who != "public":
        sign_in(client, getattr(weeks, who))
    api = f"/api/v1/slots?service_at_location_id={weeks.place}&to=2030-07-29T12:00:00Z"

    with asked(database.engine) as statements:
        found, path = 0, api
        while path:
            reply = client.get(path).json()
            found += len(reply["items"])
            path = f"{api}&next={reply['next']}" if reply["next"] else ""
    assert found >= 200
    assert len(statements) < 10, [sql for sql, _ in statements]

    if who != "public":
        with asked(database.engine) as statements:
            assert "/book/" in client.get(f"/desk/times/{weeks.place}").text
        assert len(statements) < 10, [sql for sql, _ in statements]

    with asked(database.engine) as statements:  # the page of a service says much beside its times
        assert "/book/" in client.get(f"/services/{weeks.place}").text
    of_times = [sql for sql, _ in statements if "FROM slot" in sql]
    assert 1 <= len(of_times) < 4, of_times
    assert len(statements) < 30


# ---------------------------------------------------------------------------- how they are answered


class Full(NamedTuple):
    """A database with many slots, and who asks it on a day on which most of them are over."""

    session: Session
    now: datetime
    places: Sequence[UUID]
    viewers: dict[str, Viewer]


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def full(request: pytest.FixtureRequest) -> Iterator[Full]:
    """The tables filled, counted by the database, and undone at the end."""
    url = request.getfixturevalue(f"{request.param}_database")
    database = Database(url)
    with database.transaction() as session:
        yield fill(session)
        session.rollback()
    database.close()


def fill(session: Session) -> Full:
    """Publish a hundred days of thirty windows at fifteen places; book and allot in them."""
    rng = random.Random(1)  # noqa: S311  (no secrets)
    host = make_organization(session, "Host")
    names = ("Partner", "Allotted")
    partner, allotted = (make_organization(session, name) for name in names)
    make_agreement(session, host.id, partner.id)
    offers = [make_offer(session, organization=host) for _ in range(15)]
    windows = [
        make_window(
            session,
            offers[number % 15],
            freq="DAILY",
            byday=(),
            slot_minutes=120,
            opens_at=time(9 + number % 9),
            closes_at=time(11 + number % 9),
            capacity=3,
            horizon_days=100,
            bookable_by=BookableBy.PUBLIC if number % 2 else BookableBy.PARTNERS,
        )
        for number in range(30)
    ]
    for others in range(10):
        other = allotted if others == 0 else make_organization(session, f"Other {others}")
        agreement = make_agreement(session, host.id, other.id)
        make_allotment(session, agreement, 9, windows=rng.sample(windows, 8), release_minutes=60)
    take_many(session, host.id, rng)
    session.connection().exec_driver_sql("ANALYZE")
    viewers = {
        "public": PUBLIC,
        "host": Viewer(host.id, Role.PUBLISHER),
        "partner": make_viewer(session, partner),
        "allotted": make_viewer(session, allotted),
    }
    return Full(session, NOON + timedelta(days=80), [each.id for each in offers], viewers)


def take_many(session: Session, host: UUID, rng: random.Random) -> None:
    """Book places of two slots of three, and of half the places of each allotment's weeks."""
    connection, id_ = session.connection(), uuid4()
    rows = find_rows(session, sa.select(slots))
    booked = {
        "id": id_,
        "slot_id": rows[-1]["id"],
        "host_organization_id": host,
        "organization_id": host,
        "status": "booked",
        "code": "full",
        "booked_at": NOON,
        "changed_at": NOON,
    }
    connection.execute(sa.insert(TABLES["appointment"]), [booked])
    connection.execute(
        sa.insert(TABLES["slot_place"]),
        [
            {"slot_id": row["id"], "place": 1, "slot_capacity": 3, "appointment_id": id_}
            for row in rows
            if rng.random() < 2 / 3
        ],
    )
    weeks = find_rows(
        session,
        sa.select(TABLES["allotment_slot"].c.allotment_id, TABLES["allotment_slot"].c.week_on)
        .distinct()
        .order_by("week_on", "allotment_id"),
    )
    connection.execute(
        sa.insert(TABLES["allotment_place"]),
        [
            {**week, "number": number, "allotment_places": 9, "appointment_id": id_}
            for week in weeks
            for number in range(1, 6)
        ],
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_laying_an_allotment_over_twice_the_time_is_twice_the_work(session: Session) -> None:
    """Each of its slots looked at all the others once: other writers waited for seconds."""
    host, other = (make_organization(session, name) for name in ("Host", "Other"))
    offer = make_offer(session, organization=host)
    daily: dict[str, Any] = {"freq": "DAILY", "byday": (), "slot_minutes": 120}

    def work(days: int) -> int:
        windows = [make_window(session, offer, **daily, horizon_days=days) for _ in range(4)]
        agreement = make_agreement(session, host.id, other.id)
        with steps_of_sqlite(session) as steps:
            make_allotment(session, agreement, 9, windows=windows)
        return len(steps)

    assert work(80) < 3 * work(40)


@contextmanager
def steps_of_sqlite(session: Session) -> Iterator[list[None]]:
    """Count what SQLite does, in thousands of the instructions of its virtual machine."""
    steps: list[None] = []
    driver: Any = session.connection().connection.driver_connection
    driver.set_progress_handler(lambda: steps.append(None), 1000)
    yield steps
    driver.set_progress_handler(None, 0)


Ask = Callable[[Full, Viewer], object]


def first_start(full: Full, viewer: Viewer) -> object:
    at = TABLES["service_at_location"]
    first = first_bookable_start(viewer, at.c.id, now=full.now, before=full.now + EIGHT_WEEKS)
    return find_rows(full.session, sa.select(at.c.id, first).where(at.c.id == full.places[0]))


def to_move(full: Full, viewer: Viewer) -> object:
    found = sa.select(TABLES["appointment"], slots.c.service_at_location_id).join(
        slots, slots.c.id == TABLES["appointment"].c.slot_id
    )
    row = {**find_rows(full.session, found)[0], "organization_id": viewer.organization_id}
    return find_times_to_move(full.session, row, now=full.now)


#: Every way in which times are listed.
ASKED: dict[str, Ask] = {
    "everywhere": lambda full, viewer: find_bookable_slots(full.session, viewer, now=full.now),
    "everywhere, a day": lambda full, viewer: find_bookable_slots(
        full.session,
        viewer,
        now=full.now,
        starts_from=full.now,
        starts_before=full.now + timedelta(days=1),
    ),
    "at one place, eight weeks": lambda full, viewer: find_bookable_slots(
        full.session,
        viewer,
        now=full.now,
        service_at_location_ids=full.places[:1],
        starts_before=full.now + EIGHT_WEEKS,
    ),
    "next at each": lambda full, viewer: find_next_slots(
        full.session, viewer, full.places[:5], now=full.now
    ),
    "first, in a search": first_start,
    "for a plan": lambda full, viewer: find_times(
        full.session,
        viewer,
        full.places[:5],
        Wanted(full.now, full.now, full.now + timedelta(days=7)),
    ),
    "to move to": to_move,
    "free today": lambda full, viewer: find_free_today(
        full.session, viewer, dict.fromkeys(full.places[:5], ZONE), now=full.now
    ),
    "when the next changes": lambda full, _: find_next_changes(
        full.session, full.places[:2], now=full.now
    ),
}


def test_tables_are_full(full: Full) -> None:
    names = ("slot", "slot_place", "allotment_slot", "allotment_place")
    counts = {
        name: full.session.scalar(sa.select(sa.func.count()).select_from(TABLES[name]))
        for name in names
    }
    shown = {
        who: len(find_bookable_slots(full.session, viewer, now=full.now, limit=1000))
        for who, viewer in full.viewers.items()
    }

    assert counts["slot"] == 3000
    assert (counts["slot_place"] or 0) > 1800
    assert (counts["allotment_slot"] or 0) > 7_000
    assert (counts["allotment_place"] or 0) > 500
    assert 0 < shown["public"] < shown["allotted"] < shown["partner"] <= shown["host"], shown


#: What looks at so much of these tables that PostgreSQL reads them through, rightly, until they
#: are many times as full: it is asked whether it could do without.
WIDE = ("everywhere", "when the next changes")


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("ask", ASKED)
def test_no_table_of_times_is_read_through(full: Full, ask: str, who: str) -> None:
    with asked(full.session.get_bind()) as statements:
        assert ASKED[ask](full, full.viewers[who])

    if full.session.get_bind().dialect.name != "sqlite":
        may = "off" if ask in WIDE else "on"
        full.session.connection().exec_driver_sql(f"SET LOCAL enable_seqscan = {may}")
    plans = {sql: plan_of(full.session, sql, values) for sql, values in statements}
    assert plans
    for sql, plan in plans.items():
        assert not READ_THROUGH.search(plan), f"{sql}\n{plan}"


@pytest.mark.parametrize("ask", ["everywhere", "at one place, eight weeks", "next at each"])
def test_days_that_are_over_are_skipped_by_the_index(full: Full, ask: str) -> None:
    with asked(full.session.get_bind()) as statements:
        assert ASKED[ask](full, PUBLIC)

    [plan] = [plan_of(full.session, sql, values) for sql, values in statements]
    assert re.search(r"SEARCH slot USING .*starts_at>\?|Index Cond: .*starts_at > ", plan), plan
