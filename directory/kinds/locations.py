"""Places and what describes them, as they are edited."""

import re
from collections.abc import Iterator

from msgspec import UNSET, UnsetType

from directory import field_rules as rules
from directory.errors import FieldError
from directory.hsds.mend.places import is_post_box
from directory.kinds.contacts import (
    CONTACT,
    LANGUAGE,
    PHONE,
    ContactDraft,
    LanguageDraft,
    PhoneDraft,
)
from directory.kinds.schedules import SCHEDULE, ScheduleDraft
from directory.kinds.specs import Draft, Number, Part, PartSpec, Spec, Text, Values
from directory.models.locations import AddressVisibility, LocationType
from geo.states import state_of

_US_ZIP = re.compile(r"[0-9]{5}(-[0-9]{4})?")


class AddressDraft(Part):
    """A place in the words of the post."""

    attention: Text = UNSET
    address_1: Text = UNSET
    address_2: Text = UNSET
    city: Text = UNSET
    region: Text = UNSET
    state_province: Text = UNSET
    postal_code: Text = UNSET
    country: Text = UNSET
    address_type: Text = UNSET


class AccessibilityDraft(Part):
    """What a place offers to people with disabilities."""

    description: Text = UNSET
    details: Text = UNSET
    url: Text = UNSET


class LocationDraft(Draft):
    """A place. Lists replace the whole list that there was.

    Without a point it is the middle of the address's ZIP code.
    """

    location_type: Text = UNSET
    name: Text = UNSET
    alternate_name: Text = UNSET
    description: Text = UNSET
    transportation: Text = UNSET
    url: Text = UNSET
    latitude: Number = UNSET
    longitude: Number = UNSET
    timezone: Text = UNSET
    address_visibility: Text = UNSET
    addresses: list[AddressDraft] | UnsetType = UNSET
    phones: list[PhoneDraft] | UnsetType = UNSET
    contacts: list[ContactDraft] | UnsetType = UNSET
    languages: list[LanguageDraft] | UnsetType = UNSET
    accessibility: list[AccessibilityDraft] | UnsetType = UNSET
    schedules: list[ScheduleDraft] | UnsetType = UNSET


def leads_to_a_door(address: Values) -> bool:
    """Say whether an address is a street: not a box at the post office, not a town alone."""
    return bool(address["address_1"] or address["address_2"]) and not is_post_box(
        address["address_1"]
    )


def _complete(values: Values) -> Iterator[FieldError]:
    if not values["city"] and not values["postal_code"]:
        yield FieldError("city", "Give a town or a ZIP code.")
    if values["country"] == "US":
        if values["postal_code"] and not _US_ZIP.fullmatch(values["postal_code"]):
            yield FieldError("postal_code", "Give a ZIP code such as 48933.")
        state = values["state_province"]
        if state and state_of(state.casefold()) is None:
            yield FieldError("state_province", "Give a state by its two letters, such as MI.")


def _described(values: Values) -> Iterator[FieldError]:
    if not any(values[name] for name in ("description", "details", "url")):
        yield FieldError("description", "Say what there is for people with disabilities.")


def _both_coordinates(values: Values) -> Iterator[FieldError]:
    latitude, longitude = values["latitude"], values["longitude"]
    if (latitude is None) != (longitude is None):
        missing = "latitude" if latitude is None else "longitude"
        yield FieldError(missing, "Give both coordinates, or neither.")


HIDDEN_HAS_NO_POINT = "A place whose address is not public has no coordinates here."
HIDDEN_HAS_NO_STREET = "A place whose address is not public has no street here."

ADDRESS = Spec(
    "address",
    "address",
    {
        "attention": rules.short,
        "address_1": rules.short,
        "address_2": rules.short,
        "city": rules.short,
        "region": rules.short,
        "state_province": rules.state,
        "postal_code": rules.postal_code,
        "country": rules.country,
        "address_type": rules.one_of(LocationType),
    },
    together=_complete,
)
ACCESSIBILITY = Spec(
    "accessibility",
    "accessibility",
    {"description": rules.words(1000), "details": rules.long, "url": rules.web_address},
    together=_described,
)
LOCATION = Spec(
    "location",
    "location",
    {
        "location_type": rules.one_of(LocationType),
        "name": rules.short,
        "alternate_name": rules.short,
        "description": rules.long,
        "transportation": rules.long,
        "url": rules.web_address,
        "latitude": rules.degrees(90),
        "longitude": rules.degrees(180),
        "timezone": rules.timezone,
        "address_visibility": rules.one_of(AddressVisibility),
    },
    together=_both_coordinates,
    parts={
        "addresses": PartSpec(ADDRESS, "location_id"),
        "phones": PartSpec(PHONE, "location_id"),
        "contacts": PartSpec(CONTACT, "location_id"),
        "languages": PartSpec(LANGUAGE, "location_id"),
        "accessibility": PartSpec(ACCESSIBILITY, "location_id"),
        "schedules": PartSpec(SCHEDULE, "location_id"),
    },
)
