"""A grid of cells 0.1 degree high and wide, so that an ordinary index can answer "near here".

Cells are numbered row by row from the south pole, each row eastwards from the 180th meridian:
the cells a circle touches are then a few ranges of numbers. The ranges may take in too much and
never too little; the chord (`geo.points`) decides among what they bring.

Why nothing is missed: let a point's *reduced* latitude b satisfy tan b = (1 - f) tan(latitude),
and read (b, longitude) as a point on a sphere of the earth's polar radius. No line on the
ellipsoid, and no chord through it, gets longer by that reading. So whatever is within reach on
the earth is inside an exact circle on that sphere.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from geo.points import FLATTENING, POLAR_RADIUS_M, Point, chord_squared_of

_CELLS_PER_DEGREE: Final = 10
_ROWS: Final = 180 * _CELLS_PER_DEGREE
_COLUMNS: Final = 360 * _CELLS_PER_DEGREE

_MOST_RANGES: Final = 64
"""More ranges than this cost an index more than reading the whole belt between two rows."""

# These widen every circle by a metre or so: far above what rounding can do, far below a cell.
_PAD_RADIANS: Final = 1e-9
_PAD_DEGREES: Final = 1e-5


class CellRange(NamedTuple):
    """Cells from `first` to `last`, both included."""

    first: int
    last: int


def cell_of(point: Point) -> int:
    """Give the number of the cell the point is in: 0 to 6,479,999."""
    column = math.floor((point.longitude + 180) * _CELLS_PER_DEGREE) % _COLUMNS
    return _row_of(point.latitude) * _COLUMNS + column


def cell_ranges(centre: Point, kilometres: float) -> list[CellRange]:
    """List the cells holding every point within the distance, as rising, separate ranges.

    Holds by the geodesic and by `chord_squared_of` alike. A circle that would need more than 64
    ranges (a radius of about 350 km) gives the one belt of whole rows it lies in.
    """
    circle = _Circle.around(centre, kilometres)
    rows = range(_row_of(circle.south), _row_of(circle.north) + 1)
    if len(rows) < _MOST_RANGES:  # across the 180th meridian there is one range more than rows
        return _merged(_in_order(circle, rows))
    return [CellRange(rows[0] * _COLUMNS, rows[-1] * _COLUMNS + _COLUMNS - 1)]


@dataclass(frozen=True, slots=True)
class _Circle:
    """All points within `radius` (an angle in radians) of a centre, on the sphere described above.

    `latitude` is the centre's reduced latitude in radians; `longitude` is in degrees.
    """

    latitude: float
    longitude: float
    radius: float

    @classmethod
    def around(cls, centre: Point, kilometres: float) -> "_Circle":
        """Make the circle that holds all within the distance, by chord and so by geodesic.

        The chord's angle is never less than the distance divided by the polar radius.
        """
        half_chord = math.sqrt(chord_squared_of(kilometres)) / 2
        radius = 2 * math.asin(min(1.0, half_chord / POLAR_RADIUS_M)) + _PAD_RADIANS
        return cls(_reduced(centre.latitude), centre.longitude, radius)

    @property
    def south(self) -> float:
        """Southernmost latitude in degrees."""
        return _geodetic(max(self.latitude - self.radius, -math.pi / 2))

    @property
    def north(self) -> float:
        """Northernmost latitude in degrees."""
        return _geodetic(min(self.latitude + self.radius, math.pi / 2))

    def half_width(self, row: int) -> float:
        """How far east and west of its centre the circle reaches within a row, in degrees."""
        south = max(_reduced(row / _CELLS_PER_DEGREE - 90), self.latitude - self.radius)
        north = min(_reduced((row + 1) / _CELLS_PER_DEGREE - 90), self.latitude + self.radius)
        return self._half_width_at(min(max(self._widest_latitude(), south), north)) + _PAD_DEGREES

    def _widest_latitude(self) -> float:
        """Where a meridian touches the circle; the pole when the circle holds one.

        A circle of a quarter of the earth or more never comes here: it is a belt.
        """
        # This form of sin(widest) = sin(latitude) / cos(radius) stays exact beside the poles.
        edges = math.cos(self.latitude + self.radius) * math.cos(self.latitude - self.radius)
        return math.atan2(math.sin(self.latitude), math.sqrt(max(0.0, edges)))

    def _half_width_at(self, latitude: float) -> float:
        """Solve the haversine formula for the longitude at which the circle ends."""
        north = math.sin((latitude - self.latitude) / 2)
        left_over = math.sin(self.radius / 2) ** 2 - north**2
        beside_poles = math.cos(self.latitude) * math.cos(latitude)
        if left_over >= beside_poles:
            return 180.0  # the circle goes all the way round the pole
        # Below zero by rounding: the circle only just reaches this latitude, due north or south.
        return math.degrees(2 * math.asin(math.sqrt(max(0.0, left_over) / beside_poles)))


def _in_order(circle: _Circle, rows: Iterable[int]) -> Iterator[CellRange]:
    """Yield each row's one or two ranges, west to east."""
    for row in rows:
        start = row * _COLUMNS
        for first, last in _columns(circle.longitude, circle.half_width(row)):
            yield CellRange(start + first, start + last)


def _columns(longitude: float, half_width: float) -> list[tuple[int, int]]:
    """List the columns within so many degrees of a longitude; two pieces across the 180th."""
    west = math.floor((longitude - half_width + 180) * _CELLS_PER_DEGREE)
    east = math.floor((longitude + half_width + 180) * _CELLS_PER_DEGREE)
    if east - west >= _COLUMNS - 1:
        return [(0, _COLUMNS - 1)]
    west, east = west % _COLUMNS, east % _COLUMNS
    return [(west, east)] if west <= east else [(0, east), (west, _COLUMNS - 1)]


def _merged(ranges: Iterable[CellRange]) -> list[CellRange]:
    """Join rising ranges that leave no cell between them."""
    merged: list[CellRange] = []
    for following in ranges:
        if merged and following.first <= merged[-1].last + 1:
            merged[-1] = CellRange(merged[-1].first, following.last)
        else:
            merged.append(following)
    return merged


def _row_of(latitude: float) -> int:
    """Give the row of a latitude in degrees; the north pole belongs to the last one."""
    return min(math.floor((latitude + 90) * _CELLS_PER_DEGREE), _ROWS - 1)


def _reduced(latitude: float) -> float:
    """Turn a latitude in degrees into a reduced one in radians."""
    radians = math.radians(latitude)
    return math.atan2((1 - FLATTENING) * math.sin(radians), math.cos(radians))


def _geodetic(reduced: float) -> float:
    """Turn a reduced latitude in radians back into a latitude in degrees: -90 to 90."""
    return math.degrees(math.atan2(math.sin(reduced), (1 - FLATTENING) * math.cos(reduced)))
