"""Locations with their addresses and what they offer people with disabilities."""

from typing import Any
from uuid import UUID

from directory.hsds.ids import record_id
from directory.hsds.mend import CannotMendError, Mended, places, words
from directory.hsds.places import Places
from directory.hsds.records import Cells, Translation
from directory.hsds.translate.languages import add_languages
from directory.models.locations import AddressVisibility, LocationType

#: Ohana's words for what a place has, in plain English.
_OHANA_ACCESS = {
    "cd": "Information on CD",
    "deaf_interpreter": "Sign language interpreter",
    "disabled_parking": "Disabled parking",
    "elevator": "Elevator",
    "ramp": "Ramp",
    "restroom": "Accessible restroom",
    "tape_braille": "Information on tape or in Braille",
    "tty": "TTY",
    "wheelchair": "Wheelchair access",
    "wheelchair_van": "Wheelchair van",
}


def translate_locations(translation: Translation) -> None:
    """Translate the locations; their time zones and missing points come from ``Places``."""
    translation.each("location", lambda cells: _location(translation, cells))


def translate_addresses(translation: Translation, found: Places) -> None:
    """Translate the addresses of locations, and of organizations (HSDS 1.x)."""
    translation.each("address", lambda cells: _address(translation, cells, found))


def translate_accessibility(translation: Translation) -> None:
    """Translate the rows of the accessibility table."""
    translation.each("accessibility", lambda cells: _accessibility(translation, cells))


def settle_organizations(translation: Translation) -> None:
    """Take from locations the organizations that turned out not to exist.

    A location can do without one, so no stand-in is made for it alone.
    """
    known = translation.records.get("organization", {})
    for location in translation.of("location"):
        organization = location.values["organization_id"]
        if organization is not None and organization not in known:
            location.values["organization_id"] = None
            reason = "left out: no such organization in the source"
            named = translation.organization_of[location.id]
            translation.mend_record(location, "organization_id", reason, named)


def _location(translation: Translation, cells: Cells) -> None:
    spot = _spot(cells)
    named = cells.raw("organization_id")
    values: dict[str, Any] = {
        "organization_id": record_id(translation.source, "organization", named) if named else None,
        "location_type": _location_type(cells),
        "name": cells.get("name", words.line),
        "alternate_name": cells.get("alternate_name", words.line),
        "description": _description(cells),
        "transportation": cells.get("transportation", words.text),
        "url": cells.get("url", words.url),
        "latitude": spot.latitude if spot else None,
        "longitude": spot.longitude if spot else None,
        "timezone": "",
        "approximate": False,
        "address_visibility": AddressVisibility.PUBLIC,
    }
    location = translation.add(cells, "location", values, key=cells.raw("id"))
    translation.organization_of[location] = named
    add_languages(translation, cells, "location_id", location)
    for item in cells.get("accessibility", words.items) or ():
        _add_access(translation, cells, location, item)


def _location_type(cells: Cells) -> LocationType:
    if cells.get("virtual", words.boolean):
        return LocationType.VIRTUAL
    return cells.get("location_type", _type) or LocationType.PHYSICAL


def _type(raw: str) -> Mended[LocationType | None]:
    word = raw.strip().casefold()
    try:
        return (LocationType(word) if word else None), None
    except ValueError as error:
        raise CannotMendError("not physical, postal or virtual") from error


def _description(cells: Cells) -> str | None:
    return cells.get("description", words.text) or cells.get("short_desc", words.text)


def _spot(cells: Cells) -> places.Spot | None:
    try:
        pair = places.pair(cells.raw("coordinates")) if cells.raw("coordinates") else None
        latitude, longitude = pair or (cells.raw("latitude"), cells.raw("longitude"))
        spot, note = places.coordinates(latitude, longitude)
    except CannotMendError as error:
        cells.note("latitude", f"left out: {error}", value=_shown(cells))
        return None
    if note:
        cells.note("latitude", note, value=_shown(cells))
    return spot


def _shown(cells: Cells) -> str:
    return cells.raw("coordinates") or f"{cells.raw('latitude')}, {cells.raw('longitude')}"


def _address(translation: Translation, cells: Cells, found: Places) -> None:
    owners = translation.owners(cells, "location", "organization")
    country = _country(cells)
    postal_code = cells.get("postal_code", lambda raw: places.postal_code(raw, country)) or ""
    lines = _lines(cells, found.city_of(postal_code))
    if not any((lines.address_1, lines.city, postal_code)):
        raise cells.refused("address_1", "no address")
    kind = cells.get("address_type", _type) or LocationType.PHYSICAL
    values: dict[str, Any] = {
        **owners,
        "attention": cells.get("attention", words.line),
        "address_1": lines.address_1,
        "address_2": lines.address_2,
        "city": lines.city,
        "region": cells.get("region", words.line),
        "state_province": cells.get("state_province", places.state) or "",
        "postal_code": postal_code,
        "country": country,
        "address_type": kind,
    }
    translation.add(cells, "address", values, key=cells.raw("id"), within=kind.value)
    if owners["location_id"] and kind is LocationType.PHYSICAL and country == "US":
        translation.state_of.setdefault(owners["location_id"], values["state_province"])


def _country(cells: Cells) -> str:
    country = (cells.get("country", words.line) or "US").upper()
    return "US" if country in {"USA", "UNITED STATES", "UNITED STATES OF AMERICA"} else country


def _lines(cells: Cells, zip_city: str) -> places.AddressLines:
    """Read the words of an address; a phone number in their place is left out."""
    lines = [cells.get(name, words.line) for name in ("address_1", "address_2", "city")]
    try:
        mended, note = places.address(lines[0] or "", lines[1], lines[2] or "", zip_city)
    except CannotMendError as error:
        cells.note("address_1", f"left out: {error}")
        return places.AddressLines("", lines[1], lines[2] or "")
    if note:
        cells.note("address_1", note)
    return mended


def _accessibility(translation: Translation, cells: Cells) -> None:
    values = {
        "location_id": translation.needed(cells, "location_id", "location"),
        "description": cells.get("description", words.text),
        "details": cells.get("details", words.text),
        "url": cells.get("url", words.url),
    }
    if values["description"] or values["details"]:
        translation.add(cells, "accessibility", values, key=cells.raw("id"))


def _add_access(translation: Translation, cells: Cells, location: UUID, item: str) -> None:
    description = _OHANA_ACCESS.get(item.casefold(), item)
    values = {"location_id": location, "description": description, "details": None, "url": None}
    translation.add(cells, "accessibility", values)
