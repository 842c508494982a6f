"""The cells of one row, and what was done to them on the way in."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeVar

from directory.hsds.mend import CannotMendError, Mended
from directory.hsds.profile import PREFIX
from directory.hsds.read import Row
from directory.hsds.report import Mend

_T = TypeVar("_T")

#: Files that become another table's records are counted with that table.
_COUNTED_WITH: Final = {
    "holiday": "schedule",
    "term": "taxonomy_term",
    "payment_accepted": "service",
    "eligibility": "service",
}


class RowRefusedError(Exception):
    """A row cannot be taken, because of one of its cells."""

    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, value, reason


class Cells:
    """The cells of one row, mended as they are read.

    ``mends`` says what was put right, and ``originals`` what a column said where it was. The
    columns that were asked for are added to ``asked``.
    """

    def __init__(self, row: Row, asked: set[str] | None = None) -> None:
        self.row = row
        self._cells = row.cells
        self.table = _COUNTED_WITH.get(row.table, row.table)
        self.mends: list[Mend] = []
        self.originals: dict[str, str] = {}
        self.asked = set() if asked is None else asked
        self.kept = 0

    def raw(self, column: str) -> str:
        """Return a cell without the spaces around it; "" where there is no such column."""
        return self.whole(column).strip()

    def ours(self, column: str) -> str:
        """Return the cell of a column that only our profile has (``directory.hsds.profile``)."""
        return self.raw(f"{PREFIX}_{column}")

    def whole(self, column: str) -> str:
        """Return a cell as it stands."""
        self.asked.add(column)
        cell = self._cells.get(column)
        if not cell:
            return ""
        if not cell.isascii():  # JSON can hold half of a character, which no database takes
            cell = cell.encode("utf-8", "replace").decode()
        return cell

    def get(self, column: str, mender: Callable[[str], Mended[_T | None]]) -> _T | None:
        """Return a mended value, or None, with a note, where it cannot be mended."""
        cell = self.whole(column)
        try:
            value, note = mender(cell) if cell else _of_nothing(mender)
        except CannotMendError as error:
            self.note(column, f"left out: {error}")
            return None
        if note:
            self.note(column, note)
        return value

    def need(self, column: str, mender: Callable[[str], Mended[_T | None]]) -> _T:
        """Return a mended value that the row cannot do without."""
        try:
            value, note = mender(self.whole(column))
        except CannotMendError as error:
            raise self.refused(column, str(error)) from error
        if value is None or value == "":
            raise self.refused(column, "empty")
        if note:
            self.note(column, note)
        return value

    def check(self) -> None:
        """Refuse a row that could not be read as a row."""
        if self.row.problem:
            raise RowRefusedError("", "", self.row.problem)

    def note(self, column: str, reason: str, value: str | None = None) -> None:
        """Say that a cell was mended; what it said is kept beside what we made of it."""
        shown = self.raw(column) if value is None else value
        self.mends.append(Mend(self.table, self.row.file, self.row.line, column, shown, reason))
        if self.raw(column):
            self.originals[column] = shown

    def remark(self, column: str, reason: str) -> None:
        """Say something of a cell that is kept as it stands."""
        at = self.table, self.row.file, self.row.line
        self.mends.append(Mend(*at, column, self.raw(column), reason))

    def refused(self, column: str, reason: str) -> RowRefusedError:
        """Return the error that refuses the row because of a cell."""
        return RowRefusedError(column, self.raw(column), reason)


@lru_cache(maxsize=256)
def _of_nothing(mender: Callable[[str], Mended[Any]]) -> Mended[Any]:
    """Return what a mender makes of an empty cell: most cells are, and it is always the same."""
    return mender("")
