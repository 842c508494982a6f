"""Availability windows: rules, in wall-clock time, that slots are cut from."""

import enum
from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import CheckConstraint, Field, Index, SQLModel

from directory.database import enum_type


class BookableBy(enum.StrEnum):
    """Who may book into a window, beside the host's own staff."""

    PUBLIC = "public"
    PARTNERS = "partners"
    OWN = "own"


class Approval(enum.StrEnum):
    """Whether a booking stands at once or waits for the host."""

    AUTOMATIC = "automatic"
    HOST = "host"


class WindowStatus(enum.StrEnum):
    """Whether slots of the window may be booked."""

    PUBLISHED = "published"
    PAUSED = "paused"
    ENDED = "ended"


class AvailabilityWindow(SQLModel, table=True):
    """A rule such as "Tuesdays and Thursdays 13:00-15:00, half hours, two places each".

    The pattern is a closed subset of RFC 5545's RRULE: ``freq`` DAILY, WEEKLY or MONTHLY (empty
    for one single day), ``repeat_interval``, ``byday`` ("TU,TH" or "1MO,-1FR"), and ``until``
    or ``count``. ``opens_at`` and ``closes_at`` are readings of the clock in ``timezone``.
    ``rolled_through`` is the last local day for which slots have been made. New slots are
    numbered from ``first_number``, which rises with each change of their times: a number once
    given to a time of a day never means another time.
    """

    __tablename__ = "availability_window"
    __table_args__ = (
        CheckConstraint("freq IN ('DAILY', 'WEEKLY', 'MONTHLY')", name="freq_known"),
        CheckConstraint("repeat_interval BETWEEN 1 AND 52", name="interval_range"),
        CheckConstraint("until IS NULL OR repeat_count IS NULL", name="until_or_count"),
        CheckConstraint("repeat_count BETWEEN 1 AND 400", name="count_range"),
        CheckConstraint("until >= starts_on", name="until_after_start"),
        CheckConstraint("slot_minutes BETWEEN 5 AND 1440", name="slot_minutes_range"),
        CheckConstraint("gap_minutes BETWEEN 0 AND 1440", name="gap_minutes_range"),
        CheckConstraint("capacity BETWEEN 1 AND 500", name="capacity_range"),
        CheckConstraint("notice_minutes BETWEEN 0 AND 43200", name="notice_range"),
        CheckConstraint("horizon_days BETWEEN 1 AND 548", name="horizon_range"),
        CheckConstraint("cancel_cutoff_minutes BETWEEN 0 AND 43200", name="cutoff_range"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    service_at_location_id: UUID = Field(foreign_key="service_at_location.id", index=True)
    title: str = Field(max_length=120)
    timezone: str = Field(max_length=64)
    starts_on: date
    freq: str | None = Field(default=None, max_length=8)
    repeat_interval: int = 1
    byday: str | None = Field(default=None, max_length=80)
    until: date | None = None
    repeat_count: int | None = None
    opens_at: time
    closes_at: time
    slot_minutes: int
    gap_minutes: int = 0
    capacity: int = 1
    notice_minutes: int = 0
    horizon_days: int = 90
    cancel_cutoff_minutes: int = 0
    bookable_by: BookableBy = Field(default=BookableBy.PARTNERS, sa_type=enum_type(BookableBy))
    approval: Approval = Field(default=Approval.AUTOMATIC, sa_type=enum_type(Approval))
    documents: list[Any] = Field(default_factory=list, sa_type=sa.JSON)
    instructions: str | None = Field(default=None, max_length=1000)
    status: WindowStatus = Field(default=WindowStatus.PUBLISHED, sa_type=enum_type(WindowStatus))
    version: int = 1
    rolled_through: date | None = None
    first_number: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    created_at: datetime
    account_id: UUID | None = Field(default=None, foreign_key="account.id")


class WindowException(SQLModel, table=True):
    """A local day on which a window is closed, with the reason."""

    __tablename__ = "window_exception"

    window_id: UUID = Field(foreign_key="availability_window.id", primary_key=True)
    closed_on: date = Field(primary_key=True)
    reason: str | None = Field(default=None, max_length=200)


class WindowAddedDay(SQLModel, table=True):
    """A local day on which a window happens besides its pattern, or at other hours.

    Without hours of its own it has the window's.
    """

    __tablename__ = "window_added_day"
    __table_args__ = (
        CheckConstraint("(opens_at IS NULL) = (closes_at IS NULL)", name="both_hours_or_none"),
    )

    window_id: UUID = Field(foreign_key="availability_window.id", primary_key=True)
    added_on: date = Field(primary_key=True)
    opens_at: time | None = None
    closes_at: time | None = None
    reason: str | None = Field(default=None, max_length=200)


class Closure(SQLModel, table=True):
    """Local days on which nothing of an organization happens: a snow day, a holiday."""

    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
        Index("ix_closure_organization", "organization_id", "ends_on"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id")
    starts_on: date
    ends_on: date
    reason: str | None = Field(default=None, max_length=200)
    declared_at: datetime
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    lifted_at: datetime | None = None


class WindowPartner(SQLModel, table=True):
    """A partner that a window is kept for. A window that names none is for every partner."""

    __tablename__ = "window_partner"

    window_id: UUID = Field(foreign_key="availability_window.id", primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id", primary_key=True, index=True)
