"""What a search asks of the tables is found by indexes, whatever is asked."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.needs import ensure_needs
from directory.search import search
from directory.search_query import SearchQuery, Sort
from directory.viewer import PUBLIC
from directory.week_times import WeekTime
from scheduling.bookable import first_bookable_start
from tests.conftest import NOON
from tests.directory.test_search import HERE, origin_at
from tests.factories import make_offer, make_organization, make_window, weekly
from tests.statements import asked, plan_of, reading_through

NEAR = SearchQuery(origin=origin_at(HERE), needs=["food"])


def first_time(place: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return first_bookable_start(PUBLIC, place, now=NOON, before=NOON + timedelta(days=7))


#: Every shape of question that has somewhere, or some words, to begin from.
SHAPES = {
    "near": NEAR,
    "near, every need": replace(NEAR, needs=[]),
    "without facets": replace(NEAR, facets=False),
    "all filters": replace(
        NEAR,
        without_needs=["dental"],
        without_words=["faith"],
        languages=["es"],
        free=True,
        step_free=True,
        price_at_most=500,
        openings=True,
    ),
    "open at another time": replace(NEAR, open_at=WeekTime(0, time(10))),
    "for somebody": replace(NEAR, facts={"age": 70}),
    "with words": replace(NEAR, words="parcels", sort=Sort.RELEVANCE),
    "bookable": replace(NEAR, bookable=True, first_time=first_time),
    "soonest first": replace(NEAR, sort=Sort.SOONEST, first_time=first_time),
    "words alone": SearchQuery(words="parcels"),
    "words with a typo": SearchQuery(words="parsels"),
}

#: Tables that grow with the directory; the words that are known are read through for a typo.
READ_THROUGH = reading_through(
    "search_entry",
    "search_area",
    "search_shape",
    "search_rule",
    "schedule",
    "service",
    "slot",
    "slot_place",
)


@pytest.fixture
def county(session: Session) -> None:
    organization = make_organization(session)
    ensure_needs(session)
    for name in ("Food parcels", "Soup kitchen", "Bread"):
        offer = make_offer(
            session,
            name=name,
            organization=organization,
            needs=["food"],
            hours=[weekly("MO", time(6), time(18))],
        )
    make_window(session, offer)
    if session.get_bind().dialect.name != "sqlite":  # so few rows are read quicker without
        session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")


@pytest.mark.usefixtures("county")
@pytest.mark.parametrize("query", SHAPES.values(), ids=SHAPES)
def test_no_table_is_read_through(session: Session, query: SearchQuery) -> None:
    with asked(session.get_bind()) as statements:
        answer = search(session, query, now=NOON)

    plans = {sql: plan_of(session, sql, values) for sql, values in statements}
    assert answer.total or query.free
    assert len(plans) >= 2
    assert {sql: plan for sql, plan in plans.items() if READ_THROUGH.search(plan)} == {}
    assert any(
        "cell" in plan or "words" in plan or "search_text" in plan for plan in plans.values()
    )
