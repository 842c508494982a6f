"""Mending phone numbers. Those of North America are written in one way; others are left."""

import re
from typing import Final, NamedTuple

from directory.hsds.mend import CannotMendError, Mended
from directory.hsds.mend.words import line

_NORTH_AMERICAN: Final = re.compile(
    r"(?:\+?1[\s.-]*)?\(?(\d{3})\)?[\s.-]*(\d{3})[\s.-]*(\d{4})"
    r"(?:,?\s*(?:x|ext\.?|extension)\s*(\d{1,10}))?",
    re.IGNORECASE,
)
_BETWEEN: Final = re.compile(r"\s*(?:;|\bor\b)\s*")
_FEWEST_DIGITS: Final = 3  # 211, 988
#: The words of other formats for HSDS's, which are RFC 6350's.
_TYPES: Final = {"sms": "text", "tty": "textphone", "tdd": "textphone", "hotline": "voice"}


class PhoneNumber(NamedTuple):
    """A number and what to press after it."""

    number: str
    extension: str | None = None


def numbers(raw: str) -> Mended[tuple[PhoneNumber, ...]]:
    """Return the phone numbers in a cell: mostly one, sometimes "... or ..."."""
    words, _ = line(raw)
    if words is None:
        return (), None
    parts = [_NORTH_AMERICAN.fullmatch(part) for part in _BETWEEN.split(words)]
    if not all(parts):
        return (_as_it_stands(words),), None
    found = tuple(_written_out(match) for match in parts if match)
    return found, _note(words, found)


def kind(raw: str) -> Mended[str | None]:
    """Return what a number is for, in HSDS's words: voice, text, fax, textphone ..."""
    words, note = line(raw)
    if words is None:
        return None, note
    mended = _TYPES.get(words.casefold(), words.casefold())
    return mended, note if mended == words.casefold() else "the word that HSDS has for it"


def _as_it_stands(words: str) -> PhoneNumber:
    """Keep what people can dial though we cannot read it, such as 1-800-LAW-HELP."""
    if sum(character.isdigit() for character in words) < _FEWEST_DIGITS:
        raise CannotMendError("not a phone number")
    return PhoneNumber(words)


def _written_out(match: re.Match[str]) -> PhoneNumber:
    area, exchange, last, extension = match.groups()
    return PhoneNumber(f"({area}) {exchange}-{last}", extension)


def _note(words: str, found: tuple[PhoneNumber, ...]) -> str | None:
    if len(found) > 1:
        return "several numbers taken apart"
    if found[0].extension:
        return "extension taken from the number"
    return None if found[0].number == words else "written as (area) number"
