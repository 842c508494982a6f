"""Polygons for tests, and the oracle that decides about them: GEOS, by shapely."""

import json
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import shapely
from hypothesis import strategies as st

from geo.points import Point

Position = tuple[float, float]

# Coarse numbers put points on edges and corners again and again; fine ones, beside them.
COARSE = st.integers(-8, 8).map(lambda n: n / 2)
FINE = st.floats(-4, 4, allow_subnormal=False)


def around(middle: Position, spokes: Sequence[float]) -> list[Position]:
    """A ring whose corners are so far from its middle, the one after the other."""
    turns = [2 * math.pi * i / len(spokes) for i in range(len(spokes))]
    x, y = middle
    ring = [
        (x + far * math.cos(turn), y + far * math.sin(turn))
        for far, turn in zip(spokes, turns, strict=True)
    ]
    return [*ring, ring[0]]


STARS = st.builds(
    around,
    st.tuples(COARSE, COARSE),
    st.lists(st.floats(0.5, 8), min_size=3, max_size=9),
)
BOXES = st.builds(
    lambda x, y, w, h: [(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)],
    COARSE,
    COARSE,
    st.integers(1, 6).map(float),
    st.integers(1, 6).map(float),
)
ANGULAR = st.lists(st.tuples(COARSE, COARSE), min_size=3, max_size=6).map(
    lambda corners: [*corners, corners[0]]
)
OUTLINES = (STARS | BOXES | ANGULAR).filter(lambda ring: shapely.Polygon(ring).is_valid)
WINDINGS = st.sampled_from((1, -1))


@st.composite
def polygons(draw: st.DrawFn) -> list[list[Position]]:
    """Rings of a valid polygon: its outline, and at most two holes, each of either winding."""
    rings = [draw(OUTLINES)]
    for _ in range(draw(st.integers(0, 2))):
        hole = around(
            draw(st.tuples(COARSE, COARSE)),
            draw(st.lists(st.floats(0.1, 1), min_size=3, max_size=5)),
        )
        if shapely.Polygon(rings[0], [*rings[1:], hole]).is_valid:
            rings.append(hole)
    return [ring[:: draw(WINDINGS)] for ring in rings]


@st.composite
def points_by(draw: st.DrawFn, rings: Sequence[Sequence[Position]]) -> Position:
    """A point anywhere, at a corner, on an edge as nearly as numbers allow, or beside one."""
    kind = draw(st.sampled_from(("coarse", "fine", "corner", "edge", "beside")))
    if kind in ("coarse", "fine"):
        numbers = COARSE if kind == "coarse" else FINE
        return draw(st.tuples(numbers, numbers))
    ring = draw(st.sampled_from(list(rings)))
    (x1, y1), (x2, y2) = draw(st.sampled_from(list(pairwise(ring))))
    part = 0.0 if kind == "corner" else draw(st.sampled_from((0.5, 0.25, 1 / 3, 0.1)))
    x, y = x1 + part * (x2 - x1), y1 + part * (y2 - y1)
    if kind == "beside":
        x = math.nextafter(x, draw(st.sampled_from((-99.0, 99.0))))
    return x, y


def covers(rings: Sequence[Sequence[Position]], at: Position) -> bool:
    """What GEOS says: inside, or on the edge."""
    return bool(shapely.Polygon(rings[0], rings[1:]).covers(shapely.Point(*at)))


def geojson(*rings: Sequence[Position]) -> str:
    return json.dumps({"type": "Polygon", "coordinates": rings})


def moved(rings: Sequence[Sequence[Position]], east: float) -> list[list[Position]]:
    return [[(x + east, y) for x, y in ring] for ring in rings]


def point(at: Position) -> Point:
    return Point(at[1], at[0])


def box(west: float, south: float, east: float, north: float) -> list[Position]:
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}
