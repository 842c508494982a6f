"""Rows on their way from a source's tables to ours."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, TypeVar
from uuid import UUID

from directory.hsds.ids import content_id, record_id
from directory.hsds.mend import CannotMendError, Mended
from directory.hsds.read import Folder, Row
from directory.hsds.report import ImportReport, Mend, Refusal
from directory.models import TABLES

_T = TypeVar("_T")

#: Files that become another table's records are counted with that table.
_COUNTED_WITH: Final = {"holiday": "schedule", "term": "taxonomy_term"}
LONGEST_SOURCE_ID: Final = 200


@dataclass(slots=True)
class Record:
    """One row of one of our tables, and the line it came from.

    ``stand_in``: made for something that the source names but does not have.
    """

    table: str
    id: UUID
    source_id: str | None
    values: dict[str, Any]
    file: str
    line: int
    stand_in: bool = False


class RowRefusedError(Exception):
    """A row cannot be taken, because of one of its cells."""

    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, value, reason


class Cells:
    """The cells of one row, mended as they are read. What was mended is in ``mends``."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.table = _COUNTED_WITH.get(row.table, row.table)
        self.mends: list[Mend] = []
        self.asked: set[str] = set()
        self.kept = 0

    def raw(self, column: str) -> str:
        """Return a cell without the spaces around it; "" where there is no such column."""
        return self._cell(column).strip()

    def _cell(self, column: str) -> str:
        self.asked.add(column)
        return self.row.cells.get(column, "")

    def get(self, column: str, mender: Callable[[str], Mended[_T | None]]) -> _T | None:
        """Return a mended value, or None, with a note, where it cannot be mended."""
        try:
            value, note = mender(self._cell(column))
        except CannotMendError as error:
            self.note(column, f"left out: {error}")
            return None
        if note:
            self.note(column, note)
        return value

    def need(self, column: str, mender: Callable[[str], Mended[_T | None]]) -> _T:
        """Return a mended value that the row cannot do without."""
        try:
            value, note = mender(self._cell(column))
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
        """Say that a cell was mended."""
        shown = self.raw(column) if value is None else value
        self.mends.append(Mend(self.table, self.row.file, self.row.line, column, shown, reason))

    def refused(self, column: str, reason: str) -> RowRefusedError:
        """Return the error that refuses the row because of a cell."""
        return RowRefusedError(column, self.raw(column), reason)


@dataclass(slots=True)
class _Unused:
    """The columns of each file that have something in them and that nothing asked for."""

    filled: dict[str, set[str]] = field(default_factory=dict)
    asked: dict[str, set[str]] = field(default_factory=dict)

    def see(self, cells: Cells) -> None:
        filled = self.filled.setdefault(cells.row.file, set())
        filled.update(name for name, cell in cells.row.cells.items() if cell.strip())
        self.asked.setdefault(cells.row.file, set()).update(cells.asked)

    def notes(self) -> Iterator[tuple[str, str]]:
        for file, filled in self.filled.items():
            if unused := sorted(filled - self.asked[file]):
                yield file, f"columns without a place here, not kept: {', '.join(unused)}"


@dataclass(slots=True)
class Translation:
    """A directory being translated: what it was given and what it has become so far.

    ``organization_of`` keeps the source's identifier of each location's organization, ``state_of``
    the code of its state, ``pairs`` which service is where, and ``said`` which term is said of
    what and which code a taxonomy has.
    """

    folder: Folder
    source: str
    report: ImportReport
    records: dict[str, dict[UUID, Record]] = field(default_factory=dict)
    organization_of: dict[UUID, str] = field(default_factory=dict)
    state_of: dict[UUID, str] = field(default_factory=dict)
    pairs: set[tuple[UUID, UUID]] = field(default_factory=set)
    said: set[tuple[UUID, UUID | str]] = field(default_factory=set)

    def each(self, table: str, translate: Callable[[Cells], None]) -> None:
        """Translate every row of a table; refuse the single row where that fails."""
        unused = _Unused()
        for row in self.folder.rows(table):
            cells = Cells(row)
            self.report.of(cells.table).read += 1
            try:
                cells.check()
                translate(cells)
            except RowRefusedError as refused:
                self._refuse(cells, refused)
            else:
                self._accept(cells)
            unused.see(cells)
        self.report.notes.extend(unused.notes())

    def _refuse(self, cells: Cells, refused: RowRefusedError) -> None:
        where = cells.table, cells.row.file, cells.row.line
        self.report.refuse(Refusal(*where, refused.column, refused.value, refused.reason))

    def _accept(self, cells: Cells) -> None:
        for mend in cells.mends:
            self.report.mend(mend)
        if not cells.kept:
            self.report.of(cells.table).passed_over += 1

    def add(
        self,
        cells: Cells,
        table: str,
        values: dict[str, Any],
        *,
        key: str = "",
        within: str = "",
    ) -> UUID:
        """Keep a record. ``key`` is its identifier in the source, "" where it has none.

        Twins are kept once. Raises ``RowRefusedError`` where an identifier comes back with
        other content, or a value is longer than its column.
        """
        _check_lengths(table, values)
        if len(key) > LONGEST_SOURCE_ID:
            raise RowRefusedError("id", key, "the identifier is too long")
        own = record_id(self.source, table, key, within=within) if key else None
        identifier = own or content_id(self.source, table, values)
        others = self.records.setdefault(table, {})
        if identifier not in others:
            row = cells.row
            others[identifier] = Record(table, identifier, key or None, values, row.file, row.line)
            cells.kept += 1
        elif others[identifier].values != values:
            raise RowRefusedError("id", key, "another row has this id")
        return identifier

    def of(self, table: str) -> Iterator[Record]:
        """Yield the records of a table so far."""
        yield from self.records.get(table, {}).values()

    def find(self, table: str, source_id: str) -> UUID | None:
        """Return our identifier for the source's, if it has become a record."""
        identifier = record_id(self.source, table, source_id)
        return identifier if identifier in self.records.get(table, {}) else None

    def reference(self, cells: Cells, column: str, table: str) -> UUID | None:
        """Return what a cell refers to; refuse the row when that is not there."""
        named = cells.raw(column)
        found = self.find(table, named) if named else None
        if named and found is None:
            raise cells.refused(column, f"no such {table.replace('_', ' ')} in the source")
        return found

    def needed(self, cells: Cells, column: str, table: str) -> UUID:
        """Return what a cell refers to; refuse the row when it names nothing."""
        found = self.reference(cells, column, table)
        if found is None:
            raise cells.refused(column, f"names no {table.replace('_', ' ')}")
        return found

    def owners(self, cells: Cells, *tables: str) -> dict[str, UUID | None]:
        """Return the references of a row that may belong to one of several tables."""
        owners = {f"{table}_id": self.reference(cells, f"{table}_id", table) for table in tables}
        if not any(owners.values()):
            raise RowRefusedError(f"{tables[0]}_id", "", "does not say what it belongs to")
        return owners

    def mend_record(self, record: Record, column: str, reason: str, value: str = "") -> None:
        """Say that a record was mended after its row was read."""
        self.report.mend(Mend(record.table, record.file, record.line, column, value, reason))


@cache
def _lengths(table: str) -> dict[str, int]:
    """Return how long the texts of a table may be, where that is limited."""
    columns = TABLES[table].columns
    lengths = {column.name: getattr(column.type, "length", None) for column in columns}
    return {name: length for name, length in lengths.items() if length}


def _check_lengths(table: str, values: dict[str, Any]) -> None:
    for column, longest in _lengths(table).items():
        value = values.get(column)
        if isinstance(value, str) and len(value) > longest:
            raise RowRefusedError(column, value, f"longer than {longest} characters")


def parents_first(translation: Translation, table: str, column: str) -> None:
    """Put each record after the one it refers to, and cut references that go nowhere or round.

    Databases check a reference as soon as the row is written.
    """
    records = translation.records.get(table, {})
    placed: dict[UUID, Record] = {}
    for record in records.values():
        chain = _unplaced_ancestors(translation, record, records, placed, column)
        placed.update((each.id, each) for each in reversed(chain))
    translation.records[table] = placed


def _unplaced_ancestors(
    translation: Translation,
    record: Record,
    records: dict[UUID, Record],
    placed: dict[UUID, Record],
    column: str,
) -> list[Record]:
    chain: dict[UUID, Record] = {}
    at: Record | None = record
    while at is not None and at.id not in placed:
        chain[at.id] = at
        parent = at.values[column]
        if parent is not None and (parent in chain or parent not in records):
            translation.mend_record(at, column, "left out: its parent is missing or its own child")
            at.values[column] = parent = None
        at = records[parent] if parent is not None else None
    return list(chain.values())
