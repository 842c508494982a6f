"""What somebody tells about a person, read into facts that rules can be held against.

Kept nowhere: it comes with a question and is gone with the answer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from directory.eligibility import Facts, Known
from directory.eligibility_facts import FACTS, Fact, Kind
from directory.errors import FieldError, InvalidError
from directory.fact_values import mistakes_in_number, mistakes_in_text
from directory.poverty_lines import percent_of_line
from geo.gazetteer import get_zip

#: So many values a list has at most: no family is larger, nobody speaks more languages.
MOST_VALUES: Final = 50

#: Facts that nobody is asked for, because they follow from others.
_FOLLOW: Final[Mapping[str, tuple[str, ...]]] = {
    "income_poverty_percent": ("household_size", "income_month")
}

_SEVERAL: Final = (Kind.CHOICES, Kind.PATTERNS, Kind.NUMBERS)


def read_facts(
    value: Mapping[str, Any], *, state: str | None, on: date, path: str = "facts"
) -> Facts:
    """Read decoded JSON into facts, with those that follow from them. null is not known.

    ``state`` (two letters) and ``on`` say which poverty line counts; a ZIP or county among the
    facts goes before ``state``. Raises ``InvalidError`` naming every mistake by its path, such
    as ``facts.age``, and never a value.
    """
    mistakes = [mistake for name in value for mistake in _mistakes(name, value[name], path)]
    if mistakes:
        raise InvalidError(mistakes)
    known = {name: known_value(name, each) for name, each in value.items() if each is not None}
    return with_what_follows(known, state=state, on=on)


def facts_to_ask(wanted: Iterable[str], facts: Facts) -> tuple[str, ...]:
    """Return what to ask for so that these facts are known: those that they follow from."""
    base = (each for name in wanted for each in _FOLLOW.get(name, (name,)))
    return tuple(dict.fromkeys(name for name in base if name not in facts))


def with_what_follows(known: Facts, *, state: str | None, on: date) -> Facts:
    """Return facts with those that follow from them; ``state`` and ``on`` as in ``read_facts``."""
    size, income = (known.get(name) for name in _FOLLOW["income_poverty_percent"])
    if size is None or income is None or "income_poverty_percent" in known:
        return known
    percent = percent_of_line(
        _number(income), int(_number(size)), state=_state_of(known) or state, on=on
    )
    return {**known, "income_poverty_percent": percent}


def _number(known: Known) -> float:
    if not isinstance(known, int | float):
        raise TypeError("This fact is a number.")
    return known


def _state_of(known: Mapping[str, Known]) -> str | None:
    """Return the state that their county or ZIP code is in."""
    county, code = known.get("county"), known.get("zip")
    if isinstance(county, str):
        return county.partition(":")[0]
    place = get_zip(code) if isinstance(code, str) else None
    return place.state if place else None


def _mistakes(name: str, value: Any, path: str) -> Iterator[FieldError]:
    fact = FACTS.get(name)
    if fact is None:
        yield FieldError(path, f"Here is only: {', '.join(FACTS)}.")
    elif value is None:
        return
    elif fact.kind in _SEVERAL:
        yield from _mistakes_in_list(fact, value, f"{path}.{name}")
    elif fact.kind is Kind.FLAG:
        if not isinstance(value, bool):
            yield FieldError(f"{path}.{name}", "Give true or false.")
    else:
        yield from _mistakes_in_one(fact, value, f"{path}.{name}")


def _mistakes_in_list(fact: Fact, value: Any, path: str) -> Iterator[FieldError]:
    if not isinstance(value, list) or len(value) > MOST_VALUES:
        yield FieldError(path, f"Give a list of at most {MOST_VALUES} values.")
        return
    for n, each in enumerate(value):
        yield from _mistakes_in_one(fact, each, f"{path}.{n}")
    if "none" in fact.choices and "none" in value and len(value) > 1:
        yield FieldError(path, 'Give "none" alone, or leave it out.')


def _mistakes_in_one(fact: Fact, value: Any, path: str) -> Iterator[FieldError]:
    numeric = fact.kind in (Kind.NUMBER, Kind.WHOLE, Kind.NUMBERS)
    return (mistakes_in_number if numeric else mistakes_in_text)(fact, value, path)


def known_value(name: str, value: Any) -> Known:
    """Make a value of a fact that has no mistakes what rules are held against."""
    fact = FACTS[name]
    if fact.kind is Kind.NUMBERS:
        numbers: Sequence[float] = value
        return tuple(numbers)
    if fact.kind in _SEVERAL:
        return frozenset(value)
    known: Known = value
    return known
