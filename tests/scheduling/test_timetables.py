from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from geo.travel import Mode
from scheduling.planning import Candidate, Trip, plan
from scheduling.timetables import Doing, timetable
from tests.scheduling.test_planning import (
    BESIDE,
    DETROIT,
    NORTH,
    PHONE,
    START,
    UNKNOWN,
    candidate,
    times,
    trip,
    trips,
)


def said(stops: list[Candidate], trip: Trip) -> list[str]:
    (day,) = timetable(stops, trip)
    return [f"{step.starts_at.astimezone(DETROIT):%H:%M} {step.doing}" for step in day.steps]


def test_day_is_told_from_leaving_to_being_back() -> None:
    stops = [candidate(0, "09:00"), candidate(1, "10:00", BESIDE)]

    assert said(stops, trip()) == [
        "08:45 travel", "09:00 appointment", "09:30 travel", "09:32 wait", "10:00 appointment",
        "10:30 back",
    ]  # fmt: skip


def test_call_at_home_needs_no_leaving() -> None:
    assert said([candidate(0, "09:00", PHONE)], trip()) == ["09:00 appointment"]
    assert said([candidate(0, "09:00", START)], trip(Mode.WALK)) == ["09:00 appointment"]


def test_way_that_nobody_knows_is_marked() -> None:
    (day,) = timetable([candidate(0, "10:00", UNKNOWN)], trip())

    assert [step.is_known for step in day.steps] == [False, True, False]


def test_each_day_has_a_table() -> None:
    days = timetable([candidate(0, "09:00"), candidate(1, "09:00", NORTH, day=1)], trip())

    assert [str(day.day) for day in days] == ["2030-06-03", "2030-06-04"]


@given(st.lists(times, max_size=16), trips)
def test_tables_add_up_to_what_the_plan_is_worth(candidates: list[Candidate], trip: Trip) -> None:
    for worth, stops in plan(candidates, trip, 4).plans:
        days = timetable(stops, trip)

        assert len(days) == worth.days
        assert days[-1].back_at == worth.done_at
        idle = sum(day.minutes(Doing.TRAVEL, Doing.WAIT, Doing.BACK) for day in days)
        assert idle == worth.idle_minutes
        for day in days:
            assert trip.opens(day.day) <= day.leaves_at
            assert day.back_at <= trip.closes(day.day)
            assert all(a.ends_at == b.starts_at for a, b in pairwise(day.steps))
