"""The facts that an eligibility rule may speak of: what each is, and what can be said of it.

Immigration status is not among them and never will be: it is not asked, so no rule may need it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Kind(StrEnum):
    """What sort of value a fact has, and with it which conditions can be put on it."""

    NUMBER = "number"
    WHOLE = "whole number"
    FLAG = "yes or no"
    CHOICE = "one of a list"
    PATTERN = "a code"
    CHOICES = "some of a list"
    PATTERNS = "some codes"
    NUMBERS = "some numbers"


#: The conditions that can be put on each kind of fact. ``at_least`` and ``at_most`` may stand
#: together; each of the others stands alone.
OPERATORS: Final[Mapping[Kind, tuple[str, ...]]] = MappingProxyType(
    {
        Kind.NUMBER: ("at_least", "at_most"),
        Kind.WHOLE: ("at_least", "at_most"),
        Kind.FLAG: ("is",),
        Kind.CHOICE: ("is", "one_of"),
        Kind.PATTERN: ("is", "one_of"),
        Kind.CHOICES: ("has",),
        Kind.PATTERNS: ("has",),
        Kind.NUMBERS: ("has",),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something about a person or their household.

    Numbers lie from ``low`` to ``high``; texts are among ``choices`` or match ``pattern`` whole,
    such as ``example``. ``birthdays``: they are years of age, and one that is whole lasts until
    the next birthday. ``cost`` is what it costs somebody to be asked, where asking for their age
    costs 1.
    """

    kind: Kind
    meaning: str
    low: int = 0
    high: int = 0
    choices: tuple[str, ...] = ()
    pattern: str = ""
    example: str = ""
    birthdays: bool = False
    cost: float = 1.0

    def end_of(self, most: float) -> float:
        """Return the number at which "at most" ends: of whole years of age the next birthday."""
        return most + 1 if self._lasts_to_birthday(most) else most

    def exceeds(self, number: float, most: float) -> bool:
        """Say whether a number is more than a most allows."""
        return number >= most + 1 if self._lasts_to_birthday(most) else number > most

    def _lasts_to_birthday(self, most: float) -> bool:
        return self.birthdays and most == int(most)


_OLDEST: Final = 150

FACTS: Final[Mapping[str, Fact]] = MappingProxyType(
    {
        "age": Fact(
            kind=Kind.NUMBER,
            high=_OLDEST,
            birthdays=True,
            meaning="Age in years. A whole number at most lasts until the next birthday: 17 "
            "means until the 18th. A fraction is exact: 0.5 is six months.",
        ),
        "household_size": Fact(
            kind=Kind.WHOLE, low=1, high=50, meaning="People who live and eat together."
        ),
        "income_month": Fact(
            kind=Kind.NUMBER,
            high=1_000_000,
            cost=3.0,
            meaning="Income of the household in a month, before taxes, in US dollars.",
        ),
        "income_poverty_percent": Fact(
            kind=Kind.NUMBER,
            high=10_000,
            meaning="Income of the household, in percent of the federal poverty line for its size.",
        ),
        "county": Fact(
            kind=Kind.PATTERN,
            pattern=r"[A-Z]{2}:[A-Z][A-Za-z.'\-]*(?: [A-Za-z.'\-]+){0,6}",
            example="MI:Ingham County",
            meaning="Where they live: the state and the county.",
        ),
        "zip": Fact(
            kind=Kind.PATTERN,
            pattern="[0-9]{5}",
            example="48933",
            meaning="Where they live: the ZIP code.",
        ),
        "languages": Fact(
            kind=Kind.PATTERNS,
            pattern="[a-z]{2,3}",
            example="es",
            meaning="Languages they speak (ISO 639).",
        ),
        "veteran": Fact(kind=Kind.FLAG, cost=1.5, meaning="Has served in the armed forces."),
        "pregnant": Fact(kind=Kind.FLAG, cost=3.0, meaning="Is pregnant."),
        "children_ages": Fact(
            kind=Kind.NUMBERS,
            high=_OLDEST,
            birthdays=True,
            meaning="Ages of the children they care for, counted as age is. The condition is "
            "that one of them is in the range.",
        ),
        "insurance": Fact(
            kind=Kind.CHOICES,
            choices=("none", "medicaid", "medicare", "chip", "va", "marketplace", "employer"),
            cost=2.0,
            meaning="Health insurance they have.",
        ),
        "housing": Fact(
            kind=Kind.CHOICE,
            choices=(
                *("unsheltered", "shelter", "with-others", "losing-home"),
                *("renting", "owning", "institution"),
            ),
            cost=2.0,
            meaning="Where they sleep, or that they are about to lose it.",
        ),
        "documents": Fact(
            kind=Kind.CHOICES,
            choices=(
                *("photo-id", "birth-certificate", "social-security-card", "proof-of-address"),
                *("proof-of-income", "proof-of-pregnancy", "discharge-papers", "referral"),
                *("lease", "utility-bill", "eviction-notice", "insurance-card"),
            ),
            cost=2.0,
            meaning="Papers they have in hand.",
        ),
    }
)
