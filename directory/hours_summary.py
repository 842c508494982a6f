"""Opening hours as a person would tell them: a few lines for the usual days, and what differs.

The lines are read off the rules; then every day of the coming weeks is compared with what the
lines say of it, and a day of which they would say something wrong is told by its date. So a
summary is true for all those days whatever the rules are.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from directory.hours import day_hours, joined_spans
from directory.opening_rules import DAYS_IN_WEEK, OpeningRule, week_number

ONE_DAY = timedelta(days=1)

#: For so many days from today a summary is true.
DAYS_TOLD = 28

#: So far ahead the end of what differs is looked for, in days.
FURTHEST_END = 370

_SOME_DAY = date(2024, 1, 1)


class Opening(NamedTuple):
    """The hours of one day: spans as in ``DayHours``, and whether one may come by appointment."""

    spans: tuple[tuple[time, time], ...] = ()
    by_appointment: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualHours:
    """One line: hours, and the days they are for. Lists that are empty keep every day.

    ``weekdays`` are counted from Monday = 0; ``weeks`` are weeks of the month, and
    ``month_days`` days of it, the negative ones from its end. With ``every`` above 1, only
    every so many weeks, reckoned by ``phase`` in weeks that begin on ``wkst``. ``first`` and
    ``last`` are given where the line begins or ends within the days that the summary tells.
    """

    opening: Opening
    weekdays: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    every: int = 1
    phase: int = 0
    wkst: int = 0
    first: date | None = None
    last: date | None = None

    def holds_on(self, day: date) -> bool:
        """Say whether the line is for this day."""
        return (
            (self.first is None or self.first <= day)
            and (self.last is None or day <= self.last)
            and (not self.weekdays or day.weekday() in self.weekdays)
            and (not self.weeks or not _weeks_of_month(day).isdisjoint(self.weeks))
            and (not self.month_days or not _days_of_month(day).isdisjoint(self.month_days))
            and week_number(day, self.wkst) % self.every == self.phase
        )


@dataclass(frozen=True, slots=True)
class SpecialDays:
    """Days on end, both included, that have hours of their own; without any they are closed."""

    first: date
    last: date
    opening: Opening


@dataclass(frozen=True, slots=True)
class HoursSummary:
    """What to tell of opening hours, true from ``today`` for ``DAYS_TOLD`` days.

    ``by_appointment``: some row says so, even where it names no day.
    """

    today: date
    usual: tuple[UsualHours, ...]
    special: tuple[SpecialDays, ...]
    by_appointment: bool

    def opening_on(self, day: date) -> Opening:
        """Return what the summary says of a day."""
        for days in self.special:
            if days.first <= day <= days.last:
                return days.opening
        return _said_by(self.usual, day)

    def next_day_of(self, line: UsualHours) -> date | None:
        """Return the first day from today for which a line holds and that is not special."""
        days = (self.today + n * ONE_DAY for n in range(FURTHEST_END))
        special = [(each.first, each.last) for each in self.special]
        return next(
            (d for d in days if line.holds_on(d) and not any(a <= d <= b for a, b in special)),
            None,
        )


@lru_cache(maxsize=4096)
def summarize(rules: tuple[OpeningRule, ...], today: date) -> HoursSummary:
    """Return the summary of some rules."""
    usual = tuple(_lines(rules, today))
    return HoursSummary(
        today,
        usual,
        tuple(_special_days(rules, usual, today)),
        any(rule.by_appointment for rule in rules),
    )


# ------------------------------------------------------------------------------ the usual days


class _Pattern(NamedTuple):
    """What the days of a line have in common; the days themselves are gathered under it."""

    kind: str
    every: int
    phase: int
    wkst: int
    first: date | None
    last: date | None


#: A day in a pattern: a weekday, a weekday in a week of the month, or a day of the month.
_Day = tuple[int, ...]


def _lines(rules: Sequence[OpeningRule], today: date) -> Iterator[UsualHours]:
    """Yield the lines of the rules that recur: by the week, by weeks of the month, by its days."""
    found: dict[_Pattern, dict[_Day, list[OpeningRule]]] = defaultdict(lambda: defaultdict(list))
    for rule in rules:
        for pattern, day in _days_of(rule, today):
            found[pattern][day].append(rule)
    order = {"week": 0, "nth": 1, "day": 2}
    for pattern in sorted(found, key=lambda each: (order[each.kind], each.first or today)):
        openings = {day: _opening_of(rows) for day, rows in found[pattern].items()}
        yield from _lines_of(pattern, {d: o for d, o in openings.items() if any(o)})


def _days_of(rule: OpeningRule, today: date) -> Iterator[tuple[_Pattern, _Day]]:
    """Yield the days that a rule names, where they can be told in a line."""
    end = today + (DAYS_TOLD - 1) * ONE_DAY
    first = max(rule.valid_from or date.min, rule.dtstart or date.min)
    last = min(rule.last_day, rule.last_counted_day)
    if rule.freq is None or rule.byweekno or rule.byyearday or first > end or last < today:
        return
    bounds = first if first > today else None, last if last < end else None
    for kind, day in _named(rule):
        every = rule.interval if kind == "week" and rule.freq == "WEEKLY" else 1
        if every != rule.interval and rule.anchor is not None:
            return
        if rule.anchor is None:
            every = 1  # nothing to reckon from: every week
        wkst = rule.wkst if every > 1 else 0
        phase = week_number(rule.anchor, wkst) % every if rule.anchor and every > 1 else 0
        yield _Pattern(kind, every, phase, wkst, *bounds), day


def _named(rule: OpeningRule) -> Iterator[tuple[str, _Day]]:
    if rule.byday and rule.bymonthday:
        return
    for week, weekday in rule.byday:
        yield ("week", (weekday,)) if week is None else ("nth", (week, weekday))
    for day in rule.bymonthday:
        yield "day", (day,)
    if not rule.byday and not rule.bymonthday and rule.anchor is not None:
        weekly = rule.freq == "WEEKLY"
        yield ("week", (rule.anchor.weekday(),)) if weekly else ("day", (rule.anchor.day,))


def _opening_of(rows: Sequence[OpeningRule]) -> Opening:
    spans = [span for rule in rows if (span := rule.span_on(_SOME_DAY)) is not None]
    return Opening(joined_spans(spans), any(rule.by_appointment for rule in rows))


def _lines_of(pattern: _Pattern, openings: dict[_Day, Opening]) -> Iterator[UsualHours]:
    """Put days of the same hours together."""
    base = {name: getattr(pattern, name) for name in ("every", "phase", "wkst", "first", "last")}
    if pattern.kind == "nth":
        by_weekday: dict[tuple[int, Opening], list[int]] = defaultdict(list)
        for (week, weekday), opening in sorted(openings.items(), key=_by_day):
            by_weekday[weekday, opening].append(week)
        alike: dict[tuple[Opening, tuple[int, ...]], list[int]] = defaultdict(list)
        for (weekday, opening), weeks in sorted(by_weekday.items(), key=_by_day):
            alike[opening, tuple(weeks)].append(weekday)
        for (opening, weeks_), weekdays in alike.items():
            yield UsualHours(opening=opening, weeks=weeks_, weekdays=tuple(weekdays), **base)
        return
    days: dict[Opening, list[int]] = defaultdict(list)
    for (day,), opening in sorted(openings.items(), key=_by_day):
        days[opening].append(day)
    name = "weekdays" if pattern.kind == "week" else "month_days"
    for opening, together in days.items():
        line = UsualHours(opening=opening, **base)
        yield replace(line, **{name: tuple(together)})  # type: ignore[arg-type]


def _by_day(item: tuple[tuple[Any, ...], object]) -> tuple[bool, int]:
    """Sort days of the month, and weeks of it, from its beginning; the negative ones last."""
    number: int = item[0][0]
    return number < 0, number


# ------------------------------------------------------------------------------ what differs


def _special_days(
    rules: Sequence[OpeningRule], usual: Sequence[UsualHours], today: date
) -> Iterator[SpecialDays]:
    """Yield the days of which the lines would say something wrong, equal neighbours together.

    Days between them that have the same hours anyway, such as the weekend in a week of
    holidays, do not part them.
    """
    run: SpecialDays | None = None
    for n in range(FURTHEST_END):
        day = today + n * ONE_DAY
        if n >= DAYS_TOLD and run is None:
            return
        opening = _opening_on(rules, day)
        if run is not None and opening != run.opening:
            yield run
            run = None
        if opening != _said_by(usual, day):
            if run is not None:
                run = replace(run, last=day)
            elif n < DAYS_TOLD:
                run = SpecialDays(day, day, opening)
    if run is not None:
        yield run


def _opening_on(rules: Sequence[OpeningRule], day: date) -> Opening:
    hours = day_hours(rules, day)
    return Opening(hours.spans, hours.by_appointment)


def _said_by(usual: Sequence[UsualHours], day: date) -> Opening:
    """Return what the lines say of a day, taken together."""
    openings = [line.opening for line in usual if line.holds_on(day)]
    spans = [_on(_SOME_DAY, *span) for opening in openings for span in opening.spans]
    return Opening(joined_spans(spans), any(opening.by_appointment for opening in openings))


def _on(day: date, opens: time, closes: time) -> tuple[datetime, datetime]:
    closing_day = day + ONE_DAY if closes <= opens else day
    return datetime.combine(day, opens), datetime.combine(closing_day, closes)


def _weeks_of_month(day: date) -> set[int]:
    to_come = _days_of_month(day)
    return {(day.day + 6) // DAYS_IN_WEEK, -1 - (-1 - min(to_come)) // DAYS_IN_WEEK}


def _days_of_month(day: date) -> set[int]:
    """Return the number of a day, and the one that counts from the end of its month."""
    next_month = (day.replace(day=1) + 31 * ONE_DAY).replace(day=1)
    return {day.day, -(next_month - day).days}
