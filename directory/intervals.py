"""Stretches of time, and the step from a wall clock to an instant.

A person writes hours as they read them off the clock on the wall; everything that is
compared or stored is an instant. Twice a year the two disagree, and what happens then is
decided here, once.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)


class Interval(NamedTuple):
    """From one instant up to, but not including, another; both aware, in UTC."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: "Interval") -> bool:
        """Say whether they share any instant; touching ends do not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def contains(self, instant: datetime) -> bool:
        """Say whether the instant lies inside; the start does, the end does not."""
        return self.starts_at <= instant < self.ends_at


def local_instant(day: date, clock: time, zone: ZoneInfo, *, fold: Literal[0, 1] = 0) -> datetime:
    """Return the instant, in UTC, at which the wall clock in ``zone`` shows ``clock``.

    A reading that comes twice (the autumn overlap) means the first with ``fold=0`` and the
    last with ``fold=1``. A reading that never comes (the spring gap) means the instant the
    gap ends; whoever would rather skip it asks :func:`is_in_gap` first.
    """
    first, last = _offsets(day, clock, zone)
    if first < last:
        return _end_of_gap(day, clock, zone)
    return datetime.combine(day, clock, UTC) - (last if fold else first)


def is_in_gap(day: date, clock: time, zone: ZoneInfo) -> bool:
    """Say whether the wall clock jumps over this reading, as when summer time begins."""
    first, last = _offsets(day, clock, zone)
    return first < last


def _offsets(day: date, clock: time, zone: ZoneInfo) -> tuple[timedelta, timedelta]:
    """Return the offsets from UTC of a reading's two folds (PEP 495).

    They are equal on ordinary days, fall in the overlap, and rise in the gap.
    """
    reading = datetime.combine(day, clock, zone)
    first, last = (reading.replace(fold=fold).utcoffset() for fold in (0, 1))
    if first is None or last is None:  # a ZoneInfo always knows
        raise ValueError(f"{zone} gives no offset from UTC.")
    return first, last


def _end_of_gap(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Find the change of clocks by halving, to the second; no zone changes more finely.

    For a skipped reading the larger offset gives an instant before the change, the smaller
    one an instant at or after it.
    """
    old, new = _offsets(day, clock, zone)
    reading = datetime.combine(day, clock, UTC)
    before, after = reading - new, reading - old
    while after - before > SECOND:
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
