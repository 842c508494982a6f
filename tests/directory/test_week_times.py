from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz
from dateutil.rrule import WEEKLY, rrule
from hypothesis import given
from hypothesis import strategies as st

from directory.week_times import WeekTime, parse_week_time

SATURDAY_TEN = WeekTime(5, time(22))
MINUTE = timedelta(minutes=1)

ZONES = [
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Kathmandu",
]


@pytest.mark.parametrize(
    "text",
    [
        "SA 22:00",
        "sa 22:00",
        "Saturday 22:00",
        "sat, 10 pm",
        "saturday 10pm",
        "SAT 10:00 P.M.",
        "sábado 22:00",
        "  Sabado  10:00 p. m. ",
    ],
)
def test_a_time_of_the_week_is_read_as_people_write_it(text: str) -> None:
    assert parse_week_time(text) == SATURDAY_TEN


def test_noon_and_midnight_have_their_hours() -> None:
    assert parse_week_time("mo 12 am").clock == time(0)
    assert parse_week_time("mo 12 pm").clock == time(12)
    assert parse_week_time("mo 0:30").clock == time(0, 30)


@pytest.mark.parametrize(
    "text",
    [
        *("", "saturday", "22:00", "sa 22", "sa 24:00", "sa 22:60", "sa 13 pm", "sa 0 am"),
        *("sa 22:00 tomorrow", "someday 22:00", "sa -1:00", "sa 22:0", "sa 2२:00", "x" * 200),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_week_time(text)


@pytest.mark.parametrize(
    ("zone", "now", "asked", "expected"),
    [
        ("America/New_York", "2030-06-03T12:00", "SA 22:00", "2030-06-09T02:00"),
        # Exactly then is now; a second later it is next week.
        ("America/New_York", "2030-06-09T02:00", "SA 22:00", "2030-06-09T02:00"),
        ("America/New_York", "2030-06-09T02:00:01", "SA 22:00", "2030-06-16T02:00"),
        # 01:30 comes twice on 3 November 2030: at 05:30 and at 06:30 UTC.
        ("America/New_York", "2030-11-03T05:30", "SU 1:30", "2030-11-03T05:30"),
        ("America/New_York", "2030-11-03T06:00", "SU 1:30", "2030-11-03T06:30"),
        ("America/New_York", "2030-11-03T06:31", "SU 1:30", "2030-11-10T06:30"),
        # 02:30 does not come on 10 March 2030: the gap ends at 07:00 UTC.
        ("America/New_York", "2030-03-10T06:00", "SU 2:30", "2030-03-10T07:00"),
        ("America/New_York", "2030-03-10T07:01", "SU 2:30", "2030-03-17T06:30"),
        # Half an hour only, and midnight itself.
        ("Australia/Lord_Howe", "2026-04-04T14:40", "SU 1:45", "2026-04-04T14:45"),
        ("Australia/Lord_Howe", "2026-04-04T14:50", "SU 1:45", "2026-04-04T15:15"),
        ("America/Santiago", "2026-09-06T03:00", "SU 0:30", "2026-09-06T04:00"),
        ("Africa/Cairo", "2026-04-23T20:00", "FR 0:00", "2026-04-23T22:00"),
        ("Asia/Kathmandu", "2030-06-03T12:00", "MO 17:45", "2030-06-03T12:00"),
        ("Asia/Kathmandu", "2030-06-03T12:01", "MO 17:45", "2030-06-10T12:00"),
    ],
)
def test_the_next_such_time_at_the_place(zone: str, now: str, asked: str, expected: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)

    found = parse_week_time(asked).next_instant(ZoneInfo(zone), at)

    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@given(
    zone=st.sampled_from(ZONES),
    now=st.datetimes(*(datetime.fromisoformat(day) for day in ("2026-01-01", "2027-12-01"))),
    weekday=st.integers(0, 6),
    clock=st.times().map(lambda each: each.replace(second=0, microsecond=0)),
)
def test_it_is_the_first_that_an_independent_expansion_finds(
    zone: str, now: datetime, weekday: int, clock: time
) -> None:
    """Walk the weekly readings; dateutil says whether one exists or comes twice."""
    at = now.replace(tzinfo=UTC)
    its = tz.gettz(zone)
    begin = datetime.combine(date(now.year, now.month, now.day), clock) - timedelta(days=9)
    instants = set()
    for reading in islice(rrule(WEEKLY, dtstart=begin, byweekday=weekday), 5):
        for moment in (tz.enfold(reading.replace(tzinfo=its), fold) for fold in (0, 1)):
            if tz.datetime_exists(moment):
                instants.add(moment.astimezone(UTC))
            else:
                instants.add(end_of_gap(reading, zone))

    assert WeekTime(weekday, clock).next_instant(ZoneInfo(zone), at) == min(
        each for each in instants if each >= at
    )


def end_of_gap(reading: datetime, zone: str) -> datetime:
    """The first minute whose local reading is past the one that never comes."""
    start = reading.replace(tzinfo=UTC) - timedelta(hours=15)
    walk = (start + n * MINUTE for n in range(30 * 60))
    return next(at for at in walk if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) >= reading)
