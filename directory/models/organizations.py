"""HSDS ``organization`` and ``program``."""

from uuid import UUID

from sqlmodel import CheckConstraint, Field

from directory.models.sourced import Sourced


class Organization(Sourced, table=True):
    """An agency that offers services."""

    __table_args__ = (CheckConstraint("name <> ''", name="name_not_empty"),)

    name: str = Field(max_length=300)
    alternate_name: str | None = None
    description: str = ""
    email: str | None = None
    website: str | None = None
    year_incorporated: int | None = None
    legal_status: str | None = None
    parent_organization_id: UUID | None = Field(default=None, foreign_key="organization.id")


class Program(Sourced, table=True):
    """A group of services that an organization runs under one name."""

    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    name: str
    alternate_name: str | None = None
    description: str = ""
