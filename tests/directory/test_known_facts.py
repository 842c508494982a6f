from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from directory.eligibility import Facts
from directory.eligibility_facts import FACTS
from directory.errors import InvalidError
from directory.known_facts import MOST_VALUES, facts_to_ask, read_facts
from directory.poverty_lines import GUIDELINES, guidelines_on

SUMMER = date(2026, 7, 1)


def read(value: Mapping[str, Any], state: str | None = "MI") -> Facts:
    return read_facts(value, state=state, on=SUMMER)


def mistakes(value: Mapping[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidError) as refused:
        read(value)
    return dict(refused.value.errors)


def test_every_kind_of_fact_is_read() -> None:
    assert read(
        {
            "age": 0.5,
            "household_size": 3,
            "veteran": False,
            "housing": "shelter",
            "zip": "48933",
            "county": "MI:Ingham County",
            "languages": ["es", "en"],
            "documents": [],
            "insurance": ["none"],
            "children_ages": [3, 0.5],
            "pregnant": None,
        }
    ) == {
        "age": 0.5,
        "household_size": 3,
        "veteran": False,
        "housing": "shelter",
        "zip": "48933",
        "county": "MI:Ingham County",
        "languages": frozenset({"es", "en"}),
        "documents": frozenset(),
        "insurance": frozenset({"none"}),
        "children_ages": (3, 0.5),
    }


def test_every_mistake_is_named_and_no_value_is_repeated() -> None:
    found = mistakes(
        {
            "age": 151,
            "household_size": 2.5,
            "income_month": "1200",
            "veteran": "yes",
            "housing": "a car",
            "zip": "4893",
            "languages": ["es", "Spanish"],
            "documents": "photo-id",
            "insurance": ["none", "medicaid"],
            "children_ages": [3, -1],
        }
    )

    assert found == {
        "facts.age": "Give a number from 0 to 150.",
        "facts.household_size": "Give a whole number from 1 to 50.",
        "facts.income_month": "Give a number from 0 to 1000000.",
        "facts.veteran": "Give true or false.",
        "facts.housing": f"Give one of: {', '.join(FACTS['housing'].choices)}.",
        "facts.zip": 'Give it in the form of "48933".',
        "facts.languages.1": 'Give it in the form of "es".',
        "facts.documents": "Give a list of at most 50 values.",
        "facts.insurance": 'Give "none" alone, or leave it out.',
        "facts.children_ages.1": "Give a number from 0 to 150.",
    }


def test_what_is_no_fact_is_refused_and_immigration_is_none() -> None:
    assert mistakes({"immigration_status": "x"}) == {"facts": f"Here is only: {', '.join(FACTS)}."}
    assert not any("immigra" in name or "citizen" in name for name in FACTS)


def test_a_list_has_an_end() -> None:
    assert "facts.children_ages" in mistakes({"children_ages": [1] * (MOST_VALUES + 1)})
    assert len(read({"children_ages": [1] * MOST_VALUES})["children_ages"]) == MOST_VALUES  # type: ignore[arg-type]


def test_the_poverty_line_follows_from_income_and_household() -> None:
    # 2026, three people: 15,960 + 2 x 5,680 = 27,320 a year; 2,276.67 a month.
    facts = read({"income_month": 4553.34, "household_size": 3})

    assert facts["income_poverty_percent"] == pytest.approx(200, abs=0.001)


@pytest.mark.parametrize(
    ("told", "state", "one_person"),
    [
        ({}, "MI", 15_960),
        ({}, None, 15_960),
        ({}, "AK", 19_950),
        ({"zip": "99501"}, "MI", 19_950),
        ({"county": "HI:Honolulu County"}, "MI", 18_360),
        ({"county": "MI:Ingham County", "zip": "99501"}, None, 15_960),
    ],
)
def test_the_line_is_that_of_where_they_live(
    told: dict[str, Any], state: str | None, one_person: int
) -> None:
    facts = read({"income_month": 1000, "household_size": 1, **told}, state)

    assert facts["income_poverty_percent"] == pytest.approx(12_000 / one_person * 100)


def test_a_percentage_that_is_told_goes_before_the_one_that_follows() -> None:
    told = {"income_month": 9000, "household_size": 1, "income_poverty_percent": 90}

    assert read(told)["income_poverty_percent"] == 90
    assert "income_poverty_percent" not in read({"income_month": 9000})


def test_people_are_asked_for_what_a_fact_follows_from() -> None:
    wanted = ("age", "income_poverty_percent", "income_month")

    assert facts_to_ask(wanted, {}) == ("age", "household_size", "income_month")
    assert facts_to_ask(wanted, {"household_size": 2}) == ("age", "income_month")


@pytest.mark.parametrize(
    ("day", "source"),
    [
        (date(2020, 1, 1), "88 FR 3424"),
        (date(2026, 1, 12), "90 FR 5917"),
        (date(2026, 1, 13), "91 FR 1797"),
        (date(2031, 1, 1), "91 FR 1797"),
    ],
)
def test_guidelines_count_from_their_day_on(day: date, source: str) -> None:
    assert guidelines_on(day).source == source


def test_the_lines_are_those_that_were_published() -> None:
    # Households of four, as the notices print them.
    fours = [each.elsewhere.of(4) for each in GUIDELINES]

    assert fours == [30_000, 31_200, 32_150, 33_000]
    assert GUIDELINES[-1].line_in("AK").of(4) == 41_250
    assert GUIDELINES[-1].line_in("HI").of(4) == 37_950


def test_lines_rise_with_the_years_and_are_higher_in_alaska_and_hawaii() -> None:
    assert all(
        older.since < newer.since and older.elsewhere.of(1) < newer.elsewhere.of(1)
        for older, newer in pairwise(GUIDELINES)
    )
    for each in GUIDELINES:
        assert each.alaska.of(1) > each.hawaii.of(1) > each.elsewhere.of(1)
