"""Rows on their way from a source's tables to ours."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from directory.hsds.cells import Cells, RowRefusedError
from directory.hsds.columns import whole
from directory.hsds.ids import content_id, kept_id, record_id
from directory.hsds.read import Folder
from directory.hsds.report import ImportReport, Mend, Refusal
from directory.hsds.rules import broken_rule

LONGEST_SOURCE_ID: Final = 200
#: Columns whose two halves were one cell, or are mended together.
_TOGETHER: Final = {"latitude": ("latitude", "longitude"), "coordinates": ("latitude",)}


@dataclass(slots=True)
class Record:
    """One row of one of our tables, and the line it came from.

    ``values`` has every column that an import fills. ``original`` is what the source said, by
    column, where that was mended. ``stand_in``: made for something that the source names but
    does not have.
    """

    table: str
    id: UUID
    source_id: str | None
    values: dict[str, Any]
    file: str
    line: int
    stand_in: bool = False
    original: dict[str, str] | None = None


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

    ``keep_ids``: it is an export of our own, whose identifiers and words are kept.

    What the source calls: ``organization_of`` each location's organization, ``parent_of`` a
    record's parent. ``state_of`` has the code of each location's state, ``pairs`` which service
    is where, ``said`` which term is said of what and which code is taken, ``named`` the records
    of tables whose names are unique, ``opened`` the places that an export of our own calls
    public, and ``aliases`` which record another identifier of the source leads to.
    """

    folder: Folder
    source: str
    report: ImportReport
    started_at: datetime
    keep_ids: bool = False
    records: dict[str, dict[UUID, Record]] = field(default_factory=dict)
    aliases: dict[UUID, UUID] = field(default_factory=dict)
    opened: set[UUID] = field(default_factory=set)
    named: dict[tuple[str, str], UUID] = field(default_factory=dict)
    organization_of: dict[UUID, str] = field(default_factory=dict)
    state_of: dict[UUID, str] = field(default_factory=dict)
    parent_of: dict[UUID, str] = field(default_factory=dict)
    pairs: dict[tuple[UUID, UUID], UUID] = field(default_factory=dict)
    said: set[tuple[UUID | str, ...]] = field(default_factory=set)

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

    def identifier(self, table: str, key: str, *, within: str = "") -> UUID:
        """Return our identifier for the source's.

        Raises ``RowRefusedError`` where the identifiers are to be kept and it is no UUID.
        """
        if self.keep_ids:
            kept = kept_id(key)
            if kept is None:
                raise RowRefusedError("id", key, "not a UUID, as the identifiers of exports are")
            return kept
        return record_id(self.source, table, key, within=within)

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
        other content, or a value is not what its column can hold.
        """
        self._check(table, values, key)
        identifier = self._identifier(table, values, key, within)
        complete = whole(table, values)
        before = self.get(table, identifier)
        if before is None:
            row, original = cells.row, _originals(cells, complete)
            self.put(
                Record(
                    *(table, identifier, key or None, complete, row.file, row.line),
                    original=original,
                )
            )
            cells.kept += 1
        elif before.values != complete:
            raise RowRefusedError("id", key, "another row has this id")
        return identifier

    def _check(self, table: str, values: dict[str, Any], key: str) -> None:
        if len(key) > LONGEST_SOURCE_ID:
            raise RowRefusedError("id", key, "the identifier is too long")
        broken = broken_rule(table, values)
        if broken:
            raise RowRefusedError(broken[0], str(values[broken[0]]), broken[1])

    def _identifier(self, table: str, values: dict[str, Any], key: str, within: str) -> UUID:
        if not key:
            return content_id(self.source, table, values)
        identifier = self.identifier(table, key, within=within)
        if within and not self.keep_ids:
            self.aliases.setdefault(record_id(self.source, table, key), identifier)
        return identifier

    def get(self, table: str, identifier: UUID) -> Record | None:
        """Return a record; changes to it count when it is ``put`` back."""
        return self.records.get(table, {}).get(identifier)

    def at(self, table: str, identifier: UUID) -> Record:
        """Return a record that is there. Raises KeyError where it is not."""
        return self.records[table][identifier]

    def put(self, record: Record) -> None:
        """Keep a record as it is now."""
        self.records.setdefault(record.table, {})[record.id] = record

    def drop(self, record: Record) -> None:
        """Keep a record no more."""
        del self.records[record.table][record.id]

    def has(self, table: str, identifier: UUID | None) -> bool:
        """Say whether there is a record."""
        return identifier in self.records.get(table, {})

    def of(self, table: str) -> Iterator[Record]:
        """Yield the records of a table so far."""
        yield from self.records.get(table, {}).values()

    def find(self, table: str, source_id: str) -> UUID | None:
        """Return our identifier for the source's, if it has become a record."""
        if self.keep_ids:
            identifier = kept_id(source_id)
        else:
            identifier = record_id(self.source, table, source_id)
        if identifier is None or self.has(table, identifier):
            return identifier
        return self.aliases.get(identifier)

    def reference(self, cells: Cells, column: str, table: str) -> UUID | None:
        """Return what a cell refers to; refuse the row when that is not there."""
        named = cells.raw(column)
        found = self.find(table, named) if named else None
        if named and found is None:
            raise cells.refused(column, _no_such(table))
        return found

    def needed(self, cells: Cells, column: str, table: str) -> UUID:
        """Return what a cell refers to; refuse the row when it names nothing."""
        found = self.reference(cells, column, table)
        if found is None:
            raise cells.refused(column, f"names no {table.replace('_', ' ')}")
        return found

    def owners(self, cells: Cells, *tables: str) -> dict[str, UUID | None]:
        """Return the references of a row that may belong to one of several tables.

        One of them is enough: others that are not there are left out.
        """
        named = {f"{table}_id": (table, cells.raw(f"{table}_id")) for table in tables}
        owners = {
            column: self.find(table, key) if key else None for column, (table, key) in named.items()
        }
        missing = [column for column, found in owners.items() if named[column][1] and not found]
        if not any(owners.values()):
            for column in missing:
                raise cells.refused(column, _no_such(named[column][0]))
            raise RowRefusedError(f"{tables[0]}_id", "", "does not say what it belongs to")
        for column in missing:
            cells.note(column, f"left out: {_no_such(named[column][0])}")
        return owners

    def note_record(self, record: Record, column: str, reason: str, value: str = "") -> None:
        """Say that a record was completed after its row was read; ``value`` is an example."""
        self.report.mend(Mend(record.table, record.file, record.line, column, value, reason))

    def mend_record(self, record: Record, column: str, reason: str, value: str) -> None:
        """Say that a record was mended after its row was read; it is to be ``put``.

        ``value`` is what the source said, "" where that is not known.
        """
        self.note_record(record, column, reason, value)
        if value:
            record.original = {**(record.original or {}), column: value}


def _no_such(table: str) -> str:
    return f"no such {table.replace('_', ' ')} in the source"


def _originals(cells: Cells, values: dict[str, Any]) -> dict[str, str] | None:
    """Return what the source said, by our columns, where that was mended or left out."""
    kept: dict[str, str] = {}
    for column, said in cells.originals.items():
        kept |= {ours: said for ours in _TOGETHER.get(column, (column,)) if ours in values}
    return kept or None


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
            reason = "left out: its parent is missing or its own child"
            translation.mend_record(at, column, reason, translation.parent_of.get(at.id, ""))
            at.values[column] = parent = None
        at = records[parent] if parent is not None else None
    return list(chain.values())
