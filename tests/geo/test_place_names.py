"""Every spelling of a town comes to one key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.place_names import display_name, key_of, state_alone, town_readings, words_of


@pytest.mark.parametrize(
    "spellings",
    [
        ("St. John's", "saint johns", "Saint Johns", "ST JOHNS", "  st   johns "),
        ("Mt Pleasant", "Mt. Pleasant", "mount pleasant"),
        ("Ft. Worth", "fort worth"),
        ("Sainte Genevieve", "Ste. Genevieve"),
        ("O'Fallon", "O\u2019Fallon", "O Fallon", "ofallon"),
        ("Winston-Salem", "winston salem", "Winston\u2013Salem"),
        ("Ca\u00f1on City", "Can\u0303on City", "canon city"),
        ("DeKalb", "De Kalb"),
    ],
)
def test_spellings_of_one_name_share_a_key(spellings: tuple[str, ...]) -> None:
    assert len({key_of(words_of(spelling)) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("Mountain View", "Mt View"), ("Fortuna", "Ft Una"), ("Salem", "Salem City")]
)
def test_different_names_keep_different_keys(one: str, other: str) -> None:
    assert key_of(words_of(one)) != key_of(words_of(other))


@given(st.text())
def test_any_text_at_all_gives_plain_words(text: str) -> None:
    assert all(word.isascii() and word.isalnum() for word in words_of(text))
    assert all(reading.words for reading in town_readings(text))


def test_without_a_comma_the_last_words_may_be_a_state_or_not() -> None:
    readings = {(r.words, r.states) for r in town_readings("Port La")}
    assert readings == {(("port",), frozenset({"LA"})), (("port", "la"), None)}


def test_after_a_comma_comes_the_state() -> None:
    (reading,) = town_readings("Kansas City, Kan")
    assert reading.words == ("kansas", "city")
    assert reading.allows("KS")
    assert not reading.allows("MO")


def test_after_a_comma_something_that_is_no_state_fits_nowhere() -> None:
    (reading,) = town_readings("Paris, France")
    assert not reading.allows("TX")


@pytest.mark.parametrize("text", ["Lansing,", "Lansing, USA"])
def test_a_comma_with_no_state_leaves_every_state_open(text: str) -> None:
    (reading,) = town_readings(text)
    assert reading.allows("MI")
    assert reading.allows("KS")


def test_a_state_with_two_words_is_not_taken_for_one_with_the_last_of_them() -> None:
    readings = town_readings("Charleston West Virginia")
    assert (readings[0].words, readings[0].states) == (("charleston",), frozenset({"WV"}))


@pytest.mark.parametrize(
    ("text", "code"), [("Michigan", "MI"), ("N.Y.", "NY"), ("new york", "NY"), ("Lansing", None)]
)
def test_a_text_can_be_a_state_and_nothing_else(text: str, code: str | None) -> None:
    assert state_alone(text) == code


@pytest.mark.parametrize(
    ("postal", "shown"),
    [
        ("O Fallon", "O'Fallon"),
        ("Port O Connor", "Port O'Connor"),
        ("D LO", "D'Lo"),
        ("TY TY", "Ty Ty"),
        ("Mc Kees Rocks", "McKees Rocks"),
        ("Winston-salem", "Winston-Salem"),
        ("Land O Lakes", "Land O Lakes"),
        ("Dover AFB", "Dover AFB"),
        ("Du Bois", "Du Bois"),
        ("Lansing", "Lansing"),
    ],
)
def test_towns_are_shown_as_their_people_write_them(postal: str, shown: str) -> None:
    assert display_name(postal) == shown
    assert display_name(shown) == shown
