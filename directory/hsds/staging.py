"""Where the records of an import wait, whole and checked, before the first is written.

They are in a temporary file, so that memory does not grow with the directory: of each record
only its identifier and its place in the file are in memory, about 120 bytes. Values go through
msgpack with the types of their columns, so that what comes back is equal to what went in.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import mkstemp
from typing import Any, Final
from uuid import UUID
from weakref import finalize

import msgspec

from directory.database import SQLITE_DRIVER
from directory.hsds.batches import batches
from directory.hsds.columns import COLUMNS

#: How many records are read at a time, and how many wait to be written together.
BATCH: Final = 500
_WAITING: Final = 500
#: How much of the file is kept in memory, in KiB.
_CACHE_KIB: Final = 8_000

_encode: Final = msgspec.msgpack.Encoder(uuid_format="bytes").encode


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
class _Shelf:
    """One table: where in the file each record is, in their order, and a mark for each place."""

    places: dict[bytes, int] = field(default_factory=dict)
    waiting: dict[int, bytes] = field(default_factory=dict)
    marks: bytearray = field(default_factory=bytearray)


class Staging:
    """Records by table and identifier, in the order in which they came."""

    def __init__(self) -> None:
        self._connection = _temporary_database()
        self._shelves: dict[str, _Shelf] = {}
        self.close = finalize(self, self._connection.close)

    def put(self, record: Record) -> None:
        """Keep a record as it is now."""
        shelf = self._shelf(record.table)
        place = shelf.places.get(record.id.bytes)
        if place is None:
            place = len(shelf.marks)
            shelf.places[record.id.bytes] = place
            shelf.marks.append(0)
        shelf.waiting[place] = _pack(record)
        if len(shelf.waiting) >= _WAITING:
            self._flush(record.table, shelf)

    def get(self, table: str, identifier: UUID) -> Record | None:
        """Return a record; changes to it count when it is ``put`` back."""
        shelf = self._shelf(table)
        place = shelf.places.get(identifier.bytes)
        if place is None:
            return None
        packed = shelf.waiting.get(place)
        if packed is None:
            statement = f'SELECT packed FROM "{table}" WHERE place = ?'  # noqa: S608  (our tables)
            (packed,) = self._connection.execute(statement, (place,)).fetchone()
        return _unpack(table, identifier, packed)

    def has(self, table: str, identifier: UUID) -> bool:
        """Say whether there is a record."""
        return identifier.bytes in self._shelf(table).places

    def drop(self, table: str, identifier: UUID) -> None:
        """Keep a record no more."""
        shelf = self._shelf(table)
        shelf.waiting.pop(shelf.places.pop(identifier.bytes), None)

    def tables(self) -> list[str]:
        """Return the tables that have had a record."""
        return list(self._shelves)

    def count(self, table: str) -> int:
        """Return how many records a table has."""
        return len(self._shelf(table).places)

    def ids(self, table: str) -> list[bytes]:
        """Return the identifiers of a table's records, in their order."""
        return list(self._shelf(table).places)

    def of(self, table: str, *, marked: int | None = None) -> Iterator[Record]:
        """Yield the records of a table, or those with a mark, in their order.

        A record that was yielded may be put back or dropped meanwhile; what happens to another
        one is seen here up to ``BATCH`` records later.
        """
        shelf = self._shelf(table)
        wanted = list(shelf.places.items())
        if marked is not None:
            wanted = [each for each in wanted if shelf.marks[each[1]] == marked]
        for batch in batches(wanted, BATCH):
            self._flush(table, shelf)
            found = dict(self._connection.execute(*_select(table, [place for _, place in batch])))
            for identifier, place in batch:
                yield _unpack(table, UUID(bytes=identifier), found[place])

    def mark(self, table: str, identifier: UUID, mark: int) -> None:
        """Remember a number from 0 to 255 about a record; it is 0 at first."""
        shelf = self._shelf(table)
        shelf.marks[shelf.places[identifier.bytes]] = mark

    def reorder(self, table: str, identifiers: list[bytes]) -> None:
        """Give a table's records, all of them, another order."""
        shelf = self._shelf(table)
        shelf.places = {identifier: shelf.places[identifier] for identifier in identifiers}

    def rename(self, table: str, renamed: Mapping[UUID, UUID]) -> None:
        """Give records other identifiers, all at once; their order stays."""
        if not renamed:
            return
        by_bytes = {old.bytes: new.bytes for old, new in renamed.items()}
        shelf = self._shelf(table)
        shelf.places = {by_bytes.get(each, each): at for each, at in shelf.places.items()}

    def _shelf(self, table: str) -> _Shelf:
        shelf = self._shelves.get(table)
        if shelf is None:
            self._connection.execute(
                f'CREATE TABLE "{table}" (place INTEGER PRIMARY KEY, packed BLOB NOT NULL)'
            )
            shelf = self._shelves[table] = _Shelf()
        return shelf

    def _flush(self, table: str, shelf: _Shelf) -> None:
        if shelf.waiting:
            statement = f'INSERT OR REPLACE INTO "{table}" VALUES (?, ?)'  # noqa: S608  (our tables)
            self._connection.executemany(statement, shelf.waiting.items())
            shelf.waiting.clear()


def _temporary_database() -> Any:
    """Open a database in a file that nobody else can read and that no crash leaves behind."""
    handle, name = mkstemp(prefix="openings-import-", suffix=".sqlite")
    path = Path(name)
    connection = SQLITE_DRIVER.connect(name, isolation_level=None)
    settings = ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE")
    for setting in (*settings, f"cache_size = -{_CACHE_KIB}"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute("CREATE TABLE opened (at INTEGER)")  # the file is open from here on
    os.close(handle)
    with suppress(OSError):  # where an open file cannot be deleted, the system does so some day
        path.unlink()
    return connection


def _select(table: str, places: Sequence[int]) -> tuple[str, Sequence[int]]:
    """Return a statement for the records at some places, with its values."""
    first, last = min(places), max(places)
    if last - first + 1 == len(places):  # side by side, as they mostly are
        where, values = "place BETWEEN ? AND ?", [first, last]
    else:
        where, values = f"place IN ({', '.join('?' * len(places))})", list(places)
    return f'SELECT place, packed FROM "{table}" WHERE {where}', values  # noqa: S608  (our tables)


def _pack(record: Record) -> bytes:
    about = (record.source_id, record.file, record.line, record.stand_in, record.original)
    values = record.values
    return _encode((*about, *(values[name] for name in COLUMNS[record.table])))


def _unpack(table: str, identifier: UUID, packed: bytes) -> Record:
    source_id, file, line, stand_in, original, *values = _decoder(table).decode(packed)
    named = dict(zip(COLUMNS[table], values, strict=True))
    return Record(table, identifier, source_id, named, file, line, stand_in, original)


@cache
def _decoder(table: str) -> msgspec.msgpack.Decoder[tuple[Any, ...]]:
    """Return what reads a packed record: its own fields, then the columns in their types."""
    about = (str | None, str, int, bool, dict[str, str] | None)
    columns = COLUMNS[table].values()
    types = (*about, *(each.type | None if each.is_nullable else each.type for each in columns))
    return msgspec.msgpack.Decoder(tuple.__class_getitem__(types))
