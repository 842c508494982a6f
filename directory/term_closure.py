"""Terms of taxonomies with all that they imply: what is above them, and the needs they mean."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.models import TABLES

taxonomies = TABLES["taxonomy"]
terms = TABLES["taxonomy_term"]
mappings = TABLES["taxonomy_term_mapping"]
synonyms = TABLES["taxonomy_term_synonym"]
attributes = TABLES["attribute"]

#: From a term to what it implies: its parent, and the everyday needs that it means.
_EDGES = sa.union_all(
    sa.select(terms.c.id.label("below"), terms.c.parent_id.label("above")).where(
        terms.c.parent_id.is_not(None)
    ),
    sa.select(mappings.c.taxonomy_term_id.label("below"), mappings.c.need_id.label("above")),
).subquery("edges")


@dataclass(frozen=True, slots=True)
class Terms:
    """Some terms and all that they imply: their rows, what is next above each, other words."""

    rows: Mapping[UUID, Row]
    above: Mapping[UUID, Sequence[UUID]]
    synonyms: Mapping[UUID, Sequence[str]]


def find_terms(session: Session, ids: Collection[UUID]) -> Terms:
    """Return some terms with all that they imply; those of large taxonomies stay unread."""
    if not ids:
        return Terms({}, {}, {})
    closed = _closure(terms.c.id.in_(ids), upwards=True)
    wanted = sa.select(closed.c.id)
    found = find_rows(
        session,
        sa.select(
            terms.c.id,
            terms.c.code,
            terms.c.name,
            terms.c.taxonomy_id,
            taxonomies.c.name.label("taxonomy_name"),
            taxonomies.c.uri.label("taxonomy_uri"),
        )
        .join(taxonomies, taxonomies.c.id == terms.c.taxonomy_id)
        .where(terms.c.id.in_(wanted)),
    )
    edges = find_rows(session, sa.select(_EDGES).where(_EDGES.c.below.in_(wanted)))
    said = sa.select(synonyms.c.taxonomy_term_id, synonyms.c.words).where(
        synonyms.c.taxonomy_term_id.in_(wanted)
    )
    # Sorted here, since each database has an order of letters of its own.
    words = sorted(find_rows(session, said), key=lambda row: row["words"])
    return Terms(
        {row["id"]: row for row in found},
        _grouped(edges, "below", "above"),
        _grouped(words, "taxonomy_term_id", "words"),
    )


def find_tagged_services(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Return the services of which one of these terms is said, or one that implies it."""
    below = _closure(terms.c.id.in_(ids), upwards=False)
    said = sa.select(attributes.c.link_id).where(
        attributes.c.link_entity == "service",
        attributes.c.taxonomy_term_id.in_(sa.select(below.c.id)),
    )
    return set(session.connection().execute(said).scalars())


def _closure(wanted: sa.ColumnElement[bool], *, upwards: bool) -> sa.CTE:
    """Select terms and, over all steps, what they imply or what implies them. Circles end."""
    closed = sa.select(terms.c.id).where(wanted).cte("closed", recursive=True)
    here, there = (_EDGES.c.below, _EDGES.c.above) if upwards else (_EDGES.c.above, _EDGES.c.below)
    return closed.union(sa.select(there).join(closed, here == closed.c.id))


def _grouped(rows: Sequence[Row], key: str, value: str) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row[key]].append(row[value])
    return found
