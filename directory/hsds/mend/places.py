"""Mending addresses, ZIP codes, states and coordinates."""

import math
import re
from typing import Final, NamedTuple

from directory.hsds.mend import CannotMendError, Mended
from directory.hsds.mend.words import line
from geo.states import state_of

_ZIP_DIGITS: Final = 5
_ZIP: Final = re.compile(r"(\d{1,5})(?:[- ]?(\d{4}))?(?:\.0)?")
_PHONE_HERE: Final = re.compile(r"(phone|tel|call)\b.*\d{3}\D*\d{4}", re.IGNORECASE)
_SECOND_LINE: Final = re.compile(
    r"(?<=[a-z.])(?=(?:Suite|Ste\.?|STE|Unit|Room|Rm\.?|Floor|Apt\.?)\s|\d{1,2}(?:st|nd|rd|th)\s+Floor\b)"
)
_PO_BOX: Final = re.compile(r"\s*(p\.?\s*o\.?\s*box|post office box)\b", re.IGNORECASE)
#: Half of the equator in metres: the edge of a web map (EPSG:3857), and its radius.
_WEB_MAP_EDGE: Final = 20_037_508.35
_EARTH_RADIUS: Final = 6_378_137.0
#: Nearer to 0, 0 than this nobody lives: such numbers are slips, not metres.
_FEWEST_METRES: Final = 100_000.0
_NEAR_LATITUDE: Final = 3.0  # degrees: about 300 km
_NEAR_LONGITUDE: Final = 4.5


class Spot(NamedTuple):
    """A place on WGS 84, in degrees."""

    latitude: float
    longitude: float


class AddressLines(NamedTuple):
    """The words of an address before its state."""

    address_1: str
    address_2: str | None
    city: str


def postal_code(raw: str, country: str = "US") -> Mended[str]:
    """Return a US ZIP code with its leading zeros and its hyphen; others as they stand."""
    words, _ = line(raw)
    if words is None or country != "US":
        return words or "", None
    match = _ZIP.fullmatch(words)
    if not match or len(match[1]) < 3:  # noqa: PLR2004  # no ZIP code has three zeros in front
        raise CannotMendError("not a ZIP code")
    code = match[1].zfill(_ZIP_DIGITS) + (f"-{match[2]}" if match[2] else "")
    return code, None if code == words else "written as a ZIP code"


def state(raw: str) -> Mended[str]:
    """Return the code of a US state; what is no state of the US stays as it stands."""
    words, _ = line(raw)
    if words is None:
        return "", None
    code = state_of(words.casefold().replace(" ", "").replace(".", ""))
    return code or words, None if code in {None, words} else "the state's code"


def address(line_1: str, line_2: str | None, city: str, zip_city: str = "") -> Mended[AddressLines]:
    """Take apart lines that were joined without a space, as in "9 Elm StSuite 8Springfield".

    Only the city that the ZIP code has is split off (``zip_city``); in "9 Lake StEvanston"
    with another ZIP code nothing says where the street ends.
    """
    if _PHONE_HERE.match(line_1):
        raise CannotMendError("a phone number where an address should be")
    street, town = line_1, city
    if not town and zip_city and re.search(re.escape(zip_city) + r"$", street, re.IGNORECASE):
        street, town = street[: -len(zip_city)].rstrip(" ,"), zip_city
    second = _SECOND_LINE.search(street)
    if line_2 is None and second:
        street, line_2 = street[: second.start()], street[second.start() :]
    lines = AddressLines(street, line_2, town)
    return lines, None if (street, town) == (line_1, city) else "lines joined together taken apart"


def is_post_box(line_1: str) -> bool:
    """Say whether an address is a box at a post office: it tells nobody where a door is."""
    return bool(_PO_BOX.match(line_1))


def coordinates(latitude: str, longitude: str) -> Mended[Spot | None]:
    """Return a point in degrees, from degrees, from swapped degrees or from web-map metres."""
    north, east = _number(latitude), _number(longitude)
    if north is None or east is None:
        return None, None if north is east else "one coordinate without the other left out"
    if north == 0 and east == 0:
        return None, "0, 0 is in the sea: left out"
    if _are_degrees(north, east):
        return Spot(north, east), None
    if _are_degrees(east, north):
        return Spot(east, north), "latitude and longitude changed over"
    return _from_web_map(north, east), "metres of a web map turned into degrees"


def pair(raw: str) -> tuple[str, str]:
    """Read "[longitude, latitude]", in that order (GeoJSON's), into latitude and longitude."""
    numbers = re.findall(r"-?\d+(?:\.\d+)?", raw)
    if len(numbers) != 2:  # noqa: PLR2004  # a pair
        raise CannotMendError("not a pair of coordinates")
    return numbers[1], numbers[0]


def nearer_when_swapped(spot: Spot, zip_middle: Spot) -> bool:
    """Say whether a point far from its ZIP code would be near it with its degrees changed over."""
    return not _are_near(spot, zip_middle) and _are_near(
        Spot(spot.longitude, spot.latitude), zip_middle
    )


def _are_near(one: Spot, other: Spot) -> bool:
    return (
        abs(one.latitude - other.latitude) < _NEAR_LATITUDE
        and abs(one.longitude - other.longitude) < _NEAR_LONGITUDE
    )


def _are_degrees(north: float, east: float) -> bool:
    return abs(north) <= 90 and abs(east) <= 180  # noqa: PLR2004  # degrees


def _from_web_map(north: float, east: float) -> Spot:
    if max(abs(north), abs(east)) > _WEB_MAP_EDGE or min(abs(north), abs(east)) < _FEWEST_METRES:
        raise CannotMendError("not coordinates")
    latitude = math.degrees(math.atan(math.sinh(north / _EARTH_RADIUS)))
    return Spot(round(latitude, 7), round(math.degrees(east / _EARTH_RADIUS), 7))


def _number(raw: str) -> float | None:
    words, _ = line(raw)
    if words is None:
        return None
    try:
        number = float(words.strip("'\""))
    except ValueError as error:
        raise CannotMendError("not a number") from error
    if not math.isfinite(number):
        raise CannotMendError("not a number")
    return number
