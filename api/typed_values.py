"""Numbers and counties as people write them: "$2,000", "200%", "6 months", "Ingham County, MI"."""

import re
from collections.abc import Collection
from decimal import Decimal
from math import isfinite
from typing import Final

from directory.eligibility_facts import FACTS
from geo.counties import find_county

#: Younger than this, ages that are not whole years are written in months.
_YEARS_FROM: Final = 3
_MONTHS_A_YEAR: Final = 12

_NUMBER: Final = r"((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)"
_MONTHS: Final = r"(?:months?|mos?\.?|mes|meses)"
_YEARS: Final = r"(?:years?|yrs?\.?|años?)"
_AGE: Final = re.compile(rf"{_NUMBER} ?(?:({_MONTHS})|{_YEARS})?", re.IGNORECASE)
_FORMS: Final = {
    "household_size": re.compile(_NUMBER),
    "income_month": re.compile(rf"\$? ?{_NUMBER}"),
    "income_poverty_percent": re.compile(rf"{_NUMBER} ?%?"),
}


def written_number(fact: str, number: float) -> str:
    """Write a number as people do: ``"$2,000"``, ``"200%"``, ``"6 months"``."""
    if FACTS[fact].birthdays and number < _YEARS_FROM and number != int(number):
        months = round(number * _MONTHS_A_YEAR)
        if months / _MONTHS_A_YEAR == number:
            return f"{months} months"
    digits = format(Decimal(repr(number)), ",f")
    if fact == "income_month":
        return f"${digits}"
    return f"{digits}%" if fact == "income_poverty_percent" else digits


def read_county(text: str, known: Collection[str] = ()) -> str | None:
    """Return the county that is meant, "MI:Ingham County"; None where that is not sure."""
    name, _, state = text.strip().rpartition(", ")
    as_it_was = f"{state}:{name}"
    return as_it_was if as_it_was in known else find_county(text)


def read_number(fact: str, text: str) -> float | None:
    """Read a number as people type it, ages in years; None where it is none."""
    found = _FORMS.get(fact, _AGE).fullmatch(" ".join(text.split()))
    if found is None:
        return None
    number = float(found[1].replace(",", ""))
    if not isfinite(number):
        return None
    if FACTS[fact].birthdays and found[2]:
        return number / _MONTHS_A_YEAR
    return number


def in_english(text: str) -> str:
    """Return an age in months as the form keeps it, in whichever language it was typed."""
    found = re.fullmatch(rf"{_NUMBER} ?{_MONTHS}", text, re.IGNORECASE)
    return f"{found[1]} months" if found else text
