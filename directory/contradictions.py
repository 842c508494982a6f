"""Whether a rule can let anybody in, as far as that can be said surely. Pure.

Two conditions that must both hold contradict each other where no value of their fact fits both:
"age 60 and older" and "up to age 17". Only pairs are compared, so a "yes" is always right, and a
"no" means only that nothing plain speaks against it.
"""

from collections.abc import Iterator

from directory.eligibility_facts import FACTS, Kind
from directory.eligibility_rules import Condition, Range, Rule


def lets_nobody_in(rule: Rule) -> bool:
    """Say whether it is sure that nobody can fit a rule."""
    return _is_dead(rule, ())


def _is_dead(rule: Rule, needed: tuple[Condition, ...]) -> bool:
    """Say whether a rule cannot hold beside conditions that are needed anyhow."""
    if isinstance(rule, Condition):
        return any(_contradict(rule, each) for each in needed)
    if rule.kind == "any":
        return all(_is_dead(part, needed) for part in rule.parts)
    mine = tuple(_needed_by(rule))
    others = [part for part in rule.parts if not isinstance(part, Condition)]
    return any(_is_dead(each, (*needed, *mine[n + 1 :])) for n, each in enumerate(mine)) or any(
        _is_dead(part, (*needed, *mine)) for part in others
    )


def _needed_by(rule: Rule) -> Iterator[Condition]:
    if not isinstance(rule, Condition):
        yield from (part for part in rule.parts if isinstance(part, Condition))


def _contradict(one: Condition, other: Condition) -> bool:
    """Say whether no value of one fact fits both."""
    if one.fact != other.fact:
        return False
    fact = FACTS[one.fact]
    if isinstance(one.test, bool):
        return one.test is not other.test
    if isinstance(one.test, tuple) and isinstance(other.test, tuple):
        return not set(one.test) & set(other.test)
    if (
        isinstance(one.test, Range)
        and isinstance(other.test, Range)
        and fact.kind is not Kind.NUMBERS
    ):
        return any(
            most is not None and least is not None and fact.exceeds(least, most)
            for most, least in (
                (one.test.at_most, other.test.at_least),
                (other.test.at_most, one.test.at_least),
            )
        )
    return False
