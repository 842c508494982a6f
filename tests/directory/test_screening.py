from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from directory.eligibility import Facts, Verdict, judge, verdict_of
from directory.eligibility_rules import Condition, Group, Range, Rule
from directory.known_facts import facts_to_ask
from directory.screening import MOST_RULES, Interview, Question, next_question
from tests.directory.eligibility_made import people, rules

ADULT: Rule = Condition("age", Range(18))
PREGNANT: Rule = Condition("pregnant", test=True)
VETERAN: Rule = Condition("veteran", test=True)
POOR: Rule = Condition("income_poverty_percent", Range(None, 200))
LEASE: Rule = Condition("documents", "lease")

several = st.dictionaries(rules, st.integers(1, 5), max_size=5)


def interview(facts: Facts | None = None, *skipped: str) -> Interview:
    return Interview(facts or {}, frozenset(skipped), "MI", date(2026, 7, 1))


def run(services: dict[Rule, int], person: Facts) -> list[tuple[str, Facts]]:
    """Answer every question; return what was asked and what was known after each."""
    asked: list[tuple[str, Facts]] = []
    facts: Facts = {}
    while question := next_question(services, interview(facts)):
        facts = interview(facts).knowing(question.fact, person[question.fact])
        asked.append((question.fact, facts))
    return asked


def test_the_question_that_settles_most_comes_first() -> None:
    services = {VETERAN: 2, ADULT: 5, LEASE: 3}

    assert next_question(services, interview()) == Question("age", 5)
    assert next_question(services, interview({"age": 30})) == Question("documents", 3)
    assert next_question(services, interview({"age": 30}, "documents")) == Question("veteran", 2)


def test_what_costs_more_to_be_asked_waits() -> None:
    assert next_question({PREGNANT: 5, ADULT: 4}, interview()) == Question("age", 4)
    assert next_question({PREGNANT: 20, ADULT: 4}, interview()) == Question("pregnant", 20)


def test_of_equals_the_one_that_an_author_put_first_is_asked() -> None:
    county = Condition("county", ("MI:Ingham County",))
    age_first: Rule = Group("all", (ADULT, county))
    county_first: Rule = Group("all", (county, ADULT))

    assert next_question({age_first: 1}, interview()) == Question("age", 1)
    assert next_question({county_first: 1}, interview()) == Question("county", 1)


def test_household_and_income_are_asked_for_one_after_the_other() -> None:
    services = {POOR: 20}
    first = next_question(services, interview())
    assert first is not None
    second = next_question(services, interview({first.fact: 2 if "size" in first.fact else 900}))

    assert second is not None
    assert {first.fact, second.fact} == {"household_size", "income_month"}
    assert first.services == second.services == 20


def test_a_question_that_can_settle_nothing_any_more_is_not_asked() -> None:
    services: dict[Rule, int] = {Group("all", (ADULT, PREGNANT)): 9}

    assert next_question(services, interview({"age": 12})) is None
    assert next_question(services, interview({"age": 30})) == Question("pregnant", 9)


def test_nothing_is_asked_that_is_not_worth_it() -> None:
    assert next_question({PREGNANT: 1}, interview()) is None
    assert next_question({PREGNANT: 2}, interview()) is not None
    assert next_question({}, interview()) is None


def test_of_very_many_rules_only_the_most_common_are_looked_at() -> None:
    rare: dict[Rule, int] = {Condition("zip", (f"{n:05}",)): 1 for n in range(MOST_RULES)}

    assert next_question({VETERAN: 1, **rare}, interview()) == Question("zip", MOST_RULES - 1)
    assert next_question({**rare, VETERAN: 400}, interview()) == Question("veteran", 400)


def test_a_service_that_depends_on_what_was_skipped_asks_for_nothing_else() -> None:
    services: dict[Rule, int] = {Group("all", (ADULT, VETERAN)): 9}

    assert next_question(services, interview({}, "age", "veteran")) is None


@given(several, people)
def test_an_interview_ends_asks_nothing_twice_and_nothing_that_no_rule_needs(
    services: dict[Rule, int], person: Facts
) -> None:
    asked = run(services, person)
    names = [name for name, _ in asked]

    assert len(names) == len(set(names))
    before: Facts = {}
    for name, facts in asked:
        needed = {
            each for rule in services for each in facts_to_ask(judge(rule, before).ask, before)
        }
        assert name in needed
        before = facts


@given(several, people, st.data())
def test_what_was_skipped_is_not_asked_again(
    services: dict[Rule, int], person: Facts, data: Any
) -> None:
    facts: Facts = {}
    skipped: tuple[str, ...] = ()
    while question := next_question(services, interview(facts, *skipped)):
        assert question.fact not in skipped
        if data.draw(st.booleans()):
            skipped += (question.fact,)
        else:
            facts = interview(facts).knowing(question.fact, person[question.fact])


@given(several, people)
def test_many_services_are_all_settled_in_the_end(services: dict[Rule, int], person: Facts) -> None:
    """Where each rule is that of many services, every question is worth its cost."""
    many = dict.fromkeys(services, 1000)
    asked = run(many, person)
    facts = asked[-1][1] if asked else {}

    assert all(verdict_of(rule, facts) is not Verdict.NEEDS_MORE for rule in many)
