"""A search within a radius, asked of the columns: what ``directory.search`` asks of the table.

The names are the same there, and what they mean is said there.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache, reduce
from operator import and_
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from directory.eligibility import Verdict
from directory.folding import fold, one_word
from directory.search_copy.columns import AFTER_ALL, NONE, Columns, Lines
from directory.search_copy.distinct import Mask, Numbers
from directory.search_page import MOST_LEFT_OUT
from directory.search_query import Asked, Cursor, SearchQuery
from directory.service_areas import Whereabouts
from geo.grid import cell_ranges
from geo.points import to_earth_centred

#: What rules of eligibility say of somebody, by their ids.
Verdicts = Mapping[UUID, Verdict]

Distances = NDArray[np.float64]

#: The grid's cells around a place are the same for every search from there.
_cell_ranges = lru_cache(maxsize=4_096)(cell_ranges)


class TooManyError(Exception):
    """There is more to look at than whoever asked has time for."""


class Standing(NamedTuple):
    """A line, and where it stands in the order of a search by distance."""

    line: int
    id: bytes
    placeless: bool
    chord_squared: float
    is_near: bool


class Asking:
    """A query by distance, at an instant in microseconds.

    ``judge`` it if facts are told, and look up the hours of what is ``unsettled``; then it can be
    counted and told. What leaves out most for the least work is asked first.
    """

    def __init__(
        self,
        columns: Columns,
        query: SearchQuery,
        here: Whereabouts,
        now: int,
        *,
        most: int | None = None,
    ) -> None:
        """Ask, unless there are more than ``most`` rows around: raises ``TooManyError``."""
        self._columns, self._query, self._now, self._most = columns, query, now, most
        self._lines, self._chord, self._placed = self._reachable(here)
        words = list(self._words())
        if words:
            kept = reduce(and_, words)
            self._lines, self._chord = self._lines[kept], self._chord[kept]
            self._placed = self._placed[kept]
        self._everything = np.ones(len(self._lines), np.bool_)
        self._asked = dict(self._plainly_asked())
        self._people: Verdicts = {}

    def _reachable(self, here: Whereabouts) -> tuple[Lines, Distances, Mask]:
        """Return what is within the radius, then what is found by its area alone.

        With each how far it is, and whether it has a place.
        """
        columns, query = self._columns, self._query
        near = columns.in_cells(_cell_ranges(here.place.point, query.within_km))
        if self._most is not None and len(near) > self._most:
            raise TooManyError
        near = near[self._has_needs(near)]
        chord = _chord_to(columns, near, here)
        inside = chord <= query.reach
        near, chord = near[inside], chord[inside]
        placed = np.ones(len(near), np.bool_)
        served = columns.found_under(here.found_by)
        if not len(served):
            return near, chord, placed
        served = served[self._has_needs(served)]
        has_place = columns["cell"][served] != NONE
        far = np.where(has_place, _chord_to(columns, served, here), 0.0)
        others = ~has_place | (far > query.reach)
        return (
            np.concatenate((near, served[others])),
            np.concatenate((chord, far[others])),
            np.concatenate((placed, has_place[others])),
        )

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
        _, closes_at, claimed_until = self._hours
        over = (closes_at <= self._now) & (claimed_until > self._now)
        if not over.any():
            return self._lines[:0]
        unsettled: Lines = self._lines[self._meets(self._asked.values()) & over]
        return unsettled

    @property
    def until(self) -> int:
        """When the clock first changes something: an hour, a claim or an opening is over."""
        instants = [self["hours"].ravel()]
        if self._query.openings:
            instants.append(self["room_until"])
        coming = np.concatenate(instants)
        return int(coming[coming > self._now].min(initial=AFTER_ALL))

    # ------------------------------------------------------------------------------ conditions

    def _has_needs(self, lines: Lines) -> Mask:
        """Say which lines have a need that is asked for, and none that is to be left out."""
        wanted, unwanted = self._query.needs, self._query.without_needs
        if not wanted and not unwanted:
            return np.ones(len(lines), np.bool_)
        if not unwanted:
            return self._has_any("needs", wanted, one_word, lines)
        without = ~self._has_any("needs", unwanted, one_word, lines)
        return without & self._has_any("needs", wanted, one_word, lines) if wanted else without

    def _words(self) -> Iterator[Mask]:
        """Say which lines have the words, and none of those that are to be left out."""
        for readings in self._query.read_words:
            yield self._columns.say(self._lines, [f" {word}".encode() for word in readings])
        for phrase in self._query.without_words:
            yield ~self._columns.say_themselves(self._lines, f" {fold(phrase)} ".encode())

    def _plainly_asked(self) -> Iterator[tuple[Asked, Mask]]:
        query = self._query
        if query.step_free:
            yield Asked.STEP_FREE, self["step_free"]
        if query.remote:
            yield Asked.REMOTE, self["remote"]
        if query.languages:
            yield (
                Asked.LANGUAGE,
                self._has_any("languages", query.languages, str.lower, self._lines),
            )
        if query.free:
            yield Asked.FREE, self["is_free"]
        if query.price_at_most is not None:
            price = self["price_cents"]
            yield Asked.PRICE, (price != NONE) & (price <= query.price_at_most)
        if query.openings:
            yield Asked.ROOM, self["room_until"] > self._now

    def _has_any(
        self, column: str, codes: Sequence[str], spelled: Callable[[str], str], lines: Lines
    ) -> Mask:
        wanted = tuple(f" {spelled(code)} " for code in codes)
        return self._columns.distinct[column].holds(
            wanted, lambda text: any(code in text for code in wanted), self._columns[column][lines]
        )

    @cached_property
    def _hours(self) -> NDArray[np.int64]:
        """When each opens and closes, and until when we stand by that."""
        return self["hours"].T

    @cached_property
    def _is_open(self) -> Mask:
        opens_at, closes_at, claimed_until = self._hours
        now = self._now
        is_open: Mask = (opens_at <= now) & (closes_at > now) & (claimed_until > now)
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
        return reduce(and_, asked, self._everything)

    @cached_property
    def _found(self) -> Mask:
        return self._meets(self._all_asked.values())

    @cached_property
    def _is_near(self) -> Mask:
        return self._found & self._placed

    # --------------------------------------------------------------------------------- counting

    @property
    def near(self) -> int:
        """How many of those that were found have a place."""
        return int(np.count_nonzero(self._is_near))

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
        placed, placeless = self._is_near, self._found & ~self._placed
        if after is not None:
            placed = placed & (self._chord >= after.chord_squared) & (not after.placeless)
        found = self._first(placed, count, None if after and after.placeless else after)
        if len(found) < count:
            seen = after if after and after.placeless else None
            found += self._first(placeless, count - len(found), seen)
        return found

    def left_out(self, page: Sequence[Standing]) -> list[tuple[Standing, Asked]]:
        """Return what is nearer than the farthest result and was left out, and the reason."""
        if self._query.after is not None or not self._all_asked:
            return []
        near = [each.chord_squared for each in page[: self._query.limit] if not each.placeless]
        reach = max(near) if near else self._query.reach
        refused = ~self._found & self._placed & (self._chord <= reach)
        return [
            (each, self._reason(each.line)) for each in self._first(refused, MOST_LEFT_OUT, None)
        ]

    def _reason(self, line: int) -> Asked:
        at = self._lines == line
        return next(code for code, mask in self._all_asked.items() if not mask[at][0])

    def _first(self, kept: Mask, count: int, seen: Cursor | None) -> list[Standing]:
        """Return the first of what is kept that come after what was seen, by distance and name."""
        chosen = kept.nonzero()[0]
        chord = self._chord[chosen]
        # Those that are as far as the last that was seen may be before it; all that are as far
        # as the last that is wanted are looked at.
        enough = count + (np.count_nonzero(chord == seen.chord_squared) if seen else 0)
        if len(chosen) > enough:
            last = np.partition(chord, enough - 1)[enough - 1]
            nearest = chord <= last
            chosen, chord = chosen[nearest], chord[nearest]
        order = np.argsort(chord)
        chosen, chord = chosen[order], chord[order]
        lines, placed = self._lines[chosen], self._placed[chosen]
        near = placed & (chord <= self._query.reach)
        ids = self._columns.ids(lines)
        lists = (lines.tolist(), ids, (~placed).tolist(), chord.tolist(), near.tolist())
        standings = list(map(Standing, *lists))
        if seen is None and (chord[1:] > chord[:-1]).all():  # no two are as far
            return standings[:count]
        keys = sorted((each.chord_squared, self._name(each), each.id, each) for each in standings)
        return self._after(keys, seen)[:count]

    def _name(self, standing: Standing) -> bytes:
        return self._columns.name(standing.line)

    @staticmethod
    def _after(
        keys: list[tuple[float, bytes, bytes, Standing]], seen: Cursor | None
    ) -> list[Standing]:
        if seen is None:
            return [each for *_, each in keys]
        last = (seen.chord_squared, seen.name.encode(), seen.id.bytes)
        return [each for *key, each in keys if tuple(key) > last]


def _named(columns: Columns, numbers: Numbers) -> list[UUID]:
    texts = columns.distinct["rule"].texts
    return [UUID(texts[number]) for number in numbers.tolist() if texts[number]]


def _chord_to(columns: Columns, lines: Lines, here: Whereabouts) -> Distances:
    """Measure as the database does, operation for operation: cursors hold what comes out."""
    apart = columns["place"][lines] - np.array(to_earth_centred(here.place.point))
    apart *= apart
    squared: Distances = apart[:, 0] + apart[:, 1] + apart[:, 2]
    return squared
