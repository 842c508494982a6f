"""Each search is counted once, and nothing about who asked is written down."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from litestar.testing import TestClient

from api.app import create_app
from api.settings import Settings
from api.tally import EVERY, SearchTally, outcome_of
from directory.commands.search_counts import counts
from directory.database import Database, find_rows
from directory.errors import BusyError
from directory.search_query import Answer, SearchQuery
from directory.unmet_need import Outcome
from tests.api.conftest import Client
from tests.conftest import NOON
from tests.factories import make_offer


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(database: Database, settings: Settings, clock: Clock) -> Iterator[Client]:
    with database.transaction() as session:
        make_offer(session, name="Pantry", needs=["food-pantry"], minimum_age=18)
    with TestClient(create_app(settings, database=database, clock=clock)) as client:
        yield client


def written(database: Database) -> list[tuple[Any, ...]]:
    told = ("need", "area", "results", "outcome", "searches")
    with database.reading() as session:
        rows = find_rows(session, sa.select(counts).order_by(*counts.primary_key.columns))
    return [tuple(str(row[name]) for name in told) for row in rows]


def test_searches_are_written_down_together_after_a_while(
    client: Client, database: Database, clock: Clock
) -> None:
    client.get("/api/v1/search?near=48933&need=food")
    client.post("/api/v1/search", json={"near": "48933", "need": ["food"]})
    assert written(database) == []

    clock.now += EVERY
    client.get("/?near=48933&need=food&openings=yes")
    client.get("/health")

    assert written(database) == [
        ("food", "MI:Ingham_County", "0", "full", "1"),
        ("food", "MI:Ingham_County", "1-3", "found", "2"),
    ]


def test_what_people_told_and_typed_is_not_among_it(
    client: Client, database: Database, clock: Clock
) -> None:
    client.post(
        "/api/v1/search",
        json={"near": "48933", "q": "quince", "facts": {"age": 12, "zip": "48911"}},
    )
    client.post("/api/v1/search", json={"near": "48933", "facts": {"age": 12}})
    clock.now += EVERY
    client.get("/health")

    assert written(database) == [
        ("anything", "MI:Ingham_County", "0", "not_eligible", "1"),
        ("words", "MI:Ingham_County", "0", "nothing", "1"),
    ]


def test_a_later_page_is_no_search_and_questions_are_one(
    client: Client, database: Database, clock: Clock
) -> None:
    with database.transaction() as session:
        for number in range(3):
            make_offer(session, name=f"Adults {number}", minimum_age=18)
    first = client.get("/api/v1/search?near=48933&limit=1").json()
    client.get(f"/api/v1/search?near=48933&limit=1&next={first['next']}")
    client.post("/api/v1/screenings", json={"near": "48933", "need": ["food"]})
    client.post("/api/v1/screenings", json={"near": "48933", "need": ["food"], "skip": ["age"]})
    clock.now += EVERY
    client.get("/health")

    assert [(need, searches) for need, *_, searches in written(database)] == [
        ("anything", "1"),
        ("food", "1"),
    ]


def test_what_is_counted_is_written_when_the_process_ends(
    database: Database, settings: Settings, clock: Clock
) -> None:
    with TestClient(create_app(settings, database=database, clock=clock)) as client:
        client.get("/api/v1/search?near=48933")

    assert written(database) == [("anything", "MI:Ingham_County", "0", "nothing", "1")]


def test_a_busy_database_loses_no_count(database: Database) -> None:
    class Busy(Database):
        def __init__(self) -> None:
            pass

        @contextmanager
        def transaction(self) -> Any:
            raise BusyError
            yield

    tally = SearchTally()
    tally.note(SearchQuery(), Answer(1, 25.0, widened=False), now=NOON)
    tally.write(Busy(), now=NOON)

    assert not tally.is_due(NOON)
    assert tally.is_due(NOON + timedelta(minutes=2))
    tally.write(database, now=NOON)
    assert len(written(database)) == 1
    assert not tally.is_due(NOON + timedelta(minutes=2))


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(3, 25.0, widened=False), Outcome.FOUND),
        (Answer(3, 50.0, widened=True), Outcome.FARTHER),
        (Answer(0, 25.0, widened=False, refused=2), Outcome.NOT_ELIGIBLE),
        (Answer(0, 25.0, widened=False), Outcome.NOTHING),
    ],
)
def test_how_a_search_ended_is_told_in_one_word(answer: Answer, outcome: Outcome) -> None:
    assert outcome_of(answer) is outcome
