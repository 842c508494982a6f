"""A rule is said to let nobody in only where that is sure."""

import pytest
from hypothesis import given

from directory.contradictions import lets_nobody_in
from directory.eligibility import Facts, Verdict, verdict_of
from directory.eligibility_rules import Rule, parse_rule
from tests.directory.eligibility_made import people, rules

OLD, YOUNG = {"fact": "age", "at_least": 60}, {"fact": "age", "at_most": 17}
VETERAN = {"fact": "veteran", "is": True}
CIVILIAN = {"fact": "veteran", "is": False}
RENTING = {"fact": "housing", "is": "renting"}
HOMELESS = {"fact": "housing", "one_of": ["shelter", "unsheltered"]}


@given(rule=rules, person=people)
def test_nobody_at_all_fits_what_is_said_to_let_nobody_in(rule: Rule, person: Facts) -> None:
    if lets_nobody_in(rule):
        assert verdict_of(rule, person) is not Verdict.ELIGIBLE


@pytest.mark.parametrize(
    "rule",
    [
        {"all": [OLD, YOUNG]},
        {"all": [YOUNG, VETERAN, OLD]},
        {"all": [VETERAN, CIVILIAN]},
        {"all": [RENTING, HOMELESS]},
        {"all": [YOUNG, {"any": [OLD, {"all": [OLD, VETERAN]}]}]},
        {"any": [{"all": [OLD, YOUNG]}, {"all": [VETERAN, CIVILIAN]}]},
        {
            "all": [
                {"fact": "income_month", "at_most": 9.5},
                {"fact": "income_month", "at_least": 10},
            ]
        },
        {"all": [{"fact": "age", "at_most": 17}, {"fact": "age", "at_least": 18}]},
        {"all": [{"fact": "age", "at_most": 17.5}, {"fact": "age", "at_least": 17.6}]},
    ],
)
def test_a_plain_contradiction_is_seen(rule: dict[str, object]) -> None:
    assert lets_nobody_in(parse_rule(rule))


@pytest.mark.parametrize(
    "rule",
    [
        OLD,
        {"any": [OLD, YOUNG]},
        {"all": [YOUNG, {"any": [OLD, VETERAN]}]},
        {"all": [{"fact": "age", "at_most": 17}, {"fact": "age", "at_least": 17.9}]},
        {"all": [{"fact": "zip", "is": "48933"}, {"fact": "zip", "one_of": ["48933", "48910"]}]},
        {"all": [{"fact": "children_ages", "has": {"at_most": 3}},
                 {"fact": "children_ages", "has": {"at_least": 10}}]},
        {"all": [{"fact": "documents", "has": "lease"}, {"fact": "documents", "has": "photo-id"}]},
        {"all": [HOMELESS, {"fact": "housing", "one_of": ["shelter", "renting"]}]},
    ],
)  # fmt: skip
def test_what_somebody_fits_is_not_called_empty(rule: dict[str, object]) -> None:
    assert not lets_nobody_in(parse_rule(rule))
