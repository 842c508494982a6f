"""Published opening hours: from schedule rows to the times a door is open.

Rules are wall-clock time in the place's own zone, as people publish them; answers are
instants. Everything is found by looking at one local day after another, which bounds the
work whatever a rule says.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import takewhile
from zoneinfo import ZoneInfo

from directory.intervals import Interval, local_instant
from directory.opening_rules import OpeningRule, parse_byday

__all__ = [
    "DayHours",
    "NoHours",
    "OpeningRule",
    "current_or_next",
    "day_hours",
    "is_open",
    "joined_spans",
    "open_intervals",
    "parse_byday",
    "rules_of",
    "week_of",
    "why_no_hours",
]

ONE_DAY = timedelta(days=1)
A_YEAR_AHEAD = 370
DAYS_IN_WEEK = 7
LONGEST_RUN = (DAYS_IN_WEEK + 2) * ONE_DAY  # a week from now, when it began yesterday


@dataclass(frozen=True, slots=True)
class DayHours:
    """One local day as a reader is shown it.

    ``spans`` are (opens, closes) readings of the wall clock in order, joined where they
    touch; closing at or before opening means the next day, and both at midnight the whole
    day. No spans and not ``by_appointment``: closed. ``exception``: this date is not as usual.
    """

    day: date
    spans: tuple[tuple[time, time], ...]
    by_appointment: bool = False
    exception: bool = False


class NoHours(StrEnum):
    """Why there is no open interval to tell of."""

    BY_APPOINTMENT = "by-appointment"
    CLOSED = "closed"
    NOT_GIVEN = "not-given"


def open_intervals(
    rules: Sequence[OpeningRule], zone: ZoneInfo, start: datetime, end: datetime
) -> list[Interval]:
    """Return, in order, the open intervals that share an instant with ``[start, end)``.

    They are whole, not cut at ``start`` and ``end``; only hours that run on without a break
    for more than a week to either side end there.
    """
    first = start.astimezone(zone).date() - DAYS_IN_WEEK * ONE_DAY
    last = end.astimezone(zone).date() + DAYS_IN_WEEK * ONE_DAY
    asked = Interval(start, end)
    runs = takewhile(lambda run: run.starts_at < end, _runs(rules, zone, first, last))
    return [run for run in runs if run.overlaps(asked)]


def current_or_next(
    rules: Sequence[OpeningRule], zone: ZoneInfo, now: datetime, *, within_days: int = A_YEAR_AHEAD
) -> Interval | None:
    """Return the open interval that contains ``now``, else the next one, else None.

    Looks at the local days from yesterday to ``within_days`` ahead. Hours that run on
    without a break start at yesterday's opening, and end when they last more than a week
    from ``now``: nobody asks further, and the answer stays quick.
    """
    today = now.astimezone(zone).date()
    first, last = today - ONE_DAY, today + within_days * ONE_DAY
    runs = _runs(rules, zone, first, last, longest=LONGEST_RUN)
    return next((run for run in runs if now < run.ends_at), None)


def is_open(rules: Sequence[OpeningRule], zone: ZoneInfo, at: datetime) -> bool:
    """Say whether the published hours contain the instant."""
    today = at.astimezone(zone).date()
    return any(
        interval.contains(at)
        for day in (today, today - ONE_DAY)
        for interval in _intervals_of(rules, zone, day)
    )


def why_no_hours(rules: Sequence[OpeningRule], day: date) -> NoHours:
    """Say what to tell a reader when :func:`current_or_next` finds nothing.

    Visits by appointment count when some row offers them in the week from ``day``.
    """
    if any(each.by_appointment for each in week_of(rules, day)):
        return NoHours.BY_APPOINTMENT
    if any(rule.opens_at is not None for rule in rules):
        return NoHours.CLOSED
    return NoHours.NOT_GIVEN


def week_of(rules: Sequence[OpeningRule], day: date) -> list[DayHours]:
    """Return seven local days from ``day``, for display."""
    return [day_hours(rules, day + n * ONE_DAY) for n in range(DAYS_IN_WEEK)]


def rules_of(rules: Sequence[OpeningRule], day: date) -> list[OpeningRule]:
    """Return the rules that speak for a local day: its exceptions, else its regular ones.

    Of several exceptions the shortest wins (Christmas Eve inside a month of winter hours);
    equally short ones hold together, as two openings of one special day.
    """
    exceptions = [rule for rule in rules if rule.excepts(day)]
    if exceptions:
        shortest = min(rule.span_days for rule in exceptions)
        return [rule for rule in exceptions if rule.span_days == shortest]
    return [rule for rule in rules if rule.recurs_on(day)]


def _runs(
    rules: Sequence[OpeningRule],
    zone: ZoneInfo,
    first: date,
    last: date,
    *,
    longest: timedelta = timedelta.max,
) -> Iterator[Interval]:
    """Yield the open intervals that begin on the days ``first`` to ``last``, joined, lazily.

    No interval reaches past the day after the one it begins on, so a day without any ends
    what could still be joined. A run is also ended when it has become ``longest``.
    """
    run: Interval | None = None
    last = min(last, max((rule.last_day for rule in rules), default=first))
    for n in range((last - first).days + 1):
        intervals = _intervals_of(rules, zone, first + n * ONE_DAY)
        for interval in intervals:
            if run is None or run.ends_at < interval.starts_at:
                if run is not None:
                    yield run
                run = interval
            elif run.ends_at < interval.ends_at:
                run = Interval(run.starts_at, interval.ends_at)
        if run is not None and (not intervals or run.ends_at - run.starts_at >= longest):
            yield run
            run = None
    if run is not None:
        yield run


def _intervals_of(rules: Sequence[OpeningRule], zone: ZoneInfo, day: date) -> list[Interval]:
    """Return the intervals that begin on a local day, in order, not yet joined.

    In the autumn overlap a door opens at the first reading and closes at the last: the rule
    promises both ends, and only the longer reading breaks neither. An interval that the
    spring gap swallows whole is left out.
    """
    intervals = []
    for rule in rules_of(rules, day):
        if (span := rule.span_on(day)) is not None:
            opens, closes = span
            starts_at = local_instant(opens.date(), opens.time(), zone)
            ends_at = local_instant(closes.date(), closes.time(), zone, fold=1)
            if starts_at < ends_at:
                intervals.append(Interval(starts_at, ends_at))
    return sorted(intervals)


def day_hours(rules: Sequence[OpeningRule], day: date) -> DayHours:
    """Return what a reader is shown for one local day."""
    speaking = rules_of(rules, day)
    return DayHours(
        day,
        joined_spans(span for rule in speaking if (span := rule.span_on(day)) is not None),
        by_appointment=any(rule.by_appointment for rule in speaking),
        exception=any(rule.excepts(day) for rule in speaking),
    )


def joined_spans(
    spans: Iterable[tuple[datetime, datetime]],
) -> tuple[tuple[time, time], ...]:
    """Join the wall-clock spans of a day that touch; none is shown as more than 24 hours."""
    joined: list[tuple[datetime, datetime]] = []
    for opens, closes in sorted(spans):
        if joined and opens <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], closes)
        else:
            joined.append((opens, closes))
    return tuple((opens.time(), min(closes, opens + ONE_DAY).time()) for opens, closes in joined)
