from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

import pytest
from dateutil.rrule import MO, MONTHLY, WEEKLY, rrule, weekday
from hypothesis import given
from hypothesis import strategies as st

from directory.hours import OpeningRule, parse_byday, week_of
from directory.hours_summary import (
    DAYS_TOLD,
    HoursSummary,
    Opening,
    SpecialDays,
    UsualHours,
    summarize,
)

ONE_DAY = timedelta(days=1)
TUESDAY = date(2026, 11, 24)
THANKSGIVING = date(2026, 11, 26)
WEEKDAYS = (0, 1, 2, 3, 4)
NINE_TO_FIVE = Opening(((time(9), time(17)),))
CLOSED = Opening()
OFFICE = OpeningRule(
    freq="WEEKLY", byday=parse_byday("MO,TU,WE,TH,FR"), opens_at=time(9), closes_at=time(17)
)
PANTRY = OpeningRule(
    freq="MONTHLY", byday=parse_byday("2TU,4TU"), opens_at=time(13), closes_at=time(15)
)


def summary_of(*rules: OpeningRule, today: date = TUESDAY) -> HoursSummary:
    return summarize(rules, today)


def exception(first: date, last: date, **hours: Any) -> OpeningRule:
    return OpeningRule(valid_from=first, valid_to=last, **hours)


def test_seven_rows_of_an_office_are_one_line_and_its_holiday_a_date() -> None:
    rows = [
        OpeningRule(freq="WEEKLY", byday=((None, day),), opens_at=time(9), closes_at=time(17))
        for day in WEEKDAYS
    ]

    found = summary_of(*rows, exception(THANKSGIVING, THANKSGIVING))

    assert found.usual == (UsualHours(opening=NINE_TO_FIVE, weekdays=WEEKDAYS),)
    assert found.special == (SpecialDays(THANKSGIVING, THANKSGIVING, CLOSED),)


def test_weeks_of_the_month_are_told_together() -> None:
    (line,) = summary_of(PANTRY).usual

    assert (line.weeks, line.weekdays) == ((2, 4), (1,))
    assert line.opening == Opening(((time(13), time(15)),))


def test_a_holiday_over_a_weekend_is_one_stretch_and_told_to_its_end() -> None:
    first, last = date(2026, 12, 21), date(2027, 1, 8)

    found = summary_of(OFFICE, exception(first, last))

    assert found.special == (SpecialDays(first, last, CLOSED),)


def test_an_exception_that_changes_nothing_is_not_told() -> None:
    sunday = date(2026, 11, 29)
    same = exception(THANKSGIVING, THANKSGIVING, opens_at=time(9), closes_at=time(17))

    assert summary_of(OFFICE, exception(sunday, sunday), same).special == ()


def test_a_season_that_ends_soon_says_so_and_the_next_one_when_it_begins() -> None:
    autumn = OpeningRule(
        freq="WEEKLY", byday=parse_byday("MO"), opens_at=time(9), closes_at=time(17),
        valid_to=date(2026, 11, 30),
    )  # fmt: skip
    winter = OpeningRule(
        freq="WEEKLY", byday=parse_byday("MO"), opens_at=time(10), closes_at=time(14),
        valid_from=date(2026, 12, 1), valid_to=date(2027, 3, 1),
    )  # fmt: skip

    found = summary_of(winter, autumn)

    assert [(line.first, line.last) for line in found.usual] == [
        (None, date(2026, 11, 30)),
        (date(2026, 12, 1), None),
    ]
    assert found.special == ()


def test_every_other_week_knows_its_next_day() -> None:
    rule = OpeningRule(
        freq="WEEKLY", interval=2, byday=parse_byday("WE"), dtstart=date(2026, 11, 18),
        opens_at=time(9), closes_at=time(17),
    )  # fmt: skip
    next_wednesday = date(2026, 12, 2)

    found = summary_of(rule)
    moved = summary_of(rule, exception(next_wednesday, next_wednesday))

    assert [found.next_day_of(line) for line in found.usual] == [next_wednesday]
    assert [moved.next_day_of(line) for line in moved.usual] == [next_wednesday + 14 * ONE_DAY]


def test_days_that_no_line_can_tell_are_told_by_their_dates() -> None:
    friday_the_13th = OpeningRule(
        freq="MONTHLY", byday=parse_byday("FR"), bymonthday=(11,), opens_at=time(9),
        closes_at=time(17),
    )  # fmt: skip
    once = OpeningRule(dtstart=THANKSGIVING, opens_at=time(9), closes_at=time(17))

    found = summary_of(friday_the_13th, once)

    assert found.usual == ()
    assert [days.first for days in found.special] == [THANKSGIVING, date(2026, 12, 11)]


def test_by_appointment_is_known_even_where_no_day_is_named() -> None:
    assert summary_of(OpeningRule(by_appointment=True)).by_appointment
    assert summary_of().usual == ()
    assert not summary_of().by_appointment


# ---------------------------------------------------------------- against another expansion

WHOLE_HOURS = {
    "opens_at": st.sampled_from([None, time(0), time(9), time(13), time(20)]),
    "closes_at": st.sampled_from([time(0), time(8), time(12), time(17), time(23, 59)]),
    "by_appointment": st.sampled_from([False, False, False, True]),
}
NEAR = st.integers(-40, 60).map(lambda n: TUESDAY + n * ONE_DAY)
FRAMES: dict[str, Any] = {
    "interval": st.sampled_from([1, 1, 1, 2, 3]),
    "dtstart": st.none() | NEAR,
    "valid_from": st.none() | NEAR,
    "valid_to": st.none() | NEAR,
    "until": st.none() | NEAR,
    "count": st.sampled_from([None, None, 1, 3]),
    "wkst": st.sampled_from([0, 0, 6, 2]),
}
PLAIN_DAYS = st.lists(st.tuples(st.none(), st.integers(0, 6)), max_size=5, unique=True).map(tuple)
NTH_DAYS = st.lists(
    st.tuples(st.sampled_from([1, 2, 4, 5, -1, -2]), st.integers(0, 6)), max_size=4, unique=True
).map(tuple)
MONTH_DAYS = st.lists(st.sampled_from([1, 15, 30, 31, -1, -2]), max_size=3, unique=True).map(tuple)

RULES = (
    st.builds(OpeningRule, freq=st.just("WEEKLY"), byday=PLAIN_DAYS, **FRAMES, **WHOLE_HOURS)
    | st.builds(OpeningRule, freq=st.just("MONTHLY"), byday=NTH_DAYS, **FRAMES, **WHOLE_HOURS)
    | st.builds(
        OpeningRule,
        freq=st.just("MONTHLY"),
        byday=PLAIN_DAYS,
        bymonthday=MONTH_DAYS,
        **FRAMES,
        **WHOLE_HOURS,
    )
    | st.builds(OpeningRule, dtstart=NEAR, **WHOLE_HOURS)
    | st.builds(
        lambda first, days, **hours: OpeningRule(
            valid_from=first, valid_to=first + days * ONE_DAY, **hours
        ),
        first=NEAR,
        days=st.sampled_from([0, 0, 3, 60]),
        **WHOLE_HOURS,
    )
)


@cache
def days_of(rule: OpeningRule) -> frozenset[date]:
    """The days on which a recurring row happens, by dateutil."""
    anchor = rule.dtstart or rule.valid_from
    if not (rule.byday or rule.bymonthday) and anchor is None:
        return frozenset()
    first = anchor or TUESDAY - 40 * ONE_DAY
    last = TUESDAY + 100 * ONE_DAY
    found = rrule(
        MONTHLY if rule.freq == "MONTHLY" else WEEKLY,
        dtstart=datetime.combine(first, time(0)),
        until=datetime.combine(min(rule.until or last, last), time(0)),
        interval=rule.interval if anchor else 1,
        count=None,
        wkst=rule.wkst if anchor else MO,
        byweekday=[weekday(day, week) for week, day in rule.byday] or None,
        bymonthday=rule.bymonthday or None,
    )
    days = [moment.date() for moment in found][: rule.count if anchor else None]
    return frozenset(
        day for day in days
        if (rule.valid_from or day) <= day <= (rule.valid_to or day)
    )  # fmt: skip


def speaking(rules: list[OpeningRule], day: date) -> list[OpeningRule]:
    special = [
        rule
        for rule in rules
        if rule.freq is None and rule.valid_from and rule.valid_to
        and rule.valid_from <= day <= rule.valid_to
    ]  # fmt: skip
    if special:
        shortest = min(rule.valid_to - rule.valid_from for rule in special)  # type: ignore[operator]
        return [r for r in special if r.valid_to - r.valid_from == shortest]  # type: ignore[operator]
    return [
        rule
        for rule in rules
        if (day in days_of(rule) if rule.freq else rule.dtstart == day)
    ]  # fmt: skip


def minutes_of(opens: time, closes: time) -> set[int]:
    first, end = opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute
    if closes == time(23, 59):
        end = 24 * 60
    return set(range(first, end if end > first else end + 24 * 60))


def minutes_told(opening: Opening) -> set[int]:
    return {minute for span in opening.spans for minute in minutes_of(*span)}


def expected(rules: list[OpeningRule], day: date) -> tuple[set[int], bool]:
    rows = speaking(rules, day)
    minutes = {
        minute
        for row in rows
        if row.opens_at is not None and row.closes_at is not None and not row.by_appointment
        for minute in minutes_of(row.opens_at, row.closes_at)
    }
    if minutes:  # nothing is told as longer than a day from its opening
        starts = sorted(m for m in minutes if m - 1 not in minutes)
        minutes = {m for m in minutes if m < max(s for s in starts if s <= m) + 24 * 60}
    return minutes, any(row.by_appointment for row in rows)


@given(rules=st.lists(RULES, max_size=5))
def test_a_summary_says_of_every_day_what_an_independent_expansion_says(
    rules: list[OpeningRule],
) -> None:
    found = summarize(tuple(rules), TUESDAY)

    for n in range(DAYS_TOLD):
        day = TUESDAY + n * ONE_DAY
        told = found.opening_on(day)
        assert (minutes_told(told), told.by_appointment) == expected(rules, day), day
    for shown in week_of(rules, TUESDAY):
        assert found.opening_on(shown.day) == Opening(shown.spans, shown.by_appointment)


@given(rules=st.lists(RULES, max_size=5))
def test_lines_tell_what_they_can_and_dates_only_the_rest(rules: list[OpeningRule]) -> None:
    found = summarize(tuple(rules), TUESDAY)

    for days in found.special:
        assert days.first <= days.last
        assert days.first < TUESDAY + DAYS_TOLD * ONE_DAY
    weekly_only = all(rule.freq == "WEEKLY" and rule.interval == 1 and rule.byday for rule in rules)
    if weekly_only:
        assert found.special == ()


@pytest.mark.parametrize("day", [TUESDAY, date(2028, 2, 29), date(2027, 12, 31)])
def test_a_line_counts_weeks_and_days_of_the_month_from_both_ends(day: date) -> None:
    rule = OpeningRule(freq="MONTHLY", byday=parse_byday("-1TU,-5FR"), bymonthday=())
    line = UsualHours(opening=NINE_TO_FIVE, weeks=(-1,), weekdays=(1,))

    for n in range(400):
        each = day + n * ONE_DAY
        assert line.holds_on(each) == (rule.recurs_on(each) and each.weekday() == 1)
