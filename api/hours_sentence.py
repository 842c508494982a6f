"""Opening hours in a sentence: "Mon-Fri 9 am-5 pm; closed Thu Nov 26", with en dashes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from babel.dates import format_skeleton
from babel.lists import format_list

from api.words import EN_DASH, MIDNIGHT, NOON, Translate, clock_words, locale_of, plain_spaces
from api.words import weekday_words as weekday_of
from directory.hours_summary import HoursSummary, Opening, SpecialDays, UsualHours
from directory.opening_rules import DAYS_IN_WEEK

#: So many lines, and so many dates, are told; a phone has no room for more.
MOST_LINES = 8
MOST_DATES = 5

#: From so many weekdays in a row on, the first and the last are named.
_A_STRETCH = 3
_ALWAYS = Opening(((MIDNIGHT, MIDNIGHT),))

#: Some week that begins on a Monday, to name weekdays by.
_MONDAY = date(2024, 1, 1)


def summary_words(summary: HoursSummary, *, language: str, translate: Translate) -> str:
    """Say the usual hours and the dates that differ; "" where there is nothing to tell."""
    says = _Says(summary, language, translate)
    parts = [*says.lines(), *says.dates()]
    if not parts:
        return translate("By appointment") if summary.by_appointment else ""
    separator = "; " if any(", " in part for part in parts) else ", "
    words = separator.join(parts)
    return words[:1].upper() + words[1:]


@dataclass(frozen=True, slots=True)
class _Says:
    summary: HoursSummary
    language: str
    translate: Translate

    def lines(self) -> Iterator[str]:
        """Yield what is usual."""
        usual = self.summary.usual
        for line in usual[:MOST_LINES]:
            yield self._bounded(line, self._line(line))
        if len(usual) > MOST_LINES:
            yield self.translate("and other times")

    def dates(self) -> Iterator[str]:
        """Yield what differs: first the days with other hours, then those that are closed."""
        told = self.summary.special[:MOST_DATES]
        for days in told:
            if any(days.opening):
                yield f"{self._dates_of(days)} {self._opening(days.opening)}"
        closed = [self._dates_of(days) for days in told if not any(days.opening)]
        if closed:
            yield self.translate("closed {dates}").format(dates=self._and(closed))
        if len(self.summary.special) > MOST_DATES:
            yield self.translate("and other dates")

    def _line(self, line: UsualHours) -> str:
        whole_week = len(line.weekdays) == DAYS_IN_WEEK and line.every == 1 and not line.weeks
        if whole_week and line.opening == _ALWAYS:
            return self.translate("Open 24 hours")
        days = self.translate("Every day") if whole_week else self._days(line)
        return f"{days} {self._opening(line.opening)}"

    def _days(self, line: UsualHours) -> str:
        if line.month_days:
            numbers = [str(day) if day > 0 else self._ordinal(day) for day in line.month_days]
            return self.translate("Day {days} of the month").format(days=self._and(numbers))
        weekdays = self._weekdays(line.weekdays)
        if line.weeks:
            weeks = self._and([self._ordinal(week) for week in line.weeks])
            return self.translate("Every {weeks} {days}").format(weeks=weeks, days=weekdays)
        if line.every > 1:
            return self._every_so_often(line, weekdays)
        return weekdays

    def _every_so_often(self, line: UsualHours, weekdays: str) -> str:
        words = self.translate("Every {count} weeks on {days}")
        said = words.format(count=line.every, days=weekdays)
        coming = self.summary.next_day_of(line)
        if coming is None:
            return said
        return self.translate("{days} (next {date})").format(days=said, date=self._date(coming))

    def _bounded(self, line: UsualHours, words: str) -> str:
        """Say from when and until when a line holds, where that is near."""
        dates = {
            name: self._date(day)
            for name, day in (("first", line.first), ("last", line.last))
            if day is not None
        }
        if not dates:
            return words
        if len(dates) > 1:
            return self.translate("{hours} from {first} to {last}").format(hours=words, **dates)
        if line.first is not None:
            return self.translate("{hours} from {first}").format(hours=words, **dates)
        return self.translate("{hours} until {last}").format(hours=words, **dates)

    def _weekdays(self, weekdays: Sequence[int]) -> str:
        names = [weekday_of(date.fromordinal(_MONDAY.toordinal() + n), self.language) for n in
                 range(DAYS_IN_WEEK)]  # fmt: skip
        said = []
        for first, last in _stretches(weekdays):
            if last - first + 1 >= _A_STRETCH:
                said.append(f"{names[first]}{EN_DASH}{names[last]}")
            else:
                said += names[first : last + 1]
        return self._and(said)

    def _opening(self, opening: Opening) -> str:
        spans = [self._span(*span) for span in opening.spans]
        if not spans:
            return self.translate("by appointment")
        hours = self._and(spans)
        if opening.by_appointment:
            return self.translate("{hours}, or by appointment").format(hours=hours)
        return hours

    def _span(self, opens: time, closes: time) -> str:
        """Say a span; "1-3 pm" where both ends are in the same half of the day."""
        if opens == closes:
            if opens == MIDNIGHT:
                return self.translate("24 hours")
            return self.translate("24 hours from {time}").format(time=self._clock(opens))
        same_half = opens < closes and (opens < NOON) == (closes < NOON)
        short = same_half and opens > MIDNIGHT and opens.hour != NOON.hour
        return f"{self._clock(opens, bare=short)}{EN_DASH}{self._clock(closes)}"

    def _clock(self, clock: time, *, bare: bool = False) -> str:
        return clock_words(clock, language=self.language, translate=self.translate, bare=bare)

    def _dates_of(self, days: SpecialDays) -> str:
        if days.first == days.last:
            return self._date(days.first)
        return f"{self._date(days.first)}{EN_DASH}{self._date(days.last)}"

    def _date(self, day: date) -> str:
        words = format_skeleton(
            "MMMEd", datetime.combine(day, NOON), locale=locale_of(self.language)
        )
        return plain_spaces(words).replace(", ", " ")

    def _and(self, parts: Sequence[str]) -> str:
        return format_list(parts, locale=locale_of(self.language))

    def _ordinal(self, number: int) -> str:
        words = {
            1: self.translate("1st"),
            2: self.translate("2nd"),
            3: self.translate("3rd"),
            4: self.translate("4th"),
            5: self.translate("5th"),
            -1: self.translate("last"),
            -2: self.translate("2nd to last"),
            -3: self.translate("3rd to last"),
        }
        if number in words:
            return words[number]
        return self.translate("{count}th to last").format(count=-number)


def _stretches(weekdays: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of each run of weekdays that follow one another."""
    first = last = None
    for day in weekdays:
        if first is None or last is None or day != last + 1:
            if first is not None and last is not None:
                yield first, last
            first = day
        last = day
    if first is not None and last is not None:
        yield first, last
