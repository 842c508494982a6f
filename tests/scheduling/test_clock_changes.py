"""All changes of clocks from 2026 to 2035, in eight zones, against a clock read every minute."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from scheduling.patterns import Pattern
from scheduling.schedule import Schedule

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)

ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "America/Phoenix",  # never changes
    "Australia/Lord_Howe",  # by half an hour
    "America/Santiago",  # at midnight
    "Africa/Cairo",  # at midnight
    "Europe/London",
    "Asia/Kathmandu",  # a quarter of an hour off, and never changes
)

#: Before noon, after it, across the night, the whole day; in slots and gaps of several lengths.
WINDOWS = (
    (time(0), time(6), 30, 0),
    (time(0, 15), time(5), 20, 10),
    (time(8), time(12), 45, 15),
    (time(13), time(15), 30, 0),
    (time(21, 30), time(4), 60, 0),
    (time(0), time(0), 240, 0),
)


def noon(day: date, zone: ZoneInfo) -> timedelta | None:
    return datetime.combine(day, time(12), zone).utcoffset()


@cache
def days_of_change(name: str) -> list[date]:
    """The days in whose night or morning the clocks change; two others where they never do."""
    zone = ZoneInfo(name)
    days = (date(2026, 1, 1) + n * DAY for n in range(3652))
    return [day for day in days if noon(day - DAY, zone) != noon(day, zone)] or [
        date(2026, 3, 8),
        date(2030, 11, 3),
    ]


class Clock:
    """A clock on a wall, read every minute of a few days, knowing nothing of rules."""

    def __init__(self, around: date, zone: ZoneInfo) -> None:
        self.first: dict[datetime, datetime] = {}
        self.readings: list[tuple[datetime, datetime]] = []
        start = datetime.combine(around - 2 * DAY, time(0), UTC)
        for minute in range(6 * 24 * 60):
            at = start + minute * MINUTE
            reading = at.astimezone(zone).replace(tzinfo=None)
            self.first.setdefault(reading, at)
            self.readings.append((at, reading))

    def slots(
        self, day: date, opens: time, closes: time, length: timedelta, gap: timedelta
    ) -> Iterator[tuple[int, datetime, datetime]]:
        begins = datetime.combine(day, opens)
        end = datetime.combine(day if closes > opens else day + DAY, closes)
        number = 0
        while begins + length <= end:
            over = begins + length
            if begins in self.first and over - MINUTE in self.first:
                starts_at = self.first[begins]
                yield number, starts_at, self._shown(starts_at, over, starts_at + length)
            begins += length + gap
            number += 1

    def _shown(self, starts_at: datetime, reading: datetime, latest: datetime) -> datetime:
        """When the clock first shows a reading, or a later one, after ``starts_at``."""
        index = int((starts_at - self.readings[0][0]) / MINUTE)
        for at, shown in self.readings[index + 1 :]:
            if at >= latest or shown >= reading:
                return min(at, latest)
        return latest


@pytest.mark.parametrize("name", ZONES)
def test_slots_are_what_a_clock_on_the_wall_shows_on_every_change(name: str) -> None:
    zone = ZoneInfo(name)
    for change in days_of_change(name):
        clock = Clock(change, zone)
        for opens, closes, length, gap in WINDOWS:
            schedule = Schedule(
                pattern=Pattern(change - DAY, "DAILY"),
                zone=zone,
                opens_at=opens,
                closes_at=closes,
                slot_minutes=length,
                gap_minutes=gap,
            )
            for day in (change - DAY, change, change + DAY):
                made = [(slot.number, *slot.interval) for slot in schedule.slots(day, day)]
                expected = clock.slots(day, opens, closes, length * MINUTE, gap * MINUTE)
                assert made == list(expected), (name, day, opens)


def test_clocks_that_change_do_so_twice_a_year() -> None:
    counted = {name: len(days_of_change(name)) for name in ZONES}

    assert counted.pop("America/Phoenix") == counted.pop("Asia/Kathmandu") == 2
    assert set(counted.values()) == {20}
