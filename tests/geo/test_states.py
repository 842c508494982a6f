"""States by code and by name."""

import pytest

from geo.states import STATE_NAMES, state_of, states_beginning


@pytest.mark.parametrize(
    ("spelling", "code"),
    [("mi", "MI"), ("michigan", "MI"), ("westvirginia", "WV"), ("districtofcolumbia", "DC")],
)
def test_a_state_is_known_by_code_and_by_name(spelling: str, code: str) -> None:
    assert state_of(spelling) == code
    assert states_beginning(spelling) == {code}


@pytest.mark.parametrize("spelling", ["", "m", "michi", "ontario", "zz"])
def test_anything_less_is_no_state(spelling: str) -> None:
    assert state_of(spelling) is None


def test_a_state_half_typed_may_become_any_that_begins_so() -> None:
    assert states_beginning("mich") == {"MI"}
    assert states_beginning("new") == {"NH", "NJ", "NM", "NY"}
    assert states_beginning("") == set(STATE_NAMES)
    assert states_beginning("france") == set()
