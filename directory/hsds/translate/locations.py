"""Locations with their addresses and what they offer people with disabilities."""

from sys import intern
from typing import Any
from uuid import UUID

from directory.hsds.cells import Cells
from directory.hsds.mend import CannotMendError, Mended, places, words
from directory.hsds.places import Places
from directory.hsds.records import Translation
from directory.hsds.rules import is_zone
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
    for location in translation.of("location"):
        organization = location.values["organization_id"]
        if organization is not None and not translation.has("organization", organization):
            location.values["organization_id"] = None
            reason = "left out: no such organization in the source"
            named = translation.organization_of[location.id.bytes]
            translation.mend_record(location, "organization_id", reason, named)
            translation.put(location)


def _location(translation: Translation, cells: Cells) -> None:
    spot = _spot(cells)
    named = cells.raw("organization_id")
    values: dict[str, Any] = {
        "organization_id": translation.identifier("organization", named) if named else None,
        "location_type": _location_type(cells),
        "name": cells.get("name", words.line),
        "alternate_name": cells.get("alternate_name", words.line),
        "description": _description(cells),
        "transportation": cells.get("transportation", words.text),
        "url": cells.get("url", words.url),
        "latitude": spot.latitude if spot else None,
        "longitude": spot.longitude if spot else None,
        "external_identifier": cells.get("external_identifier", words.line),
        "external_identifier_type": cells.get("external_identifier_type", words.line),
        "timezone": cells.get("openings_timezone", _zone) or "",
        "approximate": bool(spot and cells.get("openings_approximate", words.boolean)),
        "address_visibility": _visibility(cells),
    }
    if values["address_visibility"] is not AddressVisibility.PUBLIC:
        values |= {"latitude": None, "longitude": None, "approximate": False}
    location = translation.add(cells, "location", values, key=cells.raw("id"))
    if named:
        translation.organization_of[location.bytes] = intern(named)
    add_languages(translation, cells, "location_id", location)
    for item in cells.get("accessibility", words.items) or ():
        _add_access(translation, cells, location, item)


def _zone(raw: str) -> Mended[str | None]:
    """Read an IANA time zone; HSDS has none, our own profile has."""
    zone = raw.strip()
    if zone and not is_zone(zone):
        raise CannotMendError("not a time zone")
    return zone or None, None


def _visibility(cells: Cells) -> AddressVisibility:
    """Return who may know where a place is; what we do not understand hides it."""
    said = cells.ours("address_visibility").casefold().replace("_", " ")
    try:
        return AddressVisibility(said) if said else AddressVisibility.PUBLIC
    except ValueError:
        cells.note("openings_address_visibility", "not a visibility: taken as hidden")
        return AddressVisibility.HIDDEN


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
        _note_spot(cells, f"left out: {error}")
        return None
    if note:
        _note_spot(cells, note)
    return spot


def _note_spot(cells: Cells, note: str) -> None:
    cells.note("latitude", note, value=_shown(cells))
    cells.originals["latitude"] = _shown(cells)


def _shown(cells: Cells) -> str:
    return cells.raw("coordinates") or f"{cells.raw('latitude')}, {cells.raw('longitude')}"


def _address(translation: Translation, cells: Cells, found: Places) -> None:
    owners = _address_owners(translation, cells)
    country = _country(cells)
    postal_code = cells.get("postal_code", lambda raw: places.postal_code(raw, country)) or ""
    lines = _lines(cells, found.city_of(postal_code))
    if not any((lines.address_1, lines.city, postal_code)):
        raise cells.refused("address_1", "no address")
    kind = cells.get("address_type", _type) or LocationType.PHYSICAL
    state = cells.get("state_province", places.state) or ""
    values: dict[str, Any] = {
        **owners,
        "attention": cells.get("attention", words.line),
        "address_1": lines.address_1,
        "address_2": lines.address_2,
        "city": lines.city,
        "region": cells.get("region", words.line),
        "state_province": state,
        "postal_code": postal_code,
        "country": country,
        "address_type": kind,
    }
    translation.add(cells, "address", values, key=cells.raw("id"), within=kind.value)
    if owners["location_id"] and kind is LocationType.PHYSICAL and country == "US":
        translation.state_of.setdefault(owners["location_id"].bytes, intern(state))


def _address_owners(translation: Translation, cells: Cells) -> dict[str, UUID | None]:
    """Return whose address it is: a location's, or an organization's (HSDS 1.x, our profile)."""
    if cells.ours("organization_id"):
        organization = translation.reference(cells, "openings_organization_id", "organization")
        location = translation.reference(cells, "location_id", "location")
        return {"location_id": location, "organization_id": organization}
    return translation.owners(cells, "location", "organization")


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
    if values["description"] or values["details"] or values["url"]:
        translation.add(cells, "accessibility", values, key=cells.raw("id"))


def _add_access(translation: Translation, cells: Cells, location: UUID, item: str) -> None:
    description = _OHANA_ACCESS.get(item.casefold(), item)
    values = {"location_id": location, "description": description, "details": None, "url": None}
    translation.add(cells, "accessibility", values)
