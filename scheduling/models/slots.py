"""Slots, and the numbered places in them: the database's own guard against overbooking."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlmodel import CheckConstraint, Field, ForeignKeyConstraint, Index, SQLModel, UniqueConstraint


class Slot(SQLModel, table=True):
    """One stretch of time, ``starts_at`` up to ``ends_at``, with ``capacity`` places.

    It is identified by its window, the local day, and its number on that day, so that no change
    of clocks or of time zone rules can make two of one or one of two. It may be booked from
    ``bookable_from`` (the window's horizon) up to ``bookable_until`` (its notice): instants to
    compare with now. One with ``withdrawn_at`` is offered to nobody any more: its window was
    edited or closed; whoever has a place in it keeps it.
    """

    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("capacity >= 0", name="capacity_not_negative"),
        CheckConstraint("bookable_until <= starts_at", name="booked_before_it_starts"),
        UniqueConstraint("window_id", "local_date", "slot_index"),
        UniqueConstraint("id", "capacity", name="uq_slot_id_capacity"),  # for SlotPlace
        Index("ix_slot_service_at_location_starts", "service_at_location_id", "starts_at"),
        Index("ix_slot_starts_at", "starts_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    window_id: UUID = Field(foreign_key="availability_window.id")
    service_at_location_id: UUID = Field(foreign_key="service_at_location.id")
    local_date: date
    slot_index: int
    starts_at: datetime
    ends_at: datetime
    bookable_from: datetime
    bookable_until: datetime
    capacity: int
    withdrawn_at: datetime | None = None


class SlotPlace(SQLModel, table=True):
    """One numbered place in a slot that somebody has, or keeps until ``expires_at``.

    Places are numbered 1 to capacity, and the pair of slot and number is the primary key: a
    programmer who forgets every lock still cannot sell a place twice, nor a place beyond the
    capacity, which each row carries a copy of that the database holds equal to the slot's.
    A lapsed row counts for nothing and is taken over by whoever needs the place.
    """

    __tablename__ = "slot_place"
    __table_args__ = (
        ForeignKeyConstraint(
            ["slot_id", "slot_capacity"],
            ["slot.id", "slot.capacity"],
            name="fk_slot_place_slot",
            onupdate="CASCADE",
        ),
        CheckConstraint("place BETWEEN 1 AND slot_capacity", name="place_within_capacity"),
        CheckConstraint("(hold_id IS NULL) <> (appointment_id IS NULL)", name="held_or_booked"),
        CheckConstraint("(hold_id IS NULL) = (expires_at IS NULL)", name="only_holds_expire"),
    )

    slot_id: UUID = Field(primary_key=True)
    place: int = Field(primary_key=True)
    slot_capacity: int
    hold_id: UUID | None = Field(
        default=None, foreign_key="hold.id", ondelete="CASCADE", index=True
    )
    appointment_id: UUID | None = Field(default=None, foreign_key="appointment.id", index=True)
    expires_at: datetime | None = None
