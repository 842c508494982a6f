"""A point is inside exactly where GEOS says so, and at the 180th meridian where people mean it."""

import json
from fractions import Fraction

import pytest
import shapely
from hypothesis import assume, example, given
from hypothesis import strategies as st

from geo.geojson import read_shape
from geo.nested_grid import MOST_CELLS, _Cell, cells_of_boxes, cells_of_point
from geo.points import Point
from geo.polygons import Ring, RoundAPoleError, _is_left, ring_of
from tests.geo.shapes import (
    COARSE,
    Position,
    box,
    covers,
    geojson,
    moved,
    point,
    points_by,
    polygons,
)


@given(st.data(), polygons())
def test_point_is_inside_exactly_where_geos_says(
    data: st.DataObject, rings: list[list[Position]]
) -> None:
    at = data.draw(points_by(rings))

    assert read_shape(geojson(*rings)).contains(point(at)) == covers(rings, at)


@given(st.tuples(*[st.floats(-1e3, 1e3)] * 4), st.floats(0, 1), st.sampled_from((-1, 0, 1)))
@example((0.0, 0.0, 5e-324, 5e-324), 1.0, 0)
def test_side_of_a_line_is_exact(line: tuple[float, ...], part: float, ulps: int) -> None:
    """Nearly on the line, where floating point numbers say one thing or the other."""
    x1, y1, x2, y2 = line
    x, y = x1 + part * (x2 - x1), y1 + part * (y2 - y1)
    y += ulps * abs(y) * 2**-52
    a, b, c, d, e, f = map(Fraction, (x1, y1, x2, y2, x, y))
    exact = (c - a) * (f - b) - (d - b) * (e - a)

    said = _is_left((x1, y1), (x2, y2), (x, y))

    assert (said > 0) - (said < 0) == (exact > 0) - (exact < 0)


@pytest.mark.parametrize("winding", [1, -1])
@pytest.mark.parametrize(
    ("at", "inside"),
    [
        ((1, 1), True),
        ((0, 5), True),  # on the outline
        ((0, 0), True),  # a corner
        ((4, 5), True),  # on the edge of the hole
        ((5, 5), False),  # in the hole
        ((-0.001, 5), False),
        ((5, 10.001), False),
    ],
)
def test_edges_belong_to_an_area_and_holes_do_not(
    at: Position, inside: object, winding: int
) -> None:
    rings = [box(0, 0, 10, 10)[::winding], box(4, 4, 6, 6)]

    assert read_shape(geojson(*rings)).contains(point(at)) is inside


# ----------------------------------------------------------------------- the 180th meridian


def turned(longitude: float) -> float:
    """The same longitude as maps write it: from -180 to 180."""
    return (longitude + 180) % 360 - 180


@given(st.data(), polygons(), st.sampled_from((178.0, -179.5, 180.0, -180.0)))
def test_across_the_180th_meridian_both_unsplit_ways_mean_the_same(
    data: st.DataObject, rings: list[list[Position]], east: float
) -> None:
    """Drawn on beyond 180, and with a step from 179 to -179."""
    # Numbers whose sums are exact: what is asked is not how 360 is added.
    rings = [[(round(x * 64) / 64, round(y * 64) / 64) for x, y in ring] for ring in rings]
    assume(shapely.Polygon(rings[0], rings[1:]).is_valid)
    at = data.draw(st.tuples(COARSE, COARSE) | points_by(rings))
    at = round(at[0] * 64) / 64, round(at[1] * 64) / 64
    drawn_on = moved(rings, east)
    stepping = [[(turned(x), y) for x, y in ring] for ring in drawn_on]
    here = point((turned(at[0] + east), at[1]))

    assert read_shape(geojson(*drawn_on)).contains(here) == covers(rings, at)
    assert read_shape(geojson(*stepping)).contains(here) == covers(rings, at)


FIJI_CUT = {
    "type": "MultiPolygon",
    "coordinates": [[box(177, -20, 180, -16)], [box(-180, -20, -178, -16)]],
}


@pytest.mark.parametrize(
    "geometry",
    [
        FIJI_CUT,
        {"type": "Polygon", "coordinates": [box(177, -20, -178, -16)]},
        {"type": "Polygon", "coordinates": [box(177, -20, 182, -16)]},
        {"type": "Polygon", "coordinates": [box(-183, -20, -178, -16)]},
    ],
    ids=["cut in two", "stepping", "beyond 180", "beyond -180"],
)
def test_an_area_across_the_180th_meridian_is_known_however_it_is_drawn(
    geometry: dict[str, object],
) -> None:
    shape = read_shape(json.dumps(geometry))

    inside = (177, 179.9, 180, -180, -179.9, -178)
    assert [x for x in inside if not shape.contains(Point(-18, x))] == []
    assert [x for x in (176.9, -177.9, 0) if shape.contains(Point(-18, x))] == []


@pytest.mark.parametrize("longitude", [-180.0, -71.5, 0.0, 179.0, 180.0])
@pytest.mark.parametrize("side", [1, -1])
def test_a_box_with_a_pole_for_its_edge_has_the_pole_and_all_round_it(
    longitude: float, side: int
) -> None:
    cap = read_shape(geojson([(x, side * y) for x, y in box(-180, 60, 180, 90)]))

    assert cap.contains(Point(side * 90.0, longitude))
    assert cap.contains(Point(side * 60.0, longitude))
    assert not cap.contains(Point(side * 59.9, longitude))
    assert not cap.contains(Point(side * -90.0, longitude))


def test_a_pole_belongs_to_what_touches_it_whatever_its_longitude() -> None:
    slice_ = read_shape(geojson([(0, 80), (10, 80), (5, 90), (0, 80)]))

    assert slice_.contains(Point(90.0, -120.0))
    assert not slice_.contains(Point(89.9, -120.0))


def test_the_whole_earth_is_a_box() -> None:
    earth = read_shape(geojson(box(-180, -90, 180, 90)))

    places = [(90, 0), (-90, 5), (0, 180), (0, -180), (12, 34)]
    assert [at for at in places if not earth.contains(Point(*map(float, at)))] == []


@pytest.mark.parametrize(
    "ring",
    [
        [(-120.0, 70.0), (0.0, 70.0), (120.0, 70.0), (-120.0, 70.0)],  # round the north pole
        [
            (0.0, 0.0),
            (170.0, 0.0),
            (340.0, 0.0),
            (150.0, 5.0),
            (340.0, 9.0),
            (170.0, 9.0),
            (0.0, 0.0),
        ],
    ],
)
def test_a_ring_round_a_pole_or_more_than_round_the_earth_is_no_ring(ring: list[Position]) -> None:
    with pytest.raises(RoundAPoleError):
        ring_of(ring)


def test_the_box_of_a_ring_begins_on_the_map() -> None:
    rings: list[Ring] = [ring_of(box(w, 0, w + 5, 5)) for w in (-360, -183, 178, 182, 350)]

    assert [ring.box.west for ring in rings] == [0, 177, 178, -178, -10]
    assert {ring.box.east - ring.box.west for ring in rings} == {5}


# -------------------------------------------------------------------------- cells of an index


@given(st.data(), polygons(), st.sampled_from((0.0, -84.5, 178.0, 180.0)), st.floats(0, 86))
def test_an_area_shares_a_cell_with_every_point_in_it(
    data: st.DataObject, rings: list[list[Position]], east: float, north: float
) -> None:
    scale = data.draw(st.sampled_from((1.0, 0.01, 6.0)))
    rings = [
        [(x * scale + east, max(-90.0, min(90.0, y * scale + north))) for x, y in ring]
        for ring in rings
    ]
    shape = read_shape(geojson(*rings))
    at = data.draw(points_by(rings))
    here = Point(max(-90.0, min(90.0, at[1])), turned(at[0]))
    assume(shape.contains(here))

    assert cells_of_boxes(shape.boxes) & cells_of_point(here)


def test_a_point_on_the_180th_meridian_is_found_from_both_sides() -> None:
    for geometry in (box(179, 0, 180, 1), box(-180, 0, -179, 1), box(179, 0, 181, 1)):
        cells = cells_of_boxes(read_shape(geojson(geometry)).boxes)
        for longitude in (180.0, -180.0):
            assert cells & cells_of_point(Point(0.5, longitude))


def test_a_pole_is_found_at_every_longitude() -> None:
    cells = cells_of_boxes(read_shape(geojson(box(0, 80, 10, 90))).boxes)

    assert cells & cells_of_point(Point(90.0, -120.0))


def test_a_small_area_is_known_by_few_small_cells_and_a_scattered_one_by_no_more() -> None:
    county = cells_of_boxes(read_shape(geojson(box(-84.6, 42.4, -84.1, 42.8))).boxes)
    islands = [ring_of(box(i, j, i + 0.1, j + 0.1)).box for i in range(20) for j in range(20)]

    assert len(county) <= 4
    assert not county & cells_of_point(Point(42.6, -80.0))
    assert len(cells_of_boxes(islands)) <= MOST_CELLS
    assert all(
        cells_of_boxes(islands) & cells_of_point(Point(each.south, each.west)) for each in islands
    )


def test_numbers_of_cells_are_each_of_one_cell() -> None:
    cells = [
        _Cell(grid, row, column)
        for grid in range(5)
        for row in range(2**grid)
        for column in range(2**grid)
    ]

    assert [cell.number for cell in cells] == list(range(len(cells)))
