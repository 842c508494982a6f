"""The records of a JSON file, whatever is around them: an object, an array, a Page, or lines.

A file may also hold several tables, each an array under its name, as the standard's own
``tabular.json`` does.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from directory.hsds.dialects import table_of
from directory.hsds.errors import TooLargeError, UnreadableError
from directory.hsds.read.json_events import Event, JsonEvents, JsonFile
from directory.hsds.read.rows import Limits, Note

#: Where a Page has its records: HSDS, and Open Referral UK before it.
_CONTENTS: Final = frozenset({"contents", "content"})

Object = dict[str, Any]


class Record(NamedTuple):
    """One object of a file: the how many-th, from 1, and which table it is, if the file says."""

    number: int
    value: Object
    table: str | None = None


class JsonRecords:
    """Reads the records of a file one at a time. ``page`` is what a Page says around them.

    None where there is no Page.
    """

    def __init__(self, file: JsonFile, limits: Limits, note: Note) -> None:
        self._file = file
        self._limits = limits
        self._note = note
        self._events = JsonEvents(file, limits, note)
        self._number = 0
        self._room = limits.record_values
        self.page: Object | None = None

    def __iter__(self) -> Iterator[Record]:
        """Yield the records. Raises ``UnreadableError`` or ``TooLargeError``, naming the place."""
        try:
            yield from self._records(self._events())
        except UnreadableError as error:
            if not self._number or self._events.depth:
                raise
            yield from self._separated_by_commas(error)

    def _separated_by_commas(self, error: UnreadableError) -> Iterator[Record]:
        """Go on in a file that lacks the [ and ] around its objects, if that is what is wrong."""
        known = self._number
        self._number = 0
        try:
            for record in self._records(self._events(bracketed=True)):
                if record.number > known:
                    yield record
        except UnreadableError as other:
            raise (other if self._number > known else error) from None
        self._note(self._file.name, "objects without [ ] around them: read as a list")

    def _records(self, events: Iterator[Event]) -> Iterator[Record]:
        for event, value in events:
            if event == "start_array":
                yield from self._array(events, self._file.table)
            elif event == "start_map":
                yield from self._root(events)
            else:
                self._say_no_record(value)

    def _array(self, events: Iterator[Event], table: str | None) -> Iterator[Record]:
        for event, value in events:
            if event == "end_array":
                return
            element = self._fresh(events, event, value)
            self._number += 1
            if isinstance(element, dict):
                yield Record(self._number, element, table)
            else:
                self._say_no_record(element)

    def _root(self, events: Iterator[Event]) -> Iterator[Record]:
        """Read an object at the top: a record, or what has records in it."""
        root: Object = {}
        streamed = False
        self._room = self._limits.record_values
        for event, key in events:
            if event == "end_map":
                break
            event, value = next(events)  # noqa: PLW2901  (a key is followed by its value)
            table = self._table_under(key)
            if event == "start_array" and (key in _CONTENTS or table):
                streamed = True
                yield from self._array(events, table or self._file.table)
            else:
                self._put(root, key, self._build(events, event, value))
        if streamed:
            self.page = root
        else:
            yield from self._whole(root)

    def _table_under(self, key: str) -> str | None:
        """Return the table of a property that is named like a CSV file."""
        if not key.endswith(".csv"):
            return None
        known = table_of(key.removesuffix(".csv"), [])
        return known.table if known else None

    def _whole(self, root: Object) -> Iterator[Record]:
        """Yield an object that was read to its end, or the tables in it."""
        tables = _tables_in(root)
        if not tables:
            self._number += 1
            yield Record(self._number, root, self._file.table)
        for table, values in tables:
            for value in values:
                self._number += 1
                yield Record(self._number, value, table)

    def _fresh(self, events: Iterator[Event], event: str, value: Any) -> Any:
        self._room = self._limits.record_values
        return self._build(events, event, value)

    def _build(self, events: Iterator[Event], event: str, value: Any) -> Any:
        """Return a value with everything in it, which may be ``limits.nesting`` deep."""
        self._take_room()
        if event == "start_map":
            built: Object = {}
            for inner, key in events:
                if inner == "end_map":
                    break
                self._put(built, key, self._build(events, *next(events)))
            return built
        if event == "start_array":
            return [
                self._build(events, inner, element)
                for inner, element in iter(lambda: next(events), ("end_array", None))
            ]
        return self._text(value) if isinstance(value, str) else value

    def _take_room(self) -> None:
        self._room -= 1
        if self._room < 0:
            raise TooLargeError(
                f"{self._file.name}, record {self._number + 1}: more than "
                f"{self._limits.record_values:,} values in one record."
            )

    def _put(self, built: Object, key: str, value: Any) -> None:
        name = self._text(key)
        if name in built:
            self._note(self._file.name, "properties said twice in one object: the last is kept")
        built[name] = value
        if len(built) > self._limits.columns:
            raise TooLargeError(
                f"{self._file.name}, record {self._number + 1}: more than "
                f"{self._limits.columns:,} properties in one object."
            )

    def _text(self, text: str) -> str:
        """Return a text without what no database keeps."""
        if "\0" in text:
            self._note(self._file.name, "NUL characters: left out")
            text = text.replace("\0", "")
        return text if text.isascii() else text.encode("utf-8", "replace").decode()

    def _say_no_record(self, value: Any) -> None:
        del value  # it may be anybody's
        self._note(self._file.name, "has values that are no records: not read")


def _tables_in(root: Object) -> list[tuple[str, list[Object]]]:
    """Return the tables of an object that is nothing but tables."""
    if "id" in root or "name" in root or not root:
        return []
    tables = []
    for key, values in root.items():
        known = table_of(key, [])
        if known is None or not isinstance(values, list):
            return []
        tables.append((known.table, [value for value in values if isinstance(value, dict)]))
    return tables


def text_of_number(value: float) -> str:
    """Return a number as people write it: whole where it is whole."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST_EXACT:
        return str(int(value))
    return str(value)


#: Up to here a float holds every whole number.
_LARGEST_EXACT: Final = 2.0**53
