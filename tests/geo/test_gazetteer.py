"""From what people type to where they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.gazetteer import (
    AmbiguousPlaceError,
    Place,
    UnknownPlaceError,
    find_places,
    get_zip,
    resolve_place,
)
from geo.points import Point, kilometres_between

EAST_LANSING = Point(42.737, -84.484)
CHICAGO = Point(41.88, -87.63)


def labels(places: list[Place]) -> list[str]:
    """What people would read."""
    return [place.label for place in places]


def candidates_of(text: str) -> list[Place]:
    """Give the place meant, or those that may be; none when the text is not understood."""
    try:
        return [resolve_place(text)]
    except AmbiguousPlaceError as ambiguous:
        return ambiguous.candidates
    except UnknownPlaceError:
        return []


# ZIP codes


def test_a_zip_code_is_a_place_with_county_state_and_zone() -> None:
    assert get_zip("48933") == Place(
        label="48933, Lansing, MI",
        point=Point(42.7334, -84.5571),
        postal_code="48933",
        city="Lansing",
        county="Ingham County",
        state="MI",
        timezone="America/Detroit",
        kind="zip",
    )


@pytest.mark.parametrize("text", ["01020", " 01020 ", "01020-1234", "01020 1234", "010201234"])
def test_a_zip_code_may_have_its_four_more_digits_and_keeps_its_zero(text: str) -> None:
    place = get_zip(text)
    assert place
    assert place.postal_code == "01020"
    assert resolve_place(text) == place


@pytest.mark.parametrize(
    "text", ["1020", "00000", "96201", "4893", "489333", "", "Lansing", "٤٨٩٣٣"]
)
def test_what_is_no_zip_code_or_has_no_place_on_the_map_is_none(text: str) -> None:
    assert get_zip(text) is None


def test_three_digits_of_a_zip_code_bring_suggestions_and_two_do_not() -> None:
    assert labels(find_places("489", limit=2)) == ["48901, Lansing, MI", "48906, Lansing, MI"]
    assert find_places("48") == []
    with pytest.raises(AmbiguousPlaceError) as ambiguous:
        resolve_place("489")
    assert len(ambiguous.value.candidates) == 8


@pytest.mark.parametrize(
    "text",
    ["48933, Lansing, MI", "48933 Lansing", "48933 mi", "Lansing, MI 48933", "1 Elm St 48933-0001"],
)
def test_a_zip_code_with_its_town_beside_it_is_that_zip_code(text: str) -> None:
    assert resolve_place(text).label == "48933, Lansing, MI"


def test_a_house_number_is_not_taken_for_a_zip_code() -> None:
    assert get_zip("12345")
    assert find_places("12345 Elm St, Lansing, MI") == []


# Towns


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Lansing MI", "Lansing, MI"),
        ("lansing, mi", "Lansing, MI"),
        ("Lansing, Michigan", "Lansing, MI"),
        ("Lansing, MI, USA", "Lansing, MI"),
        ("St. Johns, MI", "Saint Johns, MI"),
        ("saint johns mi", "Saint Johns, MI"),
        ("Mt Pleasant Michigan", "Mount Pleasant, MI"),
        ("Winston-Salem", "Winston Salem, NC"),
        ("O\u2019Fallon, MO", "O'Fallon, MO"),
        ("Ca\u00f1on City", "Canon City, CO"),
        ("San Jos\u00e9 California", "San Jose, CA"),
        ("Washington, D.C.", "Washington, DC"),
        ("Washington DC", "Washington, DC"),
        ("Kansas City KS", "Kansas City, KS"),
        ("Charleston West Virginia", "Charleston, WV"),
        ("New York", "New York, NY"),
        ("San Francisco", "San Francisco, CA"),
        ("Queens", "Queens, NY"),
        ("Manhattan, NY", "Manhattan, NY"),
        ("Dot Lake AK", "Dot Lake, AK"),
        ("kalamaz", "Kalamazoo, MI"),
    ],
)
def test_a_town_is_found_however_it_is_written(text: str, label: str) -> None:
    place = resolve_place(text)
    assert (place.label, place.kind, place.postal_code) == (label, "town", None)
    assert find_places(text)[0] == place


def test_a_town_has_county_state_and_zone() -> None:
    town = resolve_place("Lansing, MI")
    assert (town.city, town.county, town.state) == ("Lansing", "Ingham County", "MI")
    assert town.timezone == "America/Detroit"
    assert kilometres_between(town.point, Point(42.7335, -84.5555)) < 3


def test_a_name_that_several_states_have_is_asked_back_biggest_town_first() -> None:
    with pytest.raises(AmbiguousPlaceError, match="town and its state") as ambiguous:
        resolve_place("Lansing")
    found = labels(ambiguous.value.candidates)
    assert found[0] == "Lansing, MI"
    assert {"Lansing, IL", "Lansing, KS"} < set(found)


def test_every_namesake_is_a_candidate_and_suggestions_stop_at_the_limit() -> None:
    with pytest.raises(AmbiguousPlaceError) as ambiguous:
        resolve_place("Springfield")
    candidates = ambiguous.value.candidates
    assert len(candidates) > 20
    assert find_places("Springfield", limit=5) == candidates[:5]
    assert find_places("Springfield", limit=0) == []


def test_letters_that_only_a_post_office_uses_are_no_town() -> None:
    assert "La, CA" not in labels(find_places("LA"))


def test_a_tolerated_name_of_many_zip_codes_counts_among_namesakes() -> None:
    assert labels(find_places("Manhattan"))[:2] == ["Manhattan, NY", "Manhattan, KS"]


def test_the_bare_name_of_a_state_is_not_a_town_elsewhere() -> None:
    with pytest.raises(AmbiguousPlaceError) as ambiguous:
        resolve_place("Michigan")
    assert labels(ambiguous.value.candidates) == ["Michigan, ND"]


def test_two_letters_of_a_town_bring_suggestions_and_one_does_not() -> None:
    assert "Lansing, MI" in labels(find_places("la"))
    assert find_places("l") == []


@pytest.mark.parametrize("text", ["Sain", "Saint", "saint jose", "St. Jose", "st jo"])
def test_a_saint_is_suggested_letter_by_letter(text: str) -> None:
    assert "Saint Joseph, MO" in labels(find_places(text))


def test_whole_names_come_before_names_that_go_on() -> None:
    assert labels(find_places("Mount Pleasant MI")) == [
        "Mount Pleasant, MI",
        "Mount Pleasant Mills, PA",
    ]


def test_a_state_half_typed_narrows_the_towns() -> None:
    assert labels(find_places("Lansing, M")) == ["Lansing, MI", "Lansing, MN"]


# The reader's own whereabouts


def test_nearer_towns_are_suggested_first() -> None:
    assert labels(find_places("lansing", near=CHICAGO))[:2] == ["Lansing, IL", "Lansing, MI"]
    assert labels(find_places("sain", near=EAST_LANSING))[0] == "Saint Johns, MI"
    assert labels(find_places("489", near=EAST_LANSING))[0] != "48901, Lansing, MI"


def test_a_namesake_nearby_is_meant() -> None:
    assert resolve_place("Lansing", near=EAST_LANSING).label == "Lansing, MI"
    assert resolve_place("Lansing", near=CHICAGO).label == "Lansing, IL"


def test_a_namesake_more_than_150_km_away_is_not_taken_for_granted() -> None:
    with pytest.raises(AmbiguousPlaceError) as ambiguous:
        resolve_place("Edina", near=Point(48.5, -93.4))
    assert labels(ambiguous.value.candidates) == ["Edina, MN", "Edina, MO"]


def test_of_two_namesakes_about_as_far_neither_is_taken_for_granted() -> None:
    with pytest.raises(AmbiguousPlaceError):
        resolve_place("Kansas City", near=Point(39.09, -94.62))


def test_a_name_only_begun_is_never_finished_by_nearness() -> None:
    with pytest.raises(AmbiguousPlaceError):
        resolve_place("Lansi", near=EAST_LANSING)


# Coordinates


@pytest.mark.parametrize(
    "text",
    ["42.7335,-84.5555", " 42.7335, -84.5555 ", "42.7335 -84.5555", "+42.7335,\u221284.5555"],
)
def test_coordinates_are_a_place_with_the_nearest_zip_codes_county(text: str) -> None:
    assert find_places(text) == [resolve_place(text)]
    assert resolve_place(text) == Place(
        label="42.734, -84.556",
        point=Point(42.7335, -84.5555),
        postal_code=None,
        city="",
        county="Ingham County",
        state="MI",
        timezone="America/Detroit",
        kind="coordinates",
    )


def test_coordinates_far_from_every_zip_code_are_in_no_state() -> None:
    place = resolve_place("48.85, 2.35")
    assert (place.county, place.state, place.timezone) == ("", "", "UTC")


def test_a_label_of_coordinates_never_says_minus_nothing() -> None:
    assert resolve_place("-0.0001, 0").label == "0.000, 0.000"


@pytest.mark.parametrize(
    ("text", "message"), [("95, 10", "Latitude .* -90 to 90"), ("10,-200", "Longitude .* 180")]
)
def test_impossible_coordinates_are_refused_in_words(text: str, message: str) -> None:
    assert find_places(text) == []
    with pytest.raises(UnknownPlaceError, match=message):
        resolve_place(text)


# Anything


@pytest.mark.parametrize(
    "text", ["", "  ", ",", ", MI", "Paris, France", "qqzz", f"Lansing{200 * chr(32)}MI"]
)
def test_what_we_do_not_know_is_answered_with_what_would_be_understood(text: str) -> None:
    assert find_places(text) == []
    with pytest.raises(UnknownPlaceError, match="5-digit ZIP code, or a town and its state"):
        resolve_place(text)


@given(st.text(max_size=40) | st.text(alphabet="489, .-stmioLA'", max_size=12))
def test_any_text_gives_a_place_or_one_of_the_two_refusals(text: str) -> None:
    suggestions = find_places(text)
    assert len(suggestions) <= 8
    candidates = candidates_of(text)[:8]
    assert suggestions[: len(candidates)] == candidates
    assert candidates or not suggestions


@given(st.integers(100, 999).map(str))
def test_every_label_we_show_brings_back_its_place(digits: str) -> None:
    for place in find_places(digits, limit=20):
        assert resolve_place(place.label) == place
        town = resolve_place(f"{place.city}, {place.state}")
        assert town.kind == "town"
        assert resolve_place(town.label) == town
