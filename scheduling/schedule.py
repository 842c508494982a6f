"""What a window comes to: its days, and the slots of each. Pure.

The rule, the days added to it and the days taken from it meet here and nowhere else, so that a
preview, a publication, a roll and an edit cannot differ.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from heapq import merge
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from directory.intervals import Interval
from scheduling.patterns import Pattern
from scheduling.rules import cut_into_slots


class AddedDay(NamedTuple):
    """A local day on which a window happens besides its pattern, or at other hours.

    Without hours of its own it has the window's.
    """

    day: date
    opens_at: time | None = None
    closes_at: time | None = None
    reason: str | None = None


class Closed(NamedTuple):
    """The local days from ``first`` through ``last``, on which nothing happens."""

    first: date
    last: date


class DatedSlot(NamedTuple):
    """A slot of a schedule: its local day, its number on that day, and its instants."""

    day: date
    number: int
    interval: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A pattern with hours on the clock of ``zone``, ``added`` days and ``closed`` ones.

    A closed day is closed, even if it was added.
    """

    pattern: Pattern
    zone: ZoneInfo
    opens_at: time
    closes_at: time
    slot_minutes: int
    gap_minutes: int = 0
    added: Mapping[date, AddedDay] = field(default_factory=dict)
    closed: Sequence[Closed] = ()

    def days(self, first: date, last: date) -> Iterator[date]:
        """Yield the days from ``first`` through ``last`` on which it happens, in order."""
        added = sorted(day for day in self.added if first <= day <= last)
        for day, _ in groupby(merge(self.pattern.days(first, last), added)):
            if not any(closed.first <= day <= closed.last for closed in self.closed):
                yield day

    def slots_of(self, day: date) -> Iterator[DatedSlot]:
        """Yield the slots of a day, by its own hours where it has some."""
        own = self.added.get(day)
        opens_at, closes_at = self.opens_at, self.closes_at
        if own is not None and own.opens_at is not None and own.closes_at is not None:
            opens_at, closes_at = own.opens_at, own.closes_at
        cut = cut_into_slots(
            day,
            opens_at,
            closes_at,
            self.zone,
            slot_minutes=self.slot_minutes,
            gap_minutes=self.gap_minutes,
        )
        return (DatedSlot(day, number, interval) for number, interval in cut)

    def slots(self, first: date, last: date) -> Iterator[DatedSlot]:
        """Yield the slots of all days from ``first`` through ``last``, in order."""
        for day in self.days(first, last):
            yield from self.slots_of(day)
