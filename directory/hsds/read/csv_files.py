"""One CSV file that is one of our tables: its columns, and its rows one after another."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from directory.hsds.dialects import TableName, columns_of, table_of
from directory.hsds.errors import TooLargeError, UnreadableError
from directory.hsds.profile import NOTHING
from directory.hsds.read.rows import Limits, Note, Row, say_nothing_was_read, says_nothing
from directory.hsds.read.text import encoding_of, lines_of, open_text, size_of
from directory.hsds.spreadsheets import unguard_formula
from directory.hsds.standard import required_texts

#: What may stand between cells. The comma wins where a header has no more cells with another.
_DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs"}
#: Written behind the last line: it comes back as a row of its own unless a quote is open. No
#: line can contain it, since NUL characters are taken out of those.
_END: Final = "\0"
_MOST_BLANK_LINES: Final = 100


class Named(NamedTuple):
    """A file and what is known about it without opening it.

    ``name`` is how it is shown; ``table``, the name of what is in it, and ``delimiter`` are what
    a descriptor says.
    """

    name: str
    path: Path
    table: str | None = None
    delimiter: str | None = None


@dataclass(slots=True)
class CsvFile:
    """One CSV file that is one of our tables.

    ``columns`` are None where the file's column has no name or one that was there before.
    ``header_line`` is the last line of the header, ``lines`` about how many there are in all.
    """

    name: str
    path: Path
    table: str
    encoding: str
    delimiter: str
    columns: list[str | None]
    implied: Mapping[str, str]
    header_line: int
    lines: int

    def count(self, limits: Limits) -> int:
        """Count the rows without looking at them."""
        return sum(1 for _ in self._each(limits))

    def rows(self, limits: Limits, note: Note) -> Iterator[Row]:
        """Yield the rows. Raises ``TooLargeError`` or ``UnreadableError`` where it is so."""
        for line, cells in self._each(limits):
            yield self._row(line, cells, limits, note)

    def _each(self, limits: Limits) -> Iterator[tuple[int, list[str]]]:
        with open_text(self.path, self.encoding) as stream:
            lines = lines_of(stream, self.name, limits.line_characters)
            for _ in range(self.header_line):
                next(lines, None)
            yield from _cells(lines, self.name, self.delimiter, self.header_line)

    def _row(self, line: int, cells: list[str], limits: Limits, note: Note) -> Row:
        problem = _problem(self.columns, cells, limits)
        if problem:
            return Row(self.table, self.name, line, dict(self.implied), problem)
        values = dict(self.implied)
        for name, cell in zip(self.columns, cells, strict=False):  # a short row lacks its last
            if name is None:
                if cell.strip():
                    note(self.name, "cells in columns without a name of their own: not read")
            elif not limits.as_it_stands and says_nothing(name, cell):
                values[name] = ""
                say_nothing_was_read(note, self.name)
            elif cell == NOTHING and name in required_texts(self.table):
                values[name] = ""
            else:
                values[name] = unguard_formula(cell)
        return Row(self.table, self.name, line, values)


def open_csv(file: Named, limits: Limits, note: Note) -> CsvFile | None:
    """Find out which table a file is and what its columns are; None where it is none of ours."""
    if size_of(file.path, file.name) > limits.file_bytes:
        raise TooLargeError(
            f"{file.name} is larger than {limits.file_bytes:,} bytes, the most that one CSV file "
            "may have. Cut it in two, or raise the limit (--max-file-megabytes)."
        )
    encoding = encoding_of(file.path, file.name)
    if encoding.note:
        note(file.name, encoding.note)
    with open_text(file.path, encoding.name) as stream:
        lines = lines_of(stream, file.name, limits.line_characters)
        delimiter, header, header_line = _header(lines, file)
    if len(header) > limits.columns:
        raise TooLargeError(f"{file.name} has more than {limits.columns:,} columns.")
    known = _table(file, header)
    if known is None:
        note(file.name, "not a table we know: not read")
        return None
    if delimiter not in {",", file.delimiter}:
        note(file.name, f"cells are separated by {_DELIMITERS[delimiter]}")
    columns = _named_once(columns_of(known.table, header), file.name, note)
    where = file.name, file.path, known.table, encoding.name
    return CsvFile(*where, delimiter, columns, known.implied, header_line, encoding.lines)


def _table(file: Named, header: list[str]) -> TableName | None:
    """Return which table a file is: by its descriptor, its name, and its columns."""
    names = [name.strip().casefold() for name in header]
    stem = file.name.rpartition("/")[2].rpartition(".")[0]
    return table_of(file.table or "", names) or table_of(stem, names)


def _header(lines: Iterator[str], file: Named) -> tuple[str, list[str], int]:
    """Return what separates the cells, the names of the columns, and the header's last line."""
    blank = 0
    for line in lines:
        if line.strip(" \t\r\n,;\ufeff"):
            try:
                delimiter = file.delimiter or _delimiter(line)
                reader = csv.reader(_with_end([line], lines), delimiter=delimiter)
                header = next(reader)
            except csv.Error as error:
                raise UnreadableError(file.name, blank + 1, str(error)) from error
            if _END in header[-1]:
                raise UnreadableError(file.name, blank + 1, _OPEN_QUOTE)
            return delimiter, header, blank + reader.line_num
        blank += 1
        if blank > _MOST_BLANK_LINES:
            raise UnreadableError(file.name, blank, "does not begin with the names of its columns")
    return file.delimiter or ",", [], blank


#: More than any cell may have. Set again each time: it is the process's, and others raise it.
_LONGEST_FIELD: Final = 500_000
_OPEN_QUOTE: Final = "a quote that opens here is never closed"


def _delimiter(line: str) -> str:
    """Return what separates the cells of a header: what makes the most of them."""
    return max(_DELIMITERS, key=lambda each: len(next(csv.reader([line], delimiter=each))))


def _cells(
    lines: Iterator[str], name: str, delimiter: str, header_line: int
) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row that is not an empty line, with the line it begins on."""
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(_with_end((), lines), delimiter=delimiter)
    line = header_line + 1
    cells: list[str] = []
    try:
        for cells in reader:
            if cells == [_END]:
                return
            if cells and cells[-1].endswith(_END):
                raise UnreadableError(name, line, _OPEN_QUOTE)
            if cells:
                yield line, cells
            line = header_line + reader.line_num + 1
    except csv.Error as error:
        raise UnreadableError(name, line, f"{error}; is a quote left open") from error


def _with_end(first: Iterable[str], rest: Iterator[str]) -> Iterator[str]:
    """Yield lines, and then the sign of the end on a line of its own."""
    last = "\n"
    yield from first
    for last in rest:
        yield last
    if not last.endswith(("\n", "\r")):
        yield "\n"  # ends the row, or goes on inside an open quote
    yield _END


def _named_once(names: list[str], file: str, note: Note) -> list[str | None]:
    seen: set[str] = set()
    columns: list[str | None] = []
    for name in names:
        if name and name in seen:
            note(file, f"a second column {name[:80]!r}: not read")
        columns.append(name if name and name not in seen else None)
        seen.add(name)
    return columns


def _problem(columns: Sequence[str | None], cells: Sequence[str], limits: Limits) -> str | None:
    if not any(cell.strip() for cell in cells):
        return "the row is empty"
    if any(cell.strip() for cell in cells[len(columns) :]):
        return "more cells than the first line has names"
    return limits.problem_of(zip(columns, cells, strict=False))
