"""What is said to a reader: hours, clock readings, ages and distances, in their language.

``translate`` is the gettext of the reader's language; every sentence is given to it as a
literal, so that extraction with the keyword ``translate`` finds it. ``language`` is a tag
such as ``en`` or ``es``. Readers are in the United States: a language without a country is
spoken as it is there, and distances are in miles.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal

from directory.hours import DayHours, NoHours
from directory.intervals import Interval

Translate = Callable[[str], str]

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
ONE_DAY = timedelta(days=1)
DAYS_WITH_OWN_NAME = 6  # further ahead, "Mon" could be either of two Mondays
NOON = time(12)
MIDNIGHT = time(0)
KM_IN_MILE = 1.609344
EN_DASH = "\N{EN DASH}"


def hours_words(
    hours: Interval | NoHours,
    now: datetime,
    zone: ZoneInfo,
    *,
    language: str,
    translate: Translate,
) -> str:
    """Say whether a place is open, and until or from when: ``"Open until 5 pm"``.

    ``hours`` is the current or next interval, or why there is none; an interval that is over
    is no news of an opening, so it reads as closed.
    """
    if isinstance(hours, NoHours):
        return _no_hours_words(hours, translate)
    if hours.contains(now):
        return _open_until(hours.ends_at, now, zone, language=language, translate=translate)
    if hours.starts_at > now:
        return _opens_at(hours.starts_at, now, zone, language=language, translate=translate)
    return _no_hours_words(NoHours.CLOSED, translate)


def _no_hours_words(reason: NoHours, translate: Translate) -> str:
    """Say why there is no opening to tell of."""
    if reason is NoHours.BY_APPOINTMENT:
        return translate("By appointment")
    if reason is NoHours.CLOSED:
        return translate("Closed")
    return translate("Hours not given")


def _open_until(
    end: datetime, now: datetime, zone: ZoneInfo, *, language: str, translate: Translate
) -> str:
    """Say until when an open place stays open; past the named days ahead it just is."""
    day, clock = _spoken(end, zone)
    days = (day - now.astimezone(zone).date()).days
    said = clock_words(clock, language=language, translate=translate)
    if days <= 0:
        return translate("Open until {time}").format(time=said)
    if days == 1:
        return translate("Open until {time} tomorrow").format(time=said)
    if days <= DAYS_WITH_OWN_NAME:
        weekday = weekday_words(day, language)
        return translate("Open until {weekday} {time}").format(weekday=weekday, time=said)
    return translate("Open 24 hours")


def _opens_at(
    start: datetime, now: datetime, zone: ZoneInfo, *, language: str, translate: Translate
) -> str:
    """Say when a closed place opens."""
    day, clock = _spoken(start, zone)
    days = (day - now.astimezone(zone).date()).days
    said = clock_words(clock, language=language, translate=translate)
    if days <= 0:
        return translate("Opens at {time}").format(time=said)
    if days == 1:
        return translate("Opens tomorrow at {time}").format(time=said)
    if days <= DAYS_WITH_OWN_NAME:
        weekday = weekday_words(day, language)
        return translate("Opens {weekday} {time}").format(weekday=weekday, time=said)
    spoken_date = format_skeleton("MMMd", _at_noon(day), locale=locale_of(language))
    return translate("Opens {date} at {time}").format(date=spoken_date, time=said)


def _spoken(at: datetime, zone: ZoneInfo) -> tuple[date, time]:
    """Return the local day and clock as people say them: midnight ends the day before."""
    local = at.astimezone(zone)
    if local.time() == MIDNIGHT:
        return local.date() - ONE_DAY, MIDNIGHT
    return local.date(), local.time()


def clock_words(
    clock: time | datetime, *, language: str, translate: Translate, bare: bool = False
) -> str:
    """Say a clock reading: ``"5 pm"``, ``"1:30 pm"``, ``"noon"``, ``"midnight"``.

    An instant is read as it stands: bring it to the place's zone first. ``bare`` leaves out
    the half of the day, where what follows tells it.
    """
    if (clock.hour, clock.minute) == (NOON.hour, NOON.minute):
        return translate("noon")
    if (clock.hour, clock.minute) == (MIDNIGHT.hour, MIDNIGHT.minute):
        return translate("midnight")
    reading = time(clock.hour, clock.minute)
    pattern = _clock_pattern(language, on_the_hour=clock.minute == 0)
    if bare:
        pattern = re.sub(r"\s*a+", "", pattern)
    return plain_spaces(format_time(reading, pattern, locale=locale_of(language))).lower()


@lru_cache
def _clock_pattern(language: str, *, on_the_hour: bool) -> str:
    """Return the language's short pattern; a 12-hour clock leaves out ``:00``."""
    pattern = str(locale_of(language).time_formats["short"].pattern)
    return pattern.replace(":mm", "") if on_the_hour and "a" in pattern else pattern


def day_words(day: date, today: date, *, language: str, translate: Translate) -> str:
    """Say a day that is near: ``"Today"``, ``"Tomorrow"``, ``"Tue, Jun 4"``."""
    if day == today:
        return translate("Today")
    if day == today + ONE_DAY:
        return translate("Tomorrow")
    said = _date_words(day, language)
    return said[:1].upper() + said[1:]


def age_words(as_of: datetime, now: datetime, *, translate: Translate) -> str:
    """Say how long ago something was so, rounded down: ``"5 min ago"``.

    What is dated a little ahead, by a clock that runs fast, is "just now" too.
    """
    age = now - as_of
    if age < MINUTE:
        return translate("just now")
    if age < HOUR:
        return translate("{count} min ago").format(count=age // MINUTE)
    if age < ONE_DAY:
        return translate("{count} h ago").format(count=age // HOUR)
    if age < 2 * ONE_DAY:
        return translate("1 day ago")
    return translate("{count} days ago").format(count=age // ONE_DAY)


def age_ends(as_of: datetime, now: datetime) -> datetime:
    """Return until when ``age_words`` says the same."""
    age = now - as_of
    unit = MINUTE if age < HOUR else HOUR if age < ONE_DAY else ONE_DAY
    return as_of + (max(age // unit, 0) + 1) * unit


def distance_words(km: float, *, language: str, translate: Translate) -> str:
    """Say a distance in miles: ``"1.1 mi"``, to the tenth below ten miles."""
    miles = km / KM_IN_MILE
    if miles < 0.1:  # noqa: PLR2004  # what rounding to the tenth can no longer tell
        return translate("less than {miles} mi").format(miles=_number(0.1, language))
    return translate("{miles} mi").format(miles=_number(miles, language))


def _number(miles: float, language: str) -> str:
    """Write a number with one decimal below ten and none above."""
    pattern = "0.0" if round(miles, 1) < 10 else "#,##0"  # noqa: PLR2004  # "9.9", then "10"
    return format_decimal(miles, pattern, locale=locale_of(language))


def week_words(
    days: Sequence[DayHours], *, language: str, translate: Translate
) -> list[tuple[str, str]]:
    """Return rows of (days, hours): ``("Mon-Fri", "9 am-5 pm")``, with en dashes.

    The usual days come first, from Monday, equal neighbours together; days that are not as
    usual follow by date, as ``("Thu, Nov 26", "Closed")``.
    """

    def said(day: DayHours) -> str:
        return _day_words(day, language=language, translate=translate)

    usual = sorted((day for day in days if not day.exception), key=lambda each: each.day.weekday())
    rows = [(_span_of_days(group, language), said(group[0])) for group in _equal_neighbours(usual)]
    return rows + [(_date_words(day.day, language), said(day)) for day in days if day.exception]


def _equal_neighbours(days: Sequence[DayHours]) -> Iterator[list[DayHours]]:
    """Group days, in order of weekday, whose hours are equal and whose weekdays follow."""
    numbered = enumerate(days)
    for _, group in groupby(
        numbered,
        key=lambda pair: (pair[1].day.weekday() - pair[0], pair[1].spans, pair[1].by_appointment),
    ):
        yield [day for _, day in group]


def _span_of_days(group: Sequence[DayHours], language: str) -> str:
    """Name the first weekday of a group, and the last one if there are more."""
    names = [weekday_words(group[0].day, language), weekday_words(group[-1].day, language)]
    return EN_DASH.join(names[: len(group)])


def _day_words(day: DayHours, *, language: str, translate: Translate) -> str:
    """Say the hours of one day."""
    hours = ", ".join(
        _span_words(*span, language=language, translate=translate) for span in day.spans
    )
    if not hours:
        return translate("By appointment") if day.by_appointment else translate("Closed")
    if day.by_appointment:
        return translate("{hours}, or by appointment").format(hours=hours)
    return hours


def _span_words(opens: time, closes: time, *, language: str, translate: Translate) -> str:
    """Say when a door opens and closes: ``"9 am-5 pm"`` with an en dash."""
    if opens == closes == MIDNIGHT:
        return translate("Open 24 hours")
    return EN_DASH.join(
        clock_words(clock, language=language, translate=translate) for clock in (opens, closes)
    )


def weekday_words(day: date, language: str) -> str:
    """Name a weekday shortly."""
    return format_date(day, "ccc", locale=locale_of(language))


def _date_words(day: date, language: str) -> str:
    """Name a date shortly, with its weekday."""
    return plain_spaces(format_skeleton("MMMEd", _at_noon(day), locale=locale_of(language)))


def _at_noon(day: date) -> datetime:
    """Return a moment that is on the day; skeletons format moments, not dates."""
    return datetime.combine(day, NOON)


def plain_spaces(text: str) -> str:
    """Replace the narrow and unbreakable spaces of locale data, which fonts and search lack."""
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")


@lru_cache
def locale_of(language: str) -> Locale:
    """Return the locale of a language tag, as spoken in the United States if it can be."""
    tag = language.replace("-", "_")
    try:
        return Locale.parse(f"{tag}_US")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(tag)
