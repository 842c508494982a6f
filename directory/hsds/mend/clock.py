"""Mending times of day, weekdays and dates."""

import re
from datetime import UTC, date, datetime, time
from typing import Final, NamedTuple

from directory.hsds.mend import CannotMendError, Mended
from directory.hsds.mend.words import line

WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORTEST_DAY_NAME: Final = 2
_TIME: Final = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2})(?::\d{2}(?:\.\d+)?)?)?"
    r"\s*(?:(?P<half>[ap])\.?m\.?)?\s*(?P<zone>z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_WORDS: Final = {"noon": time(12), "midnight": time(0)}
_DATE_FORMATS: Final = ("%m/%d/%Y", "%m/%d/%y", "%B %d, %Y", "%b %d, %Y", "%Y/%m/%d", "%Y%m%d")
_HALF_A_DAY: Final = 12
_WHOLE_DAY: Final = 24
_EVENING: Final = time(15)  # the earliest opening of a night shelter
_NOON: Final = time(12)
_EARLIEST_DOOR: Final = time(5)
_LATEST_PM: Final = time(8)


class Clock(NamedTuple):
    """A reading of the wall clock. ``certain``: it said which half of the day it means."""

    at: time
    certain: bool


def clock(raw: str) -> Mended[Clock | None]:
    """Read a time of day, as in "9:00", "3 PM", "12:30 p.m." or "24:00" (midnight, 00:00)."""
    words, _ = line(raw)
    if words is None:
        return None, None
    if words.casefold() in _WORDS:
        return Clock(_WORDS[words.casefold()], certain=True), "written as a time"
    match = _TIME.fullmatch(words)
    if not match or (match["minute"] is None and match["half"] is None):
        raise CannotMendError("not a time of day")
    return Clock(_time_of(match), certain=_is_certain(match)), _clock_note(match)


def _is_certain(match: re.Match[str]) -> bool:
    return bool(match["half"]) or int(match["hour"]) > _HALF_A_DAY or int(match["hour"]) == 0


def _time_of(match: re.Match[str]) -> time:
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"]:
        if not 1 <= hour <= _HALF_A_DAY:
            raise CannotMendError("no such hour")
        hour = hour % _HALF_A_DAY + (_HALF_A_DAY if match["half"] in "pP" else 0)
    if (hour, minute) == (_WHOLE_DAY, 0):
        return time(0)
    try:
        return time(hour, minute)
    except ValueError as error:
        raise CannotMendError("no such hour") from error


def _clock_note(match: re.Match[str]) -> str | None:
    """Say what was mended; a missing zero in front ("9:00") is not worth saying."""
    if match["zone"]:
        return "read as local time"
    if match["half"]:
        return "written with 24 hours"
    return "midnight" if int(match["hour"]) == _WHOLE_DAY else None


def closing(opens: Clock, closes: Clock) -> Mended[time]:
    """Return when it closes, where the two readings make sense together.

    Hours that run into the next morning are kept when they begin in the afternoon. "10:00 to
    4:00" begins in the morning and would last 18 hours: its closing lacks a "PM".
    """
    if closes.at > opens.at or closes.at == time(0):
        return closes.at, None
    if closes.at == opens.at and closes.certain and opens.certain and opens.at != time(0):
        raise CannotMendError("opens and closes at the same time")
    if opens.at >= _EVENING and closes.at <= _NOON:
        return closes.at, None
    return _afternoon(opens, closes), "closes before it opens: read as PM"


def _afternoon(opens: Clock, closes: Clock) -> time:
    if not _EARLIEST_DOOR <= opens.at < _NOON or closes.certain or closes.at > _LATEST_PM:
        raise CannotMendError("closes before it opens")
    return closes.at.replace(hour=closes.at.hour + _HALF_A_DAY)


def weekday(raw: str) -> Mended[str]:
    """Return the iCalendar day of a name ("Sunday", "Sun", "SU") or number (Monday is 1)."""
    word = raw.strip().rstrip(".").casefold()
    if word in {"1", "2", "3", "4", "5", "6", "7"}:
        return WEEKDAYS[int(word) - 1], "a number: Monday is 1"
    for code, name in zip(WEEKDAYS, _DAY_NAMES, strict=True):
        stem = word.removesuffix("s")
        if len(stem) >= _SHORTEST_DAY_NAME and name.startswith(stem):
            return code, None
    raise CannotMendError("not a day of the week")


def day(raw: str) -> Mended[date | None]:
    """Read a date, as in "2015-12-24", "12/24/15" (US order), "December 24, 2015"."""
    words, _ = line(raw)
    if words is None:
        return None, None
    try:
        return date.fromisoformat(words), None
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(words).date(), "only the date kept"
    except ValueError:
        pass
    return _written_day(words), "written as year, month, day"


def _written_day(words: str) -> date:
    for written in _DATE_FORMATS:
        try:
            return datetime.strptime(words, written).date()  # noqa: DTZ007  # a date has no zone
        except ValueError:
            continue
    raise CannotMendError("not a date")


def every_year(
    first: date, last: date, today: date, occurrences: int = 2
) -> list[tuple[date, date]]:
    """Return the coming occurrences of a yearly closing, the one under way among them."""
    found: list[tuple[date, date]] = []
    for year in range(today.year - 1, today.year + occurrences + 5):  # 29 February: wait for one
        try:
            start = first.replace(year=year)
            end = last.replace(year=year if last >= first else year + 1)
        except ValueError:
            continue
        if end >= today:
            found.append((start, end))
    return found[:occurrences]


def instant(raw: str) -> Mended[datetime | None]:
    """Read a date and time with its offset from UTC; without one it is not an instant."""
    words, _ = line(raw)
    if words is None:
        return None, None
    try:
        read = datetime.fromisoformat(words)
    except ValueError as error:
        raise CannotMendError("not a date and time") from error
    if read.tzinfo is None:
        raise CannotMendError("does not say its offset from UTC")
    try:
        return read.astimezone(UTC), None
    except OverflowError as error:  # in the year 1 or 9999
        raise CannotMendError("not a date and time") from error
