"""How alike two listings are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.duplicates import (
    LIKELY,
    Described,
    Likeness,
    Sign,
    likeness,
    phone_keys,
    street_key,
    street_pattern,
    street_spellings,
    streets_to_withhold,
)
from geo.points import Point

LANSING = Point(42.7335, -84.5555)
NEXT_DOOR = Point(42.7340, -84.5560)
MUSKEGON = Point(43.2342, -86.2484)

described = st.builds(
    Described,
    name=st.sampled_from(["Food Pantry", "The Food Pantry, Inc.", "Heron House", "Ärztehaus", ""]),
    alternate_name=st.sampled_from(["", "Food Pantry"]),
    phones=st.sets(st.sampled_from(["517-555-0101", "(517) 555 0102", "211"])).map(frozenset),
    street=st.sampled_from(["", "12 N. Oak Street", "12 North Oak St"]),
    point=st.sampled_from([None, LANSING, NEXT_DOOR, MUSKEGON]),
)


def alike(name: str, other: str, **same: object) -> Likeness:
    return likeness(
        Described(name=name, **same),  # type: ignore[arg-type]  # fields by name
        Described(name=other, **same),  # type: ignore[arg-type]
    )


@given(a=described, b=described)
def test_the_order_of_the_two_does_not_matter(a: Described, b: Described) -> None:
    assert likeness(a, b) == likeness(b, a)
    assert 0 <= likeness(a, b).score <= 100


@given(a=described)
def test_everything_that_has_a_name_is_like_itself(a: Described) -> None:
    if a.name:
        assert likeness(a, a).score >= LIKELY


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("St. Vincent's Kitchen", "Saint Vincents Kitchen"),
        ("The Heron House, Inc.", "Heron House"),
        ("Lanternfish Pantry", "Pantry Lanternfish"),
        ("Café d'Été", "Cafe d'Ete"),
    ],
)
def test_one_name_in_two_spellings_and_one_number_are_likely_the_same(
    name: str, other: str
) -> None:
    found = alike(name, other, phones=frozenset({"517-555-0101"}))

    assert found.score >= LIKELY
    assert found.signs == {Sign.NAME, Sign.PHONE}


def test_a_shared_switchboard_and_house_are_only_a_question() -> None:
    found = alike(
        "Dental Clinic",
        "Tax Help",
        phones=frozenset({"517-555-0101"}),
        street="12 Oak St",
        point=LANSING,
    )

    assert 0 < found.score < LIKELY
    assert found.signs == {Sign.PHONE, Sign.ADDRESS, Sign.NEAR}


def test_the_same_name_in_another_town_is_another_place() -> None:
    there = Described(name="Community Pantry", point=MUSKEGON)

    assert likeness(Described(name="Community Pantry", point=LANSING), there).score < LIKELY
    assert likeness(Described(name="Community Pantry", point=NEXT_DOOR), there).score < LIKELY
    assert likeness(Described(name="Community Pantry"), there).score >= LIKELY


@pytest.mark.parametrize("other", ["Owl House", "Heron Hospice", "Hero"])
def test_other_names_are_others(other: str) -> None:
    assert alike("Heron House", other, phones=frozenset({"517-555-0101"})).score < LIKELY


def test_a_street_is_known_in_its_usual_spellings() -> None:
    written = {each.lower() for each in street_spellings("12 N. Oak Street")}
    assert {"12 n oak st", "12 north oak street", "12 n. oak street"} <= written
    assert len(street_spellings(" ".join(["North"] * 200))) < 70
    assert street_spellings("") == {""}


def test_numbers_and_streets_are_compared_in_one_spelling() -> None:
    assert phone_keys(["+1 (517) 555-0101 ext. 7", "517.555.0101", "211"]) == {"5175550101"}
    assert street_key("12 North Oak Street, Suite 3") == street_key("12 N. Oak St. Ste 3")


def test_streets_are_found_in_a_text_the_longest_first_and_none_where_there_are_none() -> None:
    found = street_pattern(frozenset({"12 Oak St", "12 Oak Street"}))
    assert found.sub("-", "at 12 OAK STREET and 12 Oak St.") == "at - and -."
    assert street_pattern(frozenset()).sub("-", "as it was") == "as it was"
    assert streets_to_withhold(["", "1 A"]) == set()
