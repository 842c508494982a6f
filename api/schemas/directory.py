"""The shapes of directory records."""

from uuid import UUID

from api.schemas.search import NamedReply
from api.schemas.shapes import Reply


class OrganizationReply(Reply):
    """An agency that offers services."""

    id: UUID
    name: str
    alternate_name: str | None
    description: str
    email: str | None
    website: str | None
    version: int


class ServiceReply(Reply):
    """Something an organization does for people."""

    id: UUID
    organization_id: UUID
    name: str
    alternate_name: str | None
    description: str | None
    url: str | None
    email: str | None
    status: str
    application_process: str | None
    fees_description: str | None
    eligibility_description: str | None
    minimum_age: float | None
    maximum_age: float | None
    alert: str | None
    version: int


class LocationReply(Reply):
    """A place. A place that is not public has no name, point or address here."""

    id: UUID
    organization_id: UUID | None
    location_type: str
    name: str | None
    description: str | None
    latitude: float | None
    longitude: float | None
    approximate: bool
    timezone: str
    address_visibility: str
    version: int


class ServiceAtLocationReply(Reply):
    """A service as offered in one place."""

    id: UUID
    service: NamedReply
    organization: NamedReply
    location: LocationReply
    description: str | None
    version: int
