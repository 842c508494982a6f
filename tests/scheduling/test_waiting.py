"""How long others waited, as a range that so small a count allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.waiting import FEWEST_OFFERS, WaitRange, expected_wait, wrong_stretches


@pytest.mark.parametrize("offered", range(FEWEST_OFFERS))
def test_below_a_small_count_we_cannot_say(offered: int) -> None:
    assert expected_wait(1, offered) is None


@pytest.mark.parametrize(
    ("position", "offered", "expected"),
    [
        (1, 16, (0, 1)),  # two a week
        (10, 16, (4, 7)),
        (10, 64, (1, 2)),
        (5, 5, (5, 15)),
        (100, 5, (52, None)),
    ],
)
def test_wait_is_what_was_really_offered(
    position: int, offered: int, expected: tuple[int, int | None]
) -> None:
    assert expected_wait(position, offered) == WaitRange(*expected)


@given(position=st.integers(1, 500), offered=st.integers(FEWEST_OFFERS, 2000))
def test_range_holds_what_the_plain_rate_says_and_is_never_a_point(
    position: int, offered: int
) -> None:
    said = expected_wait(position, offered)

    assert said is not None
    plain = position * 8 / offered
    assert said.from_weeks <= max(plain, 52)
    assert said.to_weeks is None or plain <= said.to_weeks > said.from_weeks


@pytest.mark.parametrize(
    ("stretch", "path"),
    [
        ({"byday": ["XX"]}, "suits.0.byday"),
        ({"byday": ["1MO"]}, "suits.0.byday"),
        ({"opens_at": "12:00", "closes_at": "12:00"}, "suits.0.closes_at"),
    ],
)
def test_hours_that_suit_nothing_are_refused(stretch: dict[str, object], path: str) -> None:
    assert [error.path for error in wrong_stretches([stretch])] == [path]


def test_more_stretches_than_a_week_has_are_refused() -> None:
    assert [error.path for error in wrong_stretches([{}] * 15)] == ["suits"]
