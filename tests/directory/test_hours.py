from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.hours import (
    DayHours,
    NoHours,
    OpeningRule,
    current_or_next,
    is_open,
    open_intervals,
    parse_byday,
    week_of,
    why_no_hours,
)
from directory.intervals import Interval

DETROIT = ZoneInfo("America/Detroit")
NEXT_DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
QUARTER = 15 * MINUTE

WEEKDAYS = parse_byday("MO,TU,WE,TH,FR")
EVERY_DAY = parse_byday("MO,TU,WE,TH,FR,SA,SU")
OFFICE = OpeningRule(freq="WEEKLY", byday=WEEKDAYS, opens_at=time(9), closes_at=time(17))
SHELTER = OpeningRule(freq="WEEKLY", byday=EVERY_DAY, opens_at=time(20), closes_at=time(8))
ALWAYS = OpeningRule(freq="WEEKLY", byday=EVERY_DAY, opens_at=time(0), closes_at=time(23, 59))
THANKSGIVING = date(2026, 11, 26)


def detroit(text: str, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=DETROIT, fold=fold).astimezone(UTC)


def between(opens: str, closes: str) -> Interval:
    return Interval(detroit(opens), detroit(closes))


def exception(day: date, opens: time | None = None, closes: time | None = None) -> OpeningRule:
    return OpeningRule(valid_from=day, valid_to=day, opens_at=opens, closes_at=closes)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-24T08:00", between("2026-11-24T09:00", "2026-11-24T17:00")),
        ("2026-11-24T09:00", between("2026-11-24T09:00", "2026-11-24T17:00")),
        ("2026-11-24T16:59", between("2026-11-24T09:00", "2026-11-24T17:00")),
        ("2026-11-24T17:00", between("2026-11-25T09:00", "2026-11-25T17:00")),
        ("2026-11-27T20:00", between("2026-11-30T09:00", "2026-11-30T17:00")),
    ],
)
def test_an_office_has_a_current_or_next_interval(now: str, expected: Interval) -> None:
    assert current_or_next([OFFICE], DETROIT, detroit(now)) == expected


def test_a_shelter_is_open_past_midnight() -> None:
    assert is_open([SHELTER], DETROIT, detroit("2026-11-24T03:00"))
    assert not is_open([SHELTER], DETROIT, detroit("2026-11-24T08:00"))
    assert current_or_next([SHELTER], DETROIT, detroit("2026-11-24T03:00")) == between(
        "2026-11-23T20:00", "2026-11-24T08:00"
    )


@pytest.mark.parametrize(
    ("night", "opens", "closes", "hours"),
    [
        pytest.param(date(2026, 10, 31), time(20), time(8), 13, id="shelter, clocks go back"),
        pytest.param(date(2026, 3, 7), time(20), time(8), 11, id="shelter, clocks go forward"),
        pytest.param(date(2026, 11, 1), time(1), time(2), 2, id="the hour that comes twice"),
        pytest.param(date(2026, 11, 1), time(1, 15), time(1, 45), 1.5, id="inside that hour"),
        pytest.param(date(2026, 3, 8), time(1), time(2, 30), 1, id="closes in the gap"),
        pytest.param(date(2026, 3, 8), time(2, 30), time(4), 1, id="opens in the gap"),
        pytest.param(date(2026, 3, 8), time(0), time(23, 59), 23, id="the short day"),
    ],
)
def test_a_night_the_clocks_change_is_as_long_as_it_is(
    night: date, opens: time, closes: time, hours: float
) -> None:
    rule = OpeningRule(dtstart=night, opens_at=opens, closes_at=closes)

    interval = current_or_next([rule], DETROIT, detroit(f"{night - NEXT_DAY}T12:00"))

    assert interval is not None
    assert interval.ends_at - interval.starts_at == hours * HOUR


def test_an_opening_that_the_gap_swallows_does_not_happen() -> None:
    rule = OpeningRule(dtstart=date(2026, 3, 8), opens_at=time(2, 15), closes_at=time(2, 45))

    assert current_or_next([rule], DETROIT, detroit("2026-03-07T12:00")) is None


@pytest.mark.parametrize(
    ("zone", "night", "opens", "closes", "starts_at", "ends_at"),
    [
        # Half an hour is skipped, and half an hour comes twice.
        ("Australia/Lord_Howe", "2026-10-04", time(1), time(3), "03T14:30", "03T16:00"),
        ("Australia/Lord_Howe", "2026-04-05", time(1), time(3), "04T14:00", "04T16:30"),
        # Midnight itself is skipped, and the hour before midnight comes twice.
        ("America/Santiago", "2026-09-06", time(0), time(6), "06T04:00", "06T09:00"),
        ("America/Santiago", "2026-04-04", time(23), time(0), "05T02:00", "05T04:00"),
        ("Africa/Cairo", "2026-04-24", time(0, 30), time(2), "23T22:00", "23T23:00"),
        ("Africa/Cairo", "2026-10-29", time(23), time(0), "29T20:00", "29T22:00"),
        ("Asia/Kathmandu", "2026-06-10", time(9), time(17), "10T03:15", "10T11:15"),
        ("America/New_York", "2026-11-01", time(0, 30), time(1, 30), "01T04:30", "01T06:30"),
    ],
)
def test_the_instants_of_an_opening_are_exact_in_every_zone(
    zone: str, night: str, opens: time, closes: time, starts_at: str, ends_at: str
) -> None:
    day = date.fromisoformat(night)
    rule = OpeningRule(dtstart=day, opens_at=opens, closes_at=closes)
    noon_before = datetime.combine(day - NEXT_DAY, time(0), UTC)

    found = current_or_next([rule], ZoneInfo(zone), noon_before)

    assert found == Interval(
        *(
            datetime.fromisoformat(f"{night[:8]}{each}").replace(tzinfo=UTC)
            for each in (starts_at, ends_at)
        )
    )


def test_a_closing_for_the_summer_does_not_hide_the_day_it_opens_again() -> None:
    autumn = OpeningRule(
        freq="WEEKLY",
        byday=WEEKDAYS,
        valid_from=date(2026, 9, 1),
        opens_at=time(9),
        closes_at=time(17),
    )

    assert current_or_next([autumn], DETROIT, detroit("2026-01-05T12:00")) == between(
        "2026-09-01T09:00", "2026-09-01T17:00"
    )


def test_whole_days_are_joined_across_midnight() -> None:
    weekend = OpeningRule(
        freq="WEEKLY", byday=parse_byday("SA,SU"), opens_at=time(0), closes_at=time(23, 59)
    )

    assert open_intervals(
        [weekend], DETROIT, detroit("2026-11-22T23:00"), detroit("2026-11-28T01:00")
    ) == [
        between("2026-11-21T00:00", "2026-11-23T00:00"),
        between("2026-11-28T00:00", "2026-11-30T00:00"),
    ]


def test_an_interval_is_whole_even_when_it_began_days_before() -> None:
    weekdays = OpeningRule(freq="WEEKLY", byday=WEEKDAYS, opens_at=time(0), closes_at=time(0))
    friday = detroit("2026-11-27T12:00")

    assert open_intervals([weekdays], DETROIT, friday, friday + HOUR) == [
        between("2026-11-23T00:00", "2026-11-28T00:00")
    ]


def test_a_place_that_never_closes_is_open_for_more_than_a_week_from_any_moment() -> None:
    now = detroit("2026-11-24T15:30")

    interval = current_or_next([ALWAYS], DETROIT, now)

    assert interval is not None
    assert interval.contains(now)
    assert interval.ends_at - now > timedelta(days=7)
    assert len(open_intervals([ALWAYS], DETROIT, now, now + timedelta(days=30))) == 1


def test_morning_and_afternoon_rows_are_two_intervals_and_touching_ones_are_one() -> None:
    day = date(2026, 11, 24)
    morning, noon, afternoon = (
        OpeningRule(dtstart=day, opens_at=time(a), closes_at=time(b))
        for a, b in [(9, 12), (12, 13), (13, 17)]
    )
    asked = detroit("2026-11-24T00:00"), detroit("2026-11-25T00:00")

    assert open_intervals([afternoon, morning], DETROIT, *asked) == [
        between("2026-11-24T09:00", "2026-11-24T12:00"),
        between("2026-11-24T13:00", "2026-11-24T17:00"),
    ]
    assert open_intervals([afternoon, morning, noon], DETROIT, *asked) == [
        between("2026-11-24T09:00", "2026-11-24T17:00")
    ]


def test_an_exception_closes_its_day_but_not_the_night_before_it() -> None:
    rules = [SHELTER, exception(THANKSGIVING)]

    assert open_intervals(
        rules, DETROIT, detroit("2026-11-26T00:00"), detroit("2026-11-27T21:00")
    ) == [
        between("2026-11-25T20:00", "2026-11-26T08:00"),
        between("2026-11-27T20:00", "2026-11-28T08:00"),
    ]


def test_an_exception_with_hours_stands_in_place_of_the_regular_ones() -> None:
    rules = [OFFICE, exception(THANKSGIVING, time(10), time(12))]

    assert current_or_next(rules, DETROIT, detroit("2026-11-26T09:30")) == between(
        "2026-11-26T10:00", "2026-11-26T12:00"
    )


def test_a_holiday_inside_a_season_is_the_more_exact_word() -> None:
    winter = OpeningRule(
        valid_from=date(2026, 11, 1),
        valid_to=date(2026, 12, 31),
        opens_at=time(11),
        closes_at=time(15),
    )
    rules = [OFFICE, exception(THANKSGIVING), winter]

    assert not is_open(rules, DETROIT, detroit("2026-11-26T12:00"))
    assert is_open(rules, DETROIT, detroit("2026-11-27T12:00"))
    assert not is_open(rules, DETROIT, detroit("2026-11-27T10:00"))


def test_two_exceptions_of_one_day_are_two_openings() -> None:
    rules = [
        OFFICE,
        exception(THANKSGIVING, time(8), time(9)),
        exception(THANKSGIVING, time(18), time(19)),
    ]

    assert week_of(rules, THANKSGIVING)[0].spans == (
        (time(8), time(9)),
        (time(18), time(19)),
    )


def test_the_next_opening_of_a_monthly_pantry_is_found_within_the_days_asked() -> None:
    pantry = OpeningRule(
        freq="MONTHLY", byday=parse_byday("-1SA"), opens_at=time(10), closes_at=time(12)
    )
    now = detroit("2026-11-28T12:00")

    assert current_or_next([pantry], DETROIT, now) == between(
        "2026-12-26T10:00", "2026-12-26T12:00"
    )
    assert current_or_next([pantry], DETROIT, now, within_days=28) is not None
    assert current_or_next([pantry], DETROIT, now, within_days=27) is None


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], NoHours.NOT_GIVEN),
        ([OpeningRule(freq="WEEKLY", byday=WEEKDAYS)], NoHours.NOT_GIVEN),
        ([exception(THANKSGIVING, time(9), time(10))], NoHours.CLOSED),
        (
            [OpeningRule(freq="WEEKLY", byday=WEEKDAYS, by_appointment=True)],
            NoHours.BY_APPOINTMENT,
        ),
    ],
)
def test_when_there_is_no_opening_the_reason_can_be_told(
    rules: list[OpeningRule], expected: NoHours
) -> None:
    assert current_or_next(rules, DETROIT, detroit("2027-01-04T12:00")) is None
    assert why_no_hours(rules, date(2027, 1, 4)) == expected


def test_a_week_shows_spans_appointments_and_exceptions() -> None:
    rules = [
        OpeningRule(
            freq="WEEKLY", byday=parse_byday("TU"), opens_at=time(17), closes_at=time(23, 59)
        ),
        OpeningRule(freq="WEEKLY", byday=parse_byday("SA"), by_appointment=True),
        OFFICE,
        exception(THANKSGIVING),
    ]
    nine_to_five = ((time(9), time(17)),)

    assert week_of(rules, date(2026, 11, 24)) == [
        DayHours(date(2026, 11, 24), ((time(9), time(0)),)),
        DayHours(date(2026, 11, 25), nine_to_five),
        DayHours(THANKSGIVING, (), exception=True),
        DayHours(date(2026, 11, 27), nine_to_five),
        DayHours(date(2026, 11, 28), (), by_appointment=True),
        DayHours(date(2026, 11, 29), ()),
        DayHours(date(2026, 11, 30), nine_to_five),
    ]


def test_a_row_inside_another_does_not_shorten_the_day_shown() -> None:
    tour = OpeningRule(dtstart=THANKSGIVING, opens_at=time(10), closes_at=time(11))

    assert week_of([tour, OFFICE], THANKSGIVING)[0].spans == ((time(9), time(17)),)


def test_no_day_is_shown_as_longer_than_a_day() -> None:
    [tuesday, *_] = week_of([ALWAYS, SHELTER], date(2026, 11, 24))

    assert tuesday.spans == ((time(0), time(0)),)


class Night(NamedTuple):
    """A zone and a local day in whose night its clocks change."""

    zone: ZoneInfo
    day: date


NIGHTS = [
    Night(ZoneInfo(zone), date.fromisoformat(day))
    for zone, days in {
        "America/Detroit": ["2026-03-08", "2026-11-01", "2026-06-10"],
        "America/New_York": ["2027-03-14", "2027-11-07"],
        "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],
        "America/Santiago": ["2026-04-04", "2026-09-06"],
        "Africa/Cairo": ["2026-04-24", "2026-10-29"],
        "Asia/Kathmandu": ["2026-06-10"],  # five hours and three quarters ahead, all year
    }.items()
    for day in days
]
WINDOW_DAYS = 10  # five to each side of the night

quarter_hours = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))


@st.composite
def timetables(draw: st.DrawFn) -> tuple[Night, list[OpeningRule]]:
    """Draw some rows that are all about the days around a night of change."""
    night = draw(st.sampled_from(NIGHTS))
    hours = {"opens_at": quarter_hours, "closes_at": quarter_hours | st.just(time(23, 59))}
    near = st.integers(-3, 3).map(lambda n: night.day + n * NEXT_DAY)
    weekly = st.builds(
        OpeningRule,
        freq=st.just("WEEKLY"),
        byday=st.lists(st.tuples(st.none(), st.integers(0, 6)), min_size=1).map(tuple),
        **hours,
    )
    monthly = st.builds(
        OpeningRule,
        freq=st.just("MONTHLY"),
        byday=st.lists(st.tuples(st.sampled_from([1, 2, -1]), st.integers(0, 6)), min_size=1).map(
            tuple
        ),
        **hours,
    )
    special = near.flatmap(
        lambda day: (
            st.builds(OpeningRule, valid_from=st.just(day), valid_to=st.just(day), **hours)
            | st.just(exception(day))
        )
    )
    return night, draw(st.lists(weekly | monthly | special, max_size=5))


@cache
def readings_around(night: Night) -> list[tuple[datetime, datetime]]:
    """Every quarter of an hour of the window: the instant, and what the wall clock shows."""
    start = datetime.combine(night.day, time(0), UTC) - WINDOW_DAYS // 2 * NEXT_DAY
    instants = [start + n * QUARTER for n in range(WINDOW_DAYS * 96)]
    return [(at, at.astimezone(night.zone).replace(tzinfo=None)) for at in instants]


def speaking(rules: list[OpeningRule], day: date) -> list[OpeningRule]:
    """The rows for a day, by a plainer way than the one under test."""
    special = [rule for rule in rules if rule.freq is None and rule.valid_from == day]
    first_ones = {((day.day - 1) // 7 + 1), None}
    last_ones = {-1} if (day + 7 * NEXT_DAY).month != day.month else set()
    return special or [
        rule
        for rule in rules
        if rule.freq is not None
        and any(week in first_ones | last_ones and d == day.weekday() for week, d in rule.byday)
    ]


def walk(
    readings: list[tuple[datetime, datetime]], opens: datetime, closes: datetime
) -> set[datetime]:
    """Open from the first time the clock shows the opening to the last time the closing."""
    since = next(at for at, shown in readings if shown >= opens)
    last_times = [at for at, shown in readings if shown == closes][-1:]
    until = (last_times or [at for at, shown in readings if shown > closes])[0]
    return {at for at, _ in readings if since <= at < until}


def brute_force(night: Night, rules: list[OpeningRule]) -> set[datetime]:
    """Walk the wall clock from quarter to quarter through the inner days of the window."""
    found = set[datetime]()
    for n in range(1, WINDOW_DAYS - 3):
        day = night.day + (n - WINDOW_DAYS // 2) * NEXT_DAY
        readings = readings_around(night)[(n - 1) * 96 : (n + 3) * 96]
        for rule in speaking(rules, day):
            if rule.opens_at is not None and rule.closes_at is not None:
                opens = datetime.combine(day, rule.opens_at)
                closes = datetime.combine(day, rule.closes_at)
                closes += MINUTE if rule.closes_at == time(23, 59) else 0 * MINUTE
                closes += NEXT_DAY if closes <= opens else 0 * NEXT_DAY
                found |= walk(readings, opens, closes)
    return found


@settings(deadline=None)
@given(timetable=timetables())
def test_the_hours_are_those_found_by_walking_the_clock(
    timetable: tuple[Night, list[OpeningRule]],
) -> None:
    night, rules = timetable
    expected = brute_force(night, rules)
    around = [at for at, _ in readings_around(night)[3 * 96 : -4 * 96]]

    intervals = open_intervals(rules, night.zone, around[0], around[-1] + QUARTER)

    assert [at for at in around if any(each.contains(at) for each in intervals)] == [
        at for at in around if at in expected
    ]
    assert all(is_open(rules, night.zone, at) == (at in expected) for at in around[::3])
    assert all(a.ends_at < b.starts_at for a, b in pairwise(intervals))
    assert all(a.starts_at < a.ends_at for a in intervals)


@settings(deadline=None)
@given(timetable=timetables(), quarter=st.integers(0, 4 * 96))
def test_the_current_or_next_interval_is_the_first_that_has_not_ended(
    timetable: tuple[Night, list[OpeningRule]], quarter: int
) -> None:
    night, rules = timetable
    now = readings_around(night)[3 * 96 + quarter][0]

    found = current_or_next(rules, night.zone, now)

    following = open_intervals(rules, night.zone, now, now + timedelta(days=59))
    assert (found is None) == (not following)
    if found is not None:
        assert found.contains(now) == following[0].contains(now) == is_open(rules, night.zone, now)
        assert found.starts_at == following[0].starts_at or found.contains(now)
        assert found.ends_at == following[0].ends_at or found.ends_at - now > timedelta(days=6)
