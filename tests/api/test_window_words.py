from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.languages import language
from api.pages.times import Times
from api.window_words import rule_words
from tests.conftest import NOON

TUESDAY = date(2030, 6, 4)


def said(tag: str = "en", **fields: Any) -> str:
    row = {
        "freq": "WEEKLY",
        "repeat_interval": 1,
        "byday": "TU,TH",
        "starts_on": TUESDAY,
        "until": None,
        "repeat_count": None,
        "opens_at": time(13),
        "closes_at": time(15),
        "slot_minutes": 30,
        "gap_minutes": 0,
        "capacity": 2,
        **fields,
    }
    return rule_words(row, Times(language(tag), NOON, ZoneInfo("America/Detroit")))


def days(**fields: Any) -> str:
    return said(**fields).partition(", 1 pm")[0]


def test_rule_is_one_sentence() -> None:
    assert said(until=date(2030, 6, 30)) == (
        "Tuesdays and Thursdays, 1 pm\u20133 pm, every 30 minutes, 2 places, until Jun 30"
    )
    assert said("es", until=date(2031, 6, 30)) == (
        "Martes y jueves, 1 p.m.\u20133 p.m., cada 30 minutos, 2 lugares, hasta el 30 jun 2031"
    )


def test_one_place_gaps_and_counts_are_said() -> None:
    assert said(capacity=1, gap_minutes=15, repeat_count=6).endswith(
        "every 45 minutes, 1 place, 6 times"
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"freq": None, "byday": None}, "Jun 4"),
        ({"byday": None}, "Tuesdays"),
        ({"byday": "FR,MO,WE"}, "Mondays, Wednesdays, and Fridays"),
        ({"byday": "TU", "repeat_interval": 2}, "Tuesdays (every 2 weeks)"),
        ({"freq": "DAILY", "byday": None}, "Every day"),
        ({"freq": "DAILY", "byday": "SA,SU"}, "Saturdays and Sundays"),
        ({"freq": "MONTHLY", "byday": None}, "On day 4 of the month"),
        ({"freq": "MONTHLY", "byday": "TU"}, "Every Tuesday of the month"),
        ({"freq": "MONTHLY", "byday": "1TU,3TU"}, "Every first and third Tuesday of the month"),
        (
            {"freq": "MONTHLY", "byday": "-1FR,1MO", "repeat_interval": 2},
            "Every first Monday and last Friday of the month (every 2 months)",
        ),
    ],
)
def test_days_are_said_as_people_say_them(fields: dict[str, Any], words: str) -> None:
    assert days(**fields) == words
