"""The search rows as columns: one array for each thing that a search asks of every row.

A row is known by its *line*, its index in the arrays. Lines are sorted by grid cell up to a point;
what was added later follows, until there is so much of it that all are sorted anew. A row that
changes keeps its line unless it moved, so that a change costs the same whatever the size.
"""

from array import array
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from directory.search_copy.distinct import Distinct, Mask
from directory.service_areas import POLYGON, found_under
from geo.grid import CellRange

Lines = NDArray[np.int64]

#: Instants are whole microseconds since 1970; these come before and after all of them.
BEFORE_ALL: Final = np.iinfo(np.int64).min
AFTER_ALL: Final = np.iinfo(np.int64).max

#: In place of the cell of a row without a place, of a price, and of the number of a rule.
NONE: Final = -1

#: So many lines may follow the sorted ones, and so many texts have been written anew.
MOST_LATE = 4_096

_NUMBERS: Final = {
    "cell": np.int32,
    "price_cents": np.int64,
    "is_free": np.bool_,
    "step_free": np.bool_,
    "remote": np.bool_,
    "room_until": np.int64,
}

#: What is looked at together stands together: a row's place, and when it is open.
_PLACE: Final = ("x", "y", "z")
_HOURS: Final = ("opens_at", "closes_at", "claimed_until")
_TOGETHER: Final = {"place": (_PLACE, np.float64), "hours": (_HOURS, np.int64)}
_DISTINCT: Final = ("needs", "languages", "found_under", "rule")
_LETTERS: Final = ("text", "name")

#: The columns as they are read, in this order: what ``directory.search_copy.reading`` yields.
READ: Final = ("id", *_NUMBERS, *_PLACE, *_HOURS, "needs", "languages", "areas", "rule", *_LETTERS)

#: Rows as they are read: a sequence for each column of ``READ``.
Batch = Sequence[Sequence[Any]]


class Columns:
    """All search rows, without what is only shown."""

    def __init__(self) -> None:
        self.size = 0
        self.distinct = {name: Distinct() for name in _DISTINCT}
        self._sorted = 0
        self._room = 0
        self._gone = 0
        self._column: dict[str, NDArray[Any]] = {
            **{name: np.empty(0, np.dtype(kind)) for name, kind in _NUMBERS.items()},
            **{name: np.empty((0, len(of)), kind) for name, (of, kind) in _TOGETHER.items()},
            **{name: np.empty(0, np.int32) for name in _DISTINCT},
            "is_there": np.empty(0, np.bool_),
            "id": np.empty((0, 16), np.uint8),
        }
        self._letters = {name: _Letters() for name in _LETTERS}
        self._late: dict[bytes, int] = {}
        self._by_id = np.empty(0, np.int64)
        self._id_heads = np.empty(0, np.uint64)
        self._by_area = np.empty(0, np.int64)
        self._areas_sorted = np.empty(0, np.int32)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a whole column."""
        return self._column[name]

    # --------------------------------------------------------------------------------- asking

    def in_cells(self, ranges: Sequence[CellRange]) -> Lines:
        """Return the lines whose place is in these cells.

        Among them are a few of which nobody knows yet. What has no place is far from everywhere:
        in the middle of the earth.
        """
        cells = self._column["cell"][: self._sorted]
        first = np.array([each.first for each in ranges], cells.dtype)
        last = np.array([each.last for each in ranges], cells.dtype)
        begins = cells.searchsorted(first, "left").tolist()
        ends = cells.searchsorted(last, "right").tolist()
        stretches = [*zip(begins, ends, strict=True), (self._sorted, self.size)]
        lines = np.concatenate([np.arange(begin, end) for begin, end in stretches])
        return self._present(lines) if self._gone else lines

    def _present(self, lines: Lines) -> Lines:
        present: Lines = lines[self._column["is_there"][lines]]
        return present

    def found_under(self, words: Collection[str]) -> Lines:
        """Return the lines that are found by one of these words for areas."""
        key = frozenset(words)
        numbers = self.distinct["found_under"]
        every = np.arange(len(numbers.texts), dtype=np.int32)
        wanted = numbers.holds(key, lambda text: not key.isdisjoint(text.split()), every).nonzero()
        parts = [
            self._by_area[slice(*self._areas_sorted.searchsorted((number, number + 1)))]
            for number in wanted[0]
        ]
        late = np.arange(self._sorted, self.size)
        lines = np.concatenate(
            [*parts, late[np.isin(self._column["found_under"][late], wanted[0])]]
        ).astype(np.int64)
        return self._present(lines)

    def say(self, lines: Lines, phrases: Sequence[bytes]) -> Mask:
        """Say which lines' texts contain one of these phrases."""
        return self._letters["text"].contain(lines, phrases)

    def say_themselves(self, lines: Lines, phrase: bytes) -> Mask:
        """Say which listings themselves say a phrase: the words for their needs do not count."""
        return self._letters["text"].contain(lines, [phrase], before=b"  ")

    def first(self, count: int) -> Lines:
        """Return so many lines, of neighbours."""
        return self._present(np.arange(min(count, self.size)))

    def ids(self, lines: Lines) -> list[bytes]:
        """Return the ids of rows."""
        ids = self._column["id"][lines].tobytes()
        return [ids[at : at + 16] for at in range(0, len(ids), 16)]

    def name(self, line: int) -> bytes:
        """Return the service's name, whose bytes sort as its letters do."""
        return self._letters["name"].get(line)

    # ------------------------------------------------------------------------------- changing

    def add(self, batch: Batch) -> None:
        """Append rows; ``settle`` when all have been read."""
        new = dict(zip(READ, batch, strict=True))
        first, count = self.size, len(new["id"])
        self._make_room(first + count)
        lines = slice(first, first + count)
        for name, kind in _NUMBERS.items():
            self._column[name][lines] = np.fromiter(new[name], np.dtype(kind), count)
        for name, (of, kind) in _TOGETHER.items():
            for at, each in enumerate(of):
                self._column[name][lines, at] = np.fromiter(new[each], kind, count)
        for name, texts in self._distinct_texts(new).items():
            self._column[name][lines] = self.distinct[name].numbers_of(texts)
        ids = bytes.fromhex("".join(new["id"]))
        self._column["id"][lines] = np.frombuffer(ids, np.uint8).reshape(count, 16)
        self._column["is_there"][lines] = True
        for name, letters in self._letters.items():
            for text in new[name]:
                letters.append(text.encode())
        self.size += count

    def settle(self) -> None:
        """Sort all lines by cell, leave out those that are gone, and make the ways to find them."""
        kept = self._column["is_there"][: self.size].nonzero()[0]
        order = kept[np.argsort(self._column["cell"][kept], kind="stable")]
        self.size = self._sorted = self._room = len(order)
        for name, column in self._column.items():
            self._column[name] = column[order]
        for letters in self._letters.values():
            letters.keep(order)
        heads = np.ascontiguousarray(self._column["id"][:, :8]).view(">u8").ravel()
        self._by_id = np.argsort(heads, kind="stable")
        self._id_heads = heads[self._by_id].astype(np.uint64)
        self._by_area = np.argsort(self._column["found_under"], kind="stable")
        self._areas_sorted = self._column["found_under"][self._by_area]
        self._late = {}
        self._gone = 0

    def change(self, ids: Iterable[UUID], batch: Batch) -> bool:
        """Take in what has become of these rows; ``batch`` has those that are still there.

        Says whether one of them had or has a polygon among its areas.
        """
        fresh = {row[0]: row for row in zip(*batch, strict=True)}
        moved, drawn = [], False
        for id_ in dict.fromkeys(ids):
            line, row = self._line_of(id_.bytes), fresh.get(id_.hex)
            drawn = drawn or self._is_drawn(line) or (row is not None and POLYGON in row[_AREAS])
            if row is None:
                self._remove(line, id_.bytes)
            elif line is None or not self._overwrite(line, row):
                self._remove(line, id_.bytes)
                moved.append(row)
        if moved:
            self._append_late(moved)
        if max(self.size - self._sorted, self._letters["text"].replaced) > MOST_LATE:
            self.settle()
        return drawn

    def set_hours(self, id_: bytes, opens_at: int, closes_at: int) -> None:
        """Have a row know its next opening, until it changes."""
        line = self._line_of(id_)
        if line is not None:
            self._column["hours"][line, :2] = opens_at, closes_at

    def _append_late(self, rows: Sequence[tuple[Any, ...]]) -> None:
        first = self.size
        self.add(tuple(zip(*rows, strict=True)))
        for n, row in enumerate(rows):
            self._late[bytes.fromhex(row[0])] = first + n

    def _remove(self, line: int | None, id_: bytes) -> None:
        if line is not None:
            self._column["is_there"][line] = False
            self._gone += 1
            self._late.pop(id_, None)

    def _overwrite(self, line: int, row: tuple[Any, ...]) -> bool:
        """Change a row where it stands, if it may stay there."""
        new = dict(zip(READ, row, strict=True))
        numbers = {
            name: self.distinct[name].numbers_of(texts)[0]
            for name, texts in self._distinct_texts({k: [v] for k, v in new.items()}).items()
        }
        stays = (self._column["cell"][line], self._column["found_under"][line]) == (
            new["cell"],
            numbers["found_under"],
        )
        if not stays:
            return False
        for name in _NUMBERS:
            self._column[name][line] = new[name]
        for name, (of, _) in _TOGETHER.items():
            self._column[name][line] = [new[each] for each in of]
        for name, number in numbers.items():
            self._column[name][line] = number
        for name, letters in self._letters.items():
            letters.replace(line, new[name].encode())
        return True

    def _line_of(self, id_: bytes) -> int | None:
        if id_ in self._late:
            return self._late[id_]
        head = np.frombuffer(id_[:8], ">u8").astype(np.uint64)[0]
        at = int(self._id_heads.searchsorted(head))
        while at < len(self._id_heads) and self._id_heads[at] == head:
            line = int(self._by_id[at])
            if self._column["id"][line].tobytes() == id_ and self._column["is_there"][line]:
                return line
            at += 1
        return None

    def _is_drawn(self, line: int | None) -> bool:
        if line is None:
            return False
        return POLYGON in self.distinct["found_under"].texts[self._column["found_under"][line]]

    @staticmethod
    def _distinct_texts(new: dict[str, Any]) -> dict[str, Iterable[str]]:
        placed = (cell != NONE for cell in new["cell"])
        pairs = zip(new["areas"], placed, strict=True)
        return {
            "needs": new["needs"],
            "languages": new["languages"],
            "found_under": map(_found_under, pairs),
            "rule": new["rule"],
        }

    def _make_room(self, lines: int) -> None:
        if lines <= self._room:
            return
        self._room = max(lines, self._room + self._room // 4)
        for name, column in self._column.items():
            wider = np.empty((self._room, *column.shape[1:]), column.dtype)
            wider[: self.size] = column[: self.size]
            self._column[name] = wider


_AREAS: Final = READ.index("areas")


def _found_under(pair: tuple[str, bool]) -> str:
    areas, placed = pair
    return " ".join(sorted(found_under(areas, placed=placed)))


class _Letters:
    """A text for each line, all in one long piece: a third of the memory, and searched in place.

    A text that changes is written at the end; what it was before stays, until ``keep``.
    """

    def __init__(self) -> None:
        self._piece = bytearray()
        self._begin = array("q")
        self._end = array("q")
        self.replaced = 0

    def get(self, line: int) -> bytes:
        return bytes(self._piece[self._begin[line] : self._end[line]])

    def contain(self, lines: Lines, phrases: Sequence[bytes], *, before: bytes = b"") -> Mask:
        """Say which lines' texts contain one of these phrases, and behind it ``before``."""
        find = self._piece.find

        def is_in(begin: int, end: int) -> bool:
            for phrase in phrases:
                at = find(phrase, begin, end)
                if at >= 0 and find(before, at + len(phrase), end) >= 0:
                    return True
            return False

        begins, ends = self._begin, self._end
        said = (is_in(begins[line], ends[line]) for line in lines.tolist())
        return np.fromiter(said, np.bool_, len(lines))

    def append(self, text: bytes | bytearray) -> None:
        self._begin.append(len(self._piece))
        self._piece += text
        self._end.append(len(self._piece))

    def replace(self, line: int, text: bytes) -> None:
        if self.get(line) != text:
            self._begin[line] = len(self._piece)
            self._piece += text
            self._end[line] = len(self._piece)
            self.replaced += 1

    def keep(self, lines: Lines) -> None:
        """Keep these lines' texts and no others, in this order."""
        before, self._piece = self._piece, bytearray()
        stretches = [slice(self._begin[line], self._end[line]) for line in lines.tolist()]
        self._begin, self._end, self.replaced = array("q"), array("q"), 0
        for stretch in stretches:
            self.append(before[stretch])
