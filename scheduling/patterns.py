"""On which days a window happens: a closed subset of RFC 5545's recurrence rules. Pure.

Expanded in a bounded walk over days of our own: general rule libraries can be made to run for
ever by a hostile rule, and this one cannot.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

#: The longest span a pattern may be asked about: 18 months and the reach of a COUNT before it.
MAXIMUM_OCCURRENCES = 400
MAXIMUM_DAYS = 548

DAY = timedelta(days=1)
WEEK = 7


@dataclass(frozen=True, slots=True)
class Pattern:
    """Days from ``starts_on``: every ``interval``-th day, week or month, as ``byday`` says.

    ``byday`` is pairs of an ordinal and a weekday (Monday is 0): ``(None, 1)`` is every Tuesday,
    ``(-1, 4)`` the last Friday of the month. Empty means the weekday (weekly) or the day of the
    month (monthly) of ``starts_on``. ``freq`` None is the one day ``starts_on``. Weeks begin on
    Monday. Unlike RFC 5545, ``starts_on`` itself happens only if it fits the pattern.
    """

    starts_on: date
    freq: str | None = None
    interval: int = 1
    byday: tuple[tuple[int | None, int], ...] = ()
    until: date | None = None
    count: int | None = None

    def days(self, first: date, last: date) -> Iterator[date]:
        """Yield the days of the pattern from ``first`` through ``last``, in order."""
        end = last if self.until is None else min(last, self.until)
        begin = self.starts_on if self.count is not None else max(first, self.starts_on)
        happened = 0
        for ordinal in range(begin.toordinal(), end.toordinal() + 1):
            day = date.fromordinal(ordinal)
            if not self._includes(day):
                continue
            happened += 1
            if self.count is not None and happened > self.count:
                return
            if day >= first:
                yield day

    def _includes(self, day: date) -> bool:
        match self.freq:
            case None:
                return day == self.starts_on
            case "DAILY":
                return self._every(day.toordinal() - self.starts_on.toordinal()) and (
                    not self.byday or any(weekday == day.weekday() for _, weekday in self.byday)
                )
            case "WEEKLY":
                return self._every(_week(day) - _week(self.starts_on)) and self._on_weekday(day)
            case _:
                return self._every(_month(day) - _month(self.starts_on)) and self._in_month(day)

    def _every(self, periods: int) -> bool:
        return periods % self.interval == 0

    def _on_weekday(self, day: date) -> bool:
        weekdays = {weekday for _, weekday in self.byday} or {self.starts_on.weekday()}
        return day.weekday() in weekdays

    def _in_month(self, day: date) -> bool:
        if not self.byday:
            return day.day == self.starts_on.day
        return any(
            weekday == day.weekday() and (nth is None or nth in _ordinals(day))
            for nth, weekday in self.byday
        )


def _week(day: date) -> int:
    """Return the number of a Monday-to-Sunday week; ordinal 1, 0001-01-01, was a Monday."""
    return (day.toordinal() - 1) // WEEK


def _month(day: date) -> int:
    return day.year * 12 + day.month


def _ordinals(day: date) -> tuple[int, int]:
    """Return which such weekday of its month a day is, from the start and from the end."""
    next_month = (day.replace(day=1) + 31 * DAY).replace(day=1)
    days_left = (next_month - day).days - 1
    return (day.day - 1) // WEEK + 1, -(days_left // WEEK + 1)
