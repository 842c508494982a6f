"""What to ask somebody next, so that few questions tell which services are for them. Pure.

A question is worth what its answer is expected to bring: for each service that is not settled, how
much nearer to a verdict it comes, over all the ways that the answer can turn out. Divided by what
it costs to be asked, the best is asked first. Of equals, the one that an author put first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from directory.eligibility import Facts, Known, Verdict, conditions_in, judge
from directory.eligibility_facts import FACTS, Fact, Kind
from directory.eligibility_rules import Range, Rule
from directory.known_facts import facts_to_ask, with_what_follows
from directory.poverty_lines import dollars_a_month

#: A question is asked if it is expected to settle so many services for each unit of its cost.
WORTH: Final = 0.2

#: So many ways that an answer can turn out are looked at.
MOST_ANSWERS: Final = 12

#: So many rules are looked at, those of most services: a whole country has thousands.
MOST_RULES: Final = 200

#: Households that are looked at where no rule tells them apart.
_SOME_HOUSEHOLDS: Final = (1, 3, 5)


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask, and of how many services that are not settled the answer is a part."""

    fact: str
    services: int


@dataclass(frozen=True, slots=True)
class Interview:
    """What is known of somebody, what they would not say, and what the poverty line goes by."""

    facts: Facts
    skipped: frozenset[str]
    state: str | None
    on: date

    def knowing(self, fact: str, known: Known) -> Facts:
        """Return the facts as they would be with one more."""
        return with_what_follows({**self.facts, fact: known}, state=self.state, on=self.on)


def next_question(rules: Mapping[Rule, int], interview: Interview) -> Question | None:
    """Return the best question, or None when nothing that is open is worth one.

    ``rules`` are those of the services in question, with how many services have each; of very
    many only the most common are looked at.
    """
    common = sorted(rules, key=lambda rule: -rules[rule])[:MOST_RULES]
    open_ = {
        rule: ask
        for rule in common
        if (ask := _to_ask(rule, interview.facts)) and not interview.skipped >= set(ask)
    }
    candidates = dict.fromkeys(name for ask in open_.values() for name in ask)
    best, most = None, WORTH
    for name in candidates:
        if name in interview.skipped:
            continue
        worth = _worth(name, open_, rules, interview) / FACTS[name].cost
        if worth > most + 1e-9:  # equals stay in the authors' order
            best, most = name, worth
    if best is None:
        return None
    return Question(best, sum(rules[rule] for rule, ask in open_.items() if best in ask))


def _to_ask(rule: Rule, facts: Facts) -> tuple[str, ...]:
    return facts_to_ask(judge(rule, facts).ask, facts)


def _worth(
    name: str,
    open_: Mapping[Rule, Sequence[str]],
    services: Mapping[Rule, int],
    interview: Interview,
) -> float:
    """Return how many services an answer is expected to settle, progress counting in part."""
    answers = [*_answers(FACTS[name], name, open_, interview)][:MOST_ANSWERS]
    known = [interview.knowing(name, each) for each in answers]
    total = 0.0
    for rule, ask in open_.items():
        if name in ask:
            after = [_nearness(rule, facts) for facts in known]
            total += services[rule] * (sum(after) / len(after) - _nearness(rule, interview.facts))
    return total


def _nearness(rule: Rule, facts: Facts) -> float:
    """Return how near a rule is to its verdict: 1 when it is settled, 1/2 one fact before."""
    judgement = judge(rule, facts)
    if judgement.verdict is not Verdict.NEEDS_MORE:
        return 1.0
    return 1 / (1 + len(facts_to_ask(judgement.ask, facts)))


# ------------------------------------------------------------- the ways an answer can turn out


def _answers(
    fact: Fact, name: str, rules: Mapping[Rule, object], interview: Interview
) -> Iterator[Known]:
    """Yield one answer of each kind that the rules tell apart."""
    tests = [each.test for rule in rules for each in conditions_in(rule) if each.fact == name]
    if fact.kind is Kind.FLAG:
        yield from (True, False)
    elif fact.kind in (Kind.CHOICE, Kind.PATTERN):
        yield from sorted({text for test in tests if isinstance(test, tuple) for text in test})
        yield ""  # any other
    elif fact.kind in (Kind.CHOICES, Kind.PATTERNS):
        named = sorted({test for test in tests if isinstance(test, str)})
        yield from (frozenset(), frozenset(named))
        yield from (frozenset({each}) for each in named)
    elif fact.kind is Kind.NUMBERS:
        yield ()
        yield from ((number,) for number in _numbers(fact, _edges(fact, tests)))
    else:
        yield from _numbers(fact, [*_edges(fact, tests), *_line_edges(name, rules, interview)])


def _edges(fact: Fact, tests: Sequence[object]) -> list[float]:
    """Return where the answer begins to be another one."""
    ranges = [test for test in tests if isinstance(test, Range)]
    ends = [fact.end_of(test.at_most) for test in ranges if test.at_most is not None]
    return [*ends, *(test.at_least for test in ranges if test.at_least is not None)]


def _line_edges(name: str, rules: Mapping[Rule, object], interview: Interview) -> Iterator[float]:
    """Yield where an income, or a household, is on either side of a part of the poverty line."""
    percents = [
        each
        for rule in rules
        for each in conditions_in(rule)
        if each.fact == "income_poverty_percent"
    ]
    if name == "household_size" and percents:
        yield from _SOME_HOUSEHOLDS
    size = interview.facts.get("household_size")
    if name == "income_month" and isinstance(size, int | float):
        for percent in _edges(FACTS["income_poverty_percent"], [each.test for each in percents]):
            yield dollars_a_month(percent, int(size), state=interview.state, on=interview.on)


def _numbers(fact: Fact, edges: Sequence[float]) -> Iterator[float]:
    """Yield a number between each two edges, and beyond the first and the last."""
    inner = sorted({edge for edge in edges if fact.low < edge < fact.high})
    for low, high in zip([fact.low, *inner], [*inner, fact.high], strict=True):
        middle = (low + high) / 2
        yield float(int(middle)) if fact.kind is Kind.WHOLE else middle
