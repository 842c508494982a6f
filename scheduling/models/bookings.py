"""Holds and appointments: the two ways to have a place."""

import enum
from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import CheckConstraint, Field, Index, SQLModel

from directory.database import enum_type


class AppointmentStatus(enum.StrEnum):
    """Where an appointment is in its life, in the words of FHIR R4."""

    PENDING = "pending"
    BOOKED = "booked"
    ARRIVED = "arrived"
    FULFILLED = "fulfilled"
    NOSHOW = "noshow"
    CANCELLED = "cancelled"


#: The states from which an appointment may still be cancelled. All others are final.
CAN_BE_CANCELLED = frozenset({AppointmentStatus.PENDING, AppointmentStatus.BOOKED})

#: While it is one of these, an appointment takes up its client's time.
TAKES_TIME = frozenset(AppointmentStatus) - {
    AppointmentStatus.CANCELLED,
    AppointmentStatus.NOSHOW,
}


class Hold(SQLModel, table=True):
    """Places kept for one holder until ``expires_at``; then it counts for nothing.

    A hold of the public has no organization; whoever knows its id holds it. It keeps places of
    ``allotment_id`` too, where it was made under one.
    """

    __table_args__ = (
        CheckConstraint("places BETWEEN 1 AND 20", name="places_range"),
        CheckConstraint("created_at < expires_at", name="expires_later"),
        Index("ix_hold_account", "account_id", "expires_at"),
        Index("ix_hold_organization", "organization_id", "expires_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    slot_id: UUID = Field(foreign_key="slot.id", index=True)
    organization_id: UUID | None = Field(default=None, foreign_key="organization.id")
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    allotment_id: UUID | None = Field(default=None, foreign_key="allotment.id", index=True)
    places: int = 1
    created_at: datetime
    expires_at: datetime = Field(index=True)


class Bundle(SQLModel, table=True):
    """Several appointments of one client that were booked as one: all or nothing."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    client_handle: str = Field(max_length=9)
    created_at: datetime


class Appointment(SQLModel, table=True):
    """Places in a slot that somebody has.

    The client is known by ``client_handle`` only: random, and meaningless outside the agency
    that booked. ``code`` is said at the front desk; it finds an appointment and proves nothing.
    ``manage_token_hash`` (SHA-256, hex) opens the page of a person who booked for themselves.
    ``sequence`` rises with every change, for calendars (RFC 5545 SEQUENCE). A pending one waits
    for the host's word until ``decide_by``. ``outcome`` is one of a few fixed words.
    """

    __table_args__ = (
        CheckConstraint("places BETWEEN 1 AND 20", name="places_range"),
        CheckConstraint("sequence >= 0", name="sequence_not_negative"),
        CheckConstraint(
            "(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_has_its_time"
        ),
        CheckConstraint(
            "outcome IS NULL OR status IN ('fulfilled', 'noshow')", name="outcome_when_over"
        ),
        Index("ix_appointment_client", "organization_id", "client_handle"),
        Index("ix_appointment_organization", "organization_id", "status"),
        Index("ix_appointment_host", "host_organization_id", "status"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    slot_id: UUID = Field(foreign_key="slot.id", index=True)
    host_organization_id: UUID = Field(foreign_key="organization.id")
    organization_id: UUID | None = Field(default=None, foreign_key="organization.id")
    account_id: UUID | None = Field(default=None, foreign_key="account.id", index=True)
    agreement_id: UUID | None = Field(default=None, foreign_key="agreement.id", index=True)
    allotment_id: UUID | None = Field(default=None, foreign_key="allotment.id", index=True)
    bundle_id: UUID | None = Field(default=None, foreign_key="bundle.id", index=True)
    status: AppointmentStatus = Field(
        default=AppointmentStatus.BOOKED, sa_type=enum_type(AppointmentStatus)
    )
    places: int = 1
    client_handle: str | None = Field(default=None, max_length=9)
    code: str = Field(unique=True, max_length=9)
    manage_token_hash: str | None = Field(default=None, unique=True, max_length=64)
    sequence: int = 0
    booked_at: datetime
    changed_at: datetime
    cancelled_at: datetime | None = None
    cancelled_by: str | None = Field(default=None, max_length=20)
    cancel_reason: str | None = Field(default=None, max_length=40)
    decide_by: datetime | None = Field(default=None, index=True)
    outcome: str | None = Field(default=None, max_length=40)


class AppointmentChange(SQLModel, table=True):
    """One step in an appointment's life: written with the step, never changed.

    ``slot_id`` is the time it had after the step.
    """

    __tablename__ = "appointment_change"

    appointment_id: UUID = Field(foreign_key="appointment.id", primary_key=True)
    sequence: int = Field(primary_key=True)
    status: AppointmentStatus = Field(sa_type=enum_type(AppointmentStatus))
    at: datetime
    organization_id: UUID | None = Field(default=None, foreign_key="organization.id")
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    reason: str | None = Field(default=None, max_length=40)
    slot_id: UUID | None = Field(default=None, foreign_key="slot.id", index=True)
