"""Agreements: what a host and a partner have promised each other."""

import enum
from datetime import date
from uuid import UUID, uuid4

from sqlmodel import CheckConstraint, Field, Index, SQLModel

from directory.database import enum_type


class AgreementStatus(enum.StrEnum):
    """Where an agreement is in its life."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class Agreement(SQLModel, table=True):
    """A memorandum of understanding: the partner's staff may book into the host's windows.

    It covers slots whose local date is from ``starts_on`` through ``ends_on`` (empty: until
    ended), while its status is active.
    """

    __table_args__ = (
        CheckConstraint("host_organization_id <> partner_organization_id", name="two_parties"),
        CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
        Index("ix_agreement_partner", "partner_organization_id", "status"),
        Index("ix_agreement_host", "host_organization_id", "status"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    host_organization_id: UUID = Field(foreign_key="organization.id")
    partner_organization_id: UUID = Field(foreign_key="organization.id")
    title: str = Field(max_length=120)
    terms: str = ""
    status: AgreementStatus = Field(sa_type=enum_type(AgreementStatus))
    starts_on: date
    ends_on: date | None = None
    version: int = 1
