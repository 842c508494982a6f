"""A plan as a timetable: leave, go, wait, be there, go on, be back. Pure."""

import enum
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from scheduling.planning import Candidate, Trip
from scheduling.rules import MINUTE
from scheduling.ways import legs_between


class Doing(enum.StrEnum):
    """What a part of a day is spent with."""

    TRAVEL = "travel"
    WAIT = "wait"
    APPOINTMENT = "appointment"
    BACK = "back"


class Step(NamedTuple):
    """A part of a day. ``is_known`` False: nobody knows the way, and an hour is kept for it.

    ``stop`` is the appointment, or the one that the way leads to; none on the way back.
    """

    doing: Doing
    starts_at: datetime
    ends_at: datetime
    stop: Candidate | None = None
    is_known: bool = True

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return (self.ends_at - self.starts_at) // MINUTE


class DayTable(NamedTuple):
    """One day of a plan, from leaving the start until being back."""

    day: date
    steps: Sequence[Step]

    @property
    def leaves_at(self) -> datetime:
        """When the client leaves."""
        return self.steps[0].starts_at

    @property
    def back_at(self) -> datetime:
        """When the client is back."""
        return self.steps[-1].ends_at

    def minutes(self, *doing: Doing) -> int:
        """Return how long the client does one of these."""
        return sum(step.minutes for step in self.steps if step.doing in doing)


def timetable(stops: Sequence[Candidate], trip: Trip) -> list[DayTable]:
    """Return a plan's days. The client leaves as late as is in time, and waits at the place."""
    return [
        DayTable(day, list(_steps(list(mine), trip)))
        for day, mine in groupby(stops, lambda stop: trip.day_of(stop.starts_at))
    ]


def _steps(stops: Sequence[Candidate], trip: Trip) -> Iterator[Step]:
    here, free_at = trip.start, None
    for stop, leg in zip(stops, legs_between(stops, trip.ways, trip.start), strict=True):
        way = timedelta(minutes=leg.minutes)
        leaves_at = free_at or stop.starts_at - way
        if way:
            there_at = leaves_at + way
            yield Step(Doing.TRAVEL, leaves_at, there_at, stop, leg.is_known)
            leaves_at = there_at
        if leaves_at < stop.starts_at:
            yield Step(Doing.WAIT, leaves_at, stop.starts_at, stop)
        yield Step(Doing.APPOINTMENT, stop.starts_at, stop.ends_at, stop)
        here, free_at = here if stop.spot.remote else stop.spot, stop.ends_at
    home = trip.ways.leg(here, trip.start)
    if home.minutes and free_at:
        back_at = free_at + timedelta(minutes=home.minutes)
        yield Step(Doing.BACK, free_at, back_at, None, home.is_known)
