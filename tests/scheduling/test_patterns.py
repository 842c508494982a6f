"""Patterns against an independent expansion (dateutil), and against people who mean harm."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from dateutil import rrule
from hypothesis import given
from hypothesis import strategies as st

from scheduling.patterns import MAXIMUM_DAYS, MAXIMUM_OCCURRENCES, Pattern

FREQUENCIES = {"DAILY": rrule.DAILY, "WEEKLY": rrule.WEEKLY, "MONTHLY": rrule.MONTHLY}
SPAN = timedelta(MAXIMUM_DAYS)

weekdays = st.integers(0, 6)
ordinals = st.sampled_from([1, 2, 3, 4, 5, -1, -2, -3, -4, -5])
starts = st.dates(date(2019, 1, 1), date(2040, 1, 1))


def byday(freq: str) -> st.SearchStrategy[tuple[tuple[int | None, int], ...]]:
    """Weekdays, with ordinals where the frequency takes them."""
    ordinal = st.none() | ordinals if freq == "MONTHLY" else st.none()
    return st.lists(st.tuples(ordinal, weekdays), max_size=4, unique=True).map(tuple)


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    freq = draw(st.sampled_from(sorted(FREQUENCIES)))
    starts_on = draw(starts)
    until = draw(st.none() | st.integers(0, MAXIMUM_DAYS).map(lambda n: starts_on + timedelta(n)))
    count = None if until else draw(st.none() | st.integers(1, MAXIMUM_OCCURRENCES))
    interval = draw(st.integers(1, 6) | st.integers(1, 52))
    return Pattern(starts_on, freq, interval, draw(byday(freq)), until, count)


def expand(pattern: Pattern, first: date, last: date) -> list[date]:
    """The days as dateutil finds them.

    It takes weekdays with and without ordinals in one rule to mean both at once, where RFC 5545
    means either: so each is asked for by itself. A count is cut off by hand.
    """
    ends = min(last, pattern.until or last)
    found: set[date] = set()
    for day in [rrule.weekday(day, nth) for nth, day in pattern.byday] or [None]:
        rule = rrule.rrule(
            FREQUENCIES[pattern.freq or ""],
            dtstart=datetime.combine(pattern.starts_on, time()),
            interval=pattern.interval,
            byweekday=day,
            until=datetime.combine(ends, time()),
        )
        found.update(at.date() for at in rule)
    return [day for day in sorted(found)[: pattern.count] if first <= day]


@given(patterns(), st.integers(-30, 400), st.integers(0, 400))
def test_patterns_happen_on_the_days_an_independent_expansion_finds(
    pattern: Pattern, offset: int, length: int
) -> None:
    first = pattern.starts_on + timedelta(offset)
    last = first + timedelta(length)

    assert list(pattern.days(first, last)) == expand(pattern, first, last)


@given(patterns(), st.integers(0, 400), st.integers(0, 100))
def test_asking_in_two_pieces_gives_the_same_days_as_asking_once(
    pattern: Pattern, to_break: int, further: int
) -> None:
    first = pattern.starts_on
    before, after = first + timedelta(to_break), first + timedelta(to_break + 1)
    last = after + timedelta(further)

    pieces = [*pattern.days(first, before), *pattern.days(after, last)]

    assert pieces == list(pattern.days(first, last))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (Pattern(date(2026, 3, 3), "WEEKLY", 1, ((None, 1), (None, 3)), count=3), [3, 5, 10]),
        (Pattern(date(2026, 3, 3), "WEEKLY", 2, ((None, 1),)), [3, 17, 31]),
        # the week begins on Monday: the Sunday belongs to the first week, the Monday is skipped
        (Pattern(date(2026, 3, 3), "WEEKLY", 2, ((None, 0), (None, 6))), [8, 16, 22, 30]),
        (Pattern(date(2026, 3, 1), "MONTHLY", 1, ((1, 0), (-1, 4))), [2, 27]),
        (Pattern(date(2026, 3, 1), "MONTHLY", 1, ((5, 1),)), [31]),
        (Pattern(date(2026, 3, 1), "DAILY", 10), [1, 11, 21, 31]),
        (Pattern(date(2026, 3, 1), "WEEKLY", until=date(2026, 3, 15)), [1, 8, 15]),
        (Pattern(date(2026, 3, 9)), [9]),
        (Pattern(date(2026, 3, 4), "WEEKLY", 1, ((None, 1),), count=1), [10]),
    ],
)
def test_patterns_in_march_2026(pattern: Pattern, expected: list[int]) -> None:
    days = pattern.days(date(2026, 3, 1), date(2026, 3, 31))

    assert [day.day for day in days] == expected


def test_day_31_is_skipped_in_months_without_one() -> None:
    days = Pattern(date(2026, 1, 31), "MONTHLY").days(date(2026, 1, 1), date(2026, 6, 30))

    assert [day.month for day in days] == [1, 3, 5]


@pytest.mark.parametrize(
    "hostile",
    [
        Pattern(date(2026, 2, 1), "MONTHLY", 12, ((5, 0),)),  # a fifth Monday every February
        Pattern(date(2026, 2, 1), "MONTHLY", 12, ((5, 0),), count=MAXIMUM_OCCURRENCES),
        Pattern(date(2026, 2, 1), "MONTHLY", 1, ((53, 0), (-53, 6))),
        Pattern(date(2026, 2, 1), "WEEKLY", 52, ((None, 9),), count=MAXIMUM_OCCURRENCES),
        Pattern(date(2026, 2, 1), "DAILY", 10**12),
        Pattern(date(2026, 2, 1), "DAILY", count=10**12, until=date.max),
        Pattern(date(2026, 2, 1), "MONTHLY", 1, tuple((n, 0) for n in range(6, 5000))),
    ],
)
def test_no_pattern_looks_at_a_day_twice_or_beyond_what_was_asked(
    hostile: Pattern, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[date] = []
    includes = Pattern._includes

    def counting(pattern: Pattern, day: date) -> Any:
        looked_at.append(day)
        return includes(pattern, day)

    monkeypatch.setattr(Pattern, "_includes", counting)
    list(hostile.days(hostile.starts_on, hostile.starts_on + SPAN))

    assert len(looked_at) <= MAXIMUM_DAYS + 1
    assert looked_at == sorted(set(looked_at))


def test_days_are_found_one_by_one_so_that_a_caller_may_stop() -> None:
    endless = Pattern(date(2026, 2, 1), "DAILY").days(date(2026, 2, 1), date.max)

    assert next(endless) == date(2026, 2, 1)
