"""Rows out of nested JSON, on disk until their table's turn comes.

The same record is met again and again in nested data: a service's organization in each of its
services, say. Here it is one row, with everything that was said of it.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec

from directory.hsds.errors import TooLargeError
from directory.hsds.read.rows import Limits, Note, Row

_TABLE: Final = """
CREATE TABLE record (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, file TEXT NOT NULL,
    line INTEGER NOT NULL, rank INTEGER NOT NULL, problem TEXT, cells BLOB NOT NULL,
    UNIQUE (kind, key)
)
"""
#: What describes another record and no more. Publishers give one such record, with one id, to
#: several services; each of them gets its own.
_DETAILS: Final = frozenset(
    {
        *("phone", "contact", "schedule", "holiday", "language", "accessibility", "address"),
        *("service_area", "required_document", "cost_option", "funding", "url", "attribute"),
        *("metadata", "organization_identifier", "service_capacity", "eligibility"),
    }
)
#: How well a record is known: by its id only, inside another one, or for itself.
STUB: Final = 0
NESTED: Final = 1
OWN: Final = 2


@dataclass(frozen=True, slots=True)
class Found:
    """A record as it was met. ``owned`` are the cells that its place in the nesting filled."""

    table: str
    file: str
    line: int
    cells: dict[str, str]
    rank: int = OWN
    owned: frozenset[str] = frozenset()
    problem: str | None = None


class Spool:
    """A file of rows, one for each record however often it was met."""

    def __init__(self, path: Path, limits: Limits, note: Note) -> None:
        self._limits = limits
        self._note = note
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-16000"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute(_TABLE)
        self._connection.execute("BEGIN")
        self.columns: dict[str, set[str]] = {}
        self.rows_kept = 0

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def put(self, found: Found) -> str:
        """Keep a record, or add to what is known of it; return the id it goes by.

        Raises ``TooLargeError`` where there are more rows or columns than we read.
        """
        self._see(found)
        key = found.cells.get("id", "") or _content_key(found.cells)
        if self._insert(found, key):
            return found.cells.get("id", "")
        return self._join(found, key)

    def tables(self) -> set[str]:
        """Return the tables of which there are rows."""
        rows = self._connection.execute("SELECT DISTINCT kind FROM record WHERE rank > ?", (STUB,))
        return {kind for (kind,) in rows}

    def rows(self, table: str) -> Iterator[Row]:
        """Yield the rows of a table in the order in which they were first met."""
        found = (
            "SELECT file, line, problem, cells FROM record WHERE kind = ? AND rank > ? "
            "ORDER BY number"
        )
        with closing(self._connection.execute(found, (table, STUB))) as rows:
            for file, line, problem, cells in rows:
                yield Row(table, file, line, {} if problem else _decode(cells), problem)

    def _see(self, found: Found) -> None:
        columns = self.columns.setdefault(found.table, set())
        columns.update(found.cells)
        if len(columns) > self._limits.columns:
            raise TooLargeError(
                f"{found.file}: records of the kind {found.table!r} have more than "
                f"{self._limits.columns:,} different properties."
            )

    def _insert(self, found: Found, key: str) -> bool:
        values = (
            *(found.table, key, found.file, found.line, found.rank, found.problem),
            _encode(found.cells),
        )
        statement = (
            "INSERT OR IGNORE INTO record (kind, key, file, line, rank, problem, cells) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        if not self._connection.execute(statement, values).rowcount:
            return False
        self.rows_kept += 1
        if self.rows_kept > self._limits.rows:
            raise TooLargeError(
                f"{found.file}, record {found.line}: more than {self._limits.rows:,} rows in all. "
                "Raise the limit (--max-rows) if that is right."
            )
        return True

    def _join(self, found: Found, key: str) -> str:
        """Bring a record that was met before together with what is known of it."""
        number, rank, problem, blob = self._connection.execute(
            "SELECT number, rank, problem, cells FROM record WHERE kind = ? AND key = ?",
            (found.table, key),
        ).fetchone()
        before = _decode(blob)
        other = {name for name, cell in found.cells.items() if cell and before.get(name)}
        other = {name for name in other if before[name] != found.cells[name]}
        if found.table in _DETAILS and other & found.owned:
            return self._put_copy(found, key, other & found.owned)
        if other and OWN == rank == found.rank:
            self._put_rival(found, key)
            return found.cells.get("id", "")
        if other:
            self._note(found.file, f"some {found.table} records came again with other content")
        merged = _merged(before, found.cells, newer_wins=found.rank > rank)
        rank, problem = max(rank, found.rank), problem or found.problem
        self._connection.execute(
            "UPDATE record SET rank = ?, problem = ?, cells = ? WHERE number = ?",
            (rank, problem, _encode(merged), number),
        )
        return found.cells.get("id", "")

    def _put_copy(self, found: Found, key: str, other: set[str]) -> str:
        """Keep a detail that several records share once more, for the next of them."""
        owner = "&".join(f"{name}={found.cells[name]}" for name in sorted(other))
        copied = f"{key[:160]}~{sha256(owner.encode()).hexdigest()[:12]}"
        return self.put(replace(found, cells={**found.cells, "id": copied}))

    def _put_rival(self, found: Found, key: str) -> None:
        """Keep a record that cannot be another's twin, to be refused in the report."""
        content = _content_key(found.cells)
        self._insert(replace(found, problem="another record has this id"), f"{key} {content}")


def _merged(
    before: Mapping[str, str], later: Mapping[str, str], *, newer_wins: bool
) -> dict[str, str]:
    """Return all that two sightings say; where both say something, the better known one."""
    better, other = (later, before) if newer_wins else (before, later)
    return {**other, **{name: cell for name, cell in better.items() if cell or name not in other}}


def _content_key(cells: Mapping[str, str]) -> str:
    """Return what tells apart records without an id. No id begins with a space."""
    return f" {sha256(_encode(dict(sorted(cells.items())))).hexdigest()}"


def _encode(cells: dict[str, str]) -> bytes:
    return msgspec.json.encode(cells)


def _decode(cells: Any) -> dict[str, str]:
    return msgspec.json.decode(cells, type=dict[str, str])
