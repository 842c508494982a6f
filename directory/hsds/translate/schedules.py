"""Opening hours: weekly rows, HSDS 2 and 3 recurrences, and Ohana's holidays."""

import re
from collections.abc import Iterator
from datetime import date, time
from typing import Any, Final
from uuid import UUID

from directory.hsds.cells import Cells, RowRefusedError
from directory.hsds.mend import CannotMendError, Mended, amounts, clock, words
from directory.hsds.records import Translation
from directory.hsds.translate.details import valid_dates

_OWNERS: Final = ("service", "location", "service_at_location")
_BYDAY: Final = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_MOST_WEEKS: Final = 52
_OFFSET: Final = re.compile(r"([+-]?)(\d{1,2})(?::(\d{2})|(\.\d+))?")
_FARTHEST_OFFSET: Final = 14  # hours
#: Ohana writes a holiday of every year with the year 1.
_EVERY_YEAR: Final = 1


def translate_schedules(translation: Translation, today: date) -> None:
    """Translate opening hours; holidays of every year become their coming dates."""
    translation.each("schedule", lambda cells: _schedule(translation, cells))
    translation.each("holiday", lambda cells: _holiday(translation, cells, today))


def _schedule(translation: Translation, cells: Cells) -> None:
    owners = translation.owners(cells, *_OWNERS)
    opens, closes = _hours(cells)
    recurrence = _recurrence(cells)
    if cells.raw("weekday") and opens is None:
        return  # closed on that day: nothing to keep
    values = {
        **owners,
        **valid_dates(cells),
        **recurrence,
        "timezone": cells.get("timezone", _offset),
        "wkst": cells.get("wkst", _week_start),
        "byweekno": cells.get("byweekno", _numbers),
        "byyearday": cells.get("byyearday", _numbers),
        "by_appointment": bool(cells.get("openings_by_appointment", words.boolean)),
        "opens_at": opens,
        "closes_at": closes,
        "description": cells.get("description", words.text),
        "schedule_link": cells.get("schedule_link", words.url),
        "attending_type": cells.get("attending_type", words.line),
        "notes": cells.get("notes", words.text),
    }
    _check_says_something(values)
    translation.add(cells, "schedule", values, key=cells.raw("id"))


def _check_says_something(values: dict[str, Any]) -> None:
    """Refuse a row that names no day, and neither hours nor words."""
    names_days = values["freq"] or values.get("dtstart") or values["valid_from"]
    if not names_days and not (values["description"] or values["notes"]):
        raise RowRefusedError("byday", "", "names no day")


def _hours(cells: Cells) -> tuple[time | None, time | None]:
    """Return when it opens and closes: both or neither, and in an order that makes sense."""
    opens = _reading(cells, "opens_at")
    closes = _reading(cells, "closes_at")
    if opens is None and closes is None:
        return None, None
    if opens is None or closes is None:
        missing = "opens_at" if opens is None else "closes_at"
        raise cells.refused(missing, "only one end of the hours")
    try:
        closing, note = clock.closing(opens, closes)
    except CannotMendError as error:
        both = f"{cells.raw('opens_at')}-{cells.raw('closes_at')}"
        raise RowRefusedError("closes_at", both, str(error)) from error
    if note:
        cells.note("closes_at", note, value=f"{cells.raw('opens_at')}-{cells.raw('closes_at')}")
    return opens.at, closing


def _reading(cells: Cells, column: str) -> clock.Clock | None:
    """Return a reading of the clock; one that means nothing refuses the row."""
    return cells.need(column, clock.clock) if cells.raw(column) else None


def _recurrence(cells: Cells) -> dict[str, Any]:
    """Return on which days a row holds, from HSDS 1's weekday or HSDS 2's recurrence."""
    if cells.raw("weekday"):
        return {"freq": "WEEKLY", "byday": cells.need("weekday", clock.weekday)}
    byday = cells.need("byday", _byday) if cells.raw("byday") else None
    freq = cells.raw("freq").upper() or None
    if freq not in {None, "WEEKLY", "MONTHLY"}:
        raise cells.refused("freq", "neither WEEKLY nor MONTHLY")
    if byday and not freq and not cells.raw("valid_from"):
        freq = "MONTHLY" if re.search(r"\d", byday) else "WEEKLY"
        cells.note("freq", "empty: taken from the days", value=byday)
    return {"freq": freq, "byday": byday, **_bounds(cells)}


def _bounds(cells: Cells) -> dict[str, Any]:
    interval = cells.get("repeat_interval", amounts.whole) or 1
    if interval > _MOST_WEEKS:
        raise cells.refused("repeat_interval", f"more than {_MOST_WEEKS}")
    return {
        "dtstart": cells.get("dtstart", clock.day),
        "until": cells.get("until", clock.day),
        "count": cells.get("count", amounts.whole) or None,
        "repeat_interval": interval,
        "bymonthday": cells.get("bymonthday", _bymonthday),
    }


def _byday(raw: str) -> Mended[str]:
    parts = [part.strip().upper() for part in raw.split(",") if part.strip()]
    if not all(_BYDAY.fullmatch(part) for part in parts):
        raise CannotMendError("not days of the week")
    return ",".join(parts), None


def _bymonthday(raw: str) -> Mended[str | None]:
    parts = [part.strip() for part in raw.split(",") if part.strip()]
    if not all(re.fullmatch(r"-?([1-9]|[12]\d|3[01])", part) for part in parts):
        raise CannotMendError("not days of the month")
    return ",".join(parts) or None, None


def _numbers(raw: str) -> Mended[str | None]:
    """Read the weeks or days of a year; only passed on, for nothing here counts by them."""
    parts = [part.strip() for part in raw.split(",") if part.strip()]
    if not all(re.fullmatch(r"[+-]?[1-9]\d{0,2}", part) for part in parts):
        raise CannotMendError("not whole numbers")
    return ",".join(parts) or None, None


def _week_start(raw: str) -> Mended[str | None]:
    return clock.weekday(raw) if raw.strip() else (None, None)


def _offset(raw: str) -> Mended[float | None]:
    """Read an offset from UTC in hours."""
    words_of, _ = words.line(raw)
    if words_of is None:
        return None, None
    match = _OFFSET.fullmatch(words_of)
    if not match:
        raise CannotMendError("not an offset from UTC in hours")
    sign, hours, minutes, fraction = match.groups()
    offset = float(f"{hours}{fraction or ''}") + int(minutes or 0) / 60
    if offset > _FARTHEST_OFFSET:
        raise CannotMendError("not an offset from UTC in hours")
    return -offset if sign == "-" else offset, None


def _holiday(translation: Translation, cells: Cells, today: date) -> None:
    owners = translation.owners(cells, *_OWNERS)
    hours: tuple[time | None, time | None] = (None, None)
    if not cells.need("closed", words.boolean):
        hours = _hours(cells)
        if hours == (None, None):
            raise cells.refused("opens_at", "neither closed nor open")
    for first, last in _dates(cells, today):
        _add_exception(translation, cells, owners, (first, last), hours)


def _dates(cells: Cells, today: date) -> Iterator[tuple[date, date]]:
    first = cells.need("start_date", clock.day)
    last = cells.need("end_date", clock.day)
    if first.year == last.year == _EVERY_YEAR:
        cells.note("start_date", "of every year: its coming dates")
        yield from clock.every_year(first, last, today)
        return
    if last < first:
        raise cells.refused("end_date", "ends before it begins")
    yield first, last


def _add_exception(
    translation: Translation,
    cells: Cells,
    owners: dict[str, UUID | None],
    days: tuple[date, date],
    hours: tuple[time | None, time | None],
) -> None:
    """Keep a dated exception: without hours it means closed."""
    values = {
        **owners,
        "valid_from": days[0],
        "valid_to": days[1],
        "opens_at": hours[0],
        "closes_at": hours[1],
    }
    within = f"holiday {days[0]}"
    translation.add(cells, "schedule", values, key=cells.raw("id"), within=within)
