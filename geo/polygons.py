"""Areas with an outline, and whether a point is in one.

An outline is what GeoJSON (RFC 7946) means by one: straight lines on the plane of longitude and
latitude, in degrees, WGS 84. What lies on a line is inside, of a hole's edge too. The answer is
exact: where rounding could decide, fractions do.

Across the 180th meridian an area may be cut in two (RFC 7946, section 3.1.9), or be drawn on, with
longitudes beyond 180 or with a step from 179 to -179: a step of more than 180 degrees and less than
360 is taken the other way round. Whoever means the long way puts a position in between.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Final, NamedTuple

from geo.points import Point

HALF_TURN: Final = 180.0
FULL_TURN: Final = 360.0
POLE: Final = 90.0

# Twice the error that Shewchuk proves for this determinant (1997, "ccwerrboundA").
_ROUNDING: Final = 8 * 2.0**-53


class RoundAPoleError(ValueError):
    """A ring goes once round a pole and does not come back to where it began."""


class Box(NamedTuple):
    """The degrees between which something lies; `west` is from -180 to below 180, `east` above."""

    west: float
    south: float
    east: float
    north: float


class _Side(Enum):
    INSIDE = 1
    EDGE = 2
    OUTSIDE = 3


@dataclass(frozen=True, slots=True, eq=False)
class Ring:
    """A closed line: its first position is its last. Make it with `ring_of`."""

    longitudes: "array[float]"
    latitudes: "array[float]"
    box: Box

    def side(self, point: Point) -> _Side:
        """Say on which side of the line a point is, at whichever turn of its longitude."""
        if abs(point.latitude) == POLE:  # where all longitudes are the same place
            touches = point.latitude in (self.box.south, self.box.north)
            return _Side.EDGE if touches else _Side.OUTSIDE
        if not self.box.south <= point.latitude <= self.box.north:
            return _Side.OUTSIDE
        sides = {self._side(each, point.latitude) for each in self._turns(point.longitude)}
        return next((side for side in (_Side.EDGE, _Side.INSIDE) if side in sides), _Side.OUTSIDE)

    def _turns(self, longitude: float) -> Iterator[float]:
        for turn in (-FULL_TURN, 0.0, FULL_TURN):
            if self.box.west <= longitude + turn <= self.box.east:
                yield longitude + turn

    def _side(self, x: float, y: float) -> _Side:
        """Count the lines that a ray to the east crosses; an odd number of them means inside."""
        inside = False
        x1, y1 = self.longitudes[0], self.latitudes[0]
        for x2, y2 in zip(self.longitudes, self.latitudes, strict=True):
            if (y1 > y) != (y2 > y):
                left = _is_left((x1, y1), (x2, y2), (x, y))
                if left == 0:
                    return _Side.EDGE
                inside ^= (left > 0) == (y2 > y1)
            elif y2 == y and (x2 == x or (y1 == y and min(x1, x2) <= x <= max(x1, x2))):
                return _Side.EDGE
            x1, y1 = x2, y2
        return _Side.INSIDE if inside else _Side.OUTSIDE


@dataclass(frozen=True, slots=True, eq=False)
class Polygon:
    """An outline, and the holes in it."""

    outline: Ring
    holes: tuple[Ring, ...] = ()

    def contains(self, point: Point) -> bool:
        """Say whether a point is inside or on an edge."""
        side = self.outline.side(point)
        if side is not _Side.INSIDE:
            return side is _Side.EDGE
        return not any(hole.side(point) is _Side.INSIDE for hole in self.holes)


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """An area of one or more polygons."""

    polygons: tuple[Polygon, ...]

    @property
    def boxes(self) -> list[Box]:
        """The box of each polygon."""
        return [polygon.outline.box for polygon in self.polygons]

    @property
    def box(self) -> Box:
        """The box round all of it."""
        west, south, east, north = zip(*self.boxes, strict=True)
        return Box(min(west), min(south), max(east), max(north))

    @property
    def positions(self) -> int:
        """How many positions its lines have."""
        return sum(len(ring.longitudes) for ring in self._rings())

    @property
    def corners(self) -> int:
        """How many corners its lines have: of each ring, the first position is the last."""
        return sum(len(ring.longitudes) - 1 for ring in self._rings())

    def _rings(self) -> Iterator[Ring]:
        for polygon in self.polygons:
            yield from (polygon.outline, *polygon.holes)

    def contains(self, point: Point) -> bool:
        """Say whether a point is in one of the polygons."""
        return any(polygon.contains(point) for polygon in self.polygons)


def ring_of(positions: Sequence[tuple[float, float]]) -> Ring:
    """Make a ring of (longitude, latitude), closed already and of any winding.

    `RoundAPoleError` where it does not close once its steps across the 180th meridian are taken the
    short way, or goes round more than the whole earth.
    """
    longitudes = array("d", _drawn_on(positions))
    latitudes = array("d", (latitude for _, latitude in positions))
    west, east = min(longitudes), max(longitudes)
    if longitudes[0] != longitudes[-1] or east - west > FULL_TURN:
        raise RoundAPoleError
    turn = FULL_TURN * ((west + HALF_TURN) // FULL_TURN)
    if turn:
        longitudes = array("d", (longitude - turn for longitude in longitudes))
    box = Box(min(longitudes), min(latitudes), max(longitudes), max(latitudes))
    return Ring(longitudes, latitudes, box)


def _drawn_on(positions: Sequence[tuple[float, float]]) -> Iterator[float]:
    """Yield the longitudes so that no step is longer than half a turn, but for a whole one."""
    turn, before = 0.0, positions[0][0]
    for longitude, _ in positions:
        if HALF_TURN < abs(longitude - before) < FULL_TURN:
            turn += FULL_TURN if longitude < before else -FULL_TURN
        before = longitude
        yield longitude + turn


def _is_left(
    start: tuple[float, float], end: tuple[float, float], point: tuple[float, float]
) -> float:
    """Say on which side of a line a point is: left above 0, right below, on it exactly 0."""
    (x1, y1), (x2, y2), (x, y) = start, end, point
    one, other = (x2 - x1) * (y - y1), (y2 - y1) * (x - x1)
    if abs(one - other) > _ROUNDING * (abs(one) + abs(other)):
        return one - other
    a, b, c, d, e, f = (Fraction(each) for each in (x1, y1, x2, y2, x, y))
    exact = (c - a) * (f - b) - (d - b) * (e - a)
    return (exact > 0) - (exact < 0)
