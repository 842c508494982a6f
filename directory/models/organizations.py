"""HSDS ``organization`` and what describes it: programs, identifiers, funding, web addresses."""

from uuid import UUID

from sqlmodel import CheckConstraint, Field

from directory.models.sourced import Sourced


class Organization(Sourced, table=True):
    """An agency that offers services.

    Ours is ``merged_into_id``: the record that this one was found to be the same as. Such a
    record is listed nowhere; it stays so that the merge can be undone.
    """

    __table_args__ = (CheckConstraint("name <> ''", name="name_not_empty"),)

    name: str = Field(max_length=300)
    alternate_name: str | None = None
    description: str = ""
    email: str | None = None
    website: str | None = None
    year_incorporated: int | None = None
    legal_status: str | None = None
    tax_status: str | None = None
    tax_id: str | None = None
    logo: str | None = None
    uri: str | None = None
    parent_organization_id: UUID | None = Field(default=None, foreign_key="organization.id")
    merged_into_id: UUID | None = Field(default=None, foreign_key="organization.id")


class Program(Sourced, table=True):
    """A group of services that an organization runs under one name."""

    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    name: str
    alternate_name: str | None = None
    description: str = ""


class OrganizationIdentifier(Sourced, table=True):
    """What somebody else calls an organization; ``identifier_scheme`` as in org-id.guide."""

    __tablename__ = "organization_identifier"

    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    identifier_scheme: str | None = None
    identifier_type: str
    identifier: str


class Funding(Sourced, table=True):
    """Where the money of an organization or a service comes from."""

    organization_id: UUID | None = Field(default=None, foreign_key="organization.id", index=True)
    service_id: UUID | None = Field(default=None, foreign_key="service.id", index=True)
    source_of_funds: str | None = None


class Url(Sourced, table=True):
    """A further address on the web, of an organization or a service."""

    __table_args__ = (CheckConstraint("url <> ''", name="url_not_empty"),)

    label: str | None = None
    url: str
    organization_id: UUID | None = Field(default=None, foreign_key="organization.id", index=True)
    service_id: UUID | None = Field(default=None, foreign_key="service.id", index=True)
