"""Whether there is time for the ways between appointments, wherever a call is taken."""

from geo.points import Point
from geo.travel import Mode
from scheduling.ways import Leg, TooTight, Ways, find_tight, legs_between
from tests.scheduling.test_planning import NORTH, PHONE, START, UNKNOWN, candidate

ON_FOOT = Ways(Mode.WALK)  # 58 minutes from the start to the north


def test_way_fits_before_or_after_a_call() -> None:
    before = [
        candidate(0, "08:30", NORTH),
        candidate(1, "10:00", PHONE),
        candidate(2, "10:30", START),
    ]
    after = [
        candidate(0, "08:30", NORTH),
        candidate(1, "09:00", PHONE),
        candidate(2, "10:30", START),
    ]

    assert find_tight(before, ON_FOOT) is None
    assert find_tight(after, ON_FOOT) is None


def test_way_that_fits_neither_before_nor_after_a_call_is_named_by_its_ends() -> None:
    stops = [
        candidate(0, "08:30", NORTH), candidate(1, "09:40", PHONE), candidate(2, "10:50", START)
    ]  # fmt: skip

    assert find_tight(stops, ON_FOOT) == TooTight(0, 2, 58, 40)


def test_call_may_not_begin_before_one_is_free() -> None:
    stops = [candidate(0, "08:30", NORTH), candidate(1, "08:45", PHONE)]

    assert find_tight(stops, ON_FOOT) == TooTight(0, 1, 0, -15)


def test_night_is_long_enough_for_any_way() -> None:
    stops = [
        candidate(0, "16:00", NORTH), candidate(1, "09:00", PHONE, day=1),
        candidate(2, "09:30", START, day=1),
    ]  # fmt: skip

    assert find_tight(stops, ON_FOOT) is None


def test_another_estimate_can_be_plugged_in() -> None:
    class Snail:
        def minutes(self, here: Point, there: Point, mode: Mode) -> int:
            del here, there, mode
            return 500

    stops = [candidate(0, "08:30", START), candidate(1, "10:30", NORTH)]

    tight = find_tight(stops, Ways(Mode.DRIVE, Snail()))
    assert tight == TooTight(0, 1, 500, 90)
    assert tight.missing_minutes == 410


def test_way_that_is_not_known_says_so() -> None:
    legs = list(legs_between([candidate(0, "10:00", UNKNOWN)], ON_FOOT, START))

    assert legs == [Leg(60, is_known=False)]
