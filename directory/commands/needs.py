"""Our own small taxonomy of everyday needs, as rows."""

from uuid import UUID, uuid5

from sqlmodel import Session, select

from directory.models.taxonomies import Taxonomy, TaxonomyTerm
from directory.needs import EVERYDAY_NEEDS, TAXONOMY_NAME

_NAMESPACE = UUID("8b1f0f0c-54a6-5b8e-9b0e-2f6c1c6f2a10")


def ensure_needs(session: Session) -> dict[str, UUID]:
    """Add the everyday needs that are missing; return the id of each by its code."""
    taxonomy_id = uuid5(_NAMESPACE, TAXONOMY_NAME)
    if session.get(Taxonomy, taxonomy_id) is None:
        session.add(
            Taxonomy(
                id=taxonomy_id,
                name=TAXONOMY_NAME,
                description="Thirty kinds of help, in words that people use.",
            )
        )
        session.flush()  # the terms refer to it
    known = set(
        session.exec(select(TaxonomyTerm.code).where(TaxonomyTerm.taxonomy_id == taxonomy_id))
    )
    ids = {need.code: uuid5(taxonomy_id, need.code) for need in EVERYDAY_NEEDS}
    for need in EVERYDAY_NEEDS:
        if need.code not in known:
            session.add(
                TaxonomyTerm(
                    id=ids[need.code],
                    code=need.code,
                    name=need.name,
                    description=need.description,
                    parent_id=ids[need.parent] if need.parent else None,
                    taxonomy_id=taxonomy_id,
                )
            )
            session.flush()  # a child refers to its parent
    return ids
