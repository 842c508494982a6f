"""The checker of histories finds what is wrong, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from tests.endurance.history import Refusal, Span, Taking, judge

moments = st.integers(0, 20)


@st.composite
def takings(draw: st.DrawFn) -> Taking[str]:
    asked, granted, giving_back, given_back = sorted(draw(st.tuples(*[moments] * 4)))
    return Taking(
        draw(st.sampled_from("ab")),
        draw(st.integers(1, 3)),
        surely=Span(granted, giving_back),
        maybe=Span(asked, given_back),
    )


def test_three_at_once_in_two_places_are_too_many() -> None:
    taken = [Taking("a", 1, Span(n, n + 10), Span(n - 1, n + 11)) for n in range(3)]

    assert judge(2, taken, []).over_capacity == ["a"]
    assert judge(3, taken, []).over_capacity == []


def test_who_comes_when_another_goes_is_not_too_many() -> None:
    taken = [Taking("a", 1, Span(0, 5), Span(0, 6)), Taking("a", 1, Span(5, 9), Span(4, 9))]

    assert judge(1, taken, []).over_capacity == []


def test_full_is_false_when_a_place_was_free_all_the_while() -> None:
    taken = [Taking("a", 1, Span(2, 5), Span(1, 6))]
    refusals = [
        Refusal("a", 1, Span(7, 8)),
        Refusal("a", 1, Span(5.5, 8)),
        Refusal("b", 1, Span(2, 3)),
    ]

    assert judge(1, taken, refusals).false_refusals == [refusals[0], refusals[2]]
    assert judge(2, taken, refusals).false_refusals == refusals


@given(st.lists(takings(), max_size=8), st.integers(1, 4))
def test_it_agrees_with_looking_at_every_half_moment(
    taken: list[Taking[str]], capacity: int
) -> None:
    def at(slot: str, moment: float) -> int:
        return sum(
            t.places for t in taken if t.slot == slot and t.surely.begins <= moment < t.surely.ends
        )

    over = {slot for slot in "ab" if any(at(slot, half / 2) > capacity for half in range(42))}

    assert set(judge(capacity, taken, []).over_capacity) == over


@given(st.lists(takings(), max_size=8), st.tuples(moments, moments), st.integers(1, 3))
def test_a_refusal_is_false_exactly_when_there_was_room_at_every_half_moment(
    taken: list[Taking[str]], during: tuple[int, int], places: int
) -> None:
    first, last = sorted(during)
    refusal = Refusal("a", places, Span(first, last))

    def room(moment: float) -> bool:
        held = sum(
            t.places for t in taken if t.slot == "a" and t.maybe.begins <= moment < t.maybe.ends
        )
        return held + places <= 3

    always = all(room(half / 2) for half in range(2 * first, 2 * last + 1))

    assert bool(judge(3, taken, [refusal]).false_refusals) == always
