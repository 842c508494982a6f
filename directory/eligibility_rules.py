"""Machine-readable eligibility: an AND/OR tree of conditions over facts, kept as data.

A rule stands beside the agency's own words and never replaces them. Here it is read, checked and
brought into one form; whom it lets in is another module's question.

    {"all": [{"fact": "age", "at_least": 18},
             {"any": [{"fact": "veteran", "is": true},
                      {"fact": "income_poverty_percent", "at_most": 200}]}]}
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from directory.eligibility_facts import FACTS, OPERATORS, Fact, Kind
from directory.errors import FieldError, InvalidError
from directory.fact_values import is_number, mistakes_in_number, mistakes_in_text

#: How deep groups may lie in each other, the condition included, and how many parts a rule has.
MOST_DEEP: Final = 8
MOST_PARTS: Final = 100

#: So many mistakes are told, and so much of a wrong word.
MOST_MISTAKES: Final = 20
_SHOWN: Final = 40

#: HSDS has 0 to 200 where there is no limit; from here on a highest age limits nobody.
_NO_OLDEST: Final = 120

_RANGE: Final = ("at_least", "at_most")


@dataclass(frozen=True, slots=True)
class Range:
    """From a number to a number, both included; None is no limit. One of the two is given."""

    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that must be so of one fact.

    ``test`` is a ``Range`` for numbers, and for ``children_ages``, of which one must lie in it;
    a yes or no; the texts of which it must be one; or, for facts of several texts, the single
    one that must be among them.
    """

    fact: str
    test: Range | bool | tuple[str, ...] | str


@dataclass(frozen=True, slots=True)
class Group:
    """Parts of which all, or any, must hold; at least one, in the author's order."""

    kind: Literal["all", "any"]
    parts: tuple["Rule", ...]


Rule = Condition | Group


def parse_rule(value: Any, *, path: str = "eligibility_rule") -> Rule:
    """Read decoded JSON into a rule in canonical form.

    Raises ``InvalidError`` naming every mistake by its path, such as
    ``eligibility_rule.all.0.at_least``, and saying what would be right.
    """
    mistakes = list(_mistakes(value, path))
    if mistakes:
        raise InvalidError(mistakes[:MOST_MISTAKES])
    return canonical(_read(value))


def canonical(rule: Rule) -> Rule:
    """Return the one form of rules that say the same in the same order.

    A group within one of its own kind is dissolved, one of a single part is that part, and what
    is said twice is said once. The order is the author's: questions are asked in it.
    """
    if isinstance(rule, Condition):
        return rule
    parts: dict[Rule, None] = {}
    for part in map(canonical, rule.parts):
        same_kind = isinstance(part, Group) and part.kind == rule.kind
        parts |= dict.fromkeys(part.parts if same_kind else (part,))  # type: ignore[union-attr]
    return next(iter(parts)) if len(parts) == 1 else Group(rule.kind, tuple(parts))


def as_json(rule: Rule) -> dict[str, Any]:
    """Return a rule as JSON values, the keys always in the same order."""
    if isinstance(rule, Group):
        return {rule.kind: [as_json(part) for part in rule.parts]}
    test, kind = rule.test, FACTS[rule.fact].kind
    if isinstance(test, Range):
        limits = _limits(test)
        return {"fact": rule.fact, **({"has": limits} if kind is Kind.NUMBERS else limits)}
    if isinstance(test, tuple):
        return {"fact": rule.fact, **({"is": test[0]} if len(test) == 1 else {"one_of": [*test]})}
    return {"fact": rule.fact, "is" if isinstance(test, bool) else "has": test}


def rule_from_ages(minimum_age: float | None, maximum_age: float | None) -> Rule | None:
    """Return the rule that HSDS ``minimum_age`` and ``maximum_age`` make, or None for no limit.

    0 to 200 is how many directories write "everybody". Ages that no person has, or that are not
    in order, make no rule.
    """
    youngest = minimum_age if minimum_age is not None and minimum_age > 0 else None
    oldest = maximum_age if maximum_age is not None and maximum_age < _NO_OLDEST else None
    value = {"fact": "age", **_limits(Range(youngest, oldest))}
    return None if any(_mistakes(value, "")) else _read(value)


# ----------------------------------------------------------------------------------- mistakes


def _mistakes(value: Any, path: str) -> Iterator[FieldError]:
    """Yield what is wrong, part by part; too deep or too many parts are told once."""
    waiting = [(value, path, 1)]
    seen = 0
    while waiting:
        part, where, depth = waiting.pop()
        seen += 1
        if seen > MOST_PARTS:
            yield FieldError(path, f"A rule has at most {MOST_PARTS} parts.")
            return
        if depth > MOST_DEEP:
            yield FieldError(where, f"Groups may lie at most {MOST_DEEP} deep.")
            continue
        group = _group_of(part)
        if group is None:
            yield from _mistakes_in_condition(part, where)
            continue
        yield from _others(part, (group,), where)
        if not isinstance(part[group], list) or not part[group]:
            yield FieldError(f"{where}.{group}", "Give a list of at least one condition or group.")
            continue
        inner = [(each, f"{where}.{group}.{n}", depth + 1) for n, each in enumerate(part[group])]
        waiting += reversed(inner[: MOST_PARTS + 1])


def _group_of(part: Any) -> Literal["all", "any"] | None:
    if isinstance(part, dict) and "all" in part:
        return "all"
    return "any" if isinstance(part, dict) and "any" in part else None


def _others(part: Mapping[Any, Any], allowed: Sequence[str], path: str) -> Iterator[FieldError]:
    """Yield the keys that have no business here."""
    known = " or ".join((", ".join(allowed[:-1]), allowed[-1])) if allowed[1:] else allowed[0]
    for key in [key for key in part if key not in allowed][:MOST_MISTAKES]:
        yield FieldError(f"{path}.{str(key)[:_SHOWN]}", f"Leave this out: here is only {known}.")


def _mistakes_in_condition(part: Any, path: str) -> Iterator[FieldError]:
    if not isinstance(part, dict) or "fact" not in part:
        yield FieldError(path, 'Give a condition with a "fact", or a group: "all" or "any".')
        return
    fact = FACTS.get(part["fact"]) if isinstance(part["fact"], str) else None
    if fact is None:
        yield FieldError(f"{path}.fact", f"Give one of: {', '.join(FACTS)}.")
        return
    operators = OPERATORS[fact.kind]
    yield from _others(part, ("fact", *operators), path)
    given = [name for name in operators if name in part]
    if not given:
        yield FieldError(path, f"Say what must be so of it: {' or '.join(operators)}.")
    if len(given) > 1 and tuple(given) != _RANGE:
        yield FieldError(path, f"Give only one of {' and '.join(given)}.")
    for name in given:
        yield from _mistakes_in_value(fact, name, part[name], f"{path}.{name}")
    if tuple(given) == _RANGE:
        yield from _mistakes_in_order(part, path)


def _mistakes_in_value(fact: Fact, name: str, value: Any, path: str) -> Iterator[FieldError]:
    if name == "one_of":
        if not isinstance(value, list) or not 1 <= len(value) <= MOST_PARTS:
            yield FieldError(path, f"Give a list of 1 to {MOST_PARTS} values.")
            return
        for n, each in enumerate(value):
            yield from mistakes_in_text(fact, each, f"{path}.{n}")
    elif fact.kind is Kind.FLAG:
        if not isinstance(value, bool):
            yield FieldError(path, "Give true or false.")
    elif fact.kind is Kind.NUMBERS:
        yield from _mistakes_in_range(fact, value, path)
    elif fact.kind in (Kind.NUMBER, Kind.WHOLE):
        yield from mistakes_in_number(fact, value, path)
    else:
        yield from mistakes_in_text(fact, value, path)


def _mistakes_in_range(fact: Fact, value: Any, path: str) -> Iterator[FieldError]:
    if not isinstance(value, dict) or not any(name in value for name in _RANGE):
        yield FieldError(path, "Give a range: at_least, at_most or both.")
        return
    yield from _others(value, _RANGE, path)
    for name in _RANGE:
        if name in value:
            yield from mistakes_in_number(fact, value[name], f"{path}.{name}")
    if all(name in value for name in _RANGE):
        yield from _mistakes_in_order(value, path)


def _mistakes_in_order(part: Mapping[str, Any], path: str) -> Iterator[FieldError]:
    lowest, highest = (part[name] for name in _RANGE)
    if is_number(lowest) and is_number(highest) and lowest > highest:
        yield FieldError(f"{path}.at_most", "The most comes below the least: nobody fits.")


# ------------------------------------------------------------------------------------ reading


def _read(part: Mapping[str, Any]) -> Rule:
    """Read what has no mistakes."""
    group = _group_of(part)
    if group is not None:
        return Group(group, tuple(_read(each) for each in part[group]))
    name, kind = part["fact"], FACTS[part["fact"]].kind
    if kind in (Kind.NUMBER, Kind.WHOLE):
        return Condition(name, _range(part))
    if kind is Kind.NUMBERS:
        return Condition(name, _range(part["has"]))
    if "has" in part:
        return Condition(name, part["has"])
    if kind is Kind.FLAG:
        return Condition(name, part["is"])
    return Condition(name, tuple(sorted({part["is"]} if "is" in part else {*part["one_of"]})))


def _range(limits: Mapping[str, Any]) -> Range:
    return Range(*(None if (each := limits.get(name)) is None else _plain(each) for name in _RANGE))


def _plain(number: float) -> float:
    """Return a whole number as one: 18.0 and 18 say the same."""
    return int(number) if number == int(number) else number


def _limits(limits: Range) -> dict[str, float]:
    both = {"at_least": limits.at_least, "at_most": limits.at_most}
    return {name: limit for name, limit in both.items() if limit is not None}
