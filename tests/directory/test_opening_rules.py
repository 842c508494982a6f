from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

import pytest
from dateutil.rrule import MO, MONTHLY, WEEKLY, rrule, weekday  # ships no types
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.opening_rules import (
    WEEKDAYS,
    OpeningRule,
    parse_byday,
    parse_numbers,
    parse_weekday,
)

NEW_YEAR = date(2026, 1, 1)
TWO_YEARS = [NEW_YEAR + timedelta(days=n) for n in range(730)]
SOME_DAY = st.dates(NEW_YEAR, date(2027, 6, 30))


def days_of(rule: OpeningRule) -> list[date]:
    return [day for day in TWO_YEARS if rule.recurs_on(day)]


def test_byday_reads_weekdays_and_weeks_of_the_month() -> None:
    assert parse_byday("1MO,3WE,-1FR") == ((1, 0), (3, 2), (-1, 4))
    assert parse_byday(" tu, +2th ") == ((None, 1), (2, 3))
    assert parse_byday("") == ()


@pytest.mark.parametrize(
    "text", ["XX", "MO,", "0MO", "6FR", "-6FR", "1", "1 MO", "MONDAY", "MO;TU", "²MO", ","]
)
def test_byday_refuses_what_is_not_a_day(text: str) -> None:
    with pytest.raises(ValueError, match="is not a day: write MO, TU"):
        parse_byday(text)


@given(
    days=st.lists(
        st.tuples(st.sampled_from([None, *range(-5, 0), *range(1, 6)]), st.integers(0, 6))
    )
)
def test_byday_reads_back_what_it_is_written_as(days: list[tuple[int | None, int]]) -> None:
    text = ",".join(f"{week or ''}{WEEKDAYS[day]}" for week, day in days)

    assert parse_byday(text) == tuple(days)


@pytest.mark.parametrize("wrong", [{"interval": 0}, {"interval": -1}, {"count": 0}])
def test_a_rule_that_could_never_be_counted_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        OpeningRule(freq="WEEKLY", **wrong)  # type: ignore[arg-type]  # only numbers here


WEEKLY_RULES = st.fixed_dictionaries(
    {
        "freq": st.just("WEEKLY"),
        "byday": st.lists(st.tuples(st.none(), st.integers(0, 6)), max_size=3).map(tuple),
    }
)
MONTHLY_RULES = st.fixed_dictionaries(
    {
        "freq": st.just("MONTHLY"),
        "byday": st.lists(
            st.tuples(st.sampled_from([-5, -2, -1, 1, 2, 3, 5]), st.integers(0, 6)),
            max_size=3,
        ).map(tuple),
    }
)
DAY_OF_MONTH_RULES = st.fixed_dictionaries(
    {
        "freq": st.just("MONTHLY"),
        "byday": st.lists(st.tuples(st.none(), st.integers(0, 6)), max_size=3).map(tuple),
        "bymonthday": st.lists(
            st.sampled_from([1, 13, 15, 28, 30, 31, -1, -2, -31]), min_size=1, max_size=3
        ).map(tuple),
    }
)
FRAMES = st.fixed_dictionaries(
    {
        "dtstart": SOME_DAY,
        "interval": st.integers(1, 5),
        "until": st.none() | SOME_DAY,
        "count": st.none() | st.integers(1, 30),
    }
)


def expanded(fields: dict[str, Any]) -> list[date]:
    """The same rule as dateutil reads it, which is sound unless 2MO and plain TU are mixed."""
    rule = rrule(
        MONTHLY if fields["freq"] == "MONTHLY" else WEEKLY,
        dtstart=datetime.combine(fields["dtstart"], time(0)),
        until=datetime.combine(fields["until"] or TWO_YEARS[-1], time(0)),
        interval=fields["interval"],
        wkst=MO,
        byweekday=[weekday(day, week) for week, day in fields["byday"]] or None,
        bymonthday=fields.get("bymonthday") or None,
    )
    return [moment.date() for moment in islice(rule, fields["count"])]


@settings(deadline=None)
@given(kind=WEEKLY_RULES | MONTHLY_RULES | DAY_OF_MONTH_RULES, frame=FRAMES)
def test_a_rule_recurs_on_the_days_an_independent_expansion_gives(
    kind: dict[str, Any], frame: dict[str, Any]
) -> None:
    assert days_of(OpeningRule(**kind, **frame)) == expanded(kind | frame)


def test_validity_hides_days_without_moving_the_count() -> None:
    rule = OpeningRule(
        freq="WEEKLY", dtstart=date(2026, 1, 5), count=4, valid_from=date(2026, 1, 13)
    )

    assert days_of(rule) == [date(2026, 1, 19), date(2026, 1, 26)]


def test_every_other_week_is_reckoned_from_the_first_valid_day_when_nothing_else_is_given() -> None:
    rule = OpeningRule(
        freq="WEEKLY",
        byday=parse_byday("MO"),
        interval=2,
        valid_from=date(2026, 1, 7),
        valid_to=date(2026, 2, 28),
    )

    assert days_of(rule) == [date(2026, 1, 19), date(2026, 2, 2), date(2026, 2, 16)]


def test_without_a_first_day_interval_and_count_say_nothing() -> None:
    mondays = OpeningRule(freq="WEEKLY", byday=parse_byday("MO"))

    assert days_of(
        OpeningRule(freq="WEEKLY", byday=parse_byday("MO"), interval=2, count=1)
    ) == days_of(mondays)


def test_a_rule_with_no_day_named_anywhere_never_happens() -> None:
    assert days_of(OpeningRule(freq="WEEKLY", opens_at=time(9), closes_at=time(17))) == []


def test_an_enormous_count_is_as_good_as_none() -> None:
    rule = OpeningRule(freq="WEEKLY", dtstart=NEW_YEAR, count=10**9)

    assert days_of(rule) == days_of(OpeningRule(freq="WEEKLY", dtstart=NEW_YEAR))


def test_a_count_can_be_reckoned_at_the_end_of_the_calendar() -> None:
    rule = OpeningRule(freq="WEEKLY", dtstart=date(9999, 12, 20), count=5)

    assert rule.recurs_on(date(9999, 12, 27))


def test_a_row_that_does_not_recur_happens_once() -> None:
    assert days_of(OpeningRule(dtstart=date(2026, 7, 4))) == [date(2026, 7, 4)]


def test_an_exception_speaks_for_its_days_and_is_no_regular_row() -> None:
    rule = OpeningRule(valid_from=date(2026, 12, 24), valid_to=date(2026, 12, 26))

    assert [day.day for day in TWO_YEARS if rule.excepts(day)] == [24, 25, 26]
    assert days_of(rule) == []


def test_an_exception_may_be_limited_to_weekdays() -> None:
    rule = OpeningRule(
        valid_from=date(2026, 7, 1), valid_to=date(2026, 7, 31), byday=parse_byday("FR")
    )

    assert [day.day for day in TWO_YEARS if rule.excepts(day)] == [3, 10, 17, 24, 31]


@pytest.mark.parametrize(
    ("opens_at", "closes_at", "length"),
    [
        (time(9), time(17), timedelta(hours=8)),
        (time(20), time(8), timedelta(hours=12)),
        (time(9), time(9), timedelta(hours=24)),
        (time(0), time(0), timedelta(hours=24)),
        (time(0), time(23, 59), timedelta(hours=24)),
        (time(0), time(23, 59, 59), timedelta(hours=24)),
        (time(18), time(23, 59), timedelta(hours=6)),
        (time(23, 59), time(23, 59), timedelta(hours=24)),
    ],
)
def test_a_row_lasts_as_long_as_its_two_clock_readings_say(
    opens_at: time, closes_at: time, length: timedelta
) -> None:
    span = OpeningRule(opens_at=opens_at, closes_at=closes_at).span_on(NEW_YEAR)

    assert span is not None
    assert span[0] == datetime.combine(NEW_YEAR, opens_at)
    assert span[1] - span[0] == length


@pytest.mark.parametrize(
    "rule",
    [
        OpeningRule(),
        OpeningRule(opens_at=time(9)),
        OpeningRule(closes_at=time(9)),
        OpeningRule(opens_at=time(9), closes_at=time(17), by_appointment=True),
    ],
)
def test_half_an_opening_or_an_appointment_promises_no_open_door(rule: OpeningRule) -> None:
    assert rule.span_on(NEW_YEAR) is None


def test_an_unreadable_list_of_days_is_refused_part_by_part() -> None:
    assert parse_numbers("1, 15,-1", 31) == (1, 15, -1)
    assert parse_numbers("", 31) == ()
    for text in ["0", "32", "-32", "1;2", "x", "1.5", "--1", "+-1", "²", "9" * 5000, "1 2"]:
        with pytest.raises(ValueError, match="is not a number from 1 to 31"):
            parse_numbers(text, 31)


def test_a_week_begins_on_a_day() -> None:
    assert parse_weekday(" su ") == 6
    with pytest.raises(ValueError, match="is not a day"):
        parse_weekday("SUNDAY")
    with pytest.raises(ValueError, match="from 0, Monday, to 6"):
        OpeningRule(wkst=7)


@settings(deadline=None, max_examples=settings().max_examples // 4)  # slow to expand
@given(
    wkst=st.integers(0, 6),
    weekdays=st.lists(st.integers(0, 6), min_size=1, max_size=3),
    weeks=st.lists(st.sampled_from([1, 2, 26, 52, 53, -1, -2, -53]), max_size=3),
    yeardays=st.lists(st.sampled_from([*range(1, 30), 60, 200, 365, 366, -1, -366]), max_size=20),
    frame=FRAMES,
)
def test_weeks_and_days_of_the_year_keep_the_days_an_independent_expansion_keeps(
    wkst: int,
    weekdays: list[int],
    weeks: list[int],
    yeardays: list[int],
    frame: dict[str, Any],
) -> None:
    rule = OpeningRule(
        freq="WEEKLY",
        byday=tuple((None, day) for day in weekdays),
        byweekno=tuple(weeks),
        byyearday=tuple(yeardays),
        wkst=wkst,
        **frame,
    )
    plain = rrule(
        WEEKLY,
        dtstart=datetime.combine(frame["dtstart"], time(0)),
        until=datetime.combine(frame["until"] or TWO_YEARS[-1], time(0)),
        interval=frame["interval"],
        wkst=wkst,
        byweekday=weekdays,
        byweekno=weeks or None,
        byyearday=yeardays or None,
    )

    assert days_of(rule) == [moment.date() for moment in islice(plain, frame["count"])]


def test_days_of_the_year_alone_are_days_and_weeks_alone_keep_the_weekday_of_the_first_day() -> (
    None
):
    new_years = OpeningRule(freq="MONTHLY", byyearday=(1, -1))
    week = OpeningRule(freq="WEEKLY", byweekno=(3,), dtstart=date(2026, 1, 8))

    assert days_of(new_years) == [
        date(2026, 1, 1),
        date(2026, 12, 31),
        date(2027, 1, 1),
        date(2027, 12, 31),
    ]
    assert days_of(week) == [date(2026, 1, 15), date(2027, 1, 21)]


@given(kind=WEEKLY_RULES | MONTHLY_RULES, frame=FRAMES)
def test_after_its_last_day_a_row_says_nothing(kind: dict[str, Any], frame: dict[str, Any]) -> None:
    rule = OpeningRule(**kind, **frame)

    assert all(day <= rule.last_day for day in days_of(rule))
