"""Waiting lists."""

import enum
from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import Field, Index, SQLModel

from directory.database import enum_type


class WaitlistStatus(enum.StrEnum):
    """Whether somebody still waits."""

    WAITING = "waiting"
    BOOKED = "booked"
    LEFT = "left"


class WaitlistEntry(SQLModel, table=True):
    """A place in the line for a service at a location: by priority, then by arrival."""

    __tablename__ = "waitlist_entry"
    __table_args__ = (
        Index("ix_waitlist_entry_line", "service_at_location_id", "status", "priority"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    service_at_location_id: UUID = Field(foreign_key="service_at_location.id")
    organization_id: UUID | None = Field(default=None, foreign_key="organization.id", index=True)
    client_handle: str = Field(max_length=9)
    priority: int = 0
    status: WaitlistStatus = Field(
        default=WaitlistStatus.WAITING, sa_type=enum_type(WaitlistStatus)
    )
    arrived_at: datetime
