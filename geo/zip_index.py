"""The ZIP codes and towns of the United States, from the `zipcodes` wheel, made searchable.

The wheel wants names in its own exact spelling, and would keep its rows as 100 MB of dicts. They
are read here once, in small parts, and only what a search needs is kept.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from sys import intern
from threading import Lock
from typing import Any, Final, NamedTuple

import zipcodes

from geo.grid import cell_of, cell_ranges
from geo.place_names import TownReading, display_name, key_of, words_of
from geo.places import Place, Town, most_common
from geo.points import Point, checked_point, kilometres_between
from geo.states import STATE_NAMES

_REACHES_KM: Final = (10.0, 50.0, 300.0)
"""How far to look for the nearest ZIP code: most people are within the first of these."""

_SHORTEST_TOLERATED: Final = 3
"""Letters of a tolerated name: "NYC" is one; "LA" and "NY" only get in the way of states."""

TownKey = tuple[str, str]
"""A town's key (`geo.place_names`) and the code of its state."""


class ZipIndex:
    """All ZIP codes with a place on the map, to be found by code, by town and by nearness."""

    def __init__(self, rows: list["_Row"]) -> None:
        counties, zones = _counties(rows), _zones(rows)
        self._zips = {row.code: _zip_place(row, counties, zones) for row in rows}
        self._codes = sorted(self._zips)
        self._towns = _towns_by_key(rows, self._zips)
        self._keys = _keys_by_spelling(self._towns)
        self._spellings = sorted(self._keys)
        self._by_cell = sorted(self._zips.values(), key=lambda place: cell_of(place.point))
        self._cells = [cell_of(place.point) for place in self._by_cell]

    def zip_code(self, code: str) -> Place | None:
        """Find the ZIP code with these five digits."""
        return self._zips.get(code)

    def counties(self) -> frozenset[tuple[str, str]]:
        """List all counties that have a ZIP code: the state and the name, "Ingham County"."""
        return frozenset((each.state, each.county) for each in self._zips.values() if each.county)

    def zip_codes_beginning(self, digits: str) -> list[Place]:
        """List the ZIP codes that begin so, in their order."""
        return [self._zips[code] for code in _beginning(self._codes, digits)]

    def towns_named(self, reading: TownReading) -> list[Town]:
        """List the towns with exactly this name, leaving out obscure ones if there are others."""
        towns = [town for town in self._towns.get(reading.key, ()) if reading.allows(town.state)]
        return [town for town in towns if town.well_known] or towns

    def towns_beginning(self, reading: TownReading) -> list[Town]:
        """List the towns whose name begins so: by its official name, if any does."""
        keys = {
            self._keys[spelling]
            for beginning in reading.beginnings
            for spelling in _beginning(self._spellings, beginning)
        }
        towns = [
            town
            for key in keys
            for town in self._towns[key]
            if town.well_known and reading.allows(town.state)
        ]
        return [town for town in towns if town.official] or towns

    def nearest(self, point: Point) -> Place | None:
        """Find the ZIP code nearest to a point, or None when there is none within 300 km."""
        for reach in _REACHES_KM:
            near = [
                (kilometres_between(point, place.point), place.label, place)
                for first, last in cell_ranges(point, reach)
                for place in self._by_cell[
                    bisect_left(self._cells, first) : bisect_left(self._cells, last + 1)
                ]
            ]
            # The cells reach beyond the circle, where they do not hold every neighbour.
            if near and min(near)[0] <= reach:
                return min(near)[2]
        return None


def zip_index() -> ZipIndex:
    """Give the process's one index; the first caller builds it while any others wait."""
    with _building:
        return _built_index()


_building: Final = Lock()


@cache
def _built_index() -> ZipIndex:
    return ZipIndex(list(_rows()))


class _Row(NamedTuple):
    """What we keep of one ZIP code of the wheel."""

    code: str
    city: str
    town_key: TownKey
    other_names: tuple[str, ...]
    state: str
    county: str
    timezone: str
    point: Point
    delivered: bool


def _rows() -> Iterator[_Row]:
    """Read the wheel a hundredth at a time: `list_all` would keep every dict for good."""
    for digits in range(100):
        for raw in zipcodes.similar_to(f"{digits:02}"):  # type: ignore[no-untyped-call] # untyped
            # Military post offices move with their units: no state, and no place or time zone.
            if raw["state"] in STATE_NAMES and float(raw["lat"]):
                yield _row(raw)


def _row(raw: Mapping[str, Any]) -> _Row:
    state = intern(raw["state"])
    return _Row(
        code=raw["zip_code"],
        city=intern(display_name(raw["city"])),
        town_key=(key_of(words_of(raw["city"])), state),
        other_names=(*raw["acceptable_cities"], *raw["unacceptable_cities"]),
        state=state,
        county=intern(raw["county"]),
        timezone=intern(raw["timezone"]),
        point=checked_point(float(raw["lat"]), float(raw["long"])),
        delivered=raw["active"] and raw["zip_code_type"] == "STANDARD",
    )


def _zip_place(row: _Row, counties: Mapping[TownKey, str], zones: Mapping[str, str]) -> Place:
    return Place(
        label=f"{row.code}, {row.city}, {row.state}",
        point=row.point,
        postal_code=row.code,
        city=row.city,
        county=row.county or counties.get(row.town_key, ""),
        state=row.state,
        # One row of the wheel has the town's name here.
        timezone=row.timezone if "/" in row.timezone else zones[row.state],
        kind="zip",
    )


def _counties(rows: list[_Row]) -> dict[TownKey, str]:
    """Name the usual county of each town that has a ZIP code without: mostly its boxes."""
    lacking = {row.town_key for row in rows if not row.county}
    counties = defaultdict[TownKey, list[str]](list)
    for row in rows:
        if row.county and row.town_key in lacking:
            counties[row.town_key].append(row.county)
    return {town: most_common(names) for town, names in counties.items()}


def _zones(rows: Iterable[_Row]) -> dict[str, str]:
    """Name each state's usual time zone."""
    zones = defaultdict[str, list[str]](list)
    for row in rows:
        zones[row.state].append(row.timezone)
    return {state: most_common(names) for state, names in zones.items()}


def _towns_by_key(rows: list[_Row], zips: Mapping[str, Place]) -> dict[str, tuple[Town, ...]]:
    """File every town under its key. A name is unofficial only where no town has it officially."""
    official = defaultdict[TownKey, list[tuple[str, _Row]]](list)
    tolerated = defaultdict[TownKey, list[tuple[str, _Row]]](list)
    for row in rows:
        official[row.town_key].append((row.city, row))
        for name in row.other_names:
            key = key_of(words_of(name))
            if len(key) >= _SHORTEST_TOLERATED:
                tolerated[key, row.state].append((name, row))
    towns = defaultdict[str, list[Town]](list)
    for town_key, named in (tolerated | official).items():
        towns[town_key[0]].append(_town(named, zips, official=town_key in official))
    return {key: tuple(namesakes) for key, namesakes in towns.items()}


def _town(named: list[tuple[str, _Row]], zips: Mapping[str, Place], *, official: bool) -> Town:
    rows = {row.code: row for _, row in named}.values()
    delivered = [row for row in rows if row.delivered]
    return Town(
        name=intern(display_name(most_common([name for name, _ in named]))),
        state=named[0][1].state,
        official=official,
        zips=tuple(zips[row.code] for row in delivered or rows),
    )


def _keys_by_spelling(towns: Mapping[str, Iterable[Town]]) -> dict[str, str]:
    """Map each name's key, and its full spelling ("saintjohns"), to the key ("stjohns")."""
    full = {
        "".join(words_of(town.name)): key for key, namesakes in towns.items() for town in namesakes
    }
    return full | {key: key for key in towns}


def _beginning(ordered: list[str], prefix: str) -> Iterator[str]:
    """Yield the strings of a sorted list that begin so."""
    for index in range(bisect_left(ordered, prefix), len(ordered)):
        if not ordered[index].startswith(prefix):
            return
        yield ordered[index]
