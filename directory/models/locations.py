"""HSDS ``location`` and what describes a place."""

import enum
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel import CheckConstraint, Field

from directory.database import enum_type
from directory.models.sourced import Sourced


class LocationType(enum.StrEnum):
    """What kind of place (HSDS ``location.location_type``)."""

    PHYSICAL = "physical"
    POSTAL = "postal"
    VIRTUAL = "virtual"


class AddressVisibility(enum.StrEnum):
    """Who may know where a place is. Ours: HSDS has no word for a hidden address."""

    PUBLIC = "public"
    AREA_ONLY = "area only"
    HIDDEN = "hidden"


def is_public(place: Mapping[str, Any]) -> bool:
    """Say whether everybody may know where a place is."""
    return bool(place["address_visibility"] == AddressVisibility.PUBLIC)


class Location(Sourced, table=True):
    """A place, by its point on WGS 84 in degrees.

    Ours are ``timezone``, an IANA name (HSDS has only a UTC offset, on the schedule, which
    cannot say when the clocks change); ``approximate``, true where the point is the middle of
    the ZIP code and not the building; ``address_visibility``; and ``merged_into_id``, as with
    organizations. A place that is not public has no point at all, so that nothing can give it
    away.
    """

    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_range"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_range"),
        CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL)", name="both_coordinates_or_neither"
        ),
        CheckConstraint(
            "address_visibility = 'public' OR latitude IS NULL", name="hidden_place_has_no_point"
        ),
    )

    organization_id: UUID | None = Field(default=None, foreign_key="organization.id", index=True)
    location_type: LocationType = Field(
        default=LocationType.PHYSICAL, sa_type=enum_type(LocationType)
    )
    name: str | None = None
    alternate_name: str | None = None
    description: str | None = None
    transportation: str | None = None
    url: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    external_identifier: str | None = None
    external_identifier_type: str | None = None
    timezone: str = Field(default="America/Detroit", max_length=64)
    approximate: bool = False
    address_visibility: AddressVisibility = Field(
        default=AddressVisibility.PUBLIC, sa_type=enum_type(AddressVisibility)
    )
    merged_into_id: UUID | None = Field(default=None, foreign_key="location.id")


class Address(Sourced, table=True):
    """A place in the words of the post. ``organization_id`` is ours, from HSDS 1.x."""

    location_id: UUID | None = Field(default=None, foreign_key="location.id", index=True)
    organization_id: UUID | None = Field(default=None, foreign_key="organization.id", index=True)
    attention: str | None = None
    address_1: str = ""
    address_2: str | None = None
    city: str = ""
    region: str | None = None
    state_province: str = ""
    postal_code: str = ""
    country: str = "US"
    address_type: LocationType = Field(
        default=LocationType.PHYSICAL, sa_type=enum_type(LocationType)
    )


class Accessibility(Sourced, table=True):
    """What a place offers to people with disabilities."""

    location_id: UUID = Field(foreign_key="location.id", index=True)
    description: str | None = None
    details: str | None = None
    url: str | None = None
