"""What a value of a fact may be, in a rule and in what somebody tells about themselves."""

import re
from collections.abc import Iterator
from math import isfinite
from typing import Any

from directory.eligibility_facts import Fact, Kind
from directory.errors import FieldError


def mistakes_in_number(fact: Fact, value: Any, path: str) -> Iterator[FieldError]:
    """Yield what is wrong with a number."""
    whole = fact.kind is Kind.WHOLE
    sound = is_number(value) and fact.low <= value <= fact.high
    if not sound or (whole and value != int(value)):
        what = "a whole number" if whole else "a number"
        yield FieldError(path, f"Give {what} from {fact.low} to {fact.high}.")


def is_number(value: Any) -> bool:
    """Say whether a JSON value is a number that has a size."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and isfinite(value))


def mistakes_in_text(fact: Fact, value: Any, path: str) -> Iterator[FieldError]:
    """Yield what is wrong with a code or a choice."""
    if fact.choices:
        if not isinstance(value, str) or value not in fact.choices:
            yield FieldError(path, f"Give one of: {', '.join(fact.choices)}.")
    elif not isinstance(value, str) or not re.fullmatch(fact.pattern, value):
        yield FieldError(path, f'Give it in the form of "{fact.example}".')
