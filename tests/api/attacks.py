"""Three ways to find out where a place is that a search will not tell (research on trilateration).

Each asks only what anybody may ask. ``Ask`` is one search from a point with a radius, and what
it tells of the place sought: None where it is not among the results, else its distance in
kilometres (None where that is not told) and how many of the known places come before it.
"""

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

from geo.points import Point, kilometres_between


class Told(NamedTuple):
    """What one search told of the place."""

    distance_km: float | None
    before_it: int


Ask = Callable[[Point, float], Told | None]

#: Where an attacker who knows the county stands first.
CORNERS = (Point(42.50, -84.55), Point(42.62, -84.20), Point(42.74, -84.52))
FARTHEST_KM = 200.0
#: Distances are told in hundredths of a kilometre, so that they tip over half of one early.
ROUNDING = 0.005


def by_radius(ask: Ask) -> Point | None:
    """Narrow the radius down from three corners until the place drops out; 30 searches each."""
    return _meeting([(corner, _radius(ask, corner)) for corner in CORNERS])


def _radius(ask: Ask, corner: Point) -> float:
    near, far = 0.1, FARTHEST_KM
    for _ in range(30):
        middle = (near + far) / 2
        near, far = (near, middle) if ask(corner, middle) else (middle, far)
    return far


def by_tipping(ask: Ask) -> Point | None:
    """Walk until the distance, floored to whole kilometres, tips over; that is a true distance."""
    return _meeting([_tip(ask, corner) for corner in CORNERS])


def _tip(ask: Ask, corner: Point) -> tuple[Point, float]:
    def shown(longitude: float) -> float:
        told = ask(Point(corner.latitude, longitude), FARTHEST_KM)
        return -1.0 if told is None or told.distance_km is None else math.floor(told.distance_km)

    here, there = corner.longitude, corner.longitude + 0.02
    first = shown(here)
    while shown(there) == first and there < corner.longitude + 0.06:
        there += 0.02
    for _ in range(26):
        middle = (here + there) / 2
        here, there = (middle, there) if shown(middle) == first else (here, middle)
    return Point(corner.latitude, there), max(first, shown(there)) - ROUNDING


def by_order(
    ask: Ask, known: Sequence[Point], origins: Sequence[Point], area: Sequence[Point]
) -> list[Point]:
    """Return the points of the area that explain between which known places it was listed."""
    possible = list(area)
    for origin in origins:
        told = ask(origin, FARTHEST_KM)
        if told is None:
            continue
        far = sorted(kilometres_between(origin, each) for each in known)
        low = far[told.before_it - 1] if told.before_it else 0.0
        high = far[told.before_it] if told.before_it < len(far) else math.inf
        possible = [point for point in possible if low <= kilometres_between(origin, point) <= high]
    return possible


def _meeting(circles: Sequence[tuple[Point, float]]) -> Point | None:
    """Return the point that fits the three distances best: a search on ever finer grids."""
    best, size = Point(42.6, -84.4), 0.5
    for _ in range(40):
        best = min(
            (
                Point(best.latitude + size * north, best.longitude + size * east)
                for north, east in product((-1, -0.5, 0, 0.5, 1), repeat=2)
            ),
            key=lambda point: _misfit(point, circles),
        )
        size *= 0.7
    return best if _misfit(best, circles) < 1e-3 else None


def _misfit(point: Point, circles: Sequence[tuple[Point, float]]) -> float:
    return sum((kilometres_between(point, centre) - far) ** 2 for centre, far in circles)
