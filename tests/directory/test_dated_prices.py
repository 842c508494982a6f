"""A price counts from its first day to its last, by the clocks of where the service is."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import strategies as st
from sqlmodel import Session

from directory.commands.prices import refresh_prices
from directory.database import Database, Row, find_rows
from directory.dated_prices import counting, next_change, not_over
from directory.index import find_stale_services, refresh_services
from directory.models.services import CostOption, Service, ServiceAtLocation
from directory.models.verifications import VitalField
from directory.offers import entries
from directory.search import search
from directory.search_query import SearchQuery
from tests.conftest import NOON
from tests.factories import make_offer

TODAY = date(2030, 6, 3)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def price(first: date | None, last: date | None) -> Row:
    return {"valid_from": first, "valid_to": last}


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        (None, None, (True, True)),
        (TODAY, TODAY, (True, True)),
        (TODAY - DAY, None, (True, True)),
        (TODAY + DAY, None, (False, True)),
        (None, TODAY - DAY, (False, False)),
        (None, date.max, (True, True)),
        (date.min, None, (True, True)),
    ],
)
def test_first_and_last_day_are_included(
    first: date | None, last: date | None, told: tuple[bool, bool]
) -> None:
    """``told``: whether it counts today, and whether it does or will."""
    prices = [price(first, last)]

    assert (bool(counting(prices, TODAY)), bool(not_over(prices, TODAY))) == told


#: In Santiago a midnight is skipped in September and comes twice in April, as in the Azores.
ZONES = ("America/Detroit", "Pacific/Kiritimati", "America/Santiago", "Atlantic/Azores")
DAYS = st.none() | st.integers(-2, 3).map(lambda n: n * DAY)
AROUND = (date(2026, 4, 5), date(2026, 9, 6), date(2026, 10, 25), date(2026, 12, 31))


@given(
    around=st.sampled_from(AROUND),
    spans=st.lists(st.tuples(DAYS, DAYS), max_size=3),
    zone=st.sampled_from(ZONES),
    half_hours=st.integers(-96, 96),
)
@example(date(2026, 4, 5), [(timedelta(0), None)], "America/Santiago", 5)
@example(date(2026, 10, 25), [(timedelta(0), None)], "Atlantic/Azores", 0)
def test_what_counts_changes_only_at_the_next_change(
    around: date, spans: list[tuple[Any, Any]], zone: str, half_hours: int
) -> None:
    prices = [price(*(None if n is None else around + n for n in span)) for span in spans]
    middle = datetime(around.year, around.month, around.day, tzinfo=UTC)
    now = middle + half_hours * timedelta(minutes=30)
    at = next_change(prices, ZoneInfo(zone), now)

    def said(instant: datetime) -> tuple[list[Row], list[Row]]:
        today = instant.astimezone(ZoneInfo(zone)).date()
        return counting(prices, today), not_over(prices, today)

    steps = [now + n * timedelta(minutes=15) for n in range(24 * 4 * 10)]
    assert all(said(step) == said(now) for step in steps if at is None or step < at)
    assert at is None or now < at


def test_days_at_the_ends_of_time_have_no_instant() -> None:
    prices = [price(date.min, date.max), price(date.max, None), price(None, date(9999, 12, 30))]

    assert next_change(prices, ZoneInfo("America/Detroit"), NOON) is None


# ------------------------------------------------------------------------------- search rows


def sell(session: Session, zone: str, *prices: dict[str, Any]) -> ServiceAtLocation:
    offer = make_offer(session, timezone=zone)
    session.add_all(CostOption(service_id=offer.service_id, **each) for each in prices)
    refresh_services(session, [offer.service_id], now=NOON)
    return offer


def entry(session: Session, offer: ServiceAtLocation) -> Row:
    (row,) = find_rows(session, sa.select(entries).where(entries.c.id == offer.id))
    return row


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("America/Detroit", datetime(2030, 6, 4, 4, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2030, 6, 4, 10, tzinfo=UTC)),
        ("UTC", datetime(2030, 6, 4, tzinfo=UTC)),
    ],
)
def test_a_price_begins_and_ends_at_midnight_there(
    session: Session, zone: str, midnight: datetime
) -> None:
    today = NOON.astimezone(ZoneInfo(zone)).date()
    offer = sell(
        session,
        zone,
        {"amount_cents": 0, "valid_to": today},
        {"amount_cents": 500, "valid_from": today + DAY, "valid_to": today + DAY},
        {"amount_cents": 900, "valid_from": today + DAY},
    )
    other = make_offer(session)
    before = entry(session, other)
    assert (entry(session, offer)["price_cents"], entry(session, offer)["is_free"]) == (0, True)
    assert entry(session, offer)["prices_until"] == midnight

    assert refresh_prices(session, now=midnight - SECOND) == 0
    assert find_stale_services(session, now=midnight - SECOND) == set()
    assert find_stale_services(session, now=midnight) == {offer.service_id}
    assert refresh_prices(session, now=midnight) == 1
    assert find_stale_services(session, now=midnight) == set()
    row = entry(session, offer)
    assert (row["price_cents"], row["is_free"]) == (500, False)

    assert refresh_prices(session, now=midnight + DAY) == 1
    row = entry(session, offer)
    assert (row["price_cents"], row["prices_until"]) == (900, None)
    assert refresh_prices(session, now=midnight + 400 * DAY) == 0
    assert entry(session, other) == before


def test_without_a_price_that_counts_the_agency_s_words_do(session: Session) -> None:
    offer = sell(session, "UTC", {"amount_cents": 500, "valid_to": TODAY - DAY})
    assert (entry(session, offer)["price_cents"], entry(session, offer)["vital"]) == (None, " ")

    session.get_one(Service, offer.service_id).fees_description = "Free for all"
    refresh_services(session, [offer.service_id], now=NOON)

    row = entry(session, offer)
    assert (row["price_cents"], row["is_free"]) == (0, True)
    assert row["vital"] == f" {VitalField.COST} "


def test_a_worker_that_was_away_catches_up_some_at_a_time(session: Session) -> None:
    offers = [sell(session, "UTC", {"amount_cents": 500, "valid_to": TODAY}) for _ in range(3)]
    later = NOON + 300 * DAY

    assert [refresh_prices(session, now=later, limit=2) for _ in range(3)] == [2, 1, 0]

    assert {entry(session, offer)["price_cents"] for offer in offers} == {None}
    found = search(session, SearchQuery(price_at_most=1000), now=later)
    assert found.total == 0


def test_rows_that_others_make_anew_meanwhile_are_waited_for(database: Database) -> None:
    with database.transaction() as session:
        sell(session, "UTC", {"amount_cents": 500, "valid_to": TODAY})
    together = Barrier(6)

    def refresh(n: int) -> None:
        together.wait(30)
        with database.transaction() as session:
            refresh_prices(session, now=NOON + n * DAY)

    with ThreadPoolExecutor(6) as workers:
        list(workers.map(refresh, range(1, 7)))

    with database.reading() as session:
        (row,) = find_rows(session, sa.select(entries))
        assert row["price_cents"] is None
        assert find_stale_services(session, now=NOON + DAY) == set()
