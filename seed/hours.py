"""Opening hours as agencies publish them, and the holidays on which they are not so."""

from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from seed.names import SOURCE, dice, row_id

DAY = timedelta(days=1)
WORKDAYS = "MO,TU,WE,TH,FR"
EVERY_DAY = "MO,TU,WE,TH,FR,SA,SU"
_THURSDAY = 3
_BACK = 8  # weeks that a fortnightly rule has been running for


class Line(NamedTuple):
    """One row of hours: days (RFC 5545 BYDAY), wall clock, and how often."""

    days: str
    hours: str = ""
    freq: str = "WEEKLY"
    interval: int = 1
    by_appointment: bool = False


class Holiday(NamedTuple):
    """Local days, both included, that are not as usual. Without ``hours``: closed."""

    first: date
    last: date
    words: str
    hours: str = ""


#: Each kind of hours with its variants; a service has one of them.
KINDS: dict[str, tuple[tuple[Line, ...], ...]] = {
    "office": (
        (Line(WORKDAYS, "09:00-17:00"),),
        (Line(WORKDAYS, "08:30-16:30"),),
        (Line("MO,TU,TH", "09:00-16:00"), Line("WE", "11:00-19:00"), Line("FR", "09:00-12:00")),
    ),
    "split day": (
        (Line("MO,WE,FR", "09:00-12:00"), Line("MO,WE,FR", "13:00-17:00")),
        (Line("TU,TH", "10:00-12:30"), Line("TU,TH", "15:00-18:30")),
    ),
    "pantry": (
        (Line("2TU,4TU", "10:00-13:00", "MONTHLY"),),
        (Line("1SA,3SA", "09:00-11:30", "MONTHLY"),),
        (Line("-1TH", "16:00-19:00", "MONTHLY"),),
        (Line("TU,TH", "13:00-17:00"), Line("SA", "09:00-12:00")),
    ),
    "fortnightly": ((Line("WE", "14:00-18:00", interval=2),),),
    "saturday": (
        (Line("SA", "08:30-12:00"),),
        (Line("SA", "09:00-13:00"), Line("WE", "17:00-19:30")),
    ),
    "evening": (
        (Line("MO,WE", "17:30-20:30"),),
        (Line("TU,TH", "18:00-20:00"),),
        (Line("FR", "18:00-23:59"),),
    ),
    "morning": ((Line(EVERY_DAY, "06:30-09:00"),), (Line(WORKDAYS, "07:00-09:30"),)),
    "midday": ((Line(WORKDAYS, "11:30-13:00"),), (Line("MO,WE,FR,SU", "12:00-13:30"),)),
    "day care": ((Line(WORKDAYS, "06:30-18:00"),), (Line(WORKDAYS, "07:30-17:30"),)),
    "after school": ((Line(WORKDAYS, "15:00-18:30"),), (Line("MO,TU,WE,TH", "15:30-20:00"),)),
    "overnight": ((Line(EVERY_DAY, "19:00-07:00"),), (Line(EVERY_DAY, "20:00-08:00"),)),
    "around the clock": ((Line(EVERY_DAY, "00:00-23:59"),),),
    "by appointment": ((Line(WORKDAYS, by_appointment=True),),),
    "not given": ((),),
}

_NEVER_CLOSED = frozenset({"around the clock", "by appointment", "not given"})


def holidays(kind: str, today: date) -> Sequence[Holiday]:
    """Return the coming holidays of a kind of hours: shelters open early, most others close."""
    if kind in _NEVER_CLOSED:
        return ()
    if kind == "overnight":
        return [
            Holiday(each.first, each.first, f"Open early: {each.words}", "12:00-08:00")
            for each in coming_holidays(today)
        ]
    closings = [each._replace(words=f"Closed: {each.words}") for each in coming_holidays(today)]
    if kind != "office":
        return closings
    new_years_eve = _coming(date(today.year, 12, 31), date(today.year + 1, 12, 31), today)
    return [*closings, Holiday(new_years_eve, new_years_eve, "Half a day", "09:00-12:00")]


@lru_cache(maxsize=8)
def coming_holidays(today: date) -> Sequence[Holiday]:
    """Return the next Thanksgiving with its Friday, the next Christmas, and New Year's Day."""
    thanksgiving = _coming(_thanksgiving(today.year), _thanksgiving(today.year + 1), today - DAY)
    christmas = _coming(date(today.year, 12, 24), date(today.year + 1, 12, 24), today - 2 * DAY)
    new_year = _coming(date(today.year, 1, 1), date(today.year + 1, 1, 1), today)
    return (
        Holiday(thanksgiving, thanksgiving + DAY, "Thanksgiving"),
        Holiday(christmas, christmas + 2 * DAY, "Christmas"),
        Holiday(new_year, new_year, "New Year's Day"),
    )


def schedule_rows(kind: str, today: date, **owner: UUID) -> Iterator[dict[str, Any]]:
    """Yield the rows of ``schedule`` for a service or a service at a location (``owner``)."""
    (of,) = owner.values()
    for index, line in enumerate(dice("hours", of).choice(KINDS[kind])):
        yield _row(of, index, line.hours) | owner | _regularly(line, today)
    for index, holiday in enumerate(holidays(kind, today)):
        yield (
            _row(of, f"holiday {index}", holiday.hours)
            | owner
            | {
                "valid_from": holiday.first,
                "valid_to": holiday.last,
                "description": holiday.words,
            }
        )


def read_hours(text: str) -> tuple[time | None, time | None]:
    """Read "09:00-17:00" into two readings of the clock; nothing gives none."""
    if not text:
        return None, None
    opens, closes = text.split("-")
    return time.fromisoformat(opens), time.fromisoformat(closes)


def _row(of: UUID, index: object, hours: str) -> dict[str, Any]:
    opens_at, closes_at = read_hours(hours)
    return {
        "id": row_id(of, "schedule", index),
        "source": SOURCE,
        "opens_at": opens_at,
        "closes_at": closes_at,
    }


def _regularly(line: Line, today: date) -> dict[str, Any]:
    monday = today - today.weekday() * DAY
    return {
        "freq": line.freq,
        "repeat_interval": line.interval,
        "byday": line.days,
        "dtstart": monday - _BACK * 7 * DAY if line.interval > 1 else None,
        "by_appointment": line.by_appointment,
        "description": "By appointment: please call." if line.by_appointment else None,
    }


def _thanksgiving(year: int) -> date:
    """Return the fourth Thursday of November (5 U.S.C. 6103)."""
    first = date(year, 11, 1)
    return first + ((_THURSDAY - first.weekday()) % 7 + 21) * DAY


def _coming(this_year: date, next_year: date, today: date) -> date:
    return this_year if this_year >= today else next_year
