"""What people type about where they are, made into a place, without asking any other machine.

ZIP codes, towns of the United States and coordinates are understood; street addresses are not.
Where somebody is can be private: no message repeats what was typed.
"""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

from geo.place_names import TownReading, key_of, state_alone, town_readings, words_of
from geo.places import Place, Town
from geo.points import Point, checked_point, kilometres_between
from geo.zip_index import zip_index

__all__ = [
    "AmbiguousPlaceError",
    "Place",
    "UnknownPlaceError",
    "find_places",
    "get_zip",
    "resolve_place",
]

_MOST_SUGGESTIONS: Final = 8
_LONGEST_TEXT: Final = 200
_SHORTEST_BEGINNING: Final = 2
"""Letters of a town's name from which suggestions are made."""

_CLOSE_KM: Final = 150.0
_CLEARLY_CLOSER: Final = 2.0
"""A namesake is meant when it is this close to the reader and the next is this much further."""

_NUMBER: Final = r"([+-]?[0-9]{1,3}(?:\.[0-9]*)?)"
_DECIMAL: Final = r"([+-]?[0-9]{1,3}\.[0-9]+)"
# Between whole numbers a space is not enough: those may be anything.
_COORDINATES: Final = re.compile(rf"{_NUMBER}\s*,\s*{_NUMBER}|{_DECIMAL}\s+{_DECIMAL}")
_ZIP: Final = re.compile(r"([0-9]{5})(?:[- ]?[0-9]{4})?")
_ZIP_BEGINNING: Final = re.compile(r"[0-9]{3,4}")
_ZIP_THEN_TOWN: Final = re.compile(r"([0-9]{5})(?:-[0-9]{4})?[\s,]+(.+)")
_TOWN_THEN_ZIP: Final = re.compile(r".+[\s,]([0-9]{5})(?:-[0-9]{4})?")


class UnknownPlaceError(ValueError):
    """Nothing we know is meant; the message says what would be understood."""


class AmbiguousPlaceError(ValueError):
    """Several places may be meant: ask which of `candidates`, likeliest first."""

    def __init__(self, message: str, candidates: list[Place]) -> None:
        super().__init__(message)
        self.candidates = candidates


def get_zip(code: str) -> Place | None:
    """Find a ZIP code ("01020", "48933-1234"), or None when it has no place on the map."""
    found = _ZIP.fullmatch(code.strip())
    return zip_index().zip_code(found[1]) if found else None


def find_places(
    text: str, *, limit: int = _MOST_SUGGESTIONS, near: Point | None = None
) -> list[Place]:
    """Suggest up to `limit` places for what has been typed so far; none when nothing fits.

    Full matches come before names that go on; within each, the towns with most ZIP codes first,
    or those nearest to `near`.
    """
    try:
        matches = _matches(text, near)
    except UnknownPlaceError:
        return []
    return [*matches.whole, *matches.begun][: max(limit, 0)]


def resolve_place(text: str, *, near: Point | None = None) -> Place:
    """Find the one place that is meant.

    Raises `UnknownPlaceError`, or `AmbiguousPlaceError` when several fit: also when one of them is
    much the biggest, for the others are somebody's home. Given the reader's own whereabouts in
    `near`, a namesake within 150 km is taken when every other is more than twice as far.
    """
    matches = _matches(text, near)
    candidates = matches.whole or matches.begun
    if not candidates:
        raise UnknownPlaceError(
            "We do not know that place. Give a 5-digit ZIP code, or a town and its state, "
            "such as Lansing, MI."
        )
    if len(candidates) == 1 and not _names_another_state(text, candidates[0]):
        return candidates[0]
    if near and matches.whole and _is_clearly_closer(matches.whole, near):
        return matches.whole[0]
    raise AmbiguousPlaceError(
        "That could be more than one place. Choose one, or give the town and its state.",
        matches.whole or matches.begun[:_MOST_SUGGESTIONS],
    )


class _Matches(NamedTuple):
    """Places whose whole name was typed, and places whose name was begun, likeliest first."""

    whole: list[Place]
    begun: list[Place]


def _matches(text: str, near: Point | None) -> _Matches:
    typed = text.strip().replace("\N{MINUS SIGN}", "-")
    if len(typed) > _LONGEST_TEXT:
        return _Matches([], [])
    if coordinates := _COORDINATES.fullmatch(typed):
        latitude, longitude = (number for number in coordinates.groups() if number)
        return _Matches([_place_at(float(latitude), float(longitude))], [])
    if zip_code := _zip_in(typed):
        return _Matches([zip_code], [])
    if _ZIP_BEGINNING.fullmatch(typed):
        return _Matches([], _nearest_first(zip_index().zip_codes_beginning(typed), near))
    return _town_matches(town_readings(typed), near)


def _place_at(latitude: float, longitude: float) -> Place:
    """Make a place of coordinates, with county, state and time zone of the nearest ZIP code."""
    try:
        point = checked_point(latitude, longitude)
    except ValueError as impossible:
        raise UnknownPlaceError(str(impossible)) from None
    nearest = zip_index().nearest(point)
    return Place(
        label=f"{_rounded(latitude)}, {_rounded(longitude)}",
        point=point,
        postal_code=None,
        city="",
        county=nearest.county if nearest else "",
        state=nearest.state if nearest else "",
        timezone=nearest.timezone if nearest else "UTC",
        kind="coordinates",
    )


def _rounded(degrees: float) -> Decimal:
    """Round to 3 decimals, about 100 m, halves away from zero as people do; never "-0.000"."""
    return Decimal(str(degrees)).quantize(Decimal("0.001"), ROUND_HALF_UP) + 0


def _zip_in(typed: str) -> Place | None:
    """Find the ZIP code that was typed alone, before its own town, or after anything.

    Five digits before anything else are a house number.
    """
    if found := _ZIP_THEN_TOWN.fullmatch(typed):
        place = get_zip(found[1])
        if place and _is_town_of(found[2], place):
            return place
    found = _TOWN_THEN_ZIP.fullmatch(typed)
    return get_zip(found[1] if found else typed)


def _is_town_of(text: str, zip_code: Place) -> bool:
    """Whether the text is the ZIP code's town, its state, or both."""
    return state_alone(text) == zip_code.state or any(
        reading.key == key_of(words_of(zip_code.city)) and reading.allows(zip_code.state)
        for reading in town_readings(text)
    )


def _town_matches(readings: Iterable[TownReading], near: Point | None) -> _Matches:
    index = zip_index()
    whole: list[Town] = []
    begun: list[Town] = []
    for reading in readings:
        whole += index.towns_named(reading)
        if len(reading.key) >= _SHORTEST_BEGINNING:
            begun += index.towns_beginning(reading)
    return _Matches(_ranked(whole, near), _ranked(set(begun) - set(whole), near))


def _ranked(towns: Iterable[Town], near: Point | None) -> list[Place]:
    """Order towns by their number of ZIP codes, or by nearness to the reader."""
    biggest_first = sorted(towns, key=lambda town: (-len(town.zips), town.name, town.state))
    return _nearest_first([town.place() for town in biggest_first], near)


def _nearest_first(places: list[Place], near: Point | None) -> list[Place]:
    if near is None:
        return places
    return sorted(places, key=lambda place: kilometres_between(near, place.point))


def _is_clearly_closer(nearest_first: list[Place], near: Point) -> bool:
    """Whether the first is close and every other more than twice as far."""
    distances = [kilometres_between(near, place.point) for place in nearest_first]
    return distances[0] <= _CLOSE_KM and all(
        other > _CLEARLY_CLOSER * distances[0] for other in distances[1:]
    )


def _names_another_state(text: str, place: Place) -> bool:
    """Whether the text is the bare name of a state, and the place is in another one.

    "Michigan" is a town in North Dakota, which hardly anybody means by it.
    """
    return state_alone(text) not in {None, place.state}
