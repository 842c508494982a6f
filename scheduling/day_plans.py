"""The best ways to meet each set of needs within one day. Pure; how is said in ``planning``.

A *node* is a time at a place: a candidate where it is, or one by phone at each place where one may
be meanwhile. Place 0 is the start. Everything is in whole minutes after leaving is possible.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np

from scheduling.ways import Spot, Stop, Ways

Array = np.ndarray[Any, np.dtype[Any]]

#: More idle minutes than any plan has: cannot be reached.
NEVER: Final = 10**8


class Places:
    """All places of a plan, the start first, and the minutes of the way from each to each."""

    def __init__(self, start: Spot, spots: Iterable[Spot], ways: Ways) -> None:
        there = {start.key: start, **{spot.key: spot for spot in spots if not spot.remote}}
        self.number = {key: number for number, key in enumerate(there)}
        self.way = np.array(
            [[ways.leg(a, b).minutes for b in there.values()] for a in there.values()],
            dtype=np.int64,
        )


class Time(NamedTuple):
    """A candidate's need, and from when to when it is."""

    need: int
    starts: int
    ends: int
    stop: Stop


class End(NamedTuple):
    """A day that ends: idle minutes in all, when one is back, and the node that came last."""

    idle: int
    back: int
    node: int


class DayPlans:
    """All sets of needs that can be met on one day, each with its best ways."""

    def __init__(self, times: Sequence[Time], places: Places, back_by: int) -> None:
        self._times, self._back_by = times, back_by
        keys = (time.stop.spot.key for time in times if not time.stop.spot.remote)
        here = list(dict.fromkeys((0, *(places.number[key] for key in keys))))
        self._number = {place: number for number, place in enumerate(here)}
        self._places = places
        self._way = places.way[np.ix_(here, here)]
        nodes = np.array(sorted(self._nodes()), dtype=np.int64).reshape(-1, 6)
        self._need, self._remote, self._place, self._time = nodes[:, :4].T
        self._starts, self._ends = nodes[:, 4:].T
        self._events = np.unique(self._ends)
        self._width = len(self._events) + 1  # the last column is never reached

    def _nodes(self) -> Iterator[tuple[int, int, int, int, int, int]]:
        for number, time in enumerate(self._times):
            span = number, time.starts, time.ends
            if time.stop.spot.remote:
                for place in range(len(self._way)):
                    yield time.need, 1, place, *span
            else:
                place = self._number[self._places.number[time.stop.spot.key]]
                yield time.need, 0, place, *span

    @cached_property
    def _parts(self) -> list[tuple[int, slice, Array]]:
        """Of each need, by nodes at a place and by phone: which, and from where they are reached.

        That is, for each place, the last event at which one has to be free there, as a position
        in the flat table of ``_least``. By phone one stays where one is.
        """
        parts = []
        for need, remote in sorted({*zip(self._need.tolist(), self._remote.tolist(), strict=True)}):
            mine = np.flatnonzero((self._need == need) & (self._remote == remote))
            nodes = slice(int(mine[0]), int(mine[-1]) + 1)
            places = self._place[nodes]
            starts = self._starts[nodes]
            if remote:
                reached = self._position(places[:, None], starts[:, None])
            else:
                by_then = starts[:, None] - self._way.T[places]
                reached = self._position(np.arange(len(self._way))[None, :], by_then)
            parts.append((need, nodes, reached))
        return parts

    def _position(self, place: Array, by_then: Array) -> Array:
        event = np.searchsorted(self._events, by_then, side="right") - 1
        event[event < 0] = self._width - 1
        return place * self._width + event

    @cached_property
    def _idle(self) -> dict[int, Array]:
        """Of each set of needs, the least idle minutes at the end of each node that ends it."""
        needs = sorted(set(self._need.tolist()))
        known: dict[int, Array] = {0: np.full(len(self._need), NEVER)}
        for done in _sets_of(needs):
            least = None if done == 0 else self._least(known[done])
            for need, nodes, reached in self._parts:
                if done >> need & 1:
                    continue
                idle = known.setdefault(done | 1 << need, np.full(len(self._need), NEVER))
                if least is None:
                    idle[nodes] = self._first(nodes)
                else:
                    found = least[reached].min(axis=1)
                    idle[nodes] = np.where(found < NEVER // 2, self._starts[nodes] + found, NEVER)
        return known

    def _first(self, nodes: slice) -> Array:
        """Return the idle minutes of what comes first in a day: the way there."""
        way = np.where(
            self._remote[nodes] == 1,
            np.where(self._place[nodes] == 0, 0, NEVER),
            self._way[0, self._place[nodes]],
        )
        return np.where(way <= self._starts[nodes], way, NEVER)

    def _least(self, idle: Array) -> Array:
        """Return, for each place and event, the least idle minutes less the clock, free by then."""
        table = np.full((len(self._way), self._width), NEVER)
        at = np.searchsorted(self._events, self._ends)
        here = np.flatnonzero(idle < NEVER)
        np.minimum.at(table, (self._place[here], at[here]), idle[here] - self._ends[here])
        np.minimum.accumulate(table[:, :-1], axis=1, out=table[:, :-1])
        return table.ravel()

    @cached_property
    def ends(self) -> dict[int, list[End]]:
        """Of each set of needs that can be met, its ends that no other beats, least idle first."""
        found = {}
        home = self._way[self._place, 0]
        back = self._ends + home
        for done, idle in self._idle.items():
            last = np.flatnonzero((idle < NEVER) & (back <= self._back_by))
            if last.size:
                found[done] = _unbeaten(idle[last] + home[last], back[last], last)
        return found

    def stops(self, done: int, node: int) -> list[int]:
        """Return the numbers of the times, in order, that lead to a node as its set's best."""
        before = done ^ 1 << int(self._need[node])
        if before == 0:
            return [int(self._time[node])]
        idle, place = self._idle[before], self._place[node]
        free = self._ends + (0 if self._remote[node] else self._way[self._place, place])
        fits = (idle < NEVER) & (free <= self._starts[node])
        if self._remote[node]:
            fits &= self._place == place
        earlier = int(np.argmin(np.where(fits, idle - self._ends, NEVER)))
        return [*self.stops(before, earlier), int(self._time[node])]


def _sets_of(needs: Sequence[int]) -> Iterator[int]:
    """Yield all sets of needs, each after those that it contains."""
    for number in range(1 << len(needs)):
        yield sum(1 << need for bit, need in enumerate(needs) if number >> bit & 1)


def _unbeaten(idle: Array, back: Array, nodes: Array) -> list[End]:
    kept: list[End] = []
    for at in np.lexsort((nodes, back, idle)):
        if not kept or back[at] < kept[-1].back:
            kept.append(End(int(idle[at]), int(back[at]), int(nodes[at])))
    return kept
