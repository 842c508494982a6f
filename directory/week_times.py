"""A time of the week as people ask for it: "saturday 22:00"."""

import re
from datetime import datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from directory.folding import fold
from directory.intervals import local_instant
from directory.opening_rules import DAYS_IN_WEEK, WEEKDAYS

_ENGLISH = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPANISH = ("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo")

#: What a weekday is called, folded, and its number from Monday = 0.
_NUMBERS = {
    name: number
    for names in (
        [code.casefold() for code in WEEKDAYS],
        [name[:3] for name in _ENGLISH],
        _ENGLISH,
        _SPANISH,
    )
    for number, name in enumerate(names)
}
_ASKED = re.compile(
    r"\s*(\w+)[,\s]+([0-9]{1,2})(?::([0-9]{2}))?\s*([ap]\.?\s?m\.?)?\s*", re.IGNORECASE
)
_NOON = 12
_ONE_DAY = timedelta(days=1)
_FOLDS: tuple[Literal[0, 1], ...] = (0, 1)


class WeekTime(NamedTuple):
    """A weekday, from Monday = 0, and what the clock on the wall shows then."""

    weekday: int
    clock: time

    def next_instant(self, zone: ZoneInfo, now: datetime) -> datetime:
        """Return the first instant from ``now`` on at which the clocks of a zone show this.

        Of a reading that comes twice, the first that is not over; for one that the spring gap
        leaves out, the instant at which the gap ends.
        """
        today = now.astimezone(zone).date()
        first = today + (self.weekday - today.weekday()) % DAYS_IN_WEEK * _ONE_DAY
        readings = (
            local_instant(day, self.clock, zone, fold=fold)
            for day in (first, first + DAYS_IN_WEEK * _ONE_DAY)
            for fold in _FOLDS
        )
        return next(at for at in readings if at >= now)


def parse_week_time(text: str) -> WeekTime:
    """Read a weekday and a time: ``"SA 22:00"``, ``"saturday 10 pm"``, ``"sábado 22:00"``.

    Raises ValueError for anything else; a bare "9" could be morning or evening.
    """
    found = _ASKED.fullmatch(text)
    weekday = _NUMBERS.get(fold(found[1])) if found else None
    if found is None or weekday is None:
        raise ValueError("Not a weekday and a time.")
    return WeekTime(weekday, _clock(int(found[2]), found[3], (found[4] or "")[:1].casefold()))


def _clock(hour: int, minute: str | None, half: str) -> time:
    """Return a reading of a 24-hour clock, or of a 12-hour one with its half of the day."""
    if not half and minute is None:
        raise ValueError("Morning or evening?")
    if half and not 1 <= hour <= _NOON:
        raise ValueError("A clock with two halves shows hours from 1 to 12.")
    in_day = hour % _NOON + (_NOON if half == "p" else 0) if half else hour
    return time(in_day, int(minute or 0))
