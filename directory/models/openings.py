"""HSDS ``service_capacity`` and ``unit``: whether there is room, said by whom and when."""

import enum
from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import CheckConstraint, Field, Index, SQLModel

from directory.database import enum_type


class OpeningStatus(enum.StrEnum):
    """What a provider says about room; the words follow FHIR's SDOH capacity status."""

    OPEN = "open"
    FULL = "full"
    WAITLIST = "waitlist"
    CALL = "call"


class Unit(SQLModel, table=True):
    """What is counted: beds, seats, intake places."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(unique=True, max_length=60)
    scheme: str | None = None
    identifier: str | None = None
    uri: str | None = None


class ServiceCapacity(SQLModel, table=True):
    """A provider's report of openings at one place. Reports are added, never changed.

    The newest report of a place holds until ``expires_at``; after that we know nothing, and
    say "ask". Ours: the place (HSDS hangs it on the service), status, expiry and author.
    """

    __tablename__ = "service_capacity"
    __table_args__ = (
        CheckConstraint("available >= 0", name="available_not_negative"),
        CheckConstraint("maximum >= available", name="available_within_maximum"),
        CheckConstraint("expires_at > updated", name="expires_after_report"),
        Index("ix_service_capacity_newest", "service_at_location_id", "updated"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    service_id: UUID = Field(foreign_key="service.id", index=True)
    service_at_location_id: UUID = Field(foreign_key="service_at_location.id")
    unit_id: UUID = Field(foreign_key="unit.id")
    status: OpeningStatus = Field(sa_type=enum_type(OpeningStatus))
    available: int | None = None
    maximum: int | None = None
    description: str | None = Field(default=None, max_length=200)
    updated: datetime
    expires_at: datetime
    said_by: str
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
