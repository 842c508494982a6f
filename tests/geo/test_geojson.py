"""GeoJSON is read in all its kinds, and every mistake in it is named with its place."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.geojson import DEEPEST, LONGEST, MOST_POSITIONS, MOST_TOLD, GeoJSONError, read_shape
from geo.points import Point
from tests.geo.shapes import Position, box, feature

SQUARE = {"type": "Polygon", "coordinates": [box(0, 0, 2, 2)]}
FAR = {"type": "MultiPolygon", "coordinates": [[box(10, 10, 12, 12)], [box(20, 20, 22, 22)]]}


def collection(*geometries: Any) -> dict[str, Any]:
    return {"type": "GeometryCollection", "geometries": list(geometries)}


def features(*inside: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(inside)}


def nested(depth: int) -> dict[str, Any]:
    return SQUARE if depth == 0 else collection(nested(depth - 1))


def mistakes(value: Any) -> list[str]:
    text = value if isinstance(value, str) else json.dumps(value)
    with pytest.raises(GeoJSONError) as error:
        read_shape(text)
    return [str(mistake) for mistake in error.value.mistakes]


def ring(*corners: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [list(corners)]}


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (SQUARE, [(1, 1)]),
        (FAR, [(11, 11), (21, 21)]),
        (feature(FAR, name="Far"), [(11, 11), (21, 21)]),
        (features(feature(SQUARE), feature(FAR)), [(1, 1), (11, 11), (21, 21)]),
        (collection(SQUARE, FAR), [(1, 1), (11, 11), (21, 21)]),
        (feature(collection(SQUARE)), [(1, 1)]),
        (nested(DEEPEST - 1), [(1, 1)]),
    ],
)
def test_every_kind_of_geojson_with_an_area_is_read(value: Any, where: list[Position]) -> None:
    shape = read_shape(json.dumps(value))

    spots: list[Position] = [(1, 1), (11, 11), (21, 21), (5, 5)]
    assert [at for at in spots if shape.contains(Point(at[1], at[0]))] == where


def test_heights_and_other_members_are_passed_over() -> None:
    high = {"type": "Polygon", "coordinates": [[[*each, 200.5] for each in box(0, 0, 2, 2)]]}
    value = {**feature(high), "bbox": [0, 0, 2, 2], "id": 7, "note": None}

    assert read_shape(json.dumps(value)).contains(Point(1, 1))


AT_FIRST = "coordinates[0][0]: "
POSITION = AT_FIRST + "Give a position: the longitude, then the latitude, as numbers."
TYPE = 'Give a "type": Polygon, MultiPolygon, Feature or a collection of them.'


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "Give GeoJSON: this cannot be read as JSON."),
        ("{", "Give GeoJSON: this cannot be read as JSON."),
        ("[" * 100_000, "Give GeoJSON: this cannot be read as JSON."),
        ('{"type": "Polygon", "coordinates": [[[NaN, 0]]]}', "Give GeoJSON: this cannot be"),
        ('{"type": "Polygon", "coordinates": [[[1e999, 0]]]}', "Give GeoJSON: this cannot be"),
        ("48933", TYPE),
        ([SQUARE], TYPE),
        ({"type": "Topology"}, TYPE),
        ({"type": ["Polygon"]}, TYPE),
        ({"type": "Point", "coordinates": [1, 1]}, TYPE),
        (collection(SQUARE, {"type": "LineString"}), "geometries[1]: " + TYPE),
        ({"type": "Feature", "geometry": None}, "geometry: " + TYPE),
        (collection(), "Draw at least one polygon."),
        ({"type": "MultiPolygon", "coordinates": []}, "Draw at least one polygon."),
        ({"type": "MultiPolygon"}, "coordinates: Give a list."),
        ({"type": "Polygon", "coordinates": "0"}, "coordinates: Give a list."),
        ({"type": "Polygon", "coordinates": []}, "coordinates: Give a list of rings: the outline"),
        ({"type": "Polygon", "coordinates": [5]}, "coordinates[0]: Give a ring of at least 4"),
        (ring([0, 0], [1, 0], [0, 0]), "coordinates[0]: Give a ring of at least 4 positions."),
        (ring([0, 0], [1, 0], [1, 1], [0, 1]), "coordinates[0]: Close the ring: end it with"),
        (ring(["0", 0], [1, 0], [1, 1], ["0", 0]), POSITION),
        (ring([True, 0], [1, 0], [1, 1], [True, 0]), POSITION),
        (ring([None, 0], [1, 0], [1, 1], [None, 0]), POSITION),
        (ring([0], [1, 0], [1, 1], [0]), POSITION),
        (ring([[0, 0]], [1, 0], [1, 1], [[0, 0]]), POSITION),
        (ring([361, 0], [1, 0], [1, 1], [361, 0]), AT_FIRST + "Give a longitude from -180 to"),
        (ring([10**400, 0], [1, 0], [1, 1], [10**400, 0]), AT_FIRST + "Give a longitude"),
        (ring([42, -91], [1, 0], [1, 1], [42, -91]), AT_FIRST + "Give a latitude from -90 to 90"),
        (ring([0, 90.001], [1, 0], [1, 1], [0, 90.001]), AT_FIRST + "Give a latitude from"),
        (
            ring([-120, 70], [0, 70], [120, 70], [-120, 70]),
            "coordinates[0]: This goes round a pole.",
        ),
        (ring(*[[0, 0]] * (MOST_POSITIONS + 1)), "coordinates[0]: Use at most 20000 positions"),
        (nested(DEEPEST), "geometries[0]." * 3 + "geometries[0]: Put at most 4 collections"),
        (" " * LONGEST + "{", "Use at most 400000 letters."),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(value: Any, said: str) -> None:
    assert mistakes(value)[0].startswith(said)


def test_all_mistakes_are_told_but_no_more_than_a_few() -> None:
    bad = [["x", 0], [1, 95], [999, 1], ["x", 0]]
    two = {"type": "MultiPolygon", "coordinates": [[bad], [box(0, 0, 1, 1)[:-1]]]}

    assert [each.split(":")[0] for each in mistakes(two)] == [
        "coordinates[0][0][0]",
        "coordinates[0][0][1]",
        "coordinates[0][0][2]",
        "coordinates[0][0][3]",
        "coordinates[1][0]",
    ]
    assert len(mistakes(collection(*[{}] * 1000))) == MOST_TOLD


def test_positions_count_over_all_polygons_together() -> None:
    many = [[box(0, 0, 1, 1)]] * (MOST_POSITIONS // 5)
    fits = {"type": "MultiPolygon", "coordinates": many}

    assert read_shape(json.dumps(fits)).positions == MOST_POSITIONS
    (said,) = mistakes({"type": "MultiPolygon", "coordinates": [*many, *many]})
    assert "at most 20000 positions" in said


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.sampled_from(("type", "coordinates", "geometry", "geometries", "features")),
            inner | st.sampled_from(("Polygon", "MultiPolygon", "Feature", "GeometryCollection")),
            max_size=3,
        )
    ),
    max_leaves=30,
)


@given(JSON.map(json.dumps) | st.text())
def test_whatever_is_given_is_an_area_or_a_named_mistake(text: str) -> None:
    found: tuple[object, ...]
    try:
        found = read_shape(text).polygons
    except GeoJSONError as error:
        found = error.mistakes

    assert found
