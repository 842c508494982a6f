"""The situations that are said of a service by terms of a taxonomy that we know."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows
from directory.models import TABLES
from directory.offers import attributes, terms
from directory.situations import is_of_situations

taxonomies = TABLES["taxonomy"]


def find_situations(session: Session, service_id: UUID) -> list[str]:
    """Return their codes (``directory.situations``)."""
    said = find_rows(
        session,
        sa.select(terms.c.code, taxonomies.c.name, taxonomies.c.uri)
        .select_from(attributes)
        .join(terms, terms.c.id == attributes.c.taxonomy_term_id)
        .join(taxonomies, taxonomies.c.id == terms.c.taxonomy_id)
        .where(attributes.c.link_entity == "service", attributes.c.link_id == service_id)
        .order_by(terms.c.code),
    )
    return [row["code"] for row in said if is_of_situations(row["name"], row["uri"])]
