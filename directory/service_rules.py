"""The one rule of a service, of all that is said in a form that can be checked.

Everything must hold: the rule that was written for it, its ages, the situations that are said
of it, and the papers to bring. They are asked for in that order, papers last.
"""

from collections.abc import Iterable
from typing import Any, Final

from directory.document_words import documents_rule
from directory.eligibility import all_of
from directory.eligibility_rules import (
    Condition,
    Group,
    Range,
    Rule,
    parse_rule,
    rule_from_ages,
)
from directory.errors import InvalidError
from directory.situations import situations_rule

#: Who is younger than this may come with somebody who cares for them, in years.
YOUTH_ENDS: Final = 26


def service_rule(
    *,
    minimum_age: float | None,
    maximum_age: float | None,
    written: dict[str, Any] | None,
    situations: Iterable[str],
    documents: Iterable[str],
) -> Rule | None:
    """Return the rule, or None where nothing that can be checked is said.

    ``written`` is ``service.eligibility_rule``; ``situations`` are codes of terms
    (``directory.situations``); ``documents`` the agency's words for papers.
    """
    return all_of(
        _of_ages(minimum_age, maximum_age),
        _read(written),
        situations_rule(situations),
        documents_rule(documents),
    )


def _of_ages(minimum_age: float | None, maximum_age: float | None) -> Rule | None:
    """Return the rule of the ages that are stated.

    A service that ends with youth is also for those who come with a child: nobody under five
    looks for day care.
    """
    rule = rule_from_ages(minimum_age, maximum_age)
    if not isinstance(rule, Condition) or not isinstance(rule.test, Range):
        return rule
    if rule.test.at_most is None or rule.test.at_most >= YOUTH_ENDS:
        return rule
    return Group("any", (rule, Condition("children_ages", rule.test)))


def _read(written: dict[str, Any] | None) -> Rule | None:
    """Read a rule as it was kept; one that an older release let in and this one does not: none."""
    if written is None:
        return None
    try:
        return parse_rule(written)
    except InvalidError:
        return None
