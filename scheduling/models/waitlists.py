"""Waiting lists, and the places that are offered to those who wait."""

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import CheckConstraint, Field, Index, SQLModel, UniqueConstraint

from directory.database import enum_type


class WaitlistKind(enum.StrEnum):
    """What somebody waits for."""

    SERVICE = "service"
    SERVICE_AT_LOCATION = "service_at_location"
    WINDOW = "window"
    ORGANIZATION = "organization"
    NEED = "need"
    DATE = "date"


class WaitlistStatus(enum.StrEnum):
    """Whether somebody still waits."""

    WAITING = "waiting"
    BOOKED = "booked"
    LEFT = "left"
    EXPIRED = "expired"


#: The columns that say what an entry is for, by its kind: these and no others are filled.
TARGET_OF_KIND = {
    WaitlistKind.SERVICE: ("service_id",),
    WaitlistKind.SERVICE_AT_LOCATION: ("service_at_location_id",),
    WaitlistKind.WINDOW: ("window_id",),
    WaitlistKind.ORGANIZATION: ("host_organization_id",),
    WaitlistKind.NEED: ("need",),
    WaitlistKind.DATE: ("window_id", "event_on"),
}
_TARGETS = tuple(dict.fromkeys(name for names in TARGET_OF_KIND.values() for name in names))


def _target_fits_kind() -> str:
    def fits(kind: WaitlistKind) -> str:
        filled = (
            f"{name} IS {'NOT ' if name in TARGET_OF_KIND[kind] else ''}NULL" for name in _TARGETS
        )
        return f"(kind = '{kind}' AND {' AND '.join(filled)})"

    return " OR ".join(fits(kind) for kind in WaitlistKind)


class WaitlistEntry(SQLModel, table=True):
    """A place in the line: by priority, highest first, then by arrival.

    ``kind`` says what for; ``need`` is the code of a taxonomy term, and an entry for a need or a
    service anywhere may ask for places ``within_km`` of a point (of a ZIP code or town, never of
    a home). ``suits`` are the hours of the week that suit: ``{"byday": ["MO"], "opens_at":
    "09:00", "closes_at": "12:00"}``; empty means any. A person who entered themselves has a
    ``code`` and a link (``manage_token_hash``) in place of an organization and a handle.
    """

    __tablename__ = "waitlist_entry"
    __table_args__ = (
        CheckConstraint(_target_fits_kind(), name="target_fits_kind"),
        CheckConstraint("places BETWEEN 1 AND 20", name="places_range"),
        CheckConstraint("latest_on >= earliest_on", name="dates_in_order"),
        CheckConstraint(
            "(organization_id IS NOT NULL AND client_handle IS NOT NULL)"
            " OR manage_token_hash IS NOT NULL",
            name="known_by_handle_or_link",
        ),
        Index("ix_waitlist_entry_line", "service_at_location_id", "status", "priority"),
        Index("ix_waitlist_entry_waiting", "status", "priority", "arrived_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    kind: WaitlistKind = Field(
        default=WaitlistKind.SERVICE_AT_LOCATION,
        sa_type=enum_type(WaitlistKind),
        sa_column_kwargs={"server_default": "service_at_location"},
    )
    service_at_location_id: UUID | None = Field(default=None, foreign_key="service_at_location.id")
    service_id: UUID | None = Field(default=None, foreign_key="service.id", index=True)
    window_id: UUID | None = Field(default=None, foreign_key="availability_window.id", index=True)
    host_organization_id: UUID | None = Field(
        default=None, foreign_key="organization.id", index=True
    )
    need: str | None = Field(default=None, max_length=80, index=True)
    event_on: date | None = None
    near_latitude: float | None = None
    near_longitude: float | None = None
    within_km: float | None = None
    organization_id: UUID | None = Field(default=None, foreign_key="organization.id", index=True)
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    client_handle: str | None = Field(default=None, max_length=9)
    code: str | None = Field(default=None, unique=True, max_length=9)
    manage_token_hash: str | None = Field(default=None, unique=True, max_length=64)
    places: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    priority: int = 0
    earliest_on: date | None = None
    latest_on: date | None = None
    suits: list[Any] = Field(
        default_factory=list, sa_type=sa.JSON, sa_column_kwargs={"server_default": "[]"}
    )
    status: WaitlistStatus = Field(
        default=WaitlistStatus.WAITING, sa_type=enum_type(WaitlistStatus)
    )
    arrived_at: datetime
    ended_at: datetime | None = None


class OfferStatus(enum.StrEnum):
    """What became of an offer."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class Offer(SQLModel, table=True):
    """A freed place, kept for one entry until ``expires_at``, in the transaction that freed it.

    The place itself is kept by a hold. An entry has one open offer at a time.
    """

    __table_args__ = (
        UniqueConstraint("hold_id"),
        CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="decided_has_its_time"),
        CheckConstraint("offered_at < expires_at", name="expires_later"),
        Index(
            "uq_offer_open_entry",
            "entry_id",
            unique=True,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        ),
        Index("ix_offer_open", "status", "expires_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    entry_id: UUID = Field(foreign_key="waitlist_entry.id", index=True)
    slot_id: UUID = Field(foreign_key="slot.id", index=True)
    hold_id: UUID | None = Field(default=None, foreign_key="hold.id", ondelete="SET NULL")
    appointment_id: UUID | None = Field(default=None, foreign_key="appointment.id", index=True)
    status: OfferStatus = Field(default=OfferStatus.OPEN, sa_type=enum_type(OfferStatus))
    offered_at: datetime
    expires_at: datetime
    decided_at: datetime | None = None


class WaitlistSkip(SQLModel, table=True):
    """An entry was passed over when a place was offered, and why: fixed words."""

    __tablename__ = "waitlist_skip"
    __table_args__ = (UniqueConstraint("entry_id", "slot_id", "reason"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    entry_id: UUID = Field(foreign_key="waitlist_entry.id")
    slot_id: UUID = Field(foreign_key="slot.id", index=True)
    reason: str = Field(max_length=40)
    at: datetime
