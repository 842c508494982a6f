from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.opening_rules import parse_byday
from seed.hours import KINDS, coming_holidays, holidays, read_hours

DAYS = st.dates(date(2020, 1, 1), date(2090, 1, 1))


@given(DAYS)
def test_thanksgiving_is_the_fourth_thursday_of_november(today: date) -> None:
    thanksgiving = coming_holidays(today)[0].first
    assert (thanksgiving.month, thanksgiving.weekday()) == (11, 3)
    assert 22 <= thanksgiving.day <= 28


@given(DAYS)
def test_holidays_are_under_way_or_within_a_year(today: date) -> None:
    for holiday in coming_holidays(today):
        assert holiday.first <= holiday.last
        assert today <= holiday.last <= today + timedelta(days=373)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_hours_is_well_formed(kind: str) -> None:
    for variant in KINDS[kind]:
        for line in variant:
            assert parse_byday(line.days)
            assert (read_hours(line.hours) == (None, None)) == line.by_appointment


def test_shelters_open_on_holidays_and_offices_close() -> None:
    today = date(2030, 6, 3)
    assert all(holiday.hours for holiday in holidays("overnight", today))
    assert not any(holiday.hours for holiday in holidays("pantry", today))
    assert holidays("around the clock", today) == ()
