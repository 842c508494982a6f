"""HSDS ``taxonomy``, ``taxonomy_term`` and ``attribute``: what kind of help a service is."""

from uuid import UUID

from sqlmodel import Field, UniqueConstraint

from directory.models.sourced import Sourced


class Taxonomy(Sourced, table=True):
    """A list of terms kept by somebody."""

    name: str = Field(unique=True)
    description: str = ""
    uri: str | None = None
    version_label: str | None = None


class TaxonomyTerm(Sourced, table=True):
    """One kind of need. ``code`` and ``taxonomy_id`` together define it."""

    __tablename__ = "taxonomy_term"
    __table_args__ = (UniqueConstraint("taxonomy_id", "code"),)

    code: str = Field(max_length=80, index=True)
    name: str
    description: str = ""
    parent_id: UUID | None = Field(default=None, foreign_key="taxonomy_term.id", index=True)
    taxonomy_id: UUID = Field(foreign_key="taxonomy.id", index=True)
    term_uri: str | None = None


class Attribute(Sourced, table=True):
    """A term said of a record: ``link_entity`` is its table and ``link_id`` its identifier."""

    __table_args__ = (UniqueConstraint("link_id", "taxonomy_term_id"),)

    link_entity: str = Field(max_length=40)
    link_id: UUID
    taxonomy_term_id: UUID = Field(foreign_key="taxonomy_term.id", index=True)
    link_type: str | None = None
    value: str | None = None
