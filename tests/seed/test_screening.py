"""Few questions tell which services of the demo county are for somebody."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from random import Random
from statistics import mean

import pytest
from sqlmodel import Session

from directory.eligibility import Facts, Known, Verdict, conditions_in, verdict_of
from directory.eligibility_facts import FACTS
from directory.eligibility_rules import Rule
from directory.known_facts import facts_to_ask
from directory.screening import Interview, next_question
from directory.search import search
from directory.search_query import SearchQuery
from directory.search_rules import find_rules
from geo.gazetteer import resolve_place
from tests.conftest import NOON

#: What a form with everything in it asks: the percentage follows from two others.
FORM = [name for name in FACTS if name != "income_poverty_percent"]

PEOPLE = 30


@pytest.fixture
def rules(session: Session) -> Mapping[Rule, int]:
    """The rules of the services within 25 km of the county's middle, with how many have each."""
    place = resolve_place("48933")
    answer = search(session, SearchQuery(origin=place, limit=500), now=NOON)
    named = Counter(hit.entry["rule_id"] for hit in answer.hits if hit.entry["rule_id"])
    assert not answer.more
    return {rule: named[id_] for id_, rule in find_rules(session, named).items()}


def person(dice: Random) -> Mapping[str, Known]:
    """Somebody of the county, of whom everything is known."""
    children = tuple(round(dice.random() * 18, 2) for _ in range(dice.choice((0, 0, 1, 2, 3))))
    return {
        "age": dice.choice((16, 19, 24, 30, 37, 45, 52, 64, 70, 81)),
        "household_size": len(children) + dice.choice((1, 2)),
        "income_month": dice.choice((0, 900, 1500, 2200, 3000, 4500, 7000)),
        "county": dice.choice(("MI:Ingham County", "MI:Eaton County", "OH:Lucas County")),
        "zip": "48933",
        "languages": frozenset({"en"}),
        "veteran": dice.random() < 0.1,
        "pregnant": dice.random() < 0.1,
        "children_ages": children,
        "insurance": frozenset({"medicaid"}),
        "housing": dice.choice(("renting", "shelter", "unsheltered")),
        "documents": frozenset(
            paper for paper in FACTS["documents"].choices if dice.random() < 0.4
        ),
    }


def questions_until(rules: Mapping[Rule, int], told: Mapping[str, Known], part: float) -> int:
    """Count the questions until such a part of the services is decided."""
    facts: Facts = {}
    asked = 0
    while _decided(rules, facts) < part * sum(rules.values()):
        interview = Interview(facts, frozenset(), "MI", date(2030, 6, 3))
        question = next_question(rules, interview)
        assert question is not None, "It ended before so many were decided."
        facts = interview.knowing(question.fact, told[question.fact])
        asked += 1
    return asked


def _decided(rules: Mapping[Rule, int], facts: Facts) -> int:
    return sum(
        services
        for rule, services in rules.items()
        if verdict_of(rule, facts) is not Verdict.NEEDS_MORE
    )


def test_nine_services_of_ten_are_decided_in_half_the_questions_of_a_form(
    rules: Mapping[Rule, int],
) -> None:
    dice = Random(48933)  # noqa: S311  (people made up, no secrets)
    counts = [questions_until(rules, person(dice), 0.9) for _ in range(PEOPLE)]

    assert sum(rules.values()) > 150
    assert max(counts) <= len(FORM) / 2


def test_even_a_form_that_asks_only_what_the_county_needs_is_much_longer(
    rules: Mapping[Rule, int],
) -> None:
    needed = {
        name
        for rule in rules
        for condition in conditions_in(rule)
        for name in facts_to_ask([condition.fact], {})
    }
    dice = Random(48911)  # noqa: S311  (as above)
    counts = [questions_until(rules, person(dice), 0.9) for _ in range(PEOPLE)]

    assert mean(counts) <= 0.6 * len(needed)
