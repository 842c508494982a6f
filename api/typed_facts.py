"""Facts as people type them into a form: "$1,800", "2, 7", "yes"."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from directory.eligibility_facts import FACTS, Fact, Kind
from directory.errors import FieldError, InvalidError

#: What stands around numbers, and between several.
_AROUND = re.compile(r"[$%\s]|,(?=[0-9]{3}(?:\D|$))")
_BETWEEN = re.compile(r"\s*(?:,|;|\band\b|\by\b|\s)\s*", re.IGNORECASE)

_YES = {"yes": True, "no": False}


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
                found[name] = _read(FACTS[name], [text.strip() for text in given if text.strip()])
            except ValueError as error:
                mistakes.append(FieldError(name, str(error)))
    if mistakes:
        raise InvalidError(mistakes)
    return found


def _read(fact: Fact, texts: Sequence[str]) -> Any:
    """Read the answer to one question; ValueError says what would be right."""
    if fact.kind is Kind.NUMBERS:
        parts = [part for text in texts for part in _BETWEEN.split(text) if part]
        return [_number(part) for part in parts]
    if fact.kind in (Kind.CHOICES, Kind.PATTERNS):
        return list(texts)
    if not texts:
        raise ValueError("Give an answer, or skip the question.")
    if fact.kind is Kind.FLAG:
        if texts[0] not in _YES:
            raise ValueError("Choose yes or no.")
        return _YES[texts[0]]
    if fact.kind in (Kind.NUMBER, Kind.WHOLE):
        number = _number(texts[0])
        return int(number) if fact.kind is Kind.WHOLE and number == int(number) else number
    return texts[0]


def _number(text: str) -> float:
    bare = _AROUND.sub("", text)
    if not re.fullmatch(r"-?[0-9]{1,12}(?:\.[0-9]{0,6})?", bare):
        raise ValueError("Give a number.")
    return float(bare)
