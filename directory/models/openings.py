"""HSDS ``service_capacity`` and ``unit``: whether there is room, said by whom and when."""

import enum
from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import CheckConstraint, Field, Index, SQLModel, UniqueConstraint

from directory.database import enum_type
from directory.models.sourced import Sourced


class OpeningStatus(enum.StrEnum):
    """What a provider says about room; the words follow FHIR's SDOH capacity status."""

    OPEN = "open"
    FULL = "full"
    WAITLIST = "waitlist"
    ASSESSMENT = "assessment required"
    CALL = "call"


class Unit(Sourced, table=True):
    """What is counted: beds, seats, intake places."""

    name: str = Field(unique=True, max_length=60)
    scheme: str | None = None
    identifier: str | None = None
    uri: str | None = None


class ServiceCapacity(Sourced, table=True):
    """A report of openings, mostly at one place. Reports are added, never changed.

    Of a place, a unit and a ``population`` the newest report holds until ``expires_at``; after
    that we know nothing, and say "ask". One without a place is about all places of its service.
    Of one place no two of our own have the same ``updated``: it is their order. Ours: the place
    (HSDS hangs it on the service), whom it is for ("women with children"; empty for everybody),
    status, expiry and author: an account, or whoever had a
    link. ``undoes_id`` is the report that this one takes back by saying again what was said
    before it; ``said_at`` is when that was said. It counts as long as that would have: what was
    over when it was said again never counts.
    """

    __tablename__ = "service_capacity"
    __table_args__ = (
        CheckConstraint("available >= 0", name="available_not_negative"),
        CheckConstraint("maximum >= available", name="available_within_maximum"),
        CheckConstraint("said_at <= updated", name="said_before_repeated"),
        UniqueConstraint("undoes_id"),  # a report is taken back once
        Index("ix_service_capacity_newest", "service_at_location_id", "updated"),
        Index(
            "ix_service_capacity_counted",
            "service_id",
            "service_at_location_id",
            "unit_id",
            "population",
            "updated",
        ),
    )

    service_id: UUID = Field(foreign_key="service.id", index=True)
    service_at_location_id: UUID | None = Field(default=None, foreign_key="service_at_location.id")
    unit_id: UUID = Field(foreign_key="unit.id")
    status: OpeningStatus = Field(sa_type=enum_type(OpeningStatus))
    available: int | None = None
    maximum: int | None = None
    description: str | None = Field(default=None, max_length=200)
    updated: datetime
    expires_at: datetime
    said_by: str
    population: str = Field(default="", max_length=120)
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    undoes_id: UUID | None = Field(default=None, foreign_key="service_capacity.id")
    said_at: datetime | None = None
    openings_link_id: UUID | None = Field(default=None, foreign_key="openings_link.id")


class OpeningsLink(SQLModel, table=True):
    """A link with which whoever has it says how many places are open, at one place.

    Only the hash of its secret is kept. It works until ``expires_at`` or ``revoked_at``.
    """

    __tablename__ = "openings_link"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    service_at_location_id: UUID = Field(foreign_key="service_at_location.id", index=True)
    token_hash: str = Field(unique=True, max_length=64)
    label: str = Field(max_length=120)
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
