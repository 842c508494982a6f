"""A search within a radius, asked of the columns: what ``directory.search`` asks of the table.

The names are the same there, and what they mean is said there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache, reduce
from heapq import nsmallest
from operator import and_
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from directory.eligibility import Verdict
from directory.folding import fold, one_word
from directory.search_copy.columns import NONE, Columns, Lines
from directory.search_copy.distinct import Mask, Numbers
from directory.search_page import MOST_LEFT_OUT
from directory.search_query import Asked, SearchQuery
from directory.service_areas import Whereabouts
from geo.grid import cell_ranges
from geo.points import chord_squared_of, to_earth_centred

#: What rules of eligibility say of somebody, by their ids.
Verdicts = Mapping[UUID, Verdict]

Distances = NDArray[np.float64]

#: The grid's cells around a place are the same for every search from there.
_cell_ranges = lru_cache(maxsize=4_096)(cell_ranges)


#: Comes after every line.
_LAST = 2**62


class Standing(NamedTuple):
    """Where a line stands in the order of a search by distance: what has no place comes last."""

    placeless: bool
    chord_squared: float
    name: bytes
    id: bytes
    line: int


class Asking:
    """A query by distance, at an instant in microseconds.

    ``judge`` it if facts are told, and look up the hours of what is ``unsettled``; then it can be
    counted and told.
    """

    def __init__(self, columns: Columns, query: SearchQuery, here: Whereabouts, now: int) -> None:
        self._columns, self._query, self._now = columns, query, now
        self._lines, self._chord = _reachable(columns, query, here)
        about = list(self._is_about())
        if about:
            kept = reduce(and_, about)
            self._lines, self._chord = self._lines[kept], self._chord[kept]
        self._placed: Mask = self["cell"] != NONE
        self._asked = dict(self._plainly_asked())
        self._people: Verdicts = {}

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a column of what is about the query."""
        found: NDArray[Any] = self._columns[name][self._lines]
        return found

    # ------------------------------------------------------------------------ before counting

    @cached_property
    def rules(self) -> list[UUID]:
        """The rules of what is about the query."""
        return _named(self._columns, np.unique(self["rule"]))

    def judge(self, people: Verdicts) -> None:
        """Leave out what is known not to be for somebody."""
        self._people = people

    @property
    def unsettled(self) -> Lines:
        """Those of what may be found whose stored hours are over."""
        over = self["hours_known"] & self._is_claimed & (self["closes_at"] <= self._now)
        unsettled: Lines = self._lines[self._meets(self._asked.values()) & over]
        return unsettled

    # ------------------------------------------------------------------------------ conditions

    def _is_about(self) -> Iterator[Mask]:
        query = self._query
        if query.needs:
            yield self._has_any("needs", query.needs, one_word)
        if query.without_needs:
            yield ~self._has_any("needs", query.without_needs, one_word)
        for readings in query.read_words:
            yield self._columns.say(self._lines, [f" {word}".encode() for word in readings])
        for phrase in query.without_words:
            yield ~self._columns.say_themselves(self._lines, f" {fold(phrase)} ".encode())

    def _plainly_asked(self) -> Iterator[tuple[Asked, Mask]]:
        query = self._query
        if query.step_free:
            yield Asked.STEP_FREE, self["step_free"]
        if query.remote:
            yield Asked.REMOTE, self["remote"]
        if query.languages:
            yield Asked.LANGUAGE, self._has_any("languages", query.languages, str.lower)
        if query.free:
            yield Asked.FREE, self["is_free"]
        if query.price_at_most is not None:
            price = self["price_cents"]
            yield Asked.PRICE, (price != NONE) & (price <= query.price_at_most)
        if query.openings:
            yield Asked.ROOM, self["room_until"] > self._now

    def _has_any(self, column: str, codes: Sequence[str], spelled: Any) -> Mask:
        wanted = tuple(f" {spelled(code)} " for code in codes)
        return self._columns.distinct[column].holds(
            wanted, lambda text: any(code in text for code in wanted), self[column]
        )

    @cached_property
    def _is_claimed(self) -> Mask:
        claimed: Mask = ~self["temporarily_closed"] & (self["claimed_until"] > self._now)
        return claimed

    @cached_property
    def _is_open(self) -> Mask:
        is_open: Mask = (
            self._is_claimed & (self["opens_at"] <= self._now) & (self["closes_at"] > self._now)
        )
        return is_open

    @cached_property
    def _all_asked(self) -> Mapping[Asked, Mask]:
        """What is asked, in the order in which it is told."""
        asked = {Asked.ELIGIBLE: ~self._is_refused} if self._query.facts else {}
        asked |= self._asked
        return asked | ({Asked.OPEN: self._is_open} if self._query.open_at is not None else {})

    @cached_property
    def _is_refused(self) -> Mask:
        refused = {id_ for id_, each in self._people.items() if each is Verdict.NOT_ELIGIBLE}
        texts = self._columns.distinct["rule"].texts
        numbers = self["rule"]
        by_number = np.zeros(len(texts), np.bool_)
        for number in np.unique(numbers).tolist():
            by_number[number] = texts[number] != "" and UUID(texts[number]) in refused
        refuses: Mask = by_number[numbers]
        return refuses

    def _meets(self, asked: Iterable[Mask]) -> Mask:
        return reduce(and_, asked, np.ones(len(self._lines), np.bool_))

    @cached_property
    def _found(self) -> Mask:
        return self._meets(self._all_asked.values())

    # --------------------------------------------------------------------------------- counting

    @property
    def near(self) -> int:
        """How many of those that were found have a place."""
        return int(np.count_nonzero(self._found & self._placed))

    @property
    def total(self) -> int:
        """How many were found."""
        return int(np.count_nonzero(self._found))

    @property
    def open_now(self) -> int:
        """How many of them are open."""
        return int(np.count_nonzero(self._found & self._is_open))

    @property
    def free(self) -> int:
        """How many of them are free of charge."""
        return int(np.count_nonzero(self._found & self["is_free"]))

    @property
    def refused(self) -> int:
        """How many more there would be if none were left out for whom it is for."""
        if not self._query.facts:
            return 0
        others = (mask for code, mask in self._all_asked.items() if code is not Asked.ELIGIBLE)
        return int(np.count_nonzero(self._meets(others) & self._is_refused))

    def tally(self, column: str) -> Counter[str]:
        """Count the codes in a column of what was found."""
        return Counter(self._columns.distinct[column].tally(self[column][self._found]))

    def tally_rules(self) -> Counter[UUID | None]:
        """Count the rules of what was found."""
        texts = self._columns.distinct["rule"].texts
        numbers, counts = np.unique(self["rule"][self._found], return_counts=True)
        return Counter(
            {
                UUID(texts[number]) if texts[number] else None: count
                for number, count in zip(numbers.tolist(), counts.tolist(), strict=True)
            }
        )

    # -------------------------------------------------------------------------------- in order

    def page(self) -> list[Standing]:
        """Return where the results of the page stand, and one more."""
        count, after = self._query.limit + 1, self._query.after
        kept = self._found
        seen = None
        if after is not None:
            name = after.name.encode()
            seen = Standing(after.placeless, after.chord_squared, name, after.id.bytes, _LAST)
            at_least = self._placed & (self._chord >= after.chord_squared)
            kept = kept & (~self._placed if after.placeless else at_least | ~self._placed)
        found = self._first(kept & self._placed, count, seen)
        if len(found) < count:
            found += self._first(kept & ~self._placed, count - len(found), seen)
        return found

    def left_out(self, page: Sequence[Standing]) -> list[tuple[Standing, Asked]]:
        """Return what is nearer than the farthest result and was left out, and the reason."""
        if self._query.after is not None or not self._all_asked:
            return []
        near = [each.chord_squared for each in page[: self._query.limit] if not each.placeless]
        reach = max(near) if near else chord_squared_of(self._query.within_km)
        refused = ~self._found & self._placed & (self._chord <= reach)
        return [
            (each, self._reason(each.line)) for each in self._first(refused, MOST_LEFT_OUT, None)
        ]

    def _reason(self, line: int) -> Asked:
        at = self._lines == line
        return next(code for code, mask in self._all_asked.items() if not mask[at][0])

    def _first(self, kept: Mask, count: int, seen: Standing | None) -> list[Standing]:
        """Return the first of what is kept that come after what was seen."""
        chosen = kept.nonzero()[0]
        chord = self._chord[chosen]
        # Those that are as far as the last that was seen may be before it; all that are as far
        # as the last that is wanted are looked at.
        enough = count + (np.count_nonzero(chord == seen.chord_squared) if seen else 0)
        if len(chosen) > enough:
            last = np.partition(chord, enough - 1)[enough - 1]
            nearest = chord <= last
            chosen, chord = chosen[nearest], chord[nearest]
        standings = map(self._standing, chosen.tolist(), chord.tolist())
        return nsmallest(count, (each for each in standings if seen is None or each > seen))

    def _standing(self, at: int, chord: float) -> Standing:
        line = int(self._lines[at])
        name, id_ = self._columns.name(line), self._columns.id(line)
        return Standing(not self._placed[at], chord, name, id_, line)


def _named(columns: Columns, numbers: Numbers) -> list[UUID]:
    texts = columns.distinct["rule"].texts
    return [UUID(texts[number]) for number in numbers.tolist() if texts[number]]


def _reachable(columns: Columns, query: SearchQuery, here: Whereabouts) -> tuple[Lines, Distances]:
    """Return what is within the radius, then what is found by its area alone, and how far it is."""
    reach = chord_squared_of(query.within_km)
    near = columns.in_cells(_cell_ranges(here.place.point, query.within_km))
    chord, placed = _chord_to(columns, near, here), columns["cell"][near] != NONE
    inside = placed & (chord <= reach)
    near, chord = near[inside], chord[inside]
    served = columns.found_under(here.found_by)
    if not len(served):
        return near, chord
    far, placed = _chord_to(columns, served, here), columns["cell"][served] != NONE
    far[~placed] = 0.0
    outside = ~placed | (far > reach)
    return np.concatenate((near, served[outside])), np.concatenate((chord, far[outside]))


def _chord_to(columns: Columns, lines: Lines, here: Whereabouts) -> Distances:
    """Measure as the database does, operation for operation: cursors hold what comes out."""
    origin = to_earth_centred(here.place.point)
    x, y, z = (columns[axis][lines] - getattr(origin, axis) for axis in "xyz")
    squared: Distances = x * x + y * y + z * z
    return squared
