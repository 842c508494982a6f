"""Arithmetic of slots, without a database."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from directory.intervals import Interval, is_in_gap, local_instant

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def week_of(day: date) -> date:
    """Return the Monday of the week that a host's local day is in."""
    return day - day.weekday() * DAY


class NumberedSlot(NamedTuple):
    """A slot of a day: its number, from 0, by the wall clock, and its instants."""

    number: int
    interval: Interval


def cut_into_slots(
    day: date, opens: time, closes: time, zone: ZoneInfo, *, slot_minutes: int, gap_minutes: int = 0
) -> Iterator[NumberedSlot]:
    """Yield the slots between two readings of the wall clock; closing at or before opening
    means the next day.

    The cutting is done on the wall clock, so that "13:30" is promised as 13:30 and keeps its
    number all year. A slot that begins or ends inside the spring gap does not exist; one that
    begins in the hour that comes twice is the first of the two. A slot that contains a change of
    clocks ends when the clock says so, but never lasts longer than its length: slots of a day
    cannot overlap.
    """  # noqa: D205  (the summary needs its second line)
    start = datetime.combine(day, opens)
    end = datetime.combine(day if closes > opens else day + DAY, closes)
    length, step = slot_minutes * MINUTE, (slot_minutes + gap_minutes) * MINUTE
    for number in range((end - start + gap_minutes * MINUTE) // step):
        reading = start + number * step
        if not _touches_gap(reading, reading + length, zone):
            yield NumberedSlot(number, _instants(reading, length, zone))


def _touches_gap(starts: datetime, ends: datetime, zone: ZoneInfo) -> bool:
    last = ends - SECOND  # a slot may end at the very moment the gap begins
    return is_in_gap(starts.date(), starts.time(), zone) or is_in_gap(
        last.date(), last.time(), zone
    )


def _instants(reading: datetime, length: timedelta, zone: ZoneInfo) -> Interval:
    starts_at = local_instant(reading.date(), reading.time(), zone)
    ends = reading + length
    return Interval(
        starts_at, min(starts_at + length, local_instant(ends.date(), ends.time(), zone))
    )
