"""HSDS ``taxonomy``, ``taxonomy_term`` and ``attribute``: what kind of help a service is."""

from uuid import UUID, uuid4

from sqlmodel import Field, SQLModel, UniqueConstraint

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
    taxonomy: str | None = None
    language: str | None = None
    term_uri: str | None = None


class TaxonomyTermSynonym(SQLModel, table=True):
    """Other words for a term, as people type them. Ours. ``language`` is ISO 639-1."""

    __tablename__ = "taxonomy_term_synonym"
    __table_args__ = (UniqueConstraint("taxonomy_term_id", "language", "words"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    taxonomy_term_id: UUID = Field(foreign_key="taxonomy_term.id")
    language: str = Field(default="en", max_length=3)
    words: str = Field(max_length=120)


class TaxonomyTermMapping(SQLModel, table=True):
    """A term of another taxonomy means, or is part of, one of the everyday needs. Ours."""

    __tablename__ = "taxonomy_term_mapping"

    taxonomy_term_id: UUID = Field(foreign_key="taxonomy_term.id", primary_key=True)
    need_id: UUID = Field(foreign_key="taxonomy_term.id", primary_key=True, index=True)


class Attribute(Sourced, table=True):
    """A term said of a record: ``link_entity`` is its table and ``link_id`` its identifier.

    The same is said of a record once; no ``link_type`` and no ``value`` are empty texts, which
    are equal, as NULLs are not.
    """

    __table_args__ = (
        UniqueConstraint(
            "link_id", "taxonomy_term_id", "link_type", "value", name="uq_attribute_said"
        ),
    )

    link_entity: str = Field(max_length=40)
    link_id: UUID
    taxonomy_term_id: UUID = Field(foreign_key="taxonomy_term.id", index=True)
    link_type: str = ""
    value: str = ""
    label: str | None = None
