from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.intervals import Interval, is_in_gap, local_instant

DETROIT = ZoneInfo("America/Detroit")
ZONES = [
    ZoneInfo(name)
    for name in (
        "America/Detroit",
        "America/New_York",
        "Australia/Lord_Howe",
        "America/Santiago",
        "Africa/Cairo",
        "America/Havana",
        "UTC",
    )
]
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
READINGS = st.datetimes(datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2035-01-01"))


def hours_from_noon(start: float, end: float) -> Interval:
    return Interval(NOON + start * HOUR, NOON + end * HOUR)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param(hours_from_noon(2, 3), False, id="after, touching"),
        pytest.param(hours_from_noon(-1, 0), False, id="before, touching"),
        pytest.param(hours_from_noon(1.9, 3), True, id="sharing an end"),
        pytest.param(hours_from_noon(0.5, 1), True, id="inside"),
        pytest.param(hours_from_noon(-1, 5), True, id="around"),
    ],
)
def test_intervals_overlap_when_they_share_an_instant(*, other: Interval, expected: bool) -> None:
    interval = hours_from_noon(0, 2)

    assert interval.overlaps(other) is expected
    assert other.overlaps(interval) is expected


def test_an_interval_contains_its_start_and_not_its_end() -> None:
    interval = hours_from_noon(0, 2)

    assert interval.contains(interval.starts_at)
    assert interval.contains(interval.ends_at - timedelta(microseconds=1))
    assert not interval.contains(interval.ends_at)
    assert not interval.contains(interval.starts_at - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("zone", "day", "clock", "gap_ends_at"),
    [
        ("America/Detroit", date(2026, 3, 8), time(2), "2026-03-08T07:00Z"),
        ("America/Detroit", date(2026, 3, 8), time(2, 59, 59, 999_999), "2026-03-08T07:00Z"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-03T15:30Z"),
        ("America/Santiago", date(2026, 9, 6), time(0), "2026-09-06T04:00Z"),
        ("Africa/Cairo", date(2026, 4, 24), time(0, 30), "2026-04-23T22:00Z"),
        pytest.param(
            *("Pacific/Apia", date(2011, 12, 30), time(13, 17), "2011-12-30T10:00Z"),
            id="a whole day left out",
        ),
    ],
)
def test_a_reading_in_the_spring_gap_is_the_instant_the_gap_ends(
    zone: str, day: date, clock: time, gap_ends_at: str
) -> None:
    assert is_in_gap(day, clock, ZoneInfo(zone))
    assert local_instant(day, clock, ZoneInfo(zone)) == datetime.fromisoformat(gap_ends_at)
    assert local_instant(day, clock, ZoneInfo(zone), fold=1) == datetime.fromisoformat(gap_ends_at)


@pytest.mark.parametrize("clock", [time(1, 59, 59), time(3)])
def test_the_readings_beside_the_gap_exist(clock: time) -> None:
    assert not is_in_gap(date(2026, 3, 8), clock, DETROIT)


@pytest.mark.parametrize(
    ("zone", "day", "clock", "apart"),
    [
        ("America/Detroit", date(2026, 11, 1), time(1, 30), HOUR),
        ("Australia/Lord_Howe", date(2026, 4, 5), time(1, 45), HOUR / 2),
        ("America/Santiago", date(2026, 4, 4), time(23), HOUR),
        ("Africa/Cairo", date(2026, 10, 29), time(23, 59), HOUR),
        pytest.param("America/Detroit", date(2026, 11, 2), time(1, 30), 0 * HOUR, id="ordinary"),
    ],
)
def test_in_the_autumn_overlap_the_caller_chooses_the_first_or_last_reading(
    zone: str, day: date, clock: time, apart: timedelta
) -> None:
    first = local_instant(day, clock, ZoneInfo(zone))
    last = local_instant(day, clock, ZoneInfo(zone), fold=1)

    assert last - first == apart
    for instant in (first, last):
        assert instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == datetime.combine(
            day, clock
        )


def test_the_fold_that_a_clock_reading_carries_does_not_matter() -> None:
    second_half_past_one = time(1, 30, fold=1)

    assert local_instant(date(2026, 11, 1), second_half_past_one, DETROIT) == local_instant(
        date(2026, 11, 1), time(1, 30), DETROIT
    )
    assert is_in_gap(date(2026, 3, 8), time(2, 30, fold=1), DETROIT)


@given(
    reading=READINGS,
    zone=st.sampled_from(ZONES),
)
def test_every_instant_is_one_of_the_two_meanings_of_its_own_reading(
    reading: datetime, zone: ZoneInfo
) -> None:
    instant = reading.replace(tzinfo=UTC)
    local = instant.astimezone(zone)

    assert not is_in_gap(local.date(), local.time(), zone)
    assert instant in {
        local_instant(local.date(), local.time(), zone),
        local_instant(local.date(), local.time(), zone, fold=1),
    }


@given(
    reading=READINGS,
    later=st.timedeltas(timedelta(0), timedelta(hours=4)),
    zone=st.sampled_from(ZONES),
)
def test_a_later_reading_is_never_an_earlier_instant(
    reading: datetime, later: timedelta, zone: ZoneInfo
) -> None:
    after = reading + later

    for fold in (0, 1):
        assert local_instant(reading.date(), reading.time(), zone, fold=fold) <= local_instant(
            after.date(), after.time(), zone, fold=fold
        )
