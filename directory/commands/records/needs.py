"""What kind of help a service is: its everyday needs, as one list of codes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from msgspec import UNSET
from sqlmodel import Session

from directory.commands.history import Change, delete_row, insert_row
from directory.commands.needs import ensure_needs
from directory.database import find_rows
from directory.errors import FieldError
from directory.needs import EVERYDAY_NEEDS
from directory.offers import attributes

_CODES = frozenset(need.code for need in EVERYDAY_NEEDS)


def plan_needs(session: Session, draft: Any) -> list[FieldError]:
    """Return what is wrong with the codes of a draft; those that are right exist afterwards."""
    if draft.needs is UNSET:
        return []
    unknown = sorted({code for code in draft.needs if code not in _CODES})
    if unknown:
        return [FieldError("needs", "Give codes of everyday needs, such as food or shelter.")]
    ensure_needs(session)
    return []


def write_needs(session: Session, change: Change, service_id: UUID, codes: Sequence[str]) -> None:
    """Let a service have these everyday needs and no others; its other terms stay."""
    ids = ensure_needs(session)
    wanted = {ids[code] for code in codes}
    there = find_rows(
        session,
        sa.select(attributes).where(
            attributes.c.link_entity == "service",
            attributes.c.link_id == service_id,
            attributes.c.taxonomy_term_id.in_(ids.values()),
        ),
    )
    for row in there:
        if row["taxonomy_term_id"] not in wanted:
            delete_row(session, change, "attribute", row)
    known = {row["taxonomy_term_id"] for row in there}
    for term_id in sorted(wanted - known):
        said = {"link_entity": "service", "link_id": service_id, "taxonomy_term_id": term_id}
        insert_row(session, change, "attribute", said)
