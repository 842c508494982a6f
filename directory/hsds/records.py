"""Rows on their way from a source's tables to ours."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

from directory.hsds.cells import Cells, RowRefusedError
from directory.hsds.columns import whole
from directory.hsds.ids import content_id, kept_id, record_id
from directory.hsds.profile import PREFIX
from directory.hsds.progress import Progress, say_nothing
from directory.hsds.read import Folder, Row
from directory.hsds.report import ImportReport, Mend, Refusal
from directory.hsds.rules import broken_rule
from directory.hsds.staging import Record, Staging

__all__ = ["Record", "Translation", "mark_of", "parents_first"]

LONGEST_SOURCE_ID: Final = 200
#: Columns whose two halves were one cell, or are mended together.
_TOGETHER: Final = {"latitude": ("latitude", "longitude"), "coordinates": ("latitude",)}
#: How many rows are read between two words about it.
_ROWS_BETWEEN_WORDS: Final = 500


def mark_of(*parts: object) -> bytes:
    """Return 16 bytes that stand for some values together; as good as equal to none other's."""
    return blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).digest()


@dataclass(slots=True)
class _Unused:
    """The columns of each file that have something in them and that nothing asked for."""

    asked: dict[str, set[str]] = field(default_factory=dict)
    filled: dict[str, set[str]] = field(default_factory=dict)

    def asked_of(self, file: str) -> set[str]:
        return self.asked.setdefault(file, set())

    def see(self, row: Row) -> None:
        asked = self.asked[row.file]
        if not asked.issuperset(row.cells):
            filled = self.filled.setdefault(row.file, set())
            filled.update(name for name in row.cells.keys() - asked if row.cells[name].strip())

    def notes(self) -> Iterator[tuple[str, str]]:
        for file, filled in self.filled.items():
            if unused := sorted(filled - self.asked[file]):
                yield file, f"columns without a place here, not kept: {', '.join(unused)}"


@dataclass(slots=True)
class Translation:
    """A directory being translated: what it was given and what it has become so far.

    ``keep_ids``: it is an export of our own, whose identifiers and words are kept.

    The records are on disk (``directory.hsds.staging``). What is in memory about them goes by
    16 bytes for each: ``organization_of`` and ``parent_of`` are what the source calls a
    location's organization and a record's parent, ``state_of`` the code of a location's state,
    ``pairs`` which service is where, ``said`` which term is said of what and which code is
    taken, ``named`` the records of tables whose names are unique, ``opened`` the places that an
    export of our own calls public, ``aliases`` which record another identifier of the source
    leads to, and ``stand_ins`` what was made because it was only named.
    """

    folder: Folder
    source: str
    report: ImportReport
    started_at: datetime
    keep_ids: bool = False
    progress: Progress = say_nothing
    staging: Staging = field(default_factory=Staging)
    aliases: dict[bytes, bytes] = field(default_factory=dict)
    organization_of: dict[bytes, str] = field(default_factory=dict)
    state_of: dict[bytes, str] = field(default_factory=dict)
    parent_of: dict[bytes, str] = field(default_factory=dict)
    opened: set[bytes] = field(default_factory=set)
    stand_ins: set[bytes] = field(default_factory=set)
    named: dict[tuple[str, str], UUID] = field(default_factory=dict)
    pairs: dict[bytes, bytes] = field(default_factory=dict)
    said: set[bytes] = field(default_factory=set)
    rows_read: int = 0

    def each(self, table: str, translate: Callable[[Cells], None]) -> None:
        """Translate every row of a table; refuse the single row where that fails."""
        unused = _Unused()
        for row in self.folder.rows(table):
            cells = Cells(row, unused.asked_of(row.file))
            self._count(cells)
            try:
                cells.check()
                translate(cells)
            except RowRefusedError as refused:
                self._refuse(cells, refused)
            else:
                self._accept(cells)
            unused.see(row)
        self.report.notes.extend(unused.notes())

    def _count(self, cells: Cells) -> None:
        self.report.of(cells.table).read += 1
        self.rows_read += 1
        if self.rows_read % _ROWS_BETWEEN_WORDS == 0:
            self.progress("read", self.rows_read, None)

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
            first = record_id(self.source, table, key)
            self.aliases.setdefault(first.bytes, identifier.bytes)
        return identifier

    def get(self, table: str, identifier: UUID) -> Record | None:
        """Return a record; changes to it count when it is ``put`` back."""
        return self.staging.get(table, identifier)

    def at(self, table: str, identifier: UUID) -> Record:
        """Return a record that is there. Raises KeyError where it is not."""
        record = self.staging.get(table, identifier)
        if record is None:
            raise KeyError(identifier)
        return record

    def put(self, record: Record) -> None:
        """Keep a record as it is now."""
        self.staging.put(record)

    def drop(self, record: Record) -> None:
        """Keep a record no more."""
        self.staging.drop(record.table, record.id)

    def has(self, table: str, identifier: UUID) -> bool:
        """Say whether there is a record."""
        return self.staging.has(table, identifier)

    def of(self, table: str) -> Iterator[Record]:
        """Yield the records of a table so far."""
        return self.staging.of(table)

    def close(self) -> None:
        """Forget the records, and the file they are in."""
        self.staging.close()

    def find(self, table: str, source_id: str) -> UUID | None:
        """Return our identifier for the source's, if it has become a record."""
        if self.keep_ids:
            identifier = kept_id(source_id)
        else:
            identifier = record_id(self.source, table, source_id)
        if identifier is None or self.has(table, identifier):
            return identifier
        other = self.aliases.get(identifier.bytes)
        return UUID(bytes=other) if other else None

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
    for asked, said in cells.originals.items():
        column = asked.removeprefix(f"{PREFIX}_")
        kept |= {ours: said for ours in _TOGETHER.get(column, (column,)) if ours in values}
    return kept or None


def parents_first(translation: Translation, table: str, column: str) -> None:
    """Put each record after the one it refers to, and cut references that go nowhere or round.

    Databases check a reference as soon as the row is written.
    """
    parents = {
        record.id.bytes: record.values[column].bytes
        for record in translation.of(table)
        if record.values[column] is not None
    }
    if not parents:
        return
    known = dict.fromkeys(translation.staging.ids(table))
    placed = dict.fromkeys(each for each in known if each not in parents)
    for child in list(parents):
        placed.update(dict.fromkeys(reversed(_unplaced_ancestors(child, parents, placed, known))))
    translation.staging.reorder(table, list(placed))
    for record in translation.of(table):
        if record.values[column] is not None and record.id.bytes not in parents:
            record.values[column] = None
            reason = "left out: its parent is missing or its own child"
            called = translation.parent_of.get(record.id.bytes, "")
            translation.mend_record(record, column, reason, called)
            translation.put(record)


def _unplaced_ancestors(
    child: bytes, parents: dict[bytes, bytes], placed: dict[bytes, None], known: dict[bytes, None]
) -> list[bytes]:
    """Return a record and what is above it, as far as that is not placed; cut a bad end off."""
    chain: dict[bytes, None] = {}
    at: bytes | None = child
    while at is not None and at not in placed:
        chain[at] = None
        parent = parents.get(at)
        if parent is not None and (parent in chain or parent not in known):
            del parents[at]
            parent = None
        at = parent
    return list(chain)
