"""Recognising what is there already under another identifier.

Where our tables allow a thing only once (one taxonomy of a name, one record for a service at a
location), a second source, a person or an older export may have made it before.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows
from directory.hsds.records import Record, Translation
from directory.models import TABLES

#: The columns that our tables have unique together.
_UNIQUE: Final[Mapping[str, tuple[str, ...]]] = {
    "taxonomy": ("name",),
    "unit": ("name",),
    "taxonomy_term": ("taxonomy_id", "code"),
    "service_at_location": ("service_id", "location_id"),
    "attribute": ("link_id", "taxonomy_term_id", "link_type", "value"),
}
#: Who refers to those tables, as (table, column).
_REFERENCES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "taxonomy": (("taxonomy_term", "taxonomy_id"),),
    "unit": (("service_capacity", "unit_id"), ("attribute", "link_id")),
    "taxonomy_term": (("taxonomy_term", "parent_id"), ("attribute", "taxonomy_term_id")),
    "service_at_location": (
        ("contact", "service_at_location_id"),
        ("phone", "service_at_location_id"),
        ("schedule", "service_at_location_id"),
        ("service_area", "service_at_location_id"),
        ("service_capacity", "service_at_location_id"),
        ("attribute", "link_id"),
    ),
    "attribute": (),
}


def adopt_existing(session: Session, translation: Translation) -> None:
    """Let records that are there already keep their identifier; leave others' as they are."""
    for table, columns in _UNIQUE.items():
        existing = _existing(session, table, columns)
        replaced: dict[UUID, UUID] = {}
        for record in list(translation.of(table)):
            before = existing.get(tuple(record.values[column] for column in columns))
            if before is not None and (
                before["id"] != record.id or before["source"] != translation.source
            ):
                replaced[record.id] = before["id"]
                _adopt(translation, record, before)
        _refer(translation, table, replaced)


def _existing(
    session: Session, name: str, columns: tuple[str, ...]
) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    table = TABLES[name]
    wanted = [table.c.id, table.c.source, *(table.c[column] for column in columns)]
    return {
        tuple(row[column] for column in columns): row
        for row in find_rows(session, sa.select(*wanted))
    }


def _adopt(translation: Translation, record: Record, before: Mapping[str, Any]) -> None:
    """Give our record its old identifier back, or give way to another source's record."""
    translation.drop(record)
    if before["source"] == translation.source:
        record.id = before["id"]
        translation.put(record)
    else:
        translation.report.of(record.table).unchanged += 1


def _refer(translation: Translation, table: str, replaced: Mapping[UUID, UUID]) -> None:
    """Turn what refers to the old identifiers to the new ones."""
    for referring, column in _REFERENCES[table] if replaced else ():
        for record in translation.of(referring):
            value = record.values[column]
            if value in replaced:
                record.values[column] = replaced[value]
                translation.put(record)
