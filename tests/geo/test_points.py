"""Distances from chords, held against the geodesic."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geo.points import (
    MILES_TO_KM,
    Point,
    checked_point,
    chord_squared_between,
    chord_squared_of,
    geodesic_kilometres,
    kilometres_between,
    kilometres_of,
    to_earth_centred,
)

LATITUDES = st.floats(-90, 90)
LONGITUDES = st.floats(-180, 180)
POINTS = st.builds(Point, LATITUDES, LONGITUDES)


def nearby(kilometres: float) -> st.SearchStrategy[tuple[Point, Point]]:
    """Two points on the ground, roughly so far apart at most, away from the poles."""
    degrees = kilometres / 111
    steps = st.floats(-degrees, degrees)
    return st.builds(
        lambda lat, lon, north, east: (Point(lat, lon), Point(lat + north, lon + east)),
        st.floats(-85, 85),
        st.floats(-170, 170),
        steps,
        steps,
    )


@pytest.mark.parametrize("latitude", [90.001, -91, math.nan, math.inf, -math.inf])
def test_an_impossible_latitude_is_refused_by_name_and_range(latitude: float) -> None:
    with pytest.raises(ValueError, match=r"Latitude must be a number from -90 to 90\."):
        checked_point(latitude, 0)


@pytest.mark.parametrize("longitude", [180.001, -200, math.nan, math.inf, -math.inf])
def test_an_impossible_longitude_is_refused_by_name_and_range(longitude: float) -> None:
    with pytest.raises(ValueError, match=r"Longitude must be a number from -180 to 180\."):
        checked_point(0, longitude)


@given(LATITUDES, LONGITUDES)
def test_every_point_of_the_earth_is_accepted(latitude: float, longitude: float) -> None:
    assert checked_point(latitude, longitude) == Point(latitude, longitude)


def test_earth_centred_axes_point_where_they_should() -> None:
    assert to_earth_centred(Point(0, 0)) == pytest.approx((6_378_137, 0, 0))
    assert to_earth_centred(Point(0, 90)) == pytest.approx((0, 6_378_137, 0), abs=1e-6)
    assert to_earth_centred(Point(90, 0)) == pytest.approx((0, 0, 6_356_752.314245), abs=1e-6)


@given(nearby(17))
def test_a_chord_gives_the_geodesic_to_a_millimetre_at_25_km(pair: tuple[Point, Point]) -> None:
    assert geodesic_kilometres(*pair) < 26
    assert kilometres_between(*pair) == pytest.approx(geodesic_kilometres(*pair), abs=1e-6)


@given(nearby(70))
def test_a_chord_gives_the_geodesic_to_12_millimetres_at_100_km(pair: tuple[Point, Point]) -> None:
    assert geodesic_kilometres(*pair) < 101
    assert kilometres_between(*pair) == pytest.approx(geodesic_kilometres(*pair), abs=12e-6)


@given(POINTS, POINTS)
def test_a_chord_gives_the_geodesic_to_half_a_percent_up_to_15000_km(a: Point, b: Point) -> None:
    yardstick = geodesic_kilometres(a, b)
    tolerance = 0.005 if yardstick <= 15_000 else 0.05
    assert kilometres_between(a, b) == pytest.approx(yardstick, rel=tolerance, abs=1e-6)


@given(st.floats(0, 20_000))
def test_a_distance_survives_being_made_a_chord(kilometres: float) -> None:
    assert kilometres_of(chord_squared_of(kilometres)) == pytest.approx(kilometres, abs=1e-5)


@given(st.floats(0, 30_000), st.floats(0, 30_000))
def test_a_longer_distance_never_has_a_shorter_chord(a: float, b: float) -> None:
    shorter, longer = sorted((a, b))
    assert chord_squared_of(shorter) <= chord_squared_of(longer)


@given(POINTS, POINTS, st.floats(20_016, math.inf))
@example(Point(0, 0), Point(0, 180), 20_016)
def test_half_the_way_round_takes_in_every_point(a: Point, b: Point, far: float) -> None:
    # Sums of squares round; a hair of tolerance is a tenth of a millimetre here.
    between = chord_squared_between(to_earth_centred(a), to_earth_centred(b))
    assert between <= chord_squared_of(far) * (1 + 1e-12)


@pytest.mark.parametrize("wrong", [-1.0, -math.inf, math.nan])
def test_a_distance_below_zero_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="zero or more kilometres"):
        chord_squared_of(wrong)
    with pytest.raises(ValueError, match="zero or more square metres"):
        kilometres_of(wrong)


def test_a_mile_is_the_international_one() -> None:
    assert pytest.approx(42.195, abs=0.001) == MILES_TO_KM * 26.21875
