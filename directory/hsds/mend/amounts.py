"""Mending numbers: ages, money, counts."""

import re
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

from directory.hsds.mend import CannotMendError, Mended
from directory.hsds.mend.words import line

#: From this age on a "limit" means that there is none.
NO_LIMIT: Final = 120
_LARGEST: Final = 2**31 - 1  # what an integer column holds
_AGES: Final = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*(?:-|\u2013|to)\s*(\d{1,3}(?:\.\d+)?)")
_ANY_AGE: Final = re.compile(r"\b(?:ages?|aged)\s+\d", re.IGNORECASE)
_OR_OVER: Final = re.compile(
    r"\bage[sd]?\s+(\d{1,2})\s+(?:or|and)\s+(?:over|older|above|up)(?=\s*(?:[.,;]|$))",
    re.IGNORECASE,
)
_FROM_TO: Final = re.compile(
    r"\bage[sd]?\s+(\d{1,2})\s*(?:-|\u2013|to)\s*(\d{1,2})(?=\s*(?:[.,;]|$))", re.IGNORECASE
)
_BUT: Final = re.compile(
    r"\b(or disabled|disabled|except|unless|most|some|under|younger|if|caregivers?)\b",
    re.IGNORECASE,
)


class Ages(NamedTuple):
    """Whom a service is for, in years, both ends included; empty is no limit."""

    minimum: float | None = None
    maximum: float | None = None


def ages(minimum: str, maximum: str = "") -> Mended[Ages]:
    """Read an age range from its two cells, or from one that says "0-200"."""
    both = _AGES.fullmatch(minimum.strip())
    if both and not maximum.strip():
        minimum, maximum = both.groups()
    low, high = _age(minimum), _age(maximum)
    limits = Ages(low or None, high if high is not None and high < NO_LIMIT else None)
    if limits.minimum and limits.maximum and limits.minimum > limits.maximum:
        raise CannotMendError("the lowest age is above the highest")
    return limits, None if limits == Ages(low, high) else "not a limit"


def _age(raw: str) -> float | None:
    words, _ = line(raw)
    if words is None:
        return None
    if not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", words):
        raise CannotMendError("not an age in years")
    return float(words)


def ages_in_words(words: str) -> Ages:
    """Find the age that a sentence asks for, if it says exactly one, without an "or" or "but".

    "Resident of the county age 55 or over" is 55; "Age 55 or over for most programs, age 60
    or over for lunch" says two, and is left for people to read.
    """
    if len(_ANY_AGE.findall(words)) != 1 or _BUT.search(words):
        return Ages()
    if found := _OR_OVER.search(words):
        return Ages(float(found[1]))
    if (found := _FROM_TO.search(words)) and int(found[1]) <= int(found[2]):
        return Ages(float(found[1]), float(found[2]))
    return Ages()


def cents(raw: str) -> Mended[int | None]:
    """Return an amount of money in whole cents, as in "$1,234.50"."""
    words, _ = line(raw)
    if words is None:
        return None, None
    digits = words.replace("$", "").replace(",", "").strip()
    try:
        amount = Decimal(digits) * 100
    except InvalidOperation as error:
        raise CannotMendError("not an amount of money") from error
    if (
        not amount.is_finite()
        or amount != amount.to_integral_value()
        or not 0 <= amount <= _LARGEST
    ):
        raise CannotMendError("not an amount of money")
    return int(amount), None if digits == words else "only the number kept"


def whole(raw: str) -> Mended[int | None]:
    """Return a whole number that is not negative."""
    words, _ = line(raw)
    if words is None:
        return None, None
    if not re.fullmatch(r"\d{1,9}(\.0+)?", words):
        raise CannotMendError("not a whole number")
    return int(float(words)), None
