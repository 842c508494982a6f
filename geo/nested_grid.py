"""Grids inside each other, so that an ordinary index finds the areas that may hold a point.

Grid 0 is one cell, the earth; each further one halves the cells of the one before, down to grid 12
(0.09 degrees wide, 0.04 high). An area is known by the few cells of one grid that its boxes touch,
a point by the cell that it is in on every grid: whatever holds the point shares a cell with it.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from geo.points import Point
from geo.polygons import FULL_TURN, HALF_TURN, POLE, Box

FINEST: Final = 12
MOST_CELLS: Final = 32
"""An area in more pieces than that is known by larger cells."""

# Far above what rounding does to a longitude that is turned round, far below a cell.
_PAD_DEGREES: Final = 1e-9


class _Cell(NamedTuple):
    grid: int
    row: int
    column: int

    @property
    def number(self) -> int:
        """Its number, after all those of the coarser grids: at most 22,369,620."""
        return ((1 << 2 * self.grid) - 1) // 3 + (self.row << self.grid) + self.column

    @property
    def around(self) -> "_Cell":
        """The cell of the grid before that it is in."""
        return _Cell(self.grid - 1, self.row // 2, self.column // 2)


def cells_of_boxes(boxes: Iterable[Box]) -> frozenset[int]:
    """Give the numbers of the cells that an area is known by."""
    cells = {cell for box in boxes for cell in _touched(box)}
    while len(cells) > MOST_CELLS:
        finest = max(cell.grid for cell in cells)
        cells = {cell.around if cell.grid == finest else cell for cell in cells}
    return frozenset(cell.number for cell in cells)


def cells_of_point(point: Point) -> frozenset[int]:
    """Give the numbers of the cells that a point is in, one on each grid.

    On the 180th meridian that is the first of a row; what ends there touches it too.
    """
    return frozenset(
        _Cell(grid, _row(point.latitude, grid), _column(point.longitude, grid) % (1 << grid)).number
        for grid in range(FINEST + 1)
    )


def _touched(box: Box) -> Iterator[_Cell]:
    """Yield the at most four cells of the finest grid of which so few are enough."""
    west, east = box.west - _PAD_DEGREES, box.east + _PAD_DEGREES
    for grid in range(FINEST, 0, -1):
        rows = range(_row(box.south, grid), _row(box.north, grid) + 1)
        columns = range(_column(west, grid), _column(east, grid) + 1)
        if len(rows) <= 2 and len(columns) <= 2 and not _has_pole(box):  # noqa: PLR2004  (twice two)
            yield from (
                _Cell(grid, row, column % (1 << grid)) for row in rows for column in columns
            )
            return
    yield _Cell(0, 0, 0)


def _has_pole(box: Box) -> bool:
    """Say whether a pole is in it, which is at every longitude."""
    return POLE in (box.north, -box.south)


def _row(latitude: float, grid: int) -> int:
    return min(math.floor((latitude + POLE) / (2 * POLE) * (1 << grid)), (1 << grid) - 1)


def _column(longitude: float, grid: int) -> int:
    """Give the column, counted on beyond the ends of the grid."""
    return math.floor((longitude + HALF_TURN) / FULL_TURN * (1 << grid))
