"""What reading gives, whatever was read: rows of tables; and how much is read at most."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from geo.geojson import LONGEST

#: Says something about a whole file for the report: the file, and the note.
Note = Callable[[str, str], None]


#: Columns of polygons, and of what they were before.
_OUTLINES: Final = frozenset({"extent", "previous_value", "replacement_value"})


class Limits(NamedTuple):
    """How much we read in one go.

    ``rows`` of all files and records; ``file_bytes`` of one CSV file; ``total_bytes`` of all
    files together, unpacked; ``field_characters`` of a cell, ``outline_characters`` of one that
    can be a polygon or tell of what one was before, ``line_characters`` of a line and
    ``columns`` of a table; ``files`` in a zip, which may be ``ratio`` times larger unpacked;
    ``nesting`` is how deep JSON may go and ``record_values`` how much one record may hold;
    ``pages`` of an API. Of what is to be taken ``as_it_stands``, an export of our own, no word
    is taken for "nothing".
    """

    rows: int = 250_000
    file_bytes: int = 50_000_000
    field_characters: int = 20_000
    outline_characters: int = LONGEST
    total_bytes: int = 1_000_000_000
    line_characters: int = 1_000_000
    columns: int = 1_000
    files: int = 50
    ratio: int = 100
    nesting: int = 50
    record_values: int = 200_000
    pages: int = 10_000
    as_it_stands: bool = False

    def problem_of(self, cells: Iterable[tuple[str | None, str]]) -> str | None:
        """Say what is too long among cells and the names of their columns, or None."""
        for name, cell in cells:
            may_be_outline = name in _OUTLINES
            most = self.outline_characters if may_be_outline else self.field_characters
            if len(cell) > most:
                return f"a cell is longer than {most} characters"
        return None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file under the present names of its columns.

    ``line`` is where it begins, the header being line 1; in JSON it is the number of the record
    it was found in. ``problem`` says why the row cannot be used; its ``cells`` are empty then.
    """

    table: str
    file: str
    line: int
    cells: Mapping[str, str]
    problem: str | None = None


#: What exports write for "nothing". Lower case is left alone where it could be a word.
_NOTHING: Final = frozenset({"null", "Null", "NULL", "NA", "N/A", "n/a", "N/a"})
_LONGEST_NOTHING: Final = max(map(len, _NOTHING))
#: Where those can be meant: a name, Namibia, a code, what a field said before.
_MEANT: Final = frozenset(
    {"name", "alternate_name", "country", "code", "previous_value", "replacement_value"}
)


def says_nothing(column: str, cell: str) -> bool:
    """Say whether a cell holds a word for "nothing", where it cannot be meant otherwise."""
    return (
        0 < len(cell) <= _LONGEST_NOTHING + 2 and cell.strip() in _NOTHING and column not in _MEANT
    )


def say_nothing_was_read(note: Note, file: str) -> None:
    """Tell once per file that words for "nothing" were taken as empty."""
    note(file, "null, NA and N/A: taken as empty")
