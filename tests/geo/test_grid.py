"""No neighbour is ever outside the cells a search reads."""

import math
from itertools import pairwise

import pytest
from geopy.distance import geodesic
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from geo.grid import CellRange, cell_of, cell_ranges
from geo.points import (
    Point,
    chord_squared_between,
    chord_squared_of,
    geodesic_kilometres,
    to_earth_centred,
)

LANSING = Point(42.7335, -84.5555)
POINTS = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))
# Where the arithmetic is hardest: the poles, the 180th meridian, and the edges of cells.
HARD_POINTS = st.builds(
    Point,
    st.sampled_from([-90.0, -89.99, -89.2, -0.1, 0.0, 0.1, 45.3, 88.7, 89.95, 90.0]),
    st.sampled_from([-180.0, -179.99, -0.1, 0.0, 12.3, 179.95, math.nextafter(180, 0), 180.0]),
)
POLAR_POINTS = st.builds(
    lambda degrees, side, longitude: Point(side * (90 - degrees), longitude),
    st.floats(0, 3),
    st.sampled_from([-1, 1]),
    st.floats(-180, 180),
)
CENTRES = POINTS | HARD_POINTS | POLAR_POINTS
RADII = st.floats(0, 500)


def holds(ranges: list[CellRange], cell: int) -> bool:
    """Whether one of the ranges holds the cell."""
    return any(first <= cell <= last for first, last in ranges)


def moved(start: Point, kilometres: float, bearing: float) -> Point:
    """Walk so far along a geodesic."""
    end = geodesic(kilometers=kilometres).destination(start, bearing)
    return Point(end.latitude, end.longitude)


@given(CENTRES, RADII, st.floats(0, 1), st.floats(0, 360))
@example(Point(89.99, 0), 5, 1, 0)
@example(Point(-60, 180), 100, 1, 90)
@example(Point(0, 0), 111, 1, 0)
@settings(max_examples=400)
def test_no_point_within_the_distance_is_outside_the_ranges(
    centre: Point, kilometres: float, part: float, bearing: float
) -> None:
    point = moved(centre, kilometres * part, bearing)
    # The walk's end is rounded to nanometres; a point a hair outside the circle proves nothing.
    assume(geodesic_kilometres(centre, point) <= kilometres)
    assert holds(cell_ranges(centre, kilometres), cell_of(point))


@given(CENTRES, RADII, st.floats(0, 360))
@settings(max_examples=200)
def test_no_point_the_chord_accepts_is_outside_the_ranges(
    centre: Point, kilometres: float, bearing: float
) -> None:
    point = moved(centre, kilometres, bearing)
    chord_squared = chord_squared_between(to_earth_centred(centre), to_earth_centred(point))
    assume(chord_squared <= chord_squared_of(kilometres))
    assert holds(cell_ranges(centre, kilometres), cell_of(point))


@given(HARD_POINTS, HARD_POINTS)
def test_a_radius_of_exactly_the_distance_takes_in_the_other_point(a: Point, b: Point) -> None:
    assert holds(cell_ranges(a, geodesic_kilometres(a, b)), cell_of(b))


@given(POLAR_POINTS, st.floats(-5, -1), st.sampled_from([-1, 0, 1]), st.floats(60, 120))
@settings(max_examples=300)
def test_a_circle_that_nearly_touches_the_pole_loses_nothing_beside_it(
    centre: Point, magnitude: float, side: int, bearing: float
) -> None:
    pole = Point(math.copysign(90, centre.latitude), 0)
    kilometres = abs(geodesic_kilometres(centre, pole) + side * 10**magnitude)
    beside = Point(math.copysign(90 - 10 ** (magnitude - 2) / 2, centre.latitude), centre.longitude)
    for point in (moved(centre, kilometres, bearing), moved(beside, 10**magnitude, bearing)):
        if geodesic_kilometres(centre, point) <= kilometres:
            assert holds(cell_ranges(centre, kilometres), cell_of(point))


def test_rounding_beside_a_pole_loses_nothing() -> None:
    # 26 cm around a point 27 cm from the pole: the sine of the widest latitude is almost 1.
    centre = Point(-89.9999976031327, -79.12966222963709)
    point = Point(-89.99999535526855, -87.0696600265822)
    assert holds(cell_ranges(centre, 0.00025632119798803), cell_of(point))


@given(CENTRES, st.floats(0, 40_000))
@example(Point(0, 180), 350)
@example(Point(0, 180), 345)
def test_ranges_are_few_rising_apart_and_on_the_grid(centre: Point, kilometres: float) -> None:
    ranges = cell_ranges(centre, kilometres)
    assert 1 <= len(ranges) <= 64
    assert all(0 <= first <= last < 6_480_000 for first, last in ranges)
    assert all(west.last + 1 < east.first for west, east in pairwise(ranges))


@given(CENTRES)
def test_every_point_has_a_cell_that_a_radius_of_nothing_finds(point: Point) -> None:
    assert 0 <= cell_of(point) < 6_480_000
    assert holds(cell_ranges(point, 0), cell_of(point))


@given(st.floats(-55, 65), st.floats(-180, 180), st.floats(20, 300))
def test_at_ordinary_latitudes_the_cells_are_about_the_circle(
    latitude: float, longitude: float, kilometres: float
) -> None:
    cells = sum(
        last - first + 1 for first, last in cell_ranges(Point(latitude, longitude), kilometres)
    )
    # A circle, with a rim one cell wide on either side.
    height, width = 11.1, 11.1 * math.cos(math.radians(abs(latitude) + kilometres / 100))
    assert cells <= math.pi * (kilometres / height + 1.5) * (kilometres / width + 1.5)


def test_a_search_of_25_km_reads_a_handful_of_cells() -> None:
    ranges = cell_ranges(LANSING, 25)
    assert len(ranges) <= 6
    assert sum(last - first + 1 for first, last in ranges) <= 40


def test_a_very_big_circle_is_one_belt_of_rows() -> None:
    assert len(cell_ranges(LANSING, 1000)) == 1
    assert cell_ranges(LANSING, 20_100) == [CellRange(0, 6_479_999)]


def test_the_two_sides_of_the_180th_meridian_are_neighbours() -> None:
    assert cell_of(Point(52, 180)) == cell_of(Point(52, -180))
    ranges = cell_ranges(Point(52, 179.99), 2)
    assert holds(ranges, cell_of(Point(52, -179.99)))
    assert holds(ranges, cell_of(Point(52, 179.99)))


@pytest.mark.parametrize("wrong", [-1.0, math.nan])
def test_a_distance_below_zero_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="zero or more kilometres"):
        cell_ranges(LANSING, wrong)
