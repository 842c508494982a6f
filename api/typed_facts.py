"""Facts as people type them into a form: "$1,800", "2, 7", "yes"."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from api.typed_values import read_number
from directory.eligibility_facts import FACTS, Kind
from directory.errors import FieldError, InvalidError

#: What stands between several; spaces too, where they are not within one ("6 months").
_BETWEEN = re.compile(r"\s*(?:[,;]|\band\b|\by\b)\s*", re.IGNORECASE)

_YES = {"yes": True, "no": False}

#: Letters of an answer: "6 months, 2, 7" for a large family, and far from what takes long to read.
_LONGEST = 200


def read_typed_facts(texts: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the facts that were typed, as ``directory.known_facts`` reads them.

    A list that was told and is empty is that there are none. Raises ``InvalidError`` naming what
    cannot be read by the name of its fact.
    """
    mistakes: list[FieldError] = []
    found: dict[str, Any] = {}
    for name, given in texts.items():
        if name in FACTS:
            try:
                found[name] = _read(name, [text.strip() for text in given if text.strip()])
            except ValueError as error:
                mistakes.append(FieldError(name, str(error)))
    if mistakes:
        raise InvalidError(mistakes)
    return found


def _read(name: str, texts: Sequence[str]) -> Any:
    """Read the answer to one question; ValueError says what would be right."""
    fact = FACTS[name]
    if any(len(text) > _LONGEST for text in texts):
        raise ValueError(f"Use at most {_LONGEST} letters.")
    if fact.kind is Kind.NUMBERS:
        parts = [part for text in texts for part in _BETWEEN.split(text) if part]
        return [number for part in parts for number in _numbers(name, part)]
    if fact.kind in (Kind.CHOICES, Kind.PATTERNS):
        return list(texts)
    if not texts:
        raise ValueError("Give an answer, or skip the question.")
    if fact.kind is Kind.FLAG:
        if texts[0] not in _YES:
            raise ValueError("Choose yes or no.")
        return _YES[texts[0]]
    if fact.kind in (Kind.NUMBER, Kind.WHOLE):
        number = _number(name, texts[0])
        return int(number) if fact.kind is Kind.WHOLE and number == int(number) else number
    return texts[0]


def _numbers(name: str, text: str) -> list[float]:
    whole = read_number(name, text)
    return [_number(name, part) for part in text.split()] if whole is None else [whole]


def _number(name: str, text: str) -> float:
    number = read_number(name, text)
    if number is None:
        raise ValueError("Give a number.")
    return number
