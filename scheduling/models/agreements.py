"""Agreements: what a host and a partner have promised each other."""

import enum
from datetime import date, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
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
    ended), while its status is active. With ``covers_members`` the partner is the lead agency of
    a consortium, and the staff of its members may book too. Without allotments it opens every
    window for partners, without a limit; with them only what they name, so many places a week.
    Both sides sign; either ends it, ``notice_days`` ahead. Other terms are another agreement,
    which takes the place of ``replaces_id`` when both have signed it.
    """

    __table_args__ = (
        CheckConstraint("host_organization_id <> partner_organization_id", name="two_parties"),
        CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
        CheckConstraint("notice_days BETWEEN 0 AND 365", name="notice_range"),
        CheckConstraint(
            "status = 'proposed' OR status = 'ended'"
            " OR (host_signed_at IS NOT NULL AND partner_signed_at IS NOT NULL)",
            name="signed_by_both",
        ),
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
    covers_members: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    notice_days: int = Field(default=30, sa_column_kwargs={"server_default": "30"})
    host_signed_at: datetime | None = None
    host_signed_by: UUID | None = Field(default=None, foreign_key="account.id")
    partner_signed_at: datetime | None = None
    partner_signed_by: UUID | None = Field(default=None, foreign_key="account.id")
    version: int = 1
    replaces_id: UUID | None = Field(default=None, foreign_key="agreement.id", index=True)


class AgreementChange(SQLModel, table=True):
    """One step in an agreement's life: written with the step, never changed."""

    __tablename__ = "agreement_change"

    agreement_id: UUID = Field(foreign_key="agreement.id", primary_key=True)
    version: int = Field(primary_key=True)
    status: AgreementStatus = Field(sa_type=enum_type(AgreementStatus))
    at: datetime
    organization_id: UUID | None = Field(default=None, foreign_key="organization.id")
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    step: str = Field(max_length=40)


class MemberStatus(enum.StrEnum):
    """Whether an agency belongs to a consortium."""

    INVITED = "invited"
    ACTIVE = "active"
    LEFT = "left"


class ConsortiumMember(SQLModel, table=True):
    """An agency that books under the agreements of a consortium's lead agency."""

    __tablename__ = "consortium_member"
    __table_args__ = (
        CheckConstraint(
            "lead_organization_id <> member_organization_id", name="lead_is_not_member"
        ),
    )

    lead_organization_id: UUID = Field(foreign_key="organization.id", primary_key=True)
    member_organization_id: UUID = Field(
        foreign_key="organization.id", primary_key=True, index=True
    )
    status: MemberStatus = Field(sa_type=enum_type(MemberStatus))
    invited_at: datetime
    changed_at: datetime
