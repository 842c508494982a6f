"""Where the demo county lies: three real counties in Michigan, and copies of it elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from math import cos, pi, radians, sin, sqrt
from operator import itemgetter
from random import Random
from typing import Any, NamedTuple

import zipcodes

from geo.place_names import display_name

#: The ZIP codes that agencies have branches in: Ingham, Eaton and Clinton County, Michigan.
HOME_ZIPS = (
    "48819", "48823", "48840", "48842", "48854", "48864", "48892", "48895", "48906", "48910",
    "48911", "48912", "48915", "48933", "49251", "49264", "49285",
    "48813", "48821", "48827", "48837", "48876", "48890", "48917", "49021", "49076", "49096",
    "48808", "48820", "48822", "48831", "48835", "48866", "48879", "48894",
)  # fmt: skip

#: How far from the middle of its ZIP area a branch may lie, in km.
SPREAD_KM = 1.5

#: A step that has no factor in common with any likely number of regions: copies land far apart.
_STRIDE = 379

_KM_PER_DEGREE = 111.2


class Town(NamedTuple):
    """One ZIP area: its town, and the middle of it in degrees (WGS 84)."""

    zip_code: str
    city: str
    county: str
    state: str
    timezone: str
    area_code: str
    latitude: float
    longitude: float

    @property
    def area(self) -> str:
        """Its county in the short form of ``ServiceArea.extent``."""
        return f"{self.state}:{self.county.replace(' ', '_')}"


class Region(NamedTuple):
    """Where one copy of the county lies. ``towns`` is by the ZIP of the original.

    ``number`` is 0 for the original, and ``suffix`` tells the names of copies apart.
    """

    number: int
    towns: Mapping[str, Town]
    suffix: str

    @property
    def areas(self) -> Sequence[str]:
        """Its counties, for ``ServiceArea.extent``."""
        return sorted({town.area for town in self.towns.values()})


def region(number: int) -> Region:
    """Return the home counties for 0, else the place of a copy: neighbouring ZIPs elsewhere."""
    if number == 0:
        return Region(0, _home_towns(), "")
    elsewhere = _towns_elsewhere()
    regions = len(elsewhere) // len(HOME_ZIPS)
    first = (number * _STRIDE % regions) * len(HOME_ZIPS)
    there = dict(zip(HOME_ZIPS, elsewhere[first : first + len(HOME_ZIPS)], strict=True))
    seat = there[HOME_ZIPS[0]]
    return Region(number, there, f" of {seat.city}, {seat.state}")


def scatter(town: Town, dice: Random) -> tuple[float, float]:
    """Return a point (latitude, longitude) near the middle of a ZIP area, evenly spread."""
    distance, bearing = SPREAD_KM * sqrt(dice.random()), 2 * pi * dice.random()
    north, east = distance * cos(bearing), distance * sin(bearing)
    latitude = town.latitude + north / _KM_PER_DEGREE
    longitude = town.longitude + east / (_KM_PER_DEGREE * cos(radians(town.latitude)))
    return round(latitude, 6), round(longitude, 6)


def _towns_in(prefix: str) -> Iterator[Town]:
    """Yield the ordinary ZIP areas that begin so and of which all is known, in order."""
    found = zipcodes.similar_to(prefix)  # type: ignore[no-untyped-call]  # the wheel has no types
    for record in sorted(found, key=itemgetter("zip_code")):
        if record["zip_code_type"] == "STANDARD" and all(record[field] for field in _NEEDED):
            yield _as_town(record)


_NEEDED = ("county", "timezone", "area_codes", "lat", "long")


def _as_town(record: Mapping[str, Any]) -> Town:
    return Town(
        zip_code=record["zip_code"],
        city=display_name(record["city"]),
        county=record["county"],
        state=record["state"],
        timezone=record["timezone"],
        area_code=record["area_codes"][0],
        latitude=float(record["lat"]),
        longitude=float(record["long"]),
    )


@cache
def _home_towns() -> Mapping[str, Town]:
    prefixes = sorted({zip_code[:3] for zip_code in HOME_ZIPS})
    towns = {town.zip_code: town for prefix in prefixes for town in _towns_in(prefix)}
    return {zip_code: towns[zip_code] for zip_code in HOME_ZIPS}


@cache
def _towns_elsewhere() -> Sequence[Town]:
    """Return the rest of the country, a hundredth at a time: the wheel's own rows are large."""
    home = set(HOME_ZIPS)
    every = (town for digits in range(100) for town in _towns_in(f"{digits:02}"))
    return [town for town in every if town.zip_code not in home]
