"""Knowing how true a listing is. *Verified* is not *updated*. All of this is ours."""

import enum
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import CheckConstraint, Field, Index, SQLModel

from directory.database import enum_type


class VitalField(enum.StrEnum):
    """What sends people to a closed door when it is wrong."""

    HOURS = "hours"
    PHONE = "phone"
    ADDRESS = "address"
    ELIGIBILITY = "eligibility"
    DOCUMENTS = "documents"
    COST = "cost"
    OPENINGS = "openings"


class VerificationMethod(enum.StrEnum):
    """How somebody made sure. STAFF and LINK: the agency itself, signed in or by our e-mail."""

    STAFF = "staff"
    PHONE = "phone"
    EMAIL = "email"
    LINK = "link"
    VISIT = "visit"
    WEBSITE = "website"
    SOURCE = "source"


class Verification(SQLModel, table=True):
    """Somebody made sure that a field of a listing is true, or found it was not (``changed``).

    A listing is a service at a location, or a service without one. Rows are added, never changed.
    """

    __table_args__ = (Index("ix_verification_newest", "service_id", "field", "verified_at"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    service_id: UUID = Field(foreign_key="service.id")
    service_at_location_id: UUID | None = Field(
        default=None, foreign_key="service_at_location.id", index=True
    )
    field: VitalField = Field(sa_type=enum_type(VitalField))
    method: VerificationMethod = Field(sa_type=enum_type(VerificationMethod))
    changed: bool = False
    verified_at: datetime
    said_by: str = Field(max_length=200)
    account_id: UUID | None = Field(default=None, foreign_key="account.id")


class VerificationRequest(SQLModel, table=True):
    """We asked an agency, by a link in an e-mail, whether a listing is still true.

    Only the hash of the link's secret is kept. A service is asked about once at a time, until
    ``closed_at``. One that was closed without ``answered_at`` and ``undelivered_at`` was left
    unanswered, unless somebody checked the listing in another way before ``expires_at``.
    ``undelivered_at``: the question never reached anybody, so nobody owes an answer.
    """

    __tablename__ = "verification_request"
    __table_args__ = (
        CheckConstraint("expires_at > asked_at", name="expires_after_asking"),
        Index(
            "uq_verification_request_live",
            "service_id",
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    service_id: UUID = Field(foreign_key="service.id", index=True)
    email: str = Field(max_length=254)
    token_hash: str = Field(unique=True, max_length=64)
    asked_at: datetime
    expires_at: datetime
    reminded_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    undelivered_at: datetime | None = None
