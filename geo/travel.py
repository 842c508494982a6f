"""How long it takes to get from one place to another, estimated without a map.

The way is the distance along the ground times a detour factor, at the speed of the mode, and a
fixed time for what is not moving: waiting for a bus, parking a car. The figures are plain and on
the slow side, for people with children, bags and bad knees: an estimate that is a little too long
costs a wait, one that is too short costs an appointment.
"""

import enum
import math
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from geo.points import (
    EarthCentred,
    Point,
    chord_squared_between,
    kilometres_of,
    to_earth_centred,
)


class Mode(enum.StrEnum):
    """How somebody gets about."""

    WALK = "walk"
    BICYCLE = "bicycle"
    TRANSIT = "transit"
    DRIVE = "drive"


class Pace(NamedTuple):
    """Speed in kilometres an hour, how much longer the way is than the line, fixed minutes."""

    kilometres_an_hour: float
    detour: float
    fixed_minutes: int


PACES: Final = {
    Mode.WALK: Pace(4.5, 1.3, 0),
    Mode.BICYCLE: Pace(14, 1.3, 2),
    Mode.TRANSIT: Pace(20, 1.4, 15),
    Mode.DRIVE: Pace(40, 1.35, 8),
}


class TravelTimes(Protocol):
    """Whatever can estimate a way; a routing service can stand behind it."""

    def minutes(self, here: Point, there: Point, mode: Mode) -> int:
        """Return whole minutes, never too few; 0 only for the same point."""
        ...


class StraightLineTimes:
    """The estimate by distance and pace. Nobody drives where walking is quicker."""

    def minutes(self, here: Point, there: Point, mode: Mode) -> int:
        """Return whole minutes, rounded up."""
        kilometres = kilometres_of(chord_squared_between(_centred(here), _centred(there)))
        if kilometres == 0:
            return 0
        return min(_at(PACES[mode], kilometres), _at(PACES[Mode.WALK], kilometres))


@lru_cache(maxsize=4096)
def _centred(point: Point) -> EarthCentred:
    return to_earth_centred(point)


def _at(pace: Pace, kilometres: float) -> int:
    moving = kilometres * pace.detour / pace.kilometres_an_hour * 60
    return math.ceil(moving) + pace.fixed_minutes


STRAIGHT_LINE: Final[TravelTimes] = StraightLineTimes()
