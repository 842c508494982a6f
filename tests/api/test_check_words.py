"""When and how something was checked, in words."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.check_words import check_words, checked_words, unclaimed_words
from api.languages import language
from directory.models.verifications import VerificationMethod
from tests.conftest import NOON

DETROIT = ZoneInfo("America/Detroit")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ENGLISH, SPANISH = language("en"), language("es")


@pytest.mark.parametrize(
    ("age", "said", "dicho"),
    [
        (-HOUR, "today", "hoy"),
        (0 * HOUR, "today", "hoy"),
        (8 * HOUR, "today", "hoy"),  # midnight in Detroit
        (9 * HOUR, "yesterday", "ayer"),
        (12 * DAY, "12 days ago", "hace 12 días"),
        (59 * DAY, "59 days ago", "hace 59 días"),
        (60 * DAY, "2 months ago", "hace 2 meses"),
        (400 * DAY, "13 months ago", "hace 13 meses"),
        (730 * DAY, "2 years ago", "hace 2 años"),
    ],
)
def test_ages_are_by_the_calendar_there(age: timedelta, said: str, dicho: str) -> None:
    for tongue, expected in (
        (ENGLISH, f"Checked {said} by phone"),
        (SPANISH, f"Comprobado {dicho} por teléfono"),
    ):
        assert check_words(NOON - age, "phone", NOON, DETROIT, tongue) == expected


@pytest.mark.parametrize("method", VerificationMethod)
def test_every_method_has_its_words(method: VerificationMethod) -> None:
    english = check_words(NOON, method, NOON, DETROIT, ENGLISH)

    assert english.startswith("Checked today ")
    assert check_words(NOON, method, NOON, DETROIT, SPANISH).startswith("Comprobado hoy ")


def entry(**fields: Any) -> dict[str, Any]:
    return {
        "timezone": "America/Detroit",
        "checked_at": None,
        "checked_how": None,
        "hours_known": True,
        "hours_checked_at": None,
        "hours_checked_how": None,
        "hours_claimed_until": None,
        **fields,
    }


def test_a_listing_says_its_whole_else_its_hours_else_nothing() -> None:
    hours = {"hours_checked_at": NOON - 3 * DAY, "hours_checked_how": "visit"}

    def said(**fields: Any) -> str:
        return checked_words(entry(**fields), NOON, ENGLISH)

    assert said(checked_at=NOON, checked_how="staff", **hours) == "Checked today by the agency"
    assert said(**hours) == "Hours: Checked 3 days ago on a visit"
    assert said(**hours, hours_claimed_until=NOON - 3 * DAY) == "Not checked yet"
    assert said(**{**hours, "hours_known": False}) == "Not checked yet"
    assert said() == "Not checked yet"


@pytest.mark.parametrize(
    ("checked_at", "until", "said"),
    [
        (datetime(2030, 3, 9, tzinfo=NOON.tzinfo), NOON, "not checked since March; call first"),
        (
            datetime(2029, 3, 9, tzinfo=NOON.tzinfo),
            NOON,
            "not checked since March 2029; call first",
        ),
        (datetime(2030, 1, 1, tzinfo=NOON.tzinfo), NOON, "not checked since December 2029; call"),
        (None, NOON, "not checked yet; call first"),
        (NOON - DAY, NOON - DAY, "agency says its hours have changed; call first"),
    ],
)
def test_hours_that_nobody_stands_by_say_why(
    checked_at: datetime | None, until: datetime, said: str
) -> None:
    row = entry(hours_checked_at=checked_at, hours_claimed_until=until)

    assert said in unclaimed_words(row, ENGLISH, NOON)
    assert "llame primero" in unclaimed_words(row, SPANISH, NOON)
