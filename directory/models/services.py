"""HSDS ``service`` and what describes it: documents, costs, areas, and where it is offered."""

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import CheckConstraint, Field, Index, UniqueConstraint

from directory.database import enum_type
from directory.models.sourced import Sourced


class ServiceStatus(enum.StrEnum):
    """Whether people can use a service now (HSDS ``service.status``)."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DEFUNCT = "defunct"
    TEMPORARILY_CLOSED = "temporarily closed"


#: The states in which a service is listed: closed for a while is told, not hidden.
LISTED = frozenset({ServiceStatus.ACTIVE, ServiceStatus.TEMPORARILY_CLOSED})


class Sensitivity(enum.StrEnum):
    """Why being seen at a service could harm somebody (codes of HL7 and IHE). Ours."""

    SUBSTANCE_USE = "ETH"
    MENTAL_HEALTH = "PSY"
    VIOLENCE = "SDV"
    HIV = "HIV"
    MINOR = "MINOR"


class Service(Sourced, table=True):
    """Something an organization does for people, wherever it is done.

    Ages are in years, decimal, and inclusive; empty means no limit. Ours are ``sensitivity``,
    ``eligibility_rule`` (``directory.eligibility_rules``) and ``merged_into_id``, as with
    organizations.
    """

    __table_args__ = (
        CheckConstraint("name <> ''", name="name_not_empty"),
        CheckConstraint("minimum_age >= 0", name="minimum_age_not_negative"),
        CheckConstraint("maximum_age >= minimum_age", name="ages_in_order"),
        Index("ix_service_last_modified", "last_modified", "id"),
    )

    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    program_id: UUID | None = Field(default=None, foreign_key="program.id")
    name: str = Field(max_length=300)
    alternate_name: str | None = None
    description: str | None = None
    url: str | None = None
    email: str | None = None
    status: ServiceStatus = Field(default=ServiceStatus.ACTIVE, sa_type=enum_type(ServiceStatus))
    interpretation_services: str | None = None
    application_process: str | None = None
    fees_description: str | None = None
    wait_time: str | None = None
    accreditations: str | None = None
    licenses: str | None = None
    eligibility_description: str | None = None
    minimum_age: float | None = None
    maximum_age: float | None = None
    assured_date: date | None = None
    assurer_email: str | None = None
    alert: str | None = None
    last_modified: datetime | None = None
    sensitivity: Sensitivity | None = Field(default=None, sa_type=enum_type(Sensitivity))
    eligibility_rule: dict[str, Any] | None = Field(
        default=None, sa_type=sa.JSON(none_as_null=True)
    )
    merged_into_id: UUID | None = Field(default=None, foreign_key="service.id")


class ServiceAtLocation(Sourced, table=True):
    """A service as offered in one place: what people find, report openings for and book."""

    __tablename__ = "service_at_location"
    __table_args__ = (UniqueConstraint("service_id", "location_id"),)

    service_id: UUID = Field(foreign_key="service.id", index=True)
    location_id: UUID = Field(foreign_key="location.id", index=True)
    description: str | None = None


class RequiredDocument(Sourced, table=True):
    """A paper that someone has to bring."""

    __tablename__ = "required_document"

    service_id: UUID = Field(foreign_key="service.id", index=True)
    document: str
    uri: str | None = None


class CostOption(Sourced, table=True):
    """A price and when it applies. ``amount`` is in whole cents of ``currency`` (ISO 4217)."""

    __tablename__ = "cost_option"
    __table_args__ = (CheckConstraint("amount_cents >= 0", name="amount_not_negative"),)

    service_id: UUID = Field(foreign_key="service.id", index=True)
    valid_from: date | None = None
    valid_to: date | None = None
    option: str | None = None
    currency: str | None = Field(default=None, max_length=3)
    amount_cents: int | None = None
    amount_description: str | None = None


class ServiceArea(Sourced, table=True):
    """Where the people live whom a service serves.

    Searches understand (``directory.service_areas``) an ``extent_type`` of "text" with an
    ``extent`` of places in our own short form, separated by spaces: a ZIP ("48933"), a state
    ("MI") or a county ("MI:Ingham County" written with underscores for spaces); and "geojson"
    with polygons. Others are kept.
    """

    __tablename__ = "service_area"

    service_id: UUID | None = Field(default=None, foreign_key="service.id", index=True)
    service_at_location_id: UUID | None = Field(
        default=None, foreign_key="service_at_location.id", index=True
    )
    name: str | None = None
    description: str | None = None
    extent: str | None = None
    extent_type: str | None = None
    uri: str | None = None
