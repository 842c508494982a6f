"""HSDS ``phone``, ``contact`` and ``language``: how to reach a service, and in what words."""

from uuid import UUID

from sqlmodel import CheckConstraint, Field

from directory.models.sourced import Sourced


class Contact(Sourced, table=True):
    """A person or desk to ask for."""

    organization_id: UUID | None = Field(default=None, foreign_key="organization.id", index=True)
    service_id: UUID | None = Field(default=None, foreign_key="service.id", index=True)
    service_at_location_id: UUID | None = Field(
        default=None, foreign_key="service_at_location.id", index=True
    )
    location_id: UUID | None = Field(default=None, foreign_key="location.id", index=True)
    name: str | None = None
    title: str | None = None
    department: str | None = None
    email: str | None = None


class Phone(Sourced, table=True):
    """A number to call. ``type`` draws from RFC 6350: voice, text, fax, textphone ..."""

    __table_args__ = (CheckConstraint("number <> ''", name="number_not_empty"),)

    location_id: UUID | None = Field(default=None, foreign_key="location.id", index=True)
    service_id: UUID | None = Field(default=None, foreign_key="service.id", index=True)
    organization_id: UUID | None = Field(default=None, foreign_key="organization.id", index=True)
    contact_id: UUID | None = Field(default=None, foreign_key="contact.id", index=True)
    service_at_location_id: UUID | None = Field(
        default=None, foreign_key="service_at_location.id", index=True
    )
    number: str
    extension: str | None = None
    type: str | None = None
    description: str | None = None


class Language(Sourced, table=True):
    """A language that is spoken there. ``code`` is ISO 639-1 or 639-3."""

    service_id: UUID | None = Field(default=None, foreign_key="service.id", index=True)
    location_id: UUID | None = Field(default=None, foreign_key="location.id", index=True)
    phone_id: UUID | None = Field(default=None, foreign_key="phone.id", index=True)
    name: str | None = None
    code: str | None = Field(default=None, max_length=3)
    note: str | None = None
