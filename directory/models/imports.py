"""The account of imports, and the places among them that wait for a person. All of this is ours."""

import enum
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, Index, SQLModel

from directory.database import enum_type
from directory.models.locations import AddressVisibility


class ImportOutcome(enum.StrEnum):
    """Whether an import was taken, whole, or refused, whole."""

    APPLIED = "applied"
    REFUSED = "refused"


class ImportRun(SQLModel, table=True):
    """One import: from which source, how it ended, and its report (``directory.hsds.report``)."""

    __tablename__ = "import_run"
    __table_args__ = (Index("ix_import_run_newest", "finished_at"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    source: str = Field(max_length=80, index=True)
    outcome: ImportOutcome = Field(sa_type=enum_type(ImportOutcome))
    reason: str = Field(default="", sa_type=sa.Text)
    report: dict[str, Any] = Field(sa_type=sa.JSON)
    started_at: datetime
    finished_at: datetime


class PlaceReview(SQLModel, table=True):
    """A place that an import hid because words about it speak of hiding, until a person decides.

    ``reason`` repeats no address. What is decided stays decided when the source comes again.
    """

    __tablename__ = "place_review"

    location_id: UUID = Field(foreign_key="location.id", primary_key=True)
    reason: str = Field(max_length=300)
    asked_at: datetime
    decision: AddressVisibility | None = Field(default=None, sa_type=enum_type(AddressVisibility))
    decided_at: datetime | None = Field(default=None, index=True)
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
