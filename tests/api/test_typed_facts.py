from typing import Any

import pytest

from api.typed_facts import read_typed_facts
from directory.errors import InvalidError


@pytest.mark.parametrize(
    ("name", "typed", "read"),
    [
        ("age", ["34"], 34.0),
        ("age", [" 0.5 "], 0.5),
        ("age", ["6 months"], 0.5),
        ("age", ["34 years"], 34.0),
        ("household_size", ["3"], 3),
        ("household_size", ["2.5"], 2.5),
        ("income_month", ["$1,800"], 1800.0),
        ("income_month", ["1,234,567.50"], 1234567.5),
        ("income_poverty_percent", ["150 %"], 150.0),
        ("veteran", ["yes"], True),
        ("pregnant", ["no"], False),
        ("children_ages", ["2, 7"], [2.0, 7.0]),
        ("children_ages", ["2 and 7 y 0.5;11"], [2.0, 7.0, 0.5, 11.0]),
        ("children_ages", ["2 7"], [2.0, 7.0]),
        ("children_ages", ["6 meses, 3"], [0.5, 3.0]),
        ("children_ages", [""], []),
        ("documents", [], []),
        ("documents", ["photo-id", "lease"], ["photo-id", "lease"]),
        ("housing", ["shelter"], "shelter"),
        ("zip", [" 48933"], "48933"),
    ],
)
def test_facts_are_read_as_people_type_them(name: str, typed: list[str], read: Any) -> None:
    assert read_typed_facts({name: typed}) == {name: read}


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("age", ["old"], "Give a number."),
        ("age", [""], "Give an answer, or skip the question."),
        ("age", ["1e5"], "Give a number."),
        ("age", ["٣٤"], "Give a number."),
        ("income_month", ["1,80"], "Give a number."),
        ("children_ages", ["2, seven"], "Give a number."),
        ("veteran", ["perhaps"], "Choose yes or no."),
        ("housing", [], "Give an answer, or skip the question."),
    ],
)
def test_what_cannot_be_read_is_named(name: str, typed: list[str], words: str) -> None:
    with pytest.raises(InvalidError) as refused:
        read_typed_facts({name: typed, "household_size": ["1"]})

    assert list(refused.value.errors) == [(name, words)]


def test_what_is_no_fact_is_passed_over() -> None:
    assert read_typed_facts({"near": ["48933"]}) == {}
