from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.search_counts import add_counts, counts
from directory.database import find_rows
from directory.unmet_need import (
    SENSITIVE,
    Kind,
    Outcome,
    Results,
    area_of,
    kind_of,
    most_common,
    need_of,
    results_of,
)
from geo.gazetteer import resolve_place
from geo.places import Place
from geo.points import Point
from tests.conftest import NOON

LANSING = resolve_place("48933")
NOWHERE = Place("box", Point(42.0, -84.0), "489", "", "", "MI", "America/Detroit", "zip")
LATE = datetime(2030, 6, 4, 2, tzinfo=UTC)  # still the third in Lansing

FOOD = Kind(date(2030, 6, 3), "food", "MI:Ingham_County", Results.NONE, Outcome.FULL)


@pytest.mark.parametrize(
    ("needs", "words", "need"),
    [
        ([], "", "anything"),
        ([], " bread for Ann Smith ", "words"),
        (["food"], "bread", "food"),
        (["food", "food"], "", "food"),
        (["food", "dental"], "", "several"),
        (["BD-1800.2000"], "", "other"),
        (["food", "BD-1800.2000"], "", "other"),
    ],
)
def test_a_need_is_one_of_ours_or_a_word_for_it(needs: list[str], words: str, need: str) -> None:
    assert need_of(needs, words) == need


def test_an_area_is_a_county_or_three_digits_and_of_some_needs_only_the_state() -> None:
    assert area_of("food", LANSING) == "MI:Ingham_County"
    assert area_of("food", None) == ""
    assert area_of("food", replace(NOWHERE, postal_code="48933")) == "489"
    assert area_of("food", replace(NOWHERE, postal_code=None)) == "MI"
    for need in SENSITIVE:
        assert area_of(need, LANSING) == "MI"


@pytest.mark.parametrize(
    ("total", "results"),
    [
        (0, Results.NONE),
        (1, Results.FEW),
        (3, Results.FEW),
        (4, Results.MORE),
        (9999, Results.MORE),
    ],
)
def test_how_many_there_were_is_told_roughly(total: int, results: Results) -> None:
    assert results_of(total) is results


def test_the_day_is_that_of_where_it_was_asked_from() -> None:
    def day(origin: Place | None) -> date:
        kind = kind_of(needs=[], words="", origin=origin, total=1, outcome=Outcome.FOUND, now=LATE)
        return kind.day

    assert day(LANSING) == date(2030, 6, 3)
    assert day(None) == date(2030, 6, 4)


def test_what_stood_against_most_is_how_it_ended() -> None:
    assert most_common([]) is Outcome.NOTHING
    assert most_common([Outcome.FULL]) is Outcome.FULL
    assert most_common([Outcome.CLOSED, Outcome.FULL, Outcome.FULL]) is Outcome.FULL
    assert most_common([Outcome.CLOSED, Outcome.FULL]) is Outcome.CLOSED


def test_searches_are_added_to_what_was_counted_before(session: Session) -> None:
    dental = FOOD._replace(need="dental")
    add_counts(session, {FOOD: 2, dental: 1}, now=NOON)
    add_counts(session, {FOOD: 3}, now=NOON)
    add_counts(session, {}, now=NOON)

    rows = find_rows(session, sa.select(counts).order_by(counts.c.need))
    assert [(row["need"], row["searches"]) for row in rows] == [("dental", 1), ("food", 5)]


def test_a_count_of_none_is_refused(session: Session) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        add_counts(session, {FOOD: 0}, now=NOON)


def test_the_table_has_no_room_for_anything_else() -> None:
    assert set(counts.columns.keys()) == {
        *("day", "need", "area", "results", "outcome", "searches"),
    }
