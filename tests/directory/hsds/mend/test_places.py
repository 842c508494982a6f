import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from directory.hsds.mend import CannotMendError, places
from directory.hsds.mend.places import AddressLines, Spot


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("1020", "01020"),
        ("01020", "01020"),
        ("94025-9881", "94025-9881"),
        ("940259881", "94025-9881"),
        ("1020.0", "01020"),
        ("", ""),
    ],
)
def test_zip_codes_keep_their_zeros(raw: str, code: str) -> None:
    assert places.postal_code(raw)[0] == code


def test_what_is_no_zip_code_is_refused_unless_abroad() -> None:
    with pytest.raises(CannotMendError):
        places.postal_code("K1A 0B1")
    assert places.postal_code("K1A 0B1", "CA") == ("K1A 0B1", None)


@pytest.mark.parametrize(
    ("raw", "code"), [("Ohio", "OH"), ("oh", "OH"), ("OH", "OH"), ("new york", "NY"), ("", "")]
)
def test_states_become_codes(raw: str, code: str) -> None:
    assert places.state(raw)[0] == code


def test_a_province_stays_as_it_stands() -> None:
    assert places.state("Ontario") == ("Ontario", None)


@pytest.mark.parametrize(
    ("line", "zip_city", "mended"),
    [
        (
            "180 North Wobble, Suite 820Lake Wobble",
            "Lake Wobble",
            AddressLines("180 North Wobble, Suite 820", None, "Lake Wobble"),
        ),
        (
            "9 Elm StreetSuite 8Lake Wobble",
            "Lake Wobble",
            AddressLines("9 Elm Street", "Suite 8", "Lake Wobble"),
        ),
        (
            "150 Court Street2nd FloorLake Wobble",
            "Lake Wobble",
            AddressLines("150 Court Street", "2nd Floor", "Lake Wobble"),
        ),
        ("9 LaSalle StMcHenry", "Lake Wobble", AddressLines("9 LaSalle StMcHenry", None, "")),
        ("9 Elm Street", "", AddressLines("9 Elm Street", None, "")),
    ],
)
def test_joined_lines_come_apart_only_where_that_is_certain(
    line: str, zip_city: str, mended: AddressLines
) -> None:
    assert places.address(line, None, "", zip_city)[0] == mended


def test_a_city_that_is_given_is_left_alone() -> None:
    lines, note = places.address("9 Lake Wobble", None, "Springfield", "Lake Wobble")
    assert lines == AddressLines("9 Lake Wobble", None, "Springfield")
    assert note is None


def test_a_phone_number_is_no_address() -> None:
    with pytest.raises(CannotMendError):
        places.address("Phone: 555-555-0100", None, "")


@pytest.mark.parametrize("raw", ["P.O. Box 726", "PO Box 731", "po box 1", "Post Office Box 9"])
def test_boxes_at_the_post_office_are_recognised(raw: str) -> None:
    assert places.is_post_box(raw)
    assert not places.is_post_box(f"9 Elm Street, {raw}")


@given(st.floats(-85, 85), st.floats(-179.9, 179.9))
def test_degrees_stay_as_they_are(latitude: float, longitude: float) -> None:
    assume(latitude or longitude)
    assert places.coordinates(str(latitude), str(longitude))[0] == Spot(latitude, longitude)


@given(st.floats(-85, 85), st.floats(90.5, 179.9), st.sampled_from([1, -1]))
def test_swapped_degrees_are_changed_over(latitude: float, longitude: float, sign: int) -> None:
    spot, note = places.coordinates(str(sign * longitude), str(latitude))
    assert spot == Spot(latitude, sign * longitude)
    assert note


@given(st.floats(5, 84), st.floats(-179, -5))
def test_web_map_metres_become_degrees(latitude: float, longitude: float) -> None:
    north = 6378137.0 * math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2))
    spot, _ = places.coordinates(str(north), str(6378137.0 * math.radians(longitude)))
    assert spot is not None
    assert spot.latitude == pytest.approx(latitude, abs=1e-6)
    assert spot.longitude == pytest.approx(longitude, abs=1e-6)


@pytest.mark.parametrize("pair", [("0", "0"), ("0.0", "0"), ("", ""), ("44.1", ""), ("", "-93")])
def test_half_a_point_and_the_sea_are_no_place(pair: tuple[str, str]) -> None:
    assert places.coordinates(*pair)[0] is None


@pytest.mark.parametrize(
    "pair", [("north", "west"), ("-inf", "1"), ("inf", "1"), ("412.5", "-840")]
)
def test_what_is_no_point_is_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(CannotMendError):
        places.coordinates(*pair)


def test_a_pair_has_its_longitude_first() -> None:
    assert places.pair("['-122.2', '37.4']") == ("37.4", "-122.2")
    with pytest.raises(CannotMendError):
        places.pair("37.4")


def test_a_point_in_antarctica_belongs_near_its_zip_code() -> None:
    middle = Spot(42.7, -84.5)
    assert places.nearer_when_swapped(Spot(-84.6, 42.8), middle)
    assert not places.nearer_when_swapped(Spot(42.8, -84.6), middle)
    assert not places.nearer_when_swapped(Spot(10.0, 10.0), middle)
