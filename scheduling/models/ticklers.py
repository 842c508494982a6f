"""Ticklers: notes for a moment in time, to oneself or a colleague."""

import enum
from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import CheckConstraint, Field, Index, SQLModel, UniqueConstraint

from directory.database import enum_type


class TicklerKind(enum.StrEnum):
    """What a tickler is about: by hand, or made by the system."""

    BY_HAND = "by-hand"
    DOCUMENTS_DUE = "documents-due"
    NO_OUTCOME = "no-outcome"
    OFFER_LAPSING = "offer-lapsing"
    AGREEMENT_ENDING = "agreement-ending"
    HOST_CANCELLED = "host-cancelled"
    HOST_MOVED = "host-moved"
    TO_APPROVE = "to-approve"


class Tickler(SQLModel, table=True):
    """A reminder for an agency, or for one of its staff, due at a moment.

    ``sealed_note`` is what somebody wrote by hand, encrypted: it may name a client. Those that
    the system makes have no note; each is made once for its kind and subject (``about``).
    """

    __table_args__ = (
        CheckConstraint("(kind = 'by-hand') = (sealed_note IS NOT NULL)", name="note_by_hand"),
        UniqueConstraint("organization_id", "kind", "about", name="uq_tickler_about"),
        Index("ix_tickler_due", "organization_id", "done_at", "due_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id")
    account_id: UUID | None = Field(default=None, foreign_key="account.id", index=True)
    made_by: UUID | None = Field(default=None, foreign_key="account.id")
    kind: TicklerKind = Field(sa_type=enum_type(TicklerKind))
    about: str | None = Field(default=None, max_length=80)
    appointment_id: UUID | None = Field(default=None, foreign_key="appointment.id", index=True)
    agreement_id: UUID | None = Field(default=None, foreign_key="agreement.id", index=True)
    offer_id: UUID | None = Field(default=None, foreign_key="offer.id", index=True)
    sealed_note: str | None = None
    due_at: datetime
    made_at: datetime
    done_at: datetime | None = None
    done_by: UUID | None = Field(default=None, foreign_key="account.id")
