"""Reading a folder of CSV files: which tables it has, and their rows one after another."""

import csv
from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from directory.hsds.dialects import ESSENTIAL, columns_of, table_of
from directory.hsds.errors import (
    NoSuchFolderError,
    NotADirectoryOfServicesError,
    TooLargeError,
    UnreadableError,
)

_CHUNK: Final = 1 << 16


class Limits(NamedTuple):
    """How much we read in one go: rows of all files, bytes of a file, characters of a cell."""

    rows: int = 250_000
    file_bytes: int = 50_000_000
    field_characters: int = 20_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file under the present names of its columns.

    ``line`` is where it begins, the header being line 1. ``problem`` says why the row cannot
    be used; its ``cells`` are empty then.
    """

    table: str
    file: str
    line: int
    cells: Mapping[str, str]
    problem: str | None = None


@dataclass(slots=True)
class SourceFile:
    """One CSV file that is one of our tables.

    ``columns`` are None where the file's column has no name or one that was there before.
    """

    path: Path
    table: str
    encoding: str
    columns: list[str | None]
    implied: Mapping[str, str]


@dataclass(slots=True)
class Folder:
    """A directory as it was given to us. ``notes`` are for the report, as (file, note)."""

    files: list[SourceFile] = field(default_factory=list)
    limits: Limits = field(default_factory=Limits)
    notes: list[tuple[str, str]] = field(default_factory=list)
    rows_read: int = 0

    def rows(self, table: str) -> Iterator[Row]:
        """Yield the rows of every file of a table.

        Raises ``TooLargeError`` or ``UnreadableError`` where a file turns out to be so.
        """
        for file in self.files:
            if file.table == table:
                yield from self._counted(_rows(file, self.limits))

    def has(self, table: str, column: str) -> bool:
        """Say whether any file of a table has a column."""
        return any(file.table == table and column in file.columns for file in self.files)

    def _counted(self, rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            self.rows_read += 1
            if self.rows_read > self.limits.rows:
                raise TooLargeError(
                    f"{row.file}, line {row.line}: more than {self.limits.rows} rows in all."
                )
            yield row


def open_folder(path: Path, limits: Limits | None = None) -> Folder:
    """Find the tables of a directory in a folder, without reading their rows yet."""
    if not path.is_dir():
        raise NoSuchFolderError(path)
    folder = Folder(limits=limits or Limits())
    for file in sorted(path.iterdir()):
        if file.is_file() and file.suffix.casefold() == ".csv":
            _add(folder, file)
    if not any(file.table in ESSENTIAL for file in folder.files):
        raise NotADirectoryOfServicesError(path)
    return folder


def _add(folder: Folder, path: Path) -> None:
    if path.stat().st_size > folder.limits.file_bytes:
        raise TooLargeError(f"{path.name} is larger than {folder.limits.file_bytes} bytes.")
    encoding = _encoding(path)
    if encoding == "cp1252":
        folder.notes.append((path.name, "not UTF-8: read as Windows-1252"))
    header = _header(path, encoding)
    known = table_of(path.stem, [name.strip().casefold() for name in header])
    if known is None:
        folder.notes.append((path.name, "not a table we know: not read"))
        return
    columns = _named_once(columns_of(known.table, header))
    folder.files.append(SourceFile(path, known.table, encoding, columns, known.implied))


def _encoding(path: Path) -> str:
    """Say whether a file is UTF-8, as it should be, or else what spreadsheets once wrote."""
    decoder = getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
        try:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _open(path: Path, encoding: str) -> TextIO:
    """Open a text file; the five bytes that Windows-1252 leaves free become question marks."""
    return path.open(encoding=encoding, errors="replace", newline="")


def _header(path: Path, encoding: str) -> list[str]:
    with _open(path, encoding) as stream:
        try:
            return next(csv.reader(_without_nul(stream)), [])
        except csv.Error as error:
            raise UnreadableError(path.name, 1, str(error)) from error


def _named_once(names: list[str]) -> list[str | None]:
    return [name if name and name not in names[:at] else None for at, name in enumerate(names)]


def _without_nul(stream: TextIO) -> Iterator[str]:
    """Yield the lines without the NUL characters that damaged exports have."""
    for line in stream:
        yield line.replace("\0", "")


def _rows(file: SourceFile, limits: Limits) -> Iterator[Row]:
    with _open(file.path, file.encoding) as stream:
        reader = csv.reader(_without_nul(stream))
        next(reader, None)
        line = reader.line_num + 1
        try:
            for cells in reader:
                if cells:
                    yield _row(file, line, cells, limits)
                line = reader.line_num + 1
        except csv.Error as error:
            raise UnreadableError(file.path.name, line, str(error)) from error


def _row(file: SourceFile, line: int, cells: list[str], limits: Limits) -> Row:
    problem = _problem(file, cells, limits)
    named = zip(file.columns, cells, strict=False)  # a short row lacks its last cells
    values = {} if problem else {name: cell for name, cell in named if name is not None}
    return Row(file.table, file.path.name, line, {**file.implied, **values}, problem)


def _problem(file: SourceFile, cells: list[str], limits: Limits) -> str | None:
    if not any(cell.strip() for cell in cells):
        return "the row is empty"
    if any(cell.strip() for cell in cells[len(file.columns) :]):
        return "more cells than the first line has names"
    if any(len(cell) > limits.field_characters for cell in cells):
        return f"a cell is longer than {limits.field_characters} characters"
    return None
