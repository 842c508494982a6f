"""Areas as people write them: "Wayne County, MI", "48201, 48202", "Michigan".

What could be two things is refused and never guessed, for it decides whom a service is told to.
"""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import groupby
from typing import Final

from geo.counties import find_county
from geo.gazetteer import get_zip
from geo.place_names import town_readings
from geo.states import STATE_NAMES, state_of
from geo.zip_index import zip_index

#: Words that stand with ZIP codes and say nothing more.
_BESIDE_ZIPS: Final = re.compile(
    r"zips?|zipcodes?|codes?|and|c[oó]digos?|postal(?:es)?|y", re.IGNORECASE
)
_WHOLE: Final = re.compile(
    r"^(?:(?:the )?(?:whole|all|entire|state)(?: of)?|tod[oa](?: el estado de)?|el estado de) ",
    re.IGNORECASE,
)
_BETWEEN_STATES: Final = re.compile(r",| and | y ", re.IGNORECASE)


class Unread(StrEnum):
    """Why a text is not read as an area."""

    NO_ZIP = "no such ZIP code"
    AMBIGUOUS = "states, or a county or town in one"
    UNKNOWN = "no area that we know"


class UnreadAreaError(ValueError):
    """A text is no area: ``text`` is what of it cannot be read."""

    def __init__(self, why: Unread, text: str) -> None:
        super().__init__(why)
        self.why, self.text = why, text


def read_areas(line: str) -> tuple[str, ...]:
    """Return the short names (``geo.areas``) of what a line names, each once and in its order.

    Counties have a semicolon between them, ZIP codes and states a comma or "and". Raises
    ``UnreadAreaError`` for the first that cannot be read.
    """
    parts = (" ".join(part.split()) for part in line.split(";"))
    return tuple(dict.fromkeys(name for part in parts if part for name in _read(part)))


def _read(text: str) -> Iterator[str]:
    if text[-1].isdigit() or text[0].isdigit():
        yield from map(_zip, _codes(text))
    elif states := _states(text):
        if "," in text and (find_county(text) or _is_town(text)):
            raise UnreadAreaError(Unread.AMBIGUOUS, text)
        yield from states
    else:
        county = find_county(text)
        if county is None:
            raise UnreadAreaError(Unread.UNKNOWN, text)
        yield county.replace(" ", "_")


def _codes(text: str) -> list[str]:
    words = re.split(r"[\s,]+", text)
    return [word for word in words if word and not _BESIDE_ZIPS.fullmatch(word)]


def _zip(code: str) -> str:
    place = get_zip(code)
    if place is None or place.postal_code is None:
        raise UnreadAreaError(Unread.NO_ZIP, code)
    return place.postal_code


def _states(text: str) -> list[str] | None:
    """Return the codes of states that are all that a text names; None where it names another."""
    parts = [part.strip() for part in _BETWEEN_STATES.split(text)]
    names = (_WHOLE.sub("", part, count=1) for part in parts if part)
    codes = [state_of(name.casefold().replace(" ", "")) for name in names]
    return [code for code in codes if code] if codes and all(codes) else None


def _is_town(text: str) -> bool:
    return any(zip_index().towns_named(reading) for reading in town_readings(text))


def written_areas(names: Iterable[str]) -> str:
    """Write short names as people do: "Wayne County, MI; 48201, 48202"; ``read_areas`` reads it."""
    groups = groupby(names, str.isdigit)
    return "; ".join((", " if are_zips else "; ").join(map(_written, g)) for are_zips, g in groups)


def _written(name: str) -> str:
    state, colon, county = name.partition(":")
    if colon:
        return f"{county.replace('_', ' ')}, {state}"
    return STATE_NAMES.get(state, state)
