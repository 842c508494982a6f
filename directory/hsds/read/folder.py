"""A directory as it was given to us, whatever it was: tables, and rows of tables."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from directory.hsds.dialects import ESSENTIAL
from directory.hsds.errors import TooLargeError
from directory.hsds.read.csv_files import CsvFile
from directory.hsds.read.rows import Limits, Row
from directory.hsds.read.spool import Spool


@dataclass(slots=True)
class Folder:
    """A directory to be read: CSV files, or a spool of what was in JSON.

    ``notes`` are for the report, as (file, note); ``rows_read`` counts up as rows are read.
    """

    files: list[CsvFile] = field(default_factory=list)
    limits: Limits = field(default_factory=Limits)
    notes: list[tuple[str, str]] = field(default_factory=list)
    rows_read: int = 0
    spool: Spool | None = None
    _asked: set[str] = field(default_factory=set, repr=False)

    def note(self, file: str, note: str) -> None:
        """Say something about a file, once."""
        if (file, note) not in self.notes:
            self.notes.append((file, note))

    def rows(self, table: str) -> Iterator[Row]:
        """Yield the rows of every file of a table.

        Raises ``TooLargeError`` or ``UnreadableError`` where a file turns out to be so.
        """
        self._asked.add(table)
        for file in self.files:
            if file.table == table:
                yield from self._counted(file.rows(self.limits, self.note))
        if self.spool is not None:
            yield from self._counted(self.spool.rows(table))

    def has(self, table: str, column: str) -> bool:
        """Say whether any file of a table has a column."""
        if self.spool is not None and column in self.spool.columns.get(table, ()):
            return True
        return any(file.table == table and column in file.columns for file in self.files)

    def is_a_directory(self) -> bool:
        """Say whether there is anything of a directory in it."""
        kept = self.spool.tables() if self.spool is not None else set()
        return not ESSENTIAL.isdisjoint(kept | {file.table for file in self.files})

    def note_unread(self) -> None:
        """Say which tables nobody asked for, after all have been read that are known."""
        for file in self.files:
            if file.table not in self._asked:
                self.note(file.name, "a table without a place here: not kept")
        kept = self.spool.tables() if self.spool is not None else set()
        for table in sorted(kept - self._asked):
            self.note(table, "records without a place here: not kept")

    def check_rows(self) -> None:
        """Refuse too many rows of CSV before the first is used, if there may be too many.

        Lines are counted quickly; rows, which may have several, only where that is not enough.
        """
        if sum(file.lines for file in self.files) <= self.limits.rows:
            return
        count = 0
        for file in self.files:
            count += file.count(self.limits)
            if count > self.limits.rows:
                raise TooLargeError(f"{file.name}: {self._too_many}")

    @property
    def _too_many(self) -> str:
        return (
            f"more than {self.limits.rows:,} rows in all. Raise the limit (--max-rows) if that is "
            "right."
        )

    def _counted(self, rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            self.rows_read += 1
            if self.rows_read > self.limits.rows:
                raise TooLargeError(f"{row.file}, line {row.line}: {self._too_many}")
            yield row
