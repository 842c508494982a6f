"""Until when somebody may take their time with an offer: counted in office hours. Pure.

Nobody at an agency reads a message at night. So the time to answer runs only while offices are
open: Monday to Friday from nine to five by the clock of the host, and not on its closed days.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from directory.intervals import Interval, local_instant
from scheduling.rules import DAY

OPENS = time(9)
CLOSES = time(17)
DAYS_A_WEEK = 5

#: How many office hours somebody has to answer, where the installation says nothing else.
DEFAULT_HOURS = 2

#: No deadline is looked for beyond so many days: a host that is closed that long has no offers.
_FARTHEST = 60


def deadline(
    now: datetime,
    hours: int,
    zone: ZoneInfo,
    *,
    not_after: datetime,
    is_closed: Callable[[date], bool] = lambda _day: False,
) -> datetime:
    """Return when so many office hours will have passed, but never later than ``not_after``.

    ``is_closed`` says of a local day whether the host is closed.
    """
    left = hours * timedelta(hours=1)
    first = now.astimezone(zone).date()
    for ahead in range(_FARTHEST):
        open_ = office_day(first + ahead * DAY, zone, is_closed=is_closed)
        if open_ is None or open_.ends_at <= now:
            continue
        begin = max(now, open_.starts_at)
        if begin >= not_after:
            break
        if begin + left <= open_.ends_at:
            return min(begin + left, not_after)
        left -= open_.ends_at - begin
    return not_after


def office_day(
    day: date, zone: ZoneInfo, *, is_closed: Callable[[date], bool] = lambda _day: False
) -> Interval | None:
    """Return when offices are open on a local day, or None where they are not."""
    if day.weekday() >= DAYS_A_WEEK or is_closed(day):
        return None
    return Interval(local_instant(day, OPENS, zone), local_instant(day, CLOSES, zone))
