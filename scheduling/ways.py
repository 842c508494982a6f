"""The ways between appointments: how long to allow, and whether there is time. Pure.

Nobody has to go anywhere for an appointment by phone or video: it is taken where one is, and a
plan lets the way to the next place begin after it; whoever books without a plan may also go before.
A place whose point is not told, because it is confidential or was never entered, is never taken to
be near: an hour is allowed for the way there and for the way on, and that is said.
"""

from collections.abc import Hashable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

from geo.points import Point
from geo.travel import STRAIGHT_LINE, Mode, TravelTimes

#: What is allowed for a way of which one end is not known, in minutes.
UNKNOWN_WAY_MINUTES: Final = 60


class Spot(NamedTuple):
    """Where an appointment is. Spots with the same ``key`` are the same place.

    ``point`` None is not known; ``remote`` is by phone or video, wherever one is.
    """

    key: Hashable
    point: Point | None
    remote: bool = False


class Leg(NamedTuple):
    """A way between two spots; ``is_known`` False where the minutes are only an allowance."""

    minutes: int
    is_known: bool = True


class Ways(NamedTuple):
    """How somebody gets about, and what estimates it."""

    mode: Mode
    times: TravelTimes = STRAIGHT_LINE

    def leg(self, here: Spot, there: Spot) -> Leg:
        """Return the way between two places, of which neither is remote."""
        if here.key == there.key:
            return Leg(0)
        if here.point is None or there.point is None:
            return Leg(UNKNOWN_WAY_MINUTES, is_known=False)
        return Leg(self.times.minutes(here.point, there.point, self.mode))


class Stop(Protocol):
    """Anything that is somewhere from one time to another."""

    @property
    def spot(self) -> Spot:
        """Where it is."""
        ...

    @property
    def starts_at(self) -> datetime:
        """When one has to be there."""
        ...

    @property
    def ends_at(self) -> datetime:
        """When one is free to go."""
        ...


class TooTight(NamedTuple):
    """Two stops, by their number in order of time, with too little time between them.

    ``there_are`` is below zero where they overlap.
    """

    first: int
    second: int
    needed_minutes: int
    there_are: int

    @property
    def missing_minutes(self) -> int:
        """How many more minutes there should be."""
        return self.needed_minutes - self.there_are


def legs_between(stops: Sequence[Stop], ways: Ways, start: Spot | None = None) -> Iterator[Leg]:
    """Yield the way to each stop from where one is before it; from ``start`` to the first.

    Without a start the way to the first place is nobody's business: no minutes.
    """
    here = start
    for stop in stops:
        if stop.spot.remote or here is None:
            yield Leg(0)
        else:
            yield ways.leg(here, stop.spot)
        here = here if stop.spot.remote else stop.spot


def find_tight(stops: Sequence[Stop], ways: Ways) -> TooTight | None:
    """Return the first two stops, in order of time, between which there is too little time.

    Where calls lie between two places, it is enough that the way fits before or after one of
    them: nobody knows where a call will be taken.
    """
    place, widest = None, 0  # the last stop that one had to go to, and the longest time since
    for number, stop in enumerate(stops):
        if number:
            there_are = _minutes_between(stops[number - 1], stop)
            if there_are < 0:
                return TooTight(number - 1, number, 0, there_are)
            widest = max(widest, there_are)
        if stop.spot.remote:
            continue
        needed = 0 if place is None else ways.leg(stops[place].spot, stop.spot).minutes
        if place is not None and widest < needed:
            return TooTight(place, number, needed, widest)
        place, widest = number, 0
    return None


def _minutes_between(first: Stop, second: Stop) -> int:
    return (second.starts_at - first.ends_at) // timedelta(minutes=1)
