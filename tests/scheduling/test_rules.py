"""Cutting slots: what must hold on any day anywhere, and the days on which clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scheduling.rules import NumberedSlot, cut_into_slots

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)

NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
SANTIAGO = ZoneInfo("America/Santiago")
CAIRO = ZoneInfo("Africa/Cairo")
ZONES = (NEW_YORK, LORD_HOWE, SANTIAGO, CAIRO, ZoneInfo("America/Detroit"), ZoneInfo("UTC"))


def offset_at_noon(day: date, zone: ZoneInfo) -> Any:
    return datetime.combine(day, time(12), zone).utcoffset()


def days_of_change(zone: ZoneInfo) -> list[date]:
    """Days from noon to noon in which the clocks change, and their neighbours."""
    days = [date(2024, 1, 1) + n * DAY for n in range(3653)]
    changes = [day for day in days if offset_at_noon(day, zone) != offset_at_noon(day + DAY, zone)]
    return [day + n * DAY for day in changes for n in (-1, 0, 1)]


CHANGES = {zone: days_of_change(zone) for zone in ZONES}

readings = st.integers(0, 24 * 12 - 1).map(lambda n: time(n // 12, n % 12 * 5))


@st.composite
def cuttings(draw: st.DrawFn) -> dict[str, Any]:
    zone = draw(st.sampled_from(ZONES))
    any_day = st.dates(date(2024, 1, 1), date(2037, 12, 31))
    return {
        "day": draw(st.sampled_from(CHANGES[zone]) | any_day if CHANGES[zone] else any_day),
        "opens": draw(readings),
        "closes": draw(readings),
        "zone": zone,
        "slot_minutes": draw(st.integers(5, 90) | st.integers(5, 1440)),
        "gap_minutes": draw(st.just(0) | st.integers(0, 60) | st.integers(0, 1440)),
    }


def reading_of(number: int, cutting: dict[str, Any]) -> datetime:
    opens: datetime = datetime.combine(cutting["day"], cutting["opens"])
    later: timedelta = number * (cutting["slot_minutes"] + cutting["gap_minutes"]) * MINUTE
    return opens + later


def on_the_wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def never_shown(reading: datetime, zone: ZoneInfo) -> bool:
    """Say whether the wall clock skips a reading: it does not survive a journey through UTC."""
    return on_the_wall(reading.replace(tzinfo=zone).astimezone(UTC), zone) != reading


def how_many_fit(cutting: dict[str, Any]) -> int:
    """Count by walking along the wall clock."""
    closes = datetime.combine(cutting["day"], cutting["closes"])
    closes += DAY if cutting["closes"] <= cutting["opens"] else timedelta(0)
    number = 0
    while reading_of(number, cutting) + cutting["slot_minutes"] * MINUTE <= closes:
        number += 1
    return number


@given(cuttings())
def test_slots_come_in_order_and_never_overlap(cutting: dict[str, Any]) -> None:
    slots = list(cut_into_slots(**cutting))
    tomorrow = list(cut_into_slots(**{**cutting, "day": cutting["day"] + DAY}))

    for slot in slots:
        assert slot.interval.starts_at < slot.interval.ends_at
    for earlier, later in pairwise([*slots, *tomorrow]):
        assert earlier.interval.ends_at <= later.interval.starts_at


@given(cuttings())
def test_slots_never_last_longer_than_their_length(cutting: dict[str, Any]) -> None:
    for _, (starts_at, ends_at) in cut_into_slots(**cutting):
        assert ends_at - starts_at <= cutting["slot_minutes"] * MINUTE


@given(cuttings())
def test_slots_begin_when_the_wall_clock_first_shows_what_was_promised(
    cutting: dict[str, Any],
) -> None:
    for number, (starts_at, _) in cut_into_slots(**cutting):
        assert on_the_wall(starts_at, cutting["zone"]) == reading_of(number, cutting)
        assert starts_at.astimezone(cutting["zone"]).fold == 0


@given(cuttings())
@example(
    {
        "day": date(2026, 3, 7),
        "opens": time(22),
        "closes": time(6),
        "zone": NEW_YORK,
        "slot_minutes": 30,
        "gap_minutes": 0,
    }
)
def test_slots_keep_their_number_and_are_missing_only_where_the_clock_skips_them(
    cutting: dict[str, Any],
) -> None:
    zone, length = cutting["zone"], cutting["slot_minutes"] * MINUTE
    made = {slot.number for slot in cut_into_slots(**cutting)}

    assert made <= set(range(how_many_fit(cutting)))
    for number in range(how_many_fit(cutting)):
        begins = reading_of(number, cutting)
        last_second = begins + length - timedelta(seconds=1)
        skipped = never_shown(begins, zone) or never_shown(last_second, zone)
        assert (number in made) != skipped


@given(cuttings())
def test_slots_have_their_full_length_unless_the_clocks_change_within_them(
    cutting: dict[str, Any],
) -> None:
    zone, length = cutting["zone"], cutting["slot_minutes"] * MINUTE
    for _, (starts_at, ends_at) in cut_into_slots(**cutting):
        before, after = (at.astimezone(zone).utcoffset() for at in (starts_at, starts_at + length))
        if before == after:
            assert ends_at == starts_at + length


def cut(day: date, opens: time, closes: time, zone: ZoneInfo, **terms: int) -> list[NumberedSlot]:
    return list(cut_into_slots(day, opens, closes, zone, **{"slot_minutes": 30, **terms}))


def instants(slots: list[NumberedSlot]) -> list[str]:
    return [f"{slot.number} {slot.interval.starts_at:%d %H:%M}" for slot in slots]


def minutes(slots: list[NumberedSlot]) -> list[int]:
    return [int((end - start) / MINUTE) for _, (start, end) in slots]


@pytest.mark.parametrize(
    ("day", "first_hour_utc"),
    [
        (date(2026, 3, 3), 18),
        (date(2026, 3, 5), 18),
        (date(2026, 3, 10), 17),  # since 8 March
        (date(2026, 3, 12), 17),
        (date(2026, 10, 27), 17),
        (date(2026, 10, 29), 17),
        (date(2026, 11, 3), 18),  # since 1 November
        (date(2026, 11, 5), 18),
    ],
)
def test_one_to_three_in_the_afternoon_stays_so_all_year(day: date, first_hour_utc: int) -> None:
    slots = cut(day, time(13), time(15), NEW_YORK)

    hour = first_hour_utc
    assert instants(slots) == [
        f"0 {day:%d} {hour}:00",
        f"1 {day:%d} {hour}:30",
        f"2 {day:%d} {hour + 1}:00",
        f"3 {day:%d} {hour + 1}:30",
    ]
    assert minutes(slots) == [30, 30, 30, 30]


def test_in_spring_in_new_york_the_hour_from_two_to_three_does_not_exist() -> None:
    slots = cut(date(2026, 3, 8), time(1), time(4), NEW_YORK)

    assert instants(slots) == ["0 08 06:00", "1 08 06:30", "4 08 07:00", "5 08 07:30"]
    assert minutes(slots) == [30, 30, 30, 30]


def test_in_spring_the_morning_after_the_gap_keeps_its_numbers() -> None:
    ordinary = cut(date(2026, 3, 7), time(0), time(12), NEW_YORK, slot_minutes=60)
    changed = cut(date(2026, 3, 8), time(0), time(12), NEW_YORK, slot_minutes=60)

    assert [slot.number for slot in ordinary] == list(range(12))
    assert [slot.number for slot in changed] == [0, 1, *range(3, 12)]
    assert changed[-1].interval.starts_at == datetime(2026, 3, 8, 15, tzinfo=UTC)  # 11 EDT


def test_in_autumn_in_new_york_the_hour_that_comes_twice_is_offered_once() -> None:
    slots = cut(date(2026, 11, 1), time(0), time(3), NEW_YORK)

    assert instants(slots) == [
        "0 01 04:00",
        "1 01 04:30",
        "2 01 05:00",  # 1:00 in summer time
        "3 01 05:30",
        "4 01 07:00",  # 2:00 in winter time, an hour and a half later
        "5 01 07:30",
    ]
    assert minutes(slots) == [30] * 6


@pytest.mark.parametrize(
    ("day", "numbers", "last_start"),
    [
        (date(2026, 3, 6), list(range(8)), "07 10:00"),
        (date(2026, 3, 7), [0, 1, 2, 3, 5, 6, 7], "08 09:00"),
        (date(2026, 10, 31), list(range(8)), "01 10:00"),
        (date(2026, 11, 1), list(range(8)), "02 10:00"),
    ],
)
def test_night_shift_is_counted_by_the_clock_on_the_wall(
    day: date, numbers: list[int], last_start: str
) -> None:
    slots = cut(day, time(22), time(6), NEW_YORK, slot_minutes=60)

    assert [slot.number for slot in slots] == numbers
    assert f"{slots[-1].interval.starts_at:%d %H:%M}" == last_start  # 5:00 in the morning
    assert minutes(slots) == [60] * len(numbers)


def test_whole_night_in_one_slot_ends_by_the_clock_in_spring_and_by_its_length_in_autumn() -> None:
    spring = cut(date(2026, 3, 7), time(20), time(8), NEW_YORK, slot_minutes=720)
    autumn = cut(date(2026, 10, 31), time(20), time(8), NEW_YORK, slot_minutes=720)

    assert minutes(spring) == [660]
    assert minutes(autumn) == [720]


def test_slot_may_end_as_the_gap_begins_and_the_next_begin_as_it_ends() -> None:
    slots = cut(date(2026, 3, 8), time(1), time(4), NEW_YORK, slot_minutes=60)

    assert instants(slots) == ["0 08 06:00", "2 08 07:00"]


def test_on_lord_howe_half_an_hour_is_skipped_in_october() -> None:
    slots = cut(date(2026, 10, 4), time(1), time(3), LORD_HOWE, slot_minutes=15)

    # 2:00 to 2:30 is skipped; +10:30 before, +11 after
    assert instants(slots) == [
        "0 03 14:30",
        "1 03 14:45",
        "2 03 15:00",
        "3 03 15:15",
        "6 03 15:30",
        "7 03 15:45",
    ]


def test_on_lord_howe_half_an_hour_comes_twice_in_april() -> None:
    slots = cut(date(2026, 4, 5), time(1), time(3), LORD_HOWE)

    # 1:30 to 2:00 comes twice; +11 before, +10:30 after
    assert instants(slots) == ["0 04 14:00", "1 04 14:30", "2 04 15:30", "3 04 16:00"]


def test_in_santiago_midnight_itself_is_skipped_in_september() -> None:
    slots = cut(date(2026, 9, 6), time(0), time(2), SANTIAGO)
    evening = cut(date(2026, 9, 5), time(23), time(0), SANTIAGO)

    assert instants(slots) == ["2 06 04:00", "3 06 04:30"]
    assert instants(evening) == ["0 06 03:00", "1 06 03:30"]
    assert minutes(evening) == [30, 30]


def test_in_santiago_the_last_hour_of_the_day_comes_twice_in_april() -> None:
    slots = cut(date(2026, 4, 4), time(22, 30), time(0, 30), SANTIAGO)

    assert instants(slots) == ["0 05 01:30", "1 05 02:00", "2 05 02:30", "3 05 04:00"]


def test_in_cairo_midnight_itself_is_skipped_in_april() -> None:
    slots = cut(date(2026, 4, 23), time(23), time(2), CAIRO)

    assert instants(slots) == ["0 23 21:00", "1 23 21:30", "4 23 22:00", "5 23 22:30"]


def test_in_cairo_the_last_hour_of_the_day_comes_twice_in_october() -> None:
    slots = cut(date(2026, 10, 29), time(22), time(1), CAIRO, slot_minutes=60)

    assert instants(slots) == ["0 29 19:00", "1 29 20:00", "2 29 22:00"]
    assert minutes(slots) == [60, 60, 60]


def test_gap_between_slots_is_kept_and_not_asked_for_after_the_last() -> None:
    slots = cut(date(2026, 6, 2), time(13), time(15), NEW_YORK, gap_minutes=15)

    assert instants(slots) == ["0 02 17:00", "1 02 17:45", "2 02 18:30"]


def test_closing_when_it_opens_is_a_whole_day() -> None:
    assert len(cut(date(2026, 6, 2), time(9), time(9), NEW_YORK, slot_minutes=60)) == 24
