from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import extract
from hypothesis import given
from hypothesis import strategies as st

from api import words
from api.words import (
    age_ends,
    age_words,
    clock_words,
    day_words,
    distance_words,
    hours_words,
    week_words,
)
from directory.hours import DayHours, NoHours, OpeningRule, current_or_next, parse_byday, week_of
from directory.intervals import Interval

DETROIT = ZoneInfo("America/Detroit")
TUESDAY = date(2026, 11, 24)
NINE_TO_FIVE = ((time(9), time(17)),)


def english(text: str) -> str:
    return text


def spanish(text: str) -> str:
    return {
        "Open until {time} tomorrow": "Abierto hasta mañana, {time}",
        "Opens {date} at {time}": "Abre el {date}, {time}",
        "{count} days ago": "hace {count} días",
        "noon": "mediodía",
    }[text]


def detroit(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=DETROIT).astimezone(UTC)


def said(hours: Interval | NoHours, now: str) -> str:
    return hours_words(hours, detroit(now), DETROIT, language="en", translate=english)


@pytest.mark.parametrize(
    ("opens", "closes", "expected"),
    [
        ("2026-11-24T09:00", "2026-11-24T17:00", "Open until 5 pm"),
        ("2026-11-24T09:00", "2026-11-24T17:30", "Open until 5:30 pm"),
        ("2026-11-24T09:00", "2026-11-25T00:00", "Open until midnight"),
        ("2026-11-24T09:00", "2026-11-25T08:00", "Open until 8 am tomorrow"),
        ("2026-11-24T09:00", "2026-11-26T00:00", "Open until midnight tomorrow"),
        ("2026-11-24T09:00", "2026-11-30T08:00", "Open until Mon 8 am"),
        ("2026-11-24T09:00", "2026-12-01T08:00", "Open 24 hours"),
        ("2026-11-24T13:00", "2026-11-24T17:00", "Opens at 1 pm"),
        ("2026-11-25T00:00", "2026-11-25T17:00", "Opens at midnight"),
        ("2026-11-25T09:00", "2026-11-25T17:00", "Opens tomorrow at 9 am"),
        ("2026-11-30T09:00", "2026-11-30T17:00", "Opens Mon 9 am"),
        ("2026-12-01T09:00", "2026-12-01T17:00", "Opens Dec 1 at 9 am"),
        ("2026-11-24T09:00", "2026-11-24T12:00", "Closed"),
    ],
)
def test_hours_are_said_as_a_person_would(opens: str, closes: str, expected: str) -> None:
    assert said(Interval(detroit(opens), detroit(closes)), "2026-11-24T12:00") == expected


def test_the_small_hours_belong_to_their_own_day() -> None:
    night = Interval(detroit("2026-11-23T20:00"), detroit("2026-11-24T08:00"))

    assert said(night, "2026-11-24T01:00") == "Open until 8 am"
    assert said(night, "2026-11-23T23:00") == "Open until 8 am tomorrow"


def test_today_is_the_day_at_the_place_and_not_in_greenwich() -> None:
    office = Interval(detroit("2026-11-25T09:00"), detroit("2026-11-25T17:00"))

    assert said(office, "2026-11-24T22:00") == "Opens tomorrow at 9 am"


def test_a_place_that_never_closes_is_open_24_hours_at_any_time_of_day() -> None:
    always = [
        OpeningRule(
            freq="WEEKLY",
            byday=parse_byday("MO,TU,WE,TH,FR,SA,SU"),
            opens_at=time(0),
            closes_at=time(23, 59),
        )
    ]

    for now in ("2026-11-24T00:00", "2026-11-24T12:00", "2026-11-24T23:59"):
        interval = current_or_next(always, DETROIT, detroit(now))
        assert interval is not None
        assert said(interval, now) == "Open 24 hours"


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (NoHours.BY_APPOINTMENT, "By appointment"),
        (NoHours.CLOSED, "Closed"),
        (NoHours.NOT_GIVEN, "Hours not given"),
    ],
)
def test_why_there_are_no_hours_is_said(reason: NoHours, expected: str) -> None:
    assert said(reason, "2026-11-24T12:00") == expected


def test_hours_are_said_in_the_language_of_the_reader() -> None:
    now = detroit("2026-11-24T12:00")
    night = Interval(now, detroit("2026-11-25T08:00"))
    pantry = Interval(detroit("2026-12-03T13:30"), detroit("2026-12-03T15:00"))

    assert (
        hours_words(night, now, DETROIT, language="es", translate=spanish)
        == "Abierto hasta mañana, 8 a.m."
    )
    assert (
        hours_words(pantry, now, DETROIT, language="es", translate=spanish)
        == "Abre el 3 dic, 1:30 p.m."
    )


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (time(17), "5 pm"),
        (time(13, 30), "1:30 pm"),
        (time(9, 5), "9:05 am"),
        (time(12), "noon"),
        (time(12, 1), "12:01 pm"),
        (time(0), "midnight"),
        (time(0, 30), "12:30 am"),
        (time(23, 59, 59), "11:59 pm"),
        (detroit("2026-11-24T15:00").astimezone(DETROIT), "3 pm"),
    ],
)
def test_a_clock_reading_is_short(clock: time | datetime, expected: str) -> None:
    assert clock_words(clock, language="en", translate=english) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [("es", "5 p.m."), ("en-US", "5 pm"), ("fr", "17:00"), ("zh-Hans", "17:00"), ("ar", "5 م")],
)
def test_each_language_reads_the_clock_its_own_way(language: str, expected: str) -> None:
    assert clock_words(time(17), language=language, translate=english) == expected


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(seconds=-30), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=2, minutes=59), "2 h ago"),
        (timedelta(hours=24), "1 day ago"),
        (timedelta(days=3, hours=23), "3 days ago"),
    ],
)
def test_an_age_is_rounded_down(age: timedelta, expected: str) -> None:
    now = detroit("2026-11-24T12:00")

    assert age_words(now - age, now, translate=english) == expected


def test_an_age_is_said_in_the_language_of_the_reader() -> None:
    now = detroit("2026-11-24T12:00")

    assert age_words(now - timedelta(days=3), now, translate=spanish) == "hace 3 días"


@pytest.mark.parametrize(
    ("km", "expected"),
    [
        (0, "less than 0.1 mi"),
        (0.16, "less than 0.1 mi"),
        (0.17, "0.1 mi"),
        (1.84, "1.1 mi"),
        (16.0, "9.9 mi"),
        (16.05, "10 mi"),
        (1931.2, "1,200 mi"),
    ],
)
def test_a_distance_is_in_miles(km: float, expected: str) -> None:
    assert distance_words(km, language="en", translate=english) == expected


def test_equal_neighbouring_days_are_one_row_and_special_days_are_named_by_date() -> None:
    rules = [
        OpeningRule(
            freq="WEEKLY",
            byday=parse_byday("MO,TU,WE,TH,FR"),
            opens_at=time(9),
            closes_at=time(17),
        ),
        OpeningRule(freq="WEEKLY", byday=parse_byday("SA"), by_appointment=True),
        OpeningRule(valid_from=date(2026, 11, 26), valid_to=date(2026, 11, 26)),
    ]

    assert week_words(week_of(rules, TUESDAY), language="en", translate=english) == [
        ("Mon\N{EN DASH}Wed", "9 am\N{EN DASH}5 pm"),
        ("Fri", "9 am\N{EN DASH}5 pm"),
        ("Sat", "By appointment"),
        ("Sun", "Closed"),
        ("Thu, Nov 26", "Closed"),
    ]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (DayHours(TUESDAY, ((time(0), time(0)),)), "Open 24 hours"),
        (DayHours(TUESDAY, ((time(9), time(9)),)), "9 am\N{EN DASH}9 am"),
        (DayHours(TUESDAY, ((time(20), time(8)),)), "8 pm\N{EN DASH}8 am"),
        (
            DayHours(TUESDAY, ((time(9), time(12)), (time(13), time(0)))),
            "9 am\N{EN DASH}noon, 1 pm\N{EN DASH}midnight",
        ),
        (
            DayHours(TUESDAY, NINE_TO_FIVE, by_appointment=True),
            "9 am\N{EN DASH}5 pm, or by appointment",
        ),
    ],
)
def test_the_hours_of_a_day_are_said(day: DayHours, expected: str) -> None:
    assert week_words([day], language="en", translate=english) == [("Tue", expected)]


def test_a_week_of_equal_days_is_one_row_whatever_day_it_begins_on() -> None:
    days = [DayHours(TUESDAY + timedelta(days=n), NINE_TO_FIVE) for n in range(7)]

    assert week_words(days, language="en", translate=english) == [
        ("Mon\N{EN DASH}Sun", "9 am\N{EN DASH}5 pm")
    ]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (TUESDAY, "Today"),
        (date(2026, 11, 25), "Tomorrow"),
        (date(2026, 12, 3), "Thu, Dec 3"),
        (date(2026, 11, 23), "Mon, Nov 23"),
    ],
)
def test_a_near_day_is_said_as_a_person_would(day: date, expected: str) -> None:
    assert day_words(day, TUESDAY, language="en", translate=english) == expected


def test_every_sentence_can_be_extracted_for_translation() -> None:
    source = BytesIO(Path(words.__file__).read_bytes())

    found = {message for _, message, *_ in extract("python", source, keywords={"translate": None})}

    assert {"Open until {time} tomorrow", "noon", "{count} h ago", "Closed"} <= found
    assert len(found) == 23


@given(
    age=st.timedeltas(timedelta(minutes=-2), timedelta(days=4)),
    later=st.timedeltas(timedelta(0), timedelta(days=1)),
)
def test_an_age_is_said_alike_until_it_ends_and_not_from_then_on(
    age: timedelta, later: timedelta
) -> None:
    as_of = datetime(2030, 6, 3, 12, tzinfo=UTC)
    now = as_of + age
    end = age_ends(as_of, now)

    def said(at: datetime) -> str:
        return age_words(as_of, at, translate=str)

    assert now < end
    assert said(min(now + later, end - timedelta.resolution)) == said(now)
    if age >= timedelta(0):
        assert said(end) != said(now)
