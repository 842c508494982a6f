"""Points on the earth and the distances between them.

A distance search in SQL compares the squared length of the straight chord through the earth:
three subtractions and a dot product on stored columns, no trigonometry, and as true as a survey
at the lengths people travel. The geodesic itself is kept as the yardstick.
"""

import math
from typing import Final, NamedTuple

MILES_TO_KM: Final = 1.609344
"""Kilometres in one international mile, exactly."""

EQUATORIAL_RADIUS_M: Final = 6_378_137.0
"""WGS 84 semi-major axis, metres (NGA.STND.0036)."""

FLATTENING: Final = 1 / 298.257223563
"""WGS 84 flattening (NGA.STND.0036)."""

POLAR_RADIUS_M: Final = EQUATORIAL_RADIUS_M * (1 - FLATTENING)

# The sphere on which a chord is turned into a length along the ground. Its radius enters only
# through the small difference between the two, so the mean radius (IUGG R1) serves everywhere.
_MEAN_RADIUS_M: Final = 6_371_008.8

# No two points of the ellipsoid are further apart than two opposite ones on the equator.
_LONGEST_CHORD_SQUARED: Final = (2 * EQUATORIAL_RADIUS_M) ** 2


class Point(NamedTuple):
    """A place on the earth in WGS 84 degrees: north and east are positive."""

    latitude: float
    longitude: float


class EarthCentred(NamedTuple):
    """The same place as metres from the earth's centre, at height 0 on the WGS 84 ellipsoid.

    x points to latitude 0, longitude 0; y to 90 degrees east; z to the north pole.
    """

    x: float
    y: float
    z: float


def checked_point(latitude: float, longitude: float) -> Point:
    """Make a point of two numbers from outside; `ValueError` names the one that cannot be.

    The number itself is not repeated: it may be where somebody lives.
    """
    # NaN compares false with everything, so it fails these tests too.
    if not -90 <= latitude <= 90:  # noqa: PLR2004 - degrees
        raise ValueError("Latitude must be a number from -90 to 90.")
    if not -180 <= longitude <= 180:  # noqa: PLR2004 - degrees
        raise ValueError("Longitude must be a number from -180 to 180.")
    return Point(float(latitude), float(longitude))


def to_earth_centred(point: Point) -> EarthCentred:
    """Where the point is in metres from the earth's centre (geodetic to ECEF, height 0)."""
    latitude, longitude = math.radians(point.latitude), math.radians(point.longitude)
    eccentricity_squared = FLATTENING * (2 - FLATTENING)
    # The length of the ellipsoid's normal from the surface down to the polar axis.
    normal = EQUATORIAL_RADIUS_M / math.sqrt(1 - eccentricity_squared * math.sin(latitude) ** 2)
    return EarthCentred(
        x=normal * math.cos(latitude) * math.cos(longitude),
        y=normal * math.cos(latitude) * math.sin(longitude),
        z=normal * (1 - eccentricity_squared) * math.sin(latitude),
    )


def chord_squared_between(a: EarthCentred, b: EarthCentred) -> float:
    """Squared length, in square metres, of the straight line through the earth: what SQL sums."""
    return (a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2


def chord_squared_of(kilometres: float) -> float:
    """Squared chord, in square metres, of a distance along the ground.

    Two places are within the distance when the squared chord between them is not above this.
    Half the way round the earth or more takes in every point. `ValueError` below zero or NaN.
    """
    if not kilometres >= 0:
        raise ValueError("A distance must be zero or more kilometres.")
    half_angle = kilometres * 1000 / (2 * _MEAN_RADIUS_M)
    if half_angle >= math.pi / 2:
        return _LONGEST_CHORD_SQUARED
    return (2 * _MEAN_RADIUS_M * math.sin(half_angle)) ** 2


def kilometres_of(chord_squared: float) -> float:
    """Distance along the ground, in kilometres, of a squared chord in square metres.

    Against the geodesic: within 1 mm at 25 km, 12 mm at 100 km and 0.5 % at 15,000 km. Nearly
    opposite points (beyond that) may be out by 5 %: there one chord belongs to geodesics of
    different lengths. `ValueError` below zero or NaN.
    """
    if not chord_squared >= 0:
        raise ValueError("A squared chord must be zero or more square metres.")
    half_chord = math.sqrt(chord_squared) / 2
    return 2 * _MEAN_RADIUS_M * math.asin(min(1.0, half_chord / _MEAN_RADIUS_M)) / 1000


def kilometres_between(a: Point, b: Point) -> float:
    """Distance along the ground in kilometres, as `kilometres_of` has it: in a microsecond or two.

    The answer people see, the same as the one the database compares.
    """
    return kilometres_of(chord_squared_between(to_earth_centred(a), to_earth_centred(b)))


def geodesic_kilometres(a: Point, b: Point) -> float:
    """Shortest way over the WGS 84 ellipsoid in kilometres (Karney's method): the yardstick.

    About a hundred times slower than `kilometres_between`; for checking, not for searching.
    """
    from geopy.distance import (  # noqa: PLC0415 - geopy loads every online geocoder: 0.2 s
        geodesic,
    )

    return float(geodesic(a, b).kilometers)
