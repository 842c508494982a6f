import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.points import Point, kilometres_between
from geo.travel import PACES, STRAIGHT_LINE, Mode

HALL = Point(42.7335, -84.5555)

points = st.builds(Point, st.floats(42, 43), st.floats(-85, -84))


def north(kilometres: float) -> Point:
    """A point so far north of the hall, nearly."""
    return Point(HALL.latitude + kilometres / 111.1, HALL.longitude)


@pytest.mark.parametrize(
    ("mode", "kilometres", "minutes"),
    [
        (Mode.WALK, 1, 18),
        (Mode.BICYCLE, 5, 30),
        (Mode.TRANSIT, 10, 57),
        (Mode.DRIVE, 20, 49),
    ],
)
def test_way_takes_a_detour_at_a_speed_and_a_fixed_time(
    mode: Mode, kilometres: float, minutes: int
) -> None:
    assert STRAIGHT_LINE.minutes(HALL, north(kilometres), mode) == minutes


@pytest.mark.parametrize("mode", Mode)
def test_same_point_takes_no_time(mode: Mode) -> None:
    assert STRAIGHT_LINE.minutes(HALL, HALL, mode) == 0


@pytest.mark.parametrize("mode", Mode)
def test_next_door_is_walked(mode: Mode) -> None:
    assert STRAIGHT_LINE.minutes(HALL, north(0.1), mode) == 2


@given(points, points, st.sampled_from(Mode))
def test_way_is_never_faster_than_the_line_and_the_same_back(
    here: Point, there: Point, mode: Mode
) -> None:
    minutes = STRAIGHT_LINE.minutes(here, there, mode)
    fastest = max(pace.kilometres_an_hour for pace in PACES.values())

    assert minutes >= kilometres_between(here, there) / fastest * 60
    assert minutes == STRAIGHT_LINE.minutes(there, here, mode)


@given(points, points, points, st.sampled_from(Mode))
def test_way_over_a_third_place_is_no_shorter(a: Point, b: Point, c: Point, mode: Mode) -> None:
    over = STRAIGHT_LINE.minutes(a, b, mode) + STRAIGHT_LINE.minutes(b, c, mode)

    assert STRAIGHT_LINE.minutes(a, c, mode) <= over + 1  # each is rounded up
