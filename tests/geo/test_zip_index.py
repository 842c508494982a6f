"""What is kept of the wheel's rows."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Event
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import geo.zip_index
from geo.place_names import TownReading
from geo.places import Place, Town
from geo.points import (
    EarthCentred,
    Point,
    chord_squared_between,
    geodesic_kilometres,
    kilometres_between,
    kilometres_of,
    to_earth_centred,
)
from geo.states import STATE_NAMES
from geo.zip_index import ZipIndex, zip_index


def every_zip() -> Iterator[Place]:
    """All ZIP codes, in their order."""
    for digit in "0123456789":
        yield from zip_index().zip_codes_beginning(digit)


def test_some_forty_thousand_zip_codes_are_known() -> None:
    codes = [place.postal_code for place in every_zip()]
    assert len(codes) > 41_000
    assert codes == sorted(set(filter(None, codes)))


def test_every_zip_code_has_a_state_a_place_on_the_map_and_a_real_time_zone() -> None:
    places = list(every_zip())
    # The wheel has no positions in Micronesia.
    assert {place.state for place in places} == set(STATE_NAMES) - {"FM"}
    assert all(place.point != (0, 0) for place in places)
    for zone in {place.timezone for place in places}:
        assert ZoneInfo(zone).key == zone


def test_a_row_with_a_broken_time_zone_gets_its_states_usual_one() -> None:
    place = zip_index().zip_code("99634")
    assert place
    assert place.timezone == "America/Anchorage"


def test_a_post_office_box_without_county_gets_its_towns() -> None:
    place = zip_index().zip_code("00732")
    assert place
    assert place.county == "Ponce Municipio"


@cache
def every_position() -> list[EarthCentred]:
    """Where all ZIP codes are."""
    return [to_earth_centred(place.point) for place in every_zip()]


@given(st.floats(24, 50), st.floats(-125, -66))
@example(44.55, -108.58)  # a ZIP code in a corner of the cells, a nearer one beyond their side
@settings(max_examples=25)
def test_the_nearest_zip_code_is_the_nearest_of_all(latitude: float, longitude: float) -> None:
    point = Point(latitude, longitude)
    here = to_earth_centred(point)
    shortest = kilometres_of(min(chord_squared_between(here, there) for there in every_position()))
    nearest = zip_index().nearest(point)
    if nearest is None:
        assert shortest > 300
    else:
        assert kilometres_between(point, nearest.point) == shortest
        assert geodesic_kilometres(point, nearest.point) == pytest.approx(shortest, rel=1e-5)


def test_no_zip_code_is_near_the_middle_of_an_ocean() -> None:
    assert zip_index().nearest(Point(0, -30)) is None


def test_a_town_lies_amid_its_zip_codes_and_has_the_county_and_zone_of_most() -> None:
    corners = [(40.0, -90.0, "A County"), (40.0, -90.2, "B County"), (40.3, -90.1, "B County")]
    zips = tuple(
        Place("", Point(lat, lon), "", "", county, "IL", "America/Chicago", "zip")
        for lat, lon, county in corners
    )
    place = Town("Sample", "IL", official=True, zips=zips).place()
    assert place == Place(
        label="Sample, IL",
        point=Point(40.1, -90.1),
        postal_code=None,
        city="Sample",
        county="B County",
        state="IL",
        timezone="America/Chicago",
        kind="town",
    )


def test_a_post_office_box_elsewhere_does_not_move_its_town() -> None:
    delivered, box = zip_index().zip_code("01545"), zip_index().zip_code("01546")
    (town,) = zip_index().towns_named(TownReading(("shrewsbury",), frozenset({"MA"})))
    assert delivered
    assert box
    assert town.place().point == delivered.point != box.point


def test_threads_that_ask_together_get_one_index_built_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    built: list[ZipIndex] = []
    second_started = Event()

    @cache
    def build() -> ZipIndex:
        built.append(ZipIndex([]))
        if len(built) > 1:
            second_started.set()
        # Long enough for another thread to come in, if the lock lets it.
        second_started.wait(timeout=0.2)
        return built[-1]

    monkeypatch.setattr(geo.zip_index, "_built_index", build)
    with ThreadPoolExecutor(4) as pool:
        given_out = list(pool.map(lambda _: zip_index(), range(4)))
    assert len(built) == 1
    assert {id(index) for index in given_out} == {id(built[0])}
