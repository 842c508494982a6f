"""Allotments: how many places a week an agreement grants, and who has them."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlmodel import CheckConstraint, Field, ForeignKeyConstraint, Index, SQLModel, UniqueConstraint


class Allotment(SQLModel, table=True):
    """So many ``places`` in each of the host's local weeks, in the windows and services named.

    They are kept for the partner until ``release_minutes`` before a slot begins; what is unused
    then is for everyone whom the window admits. Empty: they are kept until it begins.
    """

    __table_args__ = (
        CheckConstraint("places BETWEEN 1 AND 500", name="places_range"),
        CheckConstraint("release_minutes BETWEEN 0 AND 43200", name="release_range"),
        UniqueConstraint("id", "places", name="uq_allotment_id_places"),  # for AllotmentPlace
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    agreement_id: UUID = Field(foreign_key="agreement.id", index=True)
    places: int
    release_minutes: int | None = None


class AllotmentWindow(SQLModel, table=True):
    """A window in whose slots an allotment counts."""

    __tablename__ = "allotment_window"

    allotment_id: UUID = Field(foreign_key="allotment.id", primary_key=True, ondelete="CASCADE")
    window_id: UUID = Field(foreign_key="availability_window.id", primary_key=True, index=True)


class AllotmentService(SQLModel, table=True):
    """A service in whose slots, anywhere, an allotment counts."""

    __tablename__ = "allotment_service"

    allotment_id: UUID = Field(foreign_key="allotment.id", primary_key=True, ondelete="CASCADE")
    service_id: UUID = Field(foreign_key="service.id", primary_key=True, index=True)


class AllotmentSlot(SQLModel, table=True):
    """A slot in which an allotment counts: made with the slot, or with the allotment.

    ``week_on`` is the Monday of the slot's week, by the host's local days; ``released_at`` the
    instant from which unused places are for everyone.
    """

    __tablename__ = "allotment_slot"
    __table_args__ = (Index("ix_allotment_slot_week", "allotment_id", "week_on"),)

    slot_id: UUID = Field(foreign_key="slot.id", primary_key=True, ondelete="CASCADE")
    allotment_id: UUID = Field(foreign_key="allotment.id", primary_key=True, ondelete="CASCADE")
    week_on: date
    released_at: datetime


class AllotmentPlace(SQLModel, table=True):
    """One numbered place of an allotment's week that somebody has, or keeps until ``expires_at``.

    The twin of ``SlotPlace``: numbers run from 1 to the allotment's places and are unique in its
    week, so that the database itself refuses one too many.
    """

    __tablename__ = "allotment_place"
    __table_args__ = (
        ForeignKeyConstraint(
            ["allotment_id", "allotment_places"],
            ["allotment.id", "allotment.places"],
            name="fk_allotment_place_allotment",
            onupdate="CASCADE",
        ),
        CheckConstraint("number BETWEEN 1 AND allotment_places", name="number_within_places"),
        CheckConstraint("(hold_id IS NULL) <> (appointment_id IS NULL)", name="held_or_booked"),
        CheckConstraint("(hold_id IS NULL) = (expires_at IS NULL)", name="only_holds_expire"),
    )

    allotment_id: UUID = Field(primary_key=True)
    week_on: date = Field(primary_key=True)
    number: int = Field(primary_key=True)
    allotment_places: int
    hold_id: UUID | None = Field(
        default=None, foreign_key="hold.id", ondelete="CASCADE", index=True
    )
    appointment_id: UUID | None = Field(default=None, foreign_key="appointment.id", index=True)
    expires_at: datetime | None = None


class AllotmentRefusal(SQLModel, table=True):
    """Somebody was refused because the week's places were used up: for the account."""

    __tablename__ = "allotment_refusal"
    __table_args__ = (Index("ix_allotment_refusal_week", "allotment_id", "week_on"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    allotment_id: UUID = Field(foreign_key="allotment.id", ondelete="CASCADE")
    week_on: date
    organization_id: UUID = Field(foreign_key="organization.id")
    at: datetime
