"""How alike two listings are, and why: pure, so that a form, a list and a test say the same.

A score of 0 to 100. Names alone are not enough to be sure, nor is a shared telephone: many
agencies share a switchboard, and many towns have a "Community Pantry".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice, product
from typing import Final

from rapidfuzz import fuzz

from directory.folding import fold
from geo.points import Point, kilometres_between

#: From this score on, a pair is shown to a person.
LIKELY: Final = 80
#: From this one on, whoever writes something new is asked whether it is there already.
WORTH_ASKING: Final = 70

#: Names as alike as this (0 to 100) count as the same name written differently.
_SAME_NAME: Final = 88
#: Two doors as near as this may be one.
_SAME_PLACE_KM: Final = 0.15
#: Two of the same name as far apart as this are two: every town has its Community Pantry.
_TOWNS_APART_KM: Final = 30.0
_WHOLLY: Final = 100
_PHONE_DIGITS: Final = 10

#: Words that say what kind of body it is, or nothing.
_EMPTY_WORDS: Final = frozenset(
    {"the", "of", "and", "a", "an", "for", "in", "at", "inc", "llc", "ltd", "co", "corp", "nfp"}
)
_SHORT_WORDS: Final = {"saint": "st", "mount": "mt", "fort": "ft", "centre": "center"}
_STREET_WORDS: Final = {
    "street": "st",
    "avenue": "ave",
    "road": "rd",
    "boulevard": "blvd",
    "drive": "dr",
    "lane": "ln",
    "court": "ct",
    "place": "pl",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "suite": "ste",
}

#: The same words the other way round too: how else each may be written.
_WRITTEN_ELSE: Final = {**_STREET_WORDS, **{short: long for long, short in _STREET_WORDS.items()}}
_MOST_SPELLINGS: Final = 64
#: Shorter than this a "street" is a slip, and taking it out of texts would spoil them.
_SHORTEST_STREET: Final = 5


class Sign(StrEnum):
    """Why two listings may be the same."""

    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"
    NEAR = "near"


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How alike (0 to 100), and by what signs."""

    score: int
    signs: frozenset[Sign]


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What is compared. ``point`` only of places that everybody may know."""

    name: str
    alternate_name: str = ""
    phones: frozenset[str] = frozenset()
    street: str = ""
    point: Point | None = None


def likeness(a: Described, b: Described) -> Likeness:
    """Compare two listings; the order of the two does not matter."""
    name = _name_likeness(a, b)
    signs = set()
    if name >= _SAME_NAME:
        signs.add(Sign.NAME)
    if phone_keys(a.phones) & phone_keys(b.phones):
        signs.add(Sign.PHONE)
    if street_key(a.street) and street_key(a.street) == street_key(b.street):
        signs.add(Sign.ADDRESS)
    apart = kilometres_between(a.point, b.point) if a.point and b.point else None
    if apart is not None and apart <= _SAME_PLACE_KM:
        signs.add(Sign.NEAR)
    far = apart is not None and apart > _TOWNS_APART_KM
    return Likeness(score=_score(name, signs, far=far), signs=frozenset(signs))


def _score(name: float, signs: set[Sign], *, far: bool) -> int:
    """Put the signs together: the name leads, and each other sign makes it surer.

    The very same name is a likely pair by itself, unless the two are towns apart. Without a
    like name the rest is no more than a question: agencies share telephones and houses.
    """
    others = len(signs - {Sign.NAME})
    if Sign.NAME not in signs:
        return min(LIKELY - 1, round(name * 0.4) + 15 * others)
    alone = LIKELY if name == _WHOLLY else max(round(name) - 25, WORTH_ASKING)
    return min(_WHOLLY, alone - 20 * far + 15 * others)


def _name_likeness(a: Described, b: Described) -> float:
    return max(fuzz.token_sort_ratio(mine, yours) for mine in _names(a) for yours in _names(b))


def _names(described: Described) -> list[str]:
    names = [described.name, described.alternate_name]
    return [name_key(name) for name in names if name] or [""]


@lru_cache(maxsize=50_000)
def name_key(name: str) -> str:
    """Return a name without case, accents, signs and the words that all names have."""
    bare = name.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")
    words = [_SHORT_WORDS.get(word, word) for word in fold(bare).split()]
    return " ".join(word for word in words if word not in _EMPTY_WORDS) or " ".join(words)


def street_key(street: str) -> str:
    """Return the first line of an address in one spelling: "12 n oak st"."""
    return " ".join(_STREET_WORDS.get(word, word) for word in fold(street).split())


def street_spellings(street: str) -> set[str]:
    """Return the first line of an address as people may write it: "12 Oak Lane", "12 Oak ln"."""
    written = (
        dict.fromkeys((word, bare, _WRITTEN_ELSE.get(bare.casefold(), bare)))
        for word in street.split()
        for bare in (word.strip(".,"),)
    )
    return {street, *(" ".join(words) for words in islice(product(*written), _MOST_SPELLINGS))}


def streets_to_withhold(streets: Iterable[str]) -> set[str]:
    """Return all spellings of some streets that are to be taken out of texts."""
    spelled = (each for street in streets for each in street_spellings(street))
    return {each for each in spelled if len(each) >= _SHORTEST_STREET}


@lru_cache
def street_pattern(spellings: frozenset[str]) -> re.Pattern[str]:
    """Return what finds any of some streets in a text; of none, nothing."""
    longest_first = sorted(spellings, key=len, reverse=True)  # "12 Oak St" is in "12 Oak Street"
    return re.compile("|".join(map(re.escape, longest_first)) or "(?!)", re.IGNORECASE)


def phone_keys(numbers: Iterable[str]) -> set[str]:
    """Return the last ten digits of each number that has so many."""
    digits = (re.sub(r"\D", "", number.partition("ext")[0]) for number in numbers)
    return {each[-_PHONE_DIGITS:] for each in digits if len(each) >= _PHONE_DIGITS}
