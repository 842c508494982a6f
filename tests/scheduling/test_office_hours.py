"""Time to answer runs while offices are open, whatever the clocks do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.office_hours import deadline, office_day

DETROIT = ZoneInfo("America/Detroit")
MINUTE = timedelta(minutes=1)
FAR = timedelta(days=59)

ZONES = [
    "America/Detroit",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Pacific/Apia",
]


def in_detroit(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=DETROIT).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "hours", "until"),
    [
        ("2030-06-03 10:00", 2, "2030-06-03 12:00"),
        ("2030-06-03 08:00", 2, "2030-06-03 11:00"),  # before they open
        ("2030-06-03 16:30", 2, "2030-06-04 10:30"),  # over night
        ("2030-06-03 17:00", 2, "2030-06-04 11:00"),
        ("2030-06-07 16:00", 2, "2030-06-10 10:00"),  # over a week-end
        ("2030-06-08 12:00", 8, "2030-06-10 17:00"),
        ("2030-06-03 09:00", 16, "2030-06-04 17:00"),
        ("2030-03-08 16:00", 2, "2030-03-11 10:00"),  # clocks go forward on the Sunday
        ("2030-11-01 16:00", 2, "2030-11-04 10:00"),  # and back
    ],
)
def test_deadline_counts_office_hours(now: str, hours: int, until: str) -> None:
    begin = in_detroit(now)

    assert deadline(begin, hours, DETROIT, not_after=begin + FAR) == in_detroit(until)


def test_days_on_which_the_host_is_closed_do_not_count() -> None:
    begin = in_detroit("2030-06-03 16:00")

    until = deadline(
        begin, 2, DETROIT, not_after=begin + FAR, is_closed=lambda day: day == date(2030, 6, 4)
    )

    assert until == in_detroit("2030-06-05 10:00")


def test_there_is_no_time_beyond_the_last_moment() -> None:
    begin = in_detroit("2030-06-03 10:00")

    assert deadline(begin, 2, DETROIT, not_after=begin + MINUTE) == begin + MINUTE


def test_host_that_never_opens_has_until_the_last_moment() -> None:
    begin = in_detroit("2030-06-03 10:00")
    last = begin + timedelta(days=400)

    assert deadline(begin, 2, DETROIT, not_after=last, is_closed=lambda _day: True) == last


moments = st.datetimes(datetime(2026, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(
    now=moments,
    hours=st.integers(1, 40),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    closed=st.sets(st.integers(0, 6), max_size=3),
)
def test_exactly_so_much_office_time_passes_until_the_deadline(
    now: datetime, hours: int, zone: ZoneInfo, closed: set[int]
) -> None:
    """Counted minute by minute on the wall, in another way than the code does."""
    now = now.replace(second=0, microsecond=0)
    first = now.astimezone(zone).date()

    def is_closed(day: date) -> bool:
        return (day - first).days in closed

    until = deadline(now, hours, zone, not_after=now + FAR, is_closed=is_closed)

    passed = timedelta(0)
    for ahead in range(-1, (until - now).days + 3):
        day = first + timedelta(days=ahead)
        open_ = office_day(day, zone, is_closed=is_closed)
        if open_ is not None:
            passed += max(timedelta(0), min(until, open_.ends_at) - max(now, open_.starts_at))
    assert passed == timedelta(hours=hours)
    local = until.astimezone(zone)
    assert local.weekday() < 5
    assert not is_closed(local.date())
    assert (9, 0) < (local.hour, local.minute) <= (17, 0)


@given(now=moments, hours=st.integers(1, 40), minutes=st.integers(0, 20_000))
def test_deadline_is_never_before_now_nor_after_the_last_moment(
    now: datetime, hours: int, minutes: int
) -> None:
    last = now + minutes * MINUTE

    assert now <= deadline(now, hours, DETROIT, not_after=last) <= last


@given(now=moments, later=st.integers(0, 5000), hours=st.integers(1, 10))
def test_who_is_asked_later_has_no_less_time(now: datetime, later: int, hours: int) -> None:
    one, other = (
        deadline(at, hours, DETROIT, not_after=now + FAR) for at in (now, now + later * MINUTE)
    )

    assert one <= other
