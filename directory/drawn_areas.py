"""Which of the polygons that services state a point is in, decided exactly.

An index says which may hold it (``geo.nested_grid``). They are read from where they are stated, and
kept in memory by their content, so that nothing kept can be out of date.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from threading import Lock
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import stream_rows
from directory.offers import areas, search_shapes
from directory.service_areas import Whereabouts, polygon_word
from geo.geojson import GeoJSONError, read_shape
from geo.nested_grid import cells_of_point
from geo.places import Place
from geo.polygons import Shape

#: How many positions are kept in memory, 16 bytes each.
MOST_KEPT: Final = 500_000

_READ_AT_ONCE: Final = 50


class _Kept:
    """The shapes that were asked for last, by their words."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._positions = 0
        self._shapes: OrderedDict[str, Shape] = OrderedDict()
        self._lock = Lock()

    def get(self, word: str) -> Shape | None:
        with self._lock:
            if word in self._shapes:
                self._shapes.move_to_end(word)
            return self._shapes.get(word)

    def put(self, word: str, shape: Shape) -> None:
        with self._lock:
            if word in self._shapes:
                return
            self._shapes[word] = shape
            self._positions += shape.positions
            while self._positions > self._most:
                _, oldest = self._shapes.popitem(last=False)
                self._positions -= oldest.positions


_kept = _Kept(MOST_KEPT)


#: The words of the polygons that may hold a point of a cell, by the cell.
Drawn = Mapping[int, Collection[str]]


def find_drawn(session: Session) -> Drawn:
    """Return all that the index knows, to ask ``recall_whereabouts``."""
    drawn: dict[int, set[str]] = {}
    rows = sa.select(search_shapes.c.cell, search_shapes.c.word).distinct()
    for some in stream_rows(session, rows, size=10_000):
        for row in some:
            drawn.setdefault(row.cell, set()).add(row.word)
    return drawn


def recall_whereabouts(drawn: Drawn, place: Place) -> Whereabouts | None:
    """Return what ``find_whereabouts`` finds; None where a polygon is not in memory."""
    candidates = {
        word: _kept.get(word)
        for cell in cells_of_point(place.point)
        for word in drawn.get(cell, ())
    }
    if None in candidates.values():
        return None
    holding = (w for w, shape in candidates.items() if shape and shape.contains(place.point))
    return Whereabouts(place, frozenset(holding))


def find_whereabouts(session: Session, place: Place) -> Whereabouts:
    """Return a place with the words of all stated polygons that its point is in."""
    near = search_shapes.c.cell.in_(sorted(cells_of_point(place.point)))
    found = session.connection().execute(sa.select(search_shapes.c.word).where(near).distinct())
    candidates = {word: _kept.get(word) for word in found.scalars()}
    missing = {word for word, shape in candidates.items() if shape is None}
    candidates |= dict(_read(session, missing, near))
    holding = (w for w, shape in candidates.items() if shape and shape.contains(place.point))
    return Whereabouts(place, frozenset(holding))


def _read(
    session: Session, words: Collection[str], near: sa.ColumnElement[bool]
) -> Iterator[tuple[str, Shape]]:
    """Yield shapes that were not kept, each from one of those who state it."""
    stated = sa.select(search_shapes.c.word, search_shapes.c.service_area_id).where(near).distinct()
    one_of: dict[str, UUID] = {}
    if words:
        one_of = {word: id_ for word, id_ in session.connection().execute(stated) if word in words}
    ids = sorted(one_of.values())
    for start in range(0, len(ids), _READ_AT_ONCE):
        some = areas.c.id.in_(ids[start : start + _READ_AT_ONCE])
        for extent in session.connection().execute(sa.select(areas.c.extent).where(some)).scalars():
            shape = _shape_of(extent or "")
            if shape is not None:
                _kept.put(polygon_word(extent), shape)
                yield polygon_word(extent), shape


def _shape_of(extent: str) -> Shape | None:
    """Return a shape, or None where the area was changed to none since the index was read."""
    try:
        return read_shape(extent)
    except GeoJSONError:
        return None
