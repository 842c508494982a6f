from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.eligibility import (
    Facts,
    Verdict,
    all_of,
    condition_holds,
    conditions_in,
    evaluate,
    judge,
    verdict_of,
)
from directory.eligibility_rules import Condition, Group, Range, Rule, canonical
from tests.directory.eligibility_made import (
    CONJUNCTION,
    DISJUNCTION,
    Value,
    by_table,
    conditions,
    people,
    rules,
    told,
)

ADULT = Condition("age", Range(18))
OLDER = Condition("age", Range(60))
VETERAN = Condition("veteran", test=True)
PREGNANT = Condition("pregnant", test=True)
LEASE = Condition("documents", "lease")


@pytest.mark.parametrize(("pair", "value"), CONJUNCTION.items())
def test_all_is_kleenes_conjunction(pair: tuple[Value, Value], value: Value) -> None:
    rule = Group("all", (VETERAN, PREGNANT))
    told = dict(zip((VETERAN, PREGNANT), pair, strict=True))

    assert evaluate(rule, told.get) is value


@pytest.mark.parametrize(("pair", "value"), DISJUNCTION.items())
def test_any_is_kleenes_disjunction(pair: tuple[Value, Value], value: Value) -> None:
    rule = Group("any", (VETERAN, PREGNANT))
    told = dict(zip((VETERAN, PREGNANT), pair, strict=True))

    assert evaluate(rule, told.get) is value


@given(rules, told)
def test_a_rule_is_the_tables_folded(rule: Rule, known: tuple[Facts, Facts]) -> None:
    facts, _ = known
    expected = {True: "eligible", False: "not_eligible", None: "needs_more"}

    assert verdict_of(rule, facts) == expected[by_table(rule, facts)]
    assert judge(rule, facts).verdict == verdict_of(rule, facts)


@given(rules, told)
def test_the_canonical_form_means_the_same(rule: Rule, known: tuple[Facts, Facts]) -> None:
    assert verdict_of(canonical(rule), known[0]) == verdict_of(rule, known[0])


@given(rules, told)
def test_an_answer_never_turns_a_verdict(rule: Rule, known: tuple[Facts, Facts]) -> None:
    facts, everything = known
    before = verdict_of(rule, facts)

    assert verdict_of(rule, everything) != Verdict.NEEDS_MORE
    if before != Verdict.NEEDS_MORE:
        assert verdict_of(rule, everything) == before


@given(rules, told)
def test_the_reasons_settle_it_and_none_could_be_left_out(
    rule: Rule, known: tuple[Facts, Facts]
) -> None:
    facts, _ = known
    judgement = judge(rule, facts)
    because = judgement.because
    if judgement.verdict == Verdict.NEEDS_MORE:
        assert because == ()
        return
    value = judgement.verdict == Verdict.ELIGIBLE

    assert because
    assert all(condition_holds(condition, facts) is value for condition in because)
    assert evaluate(rule, dict.fromkeys(because, value).get) is value
    for each in because:
        others = dict.fromkeys((other for other in because if other != each), value)
        assert evaluate(rule, others.get) is None


@given(rules, told)
def test_no_fewer_reasons_would_do_where_each_condition_stands_once(
    rule: Rule, known: tuple[Facts, Facts]
) -> None:
    facts, _ = known
    judgement = judge(rule, facts)
    leaves = list(conditions_in(rule))
    if judgement.verdict == Verdict.NEEDS_MORE or len(set(leaves)) < len(leaves):
        return
    value = judgement.verdict == Verdict.ELIGIBLE
    so = [each for each in leaves if condition_holds(each, facts) is value]
    fewest = next(
        n
        for n in range(1, len(so) + 1)
        for some in combinations(so, n)
        if evaluate(rule, dict.fromkeys(some, value).get) is value
    )

    assert len(judgement.because) == fewest


@given(rules, told)
def test_what_is_asked_for_is_unknown_and_settles_it(
    rule: Rule, known: tuple[Facts, Facts]
) -> None:
    facts, everything = known
    ask = judge(rule, facts).ask
    answered = {**facts, **{name: everything[name] for name in ask}}

    assert not set(ask) & set(facts)
    assert len(set(ask)) == len(ask)
    assert bool(ask) == (verdict_of(rule, facts) == Verdict.NEEDS_MORE)
    assert verdict_of(rule, answered) == verdict_of(rule, everything)


def test_the_author_decides_in_which_order_things_are_asked() -> None:
    rule = Group("all", (VETERAN, Group("any", (LEASE, ADULT)), PREGNANT))

    assert judge(rule, {}).ask == ("veteran", "documents", "age", "pregnant")
    assert judge(rule, {"age": 20}).ask == ("veteran", "pregnant")


def test_one_reason_is_enough_where_all_must_hold_and_the_fewest_come_first() -> None:
    either = Group("any", (VETERAN, PREGNANT))
    facts: Facts = {"veteran": False, "pregnant": False, "age": 17}

    assert judge(Group("all", (either, ADULT, OLDER)), facts).because == (ADULT,)
    assert judge(Group("all", (OLDER, ADULT)), facts).because == (OLDER,)
    assert judge(Group("any", (either, ADULT)), facts).because == (VETERAN, PREGNANT, ADULT)


def test_a_condition_that_stands_twice_is_said_once() -> None:
    twice = Group(
        "any", (Group("all", (PREGNANT, VETERAN)), Group("all", (VETERAN, ADULT)))
    )  # fmt: skip
    facts: Facts = {"veteran": False, "pregnant": False, "age": 17}

    # The tree alone says "pregnant" for the first part, which "veteran" carries already.
    assert judge(twice, facts).because == (VETERAN,)


@pytest.mark.parametrize(
    ("condition", "known", "holds"),
    [
        (Condition("age", Range(18)), 18, True),
        (Condition("age", Range(18)), 17.99, False),
        (Condition("age", Range(None, 17)), 17.99, True),
        (Condition("age", Range(None, 17)), 18, False),
        (Condition("age", Range(None, 0.5)), 0.5, True),
        (Condition("age", Range(None, 0.5)), 0.51, False),
        (Condition("income_month", Range(None, 2000)), 2000, True),
        (Condition("income_month", Range(None, 2000)), 2000.01, False),
        (Condition("household_size", Range(2, 4)), 4, True),
        (Condition("household_size", Range(2, 4)), 5, False),
        (Condition("children_ages", Range(None, 5)), (5.9, 12), True),
        (Condition("children_ages", Range(None, 5)), (6,), False),
        (Condition("children_ages", Range(None, 5)), (), False),
        (Condition("veteran", test=False), False, True),
        (Condition("veteran", test=False), True, False),
        (Condition("zip", ("48910", "48933")), "48933", True),
        (Condition("zip", ("48910", "48933")), "48917", False),
        (Condition("documents", "lease"), frozenset({"lease", "photo-id"}), True),
        (Condition("documents", "lease"), frozenset({"photo-id"}), False),
        (Condition("documents", "lease"), frozenset(), False),
    ],
)
def test_a_condition_holds(condition: Condition, known: object, holds: Value) -> None:
    assert condition_holds(condition, {condition.fact: known}) is holds  # type: ignore[dict-item]
    assert condition_holds(condition, {}) is None


@given(st.lists(st.one_of(st.none(), rules), max_size=4), people)
def test_all_of_lets_in_whom_each_lets_in(several: list[Rule | None], person: Facts) -> None:
    together = all_of(*several)
    given_rules = [rule for rule in several if rule is not None]

    assert (together is None) == (not given_rules)
    if together is not None:
        expected = all(verdict_of(rule, person) == Verdict.ELIGIBLE for rule in given_rules)
        assert (verdict_of(together, person) == Verdict.ELIGIBLE) is expected


@given(conditions)
def test_a_single_condition_is_its_own_reason(condition: Condition) -> None:
    assert list(conditions_in(condition)) == [condition]
