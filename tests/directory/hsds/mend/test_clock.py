from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.hsds.mend import CannotMendError, clock
from directory.hsds.mend.clock import Clock


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        ("9:00", time(9)),
        ("09:00", time(9)),
        ("9am", time(9)),
        ("3 PM", time(15)),
        ("12:30 PM", time(12, 30)),
        ("12:30 a.m.", time(0, 30)),
        ("12 am", time(0)),
        ("24:00", time(0)),
        ("23:59", time(23, 59)),
        ("17:00:00", time(17)),
        ("10:00Z", time(10)),
        ("10:00:00+01:00", time(10)),
        ("noon", time(12)),
        ("Midnight", time(0)),
    ],
)
def test_times_in_many_spellings(raw: str, at: time) -> None:
    reading, _ = clock.clock(raw)
    assert reading is not None
    assert reading.at == at


@pytest.mark.parametrize("raw", ["9", "25:00", "13 PM", "0 am", "24:01", "by appointment", "9-5"])
def test_what_is_no_time_is_refused(raw: str) -> None:
    with pytest.raises(CannotMendError):
        clock.clock(raw)


@given(st.times())
def test_a_time_in_either_notation_is_the_same_time(at: time) -> None:
    at = at.replace(second=0, microsecond=0)
    for written in (at.strftime("%H:%M"), at.strftime("%I:%M %p")):
        reading, _ = clock.clock(written)
        assert reading is not None
        assert reading.at == at


@given(st.text(max_size=12))
def test_any_text_is_a_time_or_refused(raw: str) -> None:
    try:
        clock.clock(raw)
    except CannotMendError:
        return


def read(raw: str) -> Clock:
    reading, _ = clock.clock(raw)
    assert reading is not None
    return reading


@pytest.mark.parametrize(
    ("opens", "closes", "at"),
    [
        ("9:00", "17:00", time(17)),
        ("0:00", "23:59", time(23, 59)),
        ("21:00", "6:00", time(6)),  # a night shelter
        ("19:00", "0:00", time(0)),
        ("10:00", "4:00", time(16)),  # its PM is missing
        ("8:30", "4:30", time(16, 30)),
        ("9am", "03:00", time(15)),
        ("00:00", "24:00", time(0)),
    ],
)
def test_closing_after_opening(opens: str, closes: str, at: time) -> None:
    assert clock.closing(read(opens), read(closes))[0] == at


@pytest.mark.parametrize(
    ("opens", "closes"), [("21:00", "20:00"), ("9am", "4am"), ("13:00", "1:30"), ("9am", "9am")]
)
def test_hours_that_make_no_sense_are_refused(opens: str, closes: str) -> None:
    with pytest.raises(CannotMendError):
        clock.closing(read(opens), read(closes))


@pytest.mark.parametrize(
    ("raw", "code"),
    [("Sunday", "SU"), ("mon", "MO"), ("TU", "TU"), ("Thurs.", "TH"), ("1", "MO"), ("7", "SU")],
)
def test_weekdays_by_name_and_number(raw: str, code: str) -> None:
    assert clock.weekday(raw)[0] == code


@pytest.mark.parametrize("raw", ["", "0", "8", "s", "t", "ss", "Someday"])
def test_other_words_are_no_weekdays(raw: str) -> None:
    with pytest.raises(CannotMendError):
        clock.weekday(raw)


@pytest.mark.parametrize(
    "raw",
    ["2015-12-24", "12/24/2015", "12/24/15", "December 24, 2015", "2015-12-24T10:00:00Z"],
)
def test_dates_in_many_spellings(raw: str) -> None:
    assert clock.day(raw)[0] == date(2015, 12, 24)


def test_what_is_no_date_is_refused() -> None:
    with pytest.raises(CannotMendError):
        clock.day("24.12.")


def test_a_yearly_closing_comes_back_twice() -> None:
    first = date(1, 1, 1)
    assert clock.every_year(first, first, date(2030, 6, 3)) == [
        (date(2031, 1, 1), date(2031, 1, 1)),
        (date(2032, 1, 1), date(2032, 1, 1)),
    ]


def test_a_yearly_closing_under_way_counts_and_may_cross_the_new_year() -> None:
    found = clock.every_year(date(1, 12, 24), date(1, 1, 6), date(2030, 1, 2))
    assert found[0] == (date(2029, 12, 24), date(2030, 1, 6))


def test_a_leap_day_waits_for_its_year() -> None:
    leap = date(4, 2, 29)
    assert clock.every_year(leap, leap, date(2030, 1, 1))[0][0] == date(2032, 2, 29)


def test_an_instant_needs_its_offset() -> None:
    assert clock.instant("2030-01-01T12:00:00+02:00")[0] == datetime(2030, 1, 1, 10, tzinfo=UTC)
    with pytest.raises(CannotMendError):
        clock.instant("2030-01-01 12:00")
