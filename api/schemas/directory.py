"""The shapes of directory records. What is sent to change them is in ``directory.kinds``."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from api.schemas.search import NamedReply
from api.schemas.shapes import Instant, Reply, Request


class LanguageReply(Reply):
    """A language that is spoken there."""

    id: UUID
    name: str | None
    code: str | None
    note: str | None


class PhoneReply(Reply):
    """A number to call."""

    id: UUID
    number: str
    extension: str | None
    type: str | None
    description: str | None
    languages: list[LanguageReply]


class ContactReply(Reply):
    """A person or desk to ask for."""

    id: UUID
    name: str | None
    title: str | None
    department: str | None
    email: str | None
    phones: list[PhoneReply]


class ScheduleReply(Reply):
    """One line of published opening hours; clock readings are HH:MM in the place's time zone."""

    id: UUID
    valid_from: date | None
    valid_to: date | None
    dtstart: date | None
    until: date | None
    count: int | None
    freq: str | None
    repeat_interval: int
    byday: str | None
    bymonthday: str | None
    description: str | None
    opens_at: str | None
    closes_at: str | None
    schedule_link: str | None
    attending_type: str | None
    notes: str | None
    by_appointment: bool


class ProgramReply(Reply):
    """A group of services under one name."""

    id: UUID
    name: str
    alternate_name: str | None
    description: str


class UrlReply(Reply):
    """A further address on the web."""

    id: UUID
    label: str | None
    url: str


class FundingReply(Reply):
    """Where money comes from."""

    id: UUID
    source_of_funds: str | None


class OrganizationIdentifierReply(Reply):
    """What somebody else calls an organization."""

    id: UUID
    identifier_scheme: str | None
    identifier_type: str
    identifier: str


class RequiredDocumentReply(Reply):
    """A paper that someone has to bring."""

    id: UUID
    document: str
    uri: str | None


class CostOptionReply(Reply):
    """A price and when it applies, in whole cents."""

    id: UUID
    valid_from: date | None
    valid_to: date | None
    option: str | None
    currency: str | None
    amount_cents: int | None
    amount_description: str | None


class ServiceAreaReply(Reply):
    """Where the people live whom a service serves.

    ``extent``: ZIP codes, states and counties, or with ``extent_type`` "geojson" a polygon.
    """

    id: UUID
    name: str | None
    description: str | None
    extent: str | None
    extent_type: str | None
    uri: str | None


class AddressReply(Reply):
    """A place in the words of the post."""

    id: UUID
    attention: str | None
    address_1: str
    address_2: str | None
    city: str
    region: str | None
    state_province: str
    postal_code: str
    country: str
    address_type: str


class AccessibilityReply(Reply):
    """What a place offers to people with disabilities."""

    id: UUID
    description: str | None
    details: str | None
    url: str | None


class OrganizationReply(Reply):
    """An agency that offers services."""

    id: UUID
    name: str
    alternate_name: str | None
    description: str
    email: str | None
    website: str | None
    year_incorporated: int | None
    legal_status: str | None
    tax_status: str | None
    tax_id: str | None
    logo: str | None
    uri: str | None
    phones: list[PhoneReply]
    contacts: list[ContactReply]
    programs: list[ProgramReply]
    additional_websites: list[UrlReply]
    funding: list[FundingReply]
    organization_identifiers: list[OrganizationIdentifierReply]
    version: int


class ServiceReply(Reply):
    """Something an organization does for people. ``needs`` are codes of the everyday needs.

    ``eligibility_rule`` is what was written in the form of docs/reference/eligibility-rules.md;
    ages and papers to bring count beside it.
    """

    id: UUID
    organization_id: UUID
    program_id: UUID | None
    name: str
    alternate_name: str | None
    description: str | None
    url: str | None
    email: str | None
    status: str
    interpretation_services: str | None
    application_process: str | None
    fees_description: str | None
    wait_time: str | None
    accreditations: str | None
    licenses: str | None
    eligibility_description: str | None
    minimum_age: float | None
    maximum_age: float | None
    eligibility_rule: dict[str, Any] | None
    alert: str | None
    sensitivity: str | None
    last_modified: Instant | None
    needs: list[str]
    phones: list[PhoneReply]
    contacts: list[ContactReply]
    languages: list[LanguageReply]
    schedules: list[ScheduleReply]
    required_documents: list[RequiredDocumentReply]
    cost_options: list[CostOptionReply]
    service_areas: list[ServiceAreaReply]
    additional_urls: list[UrlReply]
    funding: list[FundingReply]
    version: int


class PlaceReply(Reply):
    """A place in short. A place that is not public has no name, point or address here."""

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


class LocationReply(PlaceReply):
    """A place. One that is not public has no name, point, address or telephone here."""

    alternate_name: str | None
    transportation: str | None
    url: str | None
    addresses: list[AddressReply]
    phones: list[PhoneReply]
    contacts: list[ContactReply]
    languages: list[LanguageReply]
    accessibility: list[AccessibilityReply]
    schedules: list[ScheduleReply]


class ServiceAtLocationReply(Reply):
    """A service as offered in one place."""

    id: UUID
    service: NamedReply
    organization: NamedReply
    location: PlaceReply
    description: str | None
    phones: list[PhoneReply]
    contacts: list[ContactReply]
    schedules: list[ScheduleReply]
    service_areas: list[ServiceAreaReply]
    version: int


class ChangedFieldReply(Reply):
    """One field that was changed. ``withheld``: from and to would tell where a place is."""

    resource_type: str
    resource_id: UUID
    field: str
    previous_value: str
    replacement_value: str
    withheld: bool


class ChangeReply(Reply):
    """What was changed together. ``id`` is null for what came with an import."""

    id: UUID | None
    at: datetime
    by: str
    origin: str
    action: str
    fields: list[ChangedFieldReply]


class UndoChange(Request):
    """Nothing, to undo all of a change; or one field of one record of it."""

    resource_id: UUID | None = None
    field: str | None = None
