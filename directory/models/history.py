"""HSDS ``metadata`` and ``meta_table_description``: who changed what, from what to what."""

import enum
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, Index, SQLModel

from directory.database import enum_type
from directory.models.sourced import Sourced


class ActionType(enum.StrEnum):
    """What was done to a record (HSDS ``metadata.last_action_type``, which has no list)."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    MERGE = "merge"
    UNDO = "undo"


class Metadata(Sourced, table=True):
    """One field of one record was changed. Rows are added, never changed.

    HSDS has a date where we keep the instant, ``last_action_at``. Ours are ``change_id``, which
    joins the fields that were changed together and can be undone together; ``origin``, the way
    the change came ("page", "api", "suggestion", "import"); ``account_id``; and
    ``organization_id``, whose record it was. Imported rows have an ``action`` of their own words
    and no ``change_id``. Nothing of a place's address goes in here unless the place is public.
    """

    __table_args__ = (
        Index("ix_metadata_resource", "resource_id", "last_action_at"),
        Index("ix_metadata_change_id", "change_id"),
    )

    resource_id: UUID
    resource_type: str = Field(max_length=40)
    last_action_at: datetime
    last_action_type: str = Field(max_length=40)
    field_name: str = Field(max_length=80)
    previous_value: str = Field(default="", sa_type=sa.Text)
    replacement_value: str = Field(default="", sa_type=sa.Text)
    updated_by: str = Field(default="", max_length=200)
    change_id: UUID | None = None
    origin: str = Field(default="page", max_length=20)
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    organization_id: UUID | None = Field(default=None, foreign_key="organization.id", index=True)


class MetaTableDescription(Sourced, table=True):
    """What a source says of one of its tables."""

    __tablename__ = "meta_table_description"

    name: str | None = None
    language: str | None = None
    character_set: str | None = None


class RecordMerge(SQLModel, table=True):
    """Two records were found to be the same: ``merged_id`` became part of ``kept_id``.

    ``moved`` says which rows were turned from one to the other, as lists of identifiers by
    "table.column", so that the merge can be undone.
    """

    __tablename__ = "record_merge"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    resource_type: str = Field(max_length=40)
    kept_id: UUID = Field(index=True)
    merged_id: UUID = Field(index=True)
    moved: dict[str, Any] = Field(sa_type=sa.JSON)
    merged_at: datetime
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    undone_at: datetime | None = None


class SuggestionState(enum.StrEnum):
    """What became of what a reader told us."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Suggestion(SQLModel, table=True):
    """A reader says that a listing is wrong. Nothing about the reader is kept.

    ``field_name`` is one of the vital fields (``directory.models.verifications``) or "other".
    """

    __table_args__ = (Index("ix_suggestion_state", "state", "created_at"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    service_id: UUID = Field(foreign_key="service.id", index=True)
    service_at_location_id: UUID | None = Field(default=None, foreign_key="service_at_location.id")
    field_name: str = Field(max_length=20)
    words: str = Field(max_length=1000)
    state: SuggestionState = Field(default=SuggestionState.OPEN, sa_type=enum_type(SuggestionState))
    created_at: datetime
    decided_at: datetime | None = None
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    answer: str | None = Field(default=None, max_length=500)
