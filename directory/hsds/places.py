"""Where the locations of an import are, as far as their ZIP codes tell."""

from collections import Counter
from collections.abc import Callable
from typing import Final, Protocol

from directory.hsds.mend.places import Spot, nearer_when_swapped
from directory.hsds.records import Record, Translation
from directory.models.locations import AddressVisibility, LocationType

#: Where nothing tells the time zone. Hours read in it are wrong, and the report says so.
_UNKNOWN_ZONE: Final = "UTC"
_ZIP_DIGITS: Final = 5


class FoundPoint(Protocol):
    """A point on WGS 84, in degrees."""

    @property
    def latitude(self) -> float: ...  # noqa: D102  # the class says it
    @property
    def longitude(self) -> float: ...  # noqa: D102  # the class says it


class FoundPlace(Protocol):
    """What the gazetteer knows of a ZIP code: its middle, its town, its IANA time zone."""

    @property
    def point(self) -> FoundPoint: ...  # noqa: D102  # the class says it
    @property
    def city(self) -> str: ...  # noqa: D102  # the class says it
    @property
    def timezone(self) -> str: ...  # noqa: D102  # the class says it


FindZip = Callable[[str], FoundPlace | None]


class Places:
    """The gazetteer as an import asks it: once for each ZIP code."""

    def __init__(self, find_zip: FindZip) -> None:
        self._find_zip = find_zip
        self._found: dict[str, FoundPlace | None] = {}

    def at(self, postal_code: str) -> FoundPlace | None:
        """Return the place of a US ZIP code, ZIP+4 included."""
        code = postal_code[:_ZIP_DIGITS]
        if code not in self._found:
            is_zip = len(code) == _ZIP_DIGITS and code.isascii() and code.isdigit()
            self._found[code] = self._find_zip(code) if is_zip else None
        return self._found[code]

    def city_of(self, postal_code: str) -> str:
        """Return the town of a ZIP code, "" where it is not known."""
        place = self.at(postal_code)
        return place.city if place else ""


def place_locations(translation: Translation, found: Places) -> None:
    """Give each location its time zone, and the middle of its ZIP code where it has no point.

    Only a location's own physical address places it: its organization's post may go to
    another town.
    """
    places = _places_of_locations(translation, found)
    usual = _usual_zone(translation, found)
    for location in translation.of("location"):
        place = places.get(location.id.bytes)
        if not location.values["timezone"]:
            location.values["timezone"] = place.timezone if place else usual or _UNKNOWN_ZONE
            if place is None:
                translation.note_record(location, "timezone", _zone_reason(usual), usual or "")
        if place and not translation.keep_ids:  # an export of our own is taken as it stands
            _place(translation, location, place)
        translation.put(location)


def _places_of_locations(translation: Translation, found: Places) -> dict[bytes, FoundPlace]:
    places: dict[bytes, FoundPlace] = {}
    for address in translation.of("address"):
        location, place = address.values["location_id"], found.at(_us_code(address))
        if place and location and address.values["address_type"] is LocationType.PHYSICAL:
            places.setdefault(location.bytes, place)
    return places


def _usual_zone(translation: Translation, found: Places) -> str | None:
    """Return the time zone of most addresses of the source, its organizations' among them."""
    places = (found.at(_us_code(address)) for address in translation.of("address"))
    zones = Counter(place.timezone for place in places if place)
    return min(zones, key=lambda zone: (-zones[zone], zone)) if zones else None


def _us_code(address: Record) -> str:
    return address.values["postal_code"] if address.values["country"] == "US" else ""


def _zone_reason(usual: str | None) -> str:
    if usual:
        return "time zone taken from most addresses of the source"
    return "time zone not known: taken as UTC"


def _place(translation: Translation, location: Record, place: FoundPlace) -> None:
    values = location.values
    middle = Spot(place.point.latitude, place.point.longitude)
    if values["latitude"] is None:
        is_told = values["address_visibility"] is AddressVisibility.PUBLIC
        if is_told and values["location_type"] is LocationType.PHYSICAL:
            _put(location, middle)
            values["approximate"] = True
            translation.note_record(location, "latitude", "the middle of its ZIP code, approximate")
        return
    spot = Spot(values["latitude"], values["longitude"])
    if nearer_when_swapped(spot, middle):
        _put(location, Spot(spot.longitude, spot.latitude))
        shown = f"{spot.latitude}, {spot.longitude}"
        translation.mend_record(location, "latitude", "latitude and longitude changed over", shown)


def _put(location: Record, spot: Spot) -> None:
    location.values["latitude"], location.values["longitude"] = spot
