"""Whom a rule lets in: yes, no, or not known yet. Pure, and never guessing.

A fact that nobody told is neither true nor false (Kleene's strong logic): one false part settles
an "all" and one true part an "any", whatever is still unknown; otherwise we need to know more.
"""

import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from directory.eligibility_facts import FACTS, Fact
from directory.eligibility_rules import Condition, Group, Range, Rule, canonical

#: What a fact may be known as: a number, a yes or no, one text, or all the texts or numbers that
#: there are: what is not among those is not so.
Known = float | bool | str | frozenset[str] | tuple[float, ...]

#: What is known about a person (``directory.known_facts``). What is missing is unknown.
Facts = Mapping[str, Known]

#: Whether a condition holds; None is not known.
Holds = Callable[[Condition], bool | None]


class Verdict(enum.StrEnum):
    """What a rule says of a person."""

    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not_eligible"
    NEEDS_MORE = "needs_more"


_VERDICTS = {True: Verdict.ELIGIBLE, False: Verdict.NOT_ELIGIBLE, None: Verdict.NEEDS_MORE}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and what it rests on.

    ``because`` are conditions that settle it, of which none could be left out; the first choice
    are few, then those that the author put first. It is empty while nothing is settled; then
    ``ask`` has the facts that could settle it, in the author's order.
    """

    verdict: Verdict
    because: tuple[Condition, ...] = ()
    ask: tuple[str, ...] = ()


def judge(rule: Rule, facts: Facts) -> Judgement:
    """Say whether a rule lets somebody in, and why."""

    def holds(condition: Condition) -> bool | None:
        return condition_holds(condition, facts)

    settled = evaluate(rule, holds)
    if settled is None:
        return Judgement(Verdict.NEEDS_MORE, ask=tuple(dict.fromkeys(_unsettled(rule, holds))))
    return Judgement(_VERDICTS[settled], because=_grounds(rule, holds, settled=settled))


def verdict_of(rule: Rule, facts: Facts) -> Verdict:
    """Say whether a rule lets somebody in, without the reasons."""
    return _VERDICTS[evaluate(rule, lambda condition: condition_holds(condition, facts))]


def evaluate(rule: Rule, holds: Holds) -> bool | None:
    """Say whether a rule holds, given which of its conditions do."""
    if isinstance(rule, Condition):
        return holds(rule)
    settles = rule.kind == "any"
    open_ = False
    for part in rule.parts:
        value = evaluate(part, holds)
        if value is settles:
            return settles
        open_ = open_ or value is None
    return None if open_ else not settles


def condition_holds(condition: Condition, facts: Facts) -> bool | None:
    """Say whether a condition holds; None where its fact is unknown."""
    known = facts.get(condition.fact)
    if known is None:
        return None
    test = condition.test
    if isinstance(test, Range):
        fact = FACTS[condition.fact]
        return any(_is_within(each, test, fact) for each in _numbers(known))
    if isinstance(test, bool):
        return known is test
    if isinstance(test, tuple):
        return known in test
    return isinstance(known, frozenset) and test in known


def _numbers(known: Known) -> tuple[float, ...]:
    if isinstance(known, tuple):
        return known
    return (known,) if isinstance(known, int | float) else ()


def _is_within(number: float, limits: Range, fact: Fact) -> bool:
    if limits.at_least is not None and number < limits.at_least:
        return False
    return limits.at_most is None or not fact.exceeds(number, limits.at_most)


def all_of(*rules: Rule | None) -> Rule | None:
    """Return the rule that lets in whom all of these do; None is no rule."""
    given = tuple(rule for rule in rules if rule is not None)
    return canonical(Group("all", given)) if given else None


def conditions_in(rule: Rule) -> Iterator[Condition]:
    """Yield the conditions of a rule, in the author's order."""
    if isinstance(rule, Condition):
        yield rule
        return
    for part in rule.parts:
        yield from conditions_in(part)


def texts_named(rule: Rule, fact: str) -> frozenset[str]:
    """Return the texts that a rule asks for in a fact, such as counties or languages."""
    return frozenset(
        text
        for each in conditions_in(rule)
        if each.fact == fact and isinstance(each.test, str | tuple)
        for text in ((each.test,) if isinstance(each.test, str) else each.test)
    )


# ------------------------------------------------------------------------------------- reasons


def _unsettled(rule: Rule, holds: Holds) -> Iterator[str]:
    """Yield the unknown facts of the parts that are not settled."""
    if evaluate(rule, holds) is not None:
        return
    if isinstance(rule, Condition):
        yield rule.fact
        return
    for part in rule.parts:
        yield from _unsettled(part, holds)


def _grounds(rule: Rule, holds: Holds, *, settled: bool) -> tuple[Condition, ...]:
    """Return conditions that settle a rule, of which none could be left out.

    The tree gives few. As one condition may stand in several places, they are tried one by one.
    """
    kept = list(dict.fromkeys(_grounds_in_tree(rule, holds, settled=settled)))
    for each in [*kept]:
        others = dict.fromkeys((one for one in kept if one != each), settled)
        if evaluate(rule, others.get) is settled:
            kept.remove(each)
    return tuple(kept)


def _grounds_in_tree(rule: Rule, holds: Holds, *, settled: bool) -> list[Condition]:
    """Return the fewest conditions that settle a rule in which each stands once.

    Where one part is enough, the one with the fewest, the first of equals; else those of all.
    """
    if isinstance(rule, Condition):
        return [rule]
    grounds = (
        _grounds_in_tree(part, holds, settled=settled)
        for part in rule.parts
        if evaluate(part, holds) is settled
    )
    if settled is (rule.kind == "any"):
        return min(grounds, key=len)
    return [condition for ground in grounds for condition in ground]
