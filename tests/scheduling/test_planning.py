"""Plans are the best there are: proven by trying everything, on small random days."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.points import Point
from geo.travel import Mode
from scheduling.planning import Candidate, Trip, Worth, best_few, plan
from scheduling.ways import Spot, Ways, find_tight
from tests.scheduling.plan_by_trying import worth_of, worths_by_trying

DETROIT = ZoneInfo("America/Detroit")
MONDAY = date(2030, 6, 3)
START = Spot("start", Point(42.7335, -84.5555))

#: A hall in the north, one next to it, one in the west, one that is nowhere, and the phone.
NORTH = Spot("north", Point(42.7635, -84.5555))
BESIDE = Spot("beside", Point(42.7645, -84.5555))
WEST = Spot("west", Point(42.7335, -84.6055))
UNKNOWN = Spot("unknown", None)
PHONE = Spot(None, None, remote=True)
SPOTS = (START, NORTH, BESIDE, WEST, UNKNOWN, PHONE)


def at(clock: str, day: int = 0) -> datetime:
    wall = datetime.combine(MONDAY + timedelta(day), time.fromisoformat(clock), DETROIT)
    return wall.astimezone(UTC)


def candidate(
    need: int, clock: str, spot: Spot = NORTH, *, day: int = 0, minutes: int = 30
) -> Candidate:
    starts = at(clock, day)
    name = f"{need} {clock} {spot.key} {day} {minutes}"
    return Candidate(need, name, spot, starts, starts + timedelta(minutes=minutes))


def trip(
    mode: Mode = Mode.DRIVE, leave: str = "08:00", back: str = "17:00", now: datetime | None = None
) -> Trip:
    return Trip(
        start=START,
        ways=Ways(mode),
        zone=DETROIT,
        leave_after=time.fromisoformat(leave),
        back_by=time.fromisoformat(back),
        not_before=now,
    )


def clocks(candidates: Sequence[Candidate]) -> list[str]:
    return [f"{each.starts_at.astimezone(DETROIT):%H:%M}" for each in candidates]


times = st.builds(
    lambda need, quarter, spot, day, minutes: candidate(
        need, f"{8 + quarter // 4:02}:{quarter % 4 * 15:02}", spot, day=day, minutes=minutes
    ),
    st.integers(0, 3),
    st.integers(0, 30),
    st.sampled_from(SPOTS),
    st.integers(0, 2),
    st.sampled_from((15, 30, 60)),
)
trips = st.builds(
    trip,
    st.sampled_from((Mode.WALK, Mode.DRIVE, Mode.TRANSIT)),
    st.sampled_from(("08:00", "09:30")),
    st.sampled_from(("12:00", "17:00")),
    st.sampled_from((None, at("10:07") + timedelta(seconds=30))),
)


@settings(max_examples=300)
@given(st.lists(times, max_size=14), trips)
def test_plans_are_those_that_trying_everything_finds(
    candidates: list[Candidate], trip: Trip
) -> None:
    planned = plan(candidates, trip, 4)

    assert [each.worth for each in planned.plans] == worths_by_trying(candidates, trip, 4)


@settings(max_examples=150)
@given(st.lists(times, max_size=20), trips)
def test_plan_is_worth_what_it_says_and_can_be_kept_to(
    candidates: list[Candidate], trip: Trip
) -> None:
    planned = plan(candidates, trip, 4)

    for worth, stops in (*planned.plans, *planned.without.values()):
        assert worth_of(stops, trip) == worth
        assert set(stops) <= set(candidates)
        assert len({stop.need for stop in stops}) == len(stops)
        assert find_tight(stops, trip.ways) is None


@settings(max_examples=100)
@given(st.lists(times, max_size=12), trips)
def test_plan_without_a_need_is_the_best_for_the_others(
    candidates: list[Candidate], trip: Trip
) -> None:
    planned = plan(candidates, trip, 4)

    for need, other in planned.without.items():
        rest = [each for each in candidates if each.need in planned.met - {need}]
        assert other.worth == worths_by_trying(rest, trip, 4)[0]


def test_nothing_to_choose_from_is_no_plan() -> None:
    assert plan([], trip(), 3).plans == ()


def test_one_day_is_better_than_two_and_what_is_done_sooner_is_offered_too() -> None:
    planned = plan(
        [
            candidate(0, "09:00"),
            candidate(1, "10:00", WEST, day=1),
            candidate(0, "09:00", day=2),
            candidate(1, "10:00", WEST, day=2),
        ],
        trip(),
        2,
    )

    assert [each.worth.days for each in planned.plans] == [1, 2]
    assert planned.plans[0].worth.done_at > planned.plans[1].worth.done_at


def test_need_that_cannot_be_met_leaves_the_best_for_the_others() -> None:
    planned = plan([candidate(0, "09:00"), candidate(2, "10:00"), candidate(2, "15:00")], trip(), 3)

    assert planned.met == {0, 2}
    assert clocks(planned.plans[0].stops) == ["09:00", "10:00"]


def test_call_is_taken_where_one_is() -> None:
    planned = plan(
        [candidate(0, "09:00"), candidate(1, "09:30", PHONE), candidate(2, "10:00", BESIDE)],
        trip(),
        3,
    )

    assert len(planned.met) == 2  # the way from one hall to the other begins after the call


def test_way_home_has_to_be_in_time() -> None:
    assert plan([candidate(0, "11:00")], trip(back="11:35"), 1).plans == ()
    assert plan([candidate(0, "11:00")], trip(back="11:45"), 1).plans


def test_leaving_may_not_be_earlier_than_was_said() -> None:
    assert plan([candidate(0, "08:05")], trip(), 1).plans == ()


def test_nobody_leaves_before_now() -> None:
    assert plan([candidate(0, "11:00")], trip(now=at("10:46")), 1).plans == ()
    assert plan([candidate(0, "11:00")], trip(now=at("10:45")), 1).plans
    assert plan([candidate(0, "11:00", day=1)], trip(now=at("10:46")), 1).plans


def test_day_that_is_an_hour_shorter_is_as_long_as_it_is() -> None:
    spring = date(2030, 3, 10)
    opens, shuts = (
        datetime.combine(spring, time.fromisoformat(clock), DETROIT).astimezone(UTC)
        for clock in ("04:00", "04:30")
    )
    early = Candidate(0, "early", START, opens, shuts)

    assert plan([early], trip(leave="01:00", back="05:00"), 1).plans


@pytest.mark.parametrize("most", [1, 2, 3])
def test_best_few_have_the_best_and_what_is_done_first(most: int) -> None:
    planned = plan(
        [
            candidate(0, clock, spot, day=day)
            for day, clock, spot in (
                (0, "16:00", WEST), (1, "10:00", NORTH), (2, "12:00", BESIDE), (2, "14:00", START)
            )
        ],
        trip(),
        1,
    )  # fmt: skip

    few = best_few(planned.plans, most)

    assert len(few) == most
    assert few[0] == planned.plans[0]
    if most > 1:
        assert planned.plans[-1] in few
    assert few == sorted(few, key=lambda each: each.worth)


def test_worth_beats_another_only_where_it_is_as_good_in_everything() -> None:
    one, other = Worth(1, 40, at("12:00")), Worth(1, 50, at("11:00"))

    assert not one.beats(other)
    assert not other.beats(one)
    assert not one.beats(one)
    assert one.beats(Worth(2, 40, at("12:00")))
