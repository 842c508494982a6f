"""Recognising what is there already under another identifier.

Where our tables allow a thing only once (one taxonomy of a name, one record for a service at a
location), a second source, a person or an older export may have made it before.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows
from directory.hsds.batches import batches
from directory.hsds.records import Record, Translation
from directory.models import TABLES

#: The columns that our tables have unique together; the first is what they are looked up by.
_UNIQUE: Final[Mapping[str, tuple[str, ...]]] = {
    "taxonomy": ("name",),
    "unit": ("name",),
    "taxonomy_term": ("code", "taxonomy_id"),
    "service_at_location": ("service_id", "location_id"),
    "attribute": ("link_id", "taxonomy_term_id", "link_type", "value"),
}
#: Who refers to those tables, as (table, column). Attributes and changes may be about anything.
_ABOUT: Final = (("attribute", "link_id"), ("metadata", "resource_id"))
_REFERENCES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "taxonomy": (("taxonomy_term", "taxonomy_id"), *_ABOUT),
    "unit": (("service_capacity", "unit_id"), *_ABOUT),
    "taxonomy_term": (
        ("taxonomy_term", "parent_id"),
        ("attribute", "taxonomy_term_id"),
        *_ABOUT,
    ),
    "service_at_location": (
        ("contact", "service_at_location_id"),
        ("phone", "service_at_location_id"),
        ("schedule", "service_at_location_id"),
        ("service_area", "service_at_location_id"),
        ("service_capacity", "service_at_location_id"),
        *_ABOUT,
    ),
    "attribute": (("metadata", "resource_id"),),
}


def adopt_existing(session: Session, translation: Translation) -> None:
    """Let records that are there already keep their identifier; leave others' as they are."""
    for table in _UNIQUE:
        ours, theirs = _find_existing(session, translation, table)
        for identifier in theirs:
            translation.staging.drop(table, identifier)
            translation.report.of(table).unchanged += 1
        moved = {**ours, **_displaced(translation, table, ours)}
        translation.staging.rename(table, moved)
        _refer(translation, table, {**moved, **theirs})


def _find_existing(
    session: Session, translation: Translation, table: str
) -> tuple[dict[UUID, UUID], dict[UUID, UUID]]:
    """Return the identifiers that records have already: of this source, and of others."""
    columns = _UNIQUE[table]
    ours: dict[UUID, UUID] = {}
    theirs: dict[UUID, UUID] = {}
    for batch in batches(translation.of(table)):
        existing = _existing(session, table, columns, batch)
        for record in batch:
            before = existing.get(tuple(record.values[column] for column in columns))
            if before is None:
                continue
            if before["source"] != translation.source:
                theirs[record.id] = before["id"]
            elif before["id"] != record.id:
                ours[record.id] = before["id"]
    return ours, theirs


def _existing(
    session: Session, name: str, columns: tuple[str, ...], records: Sequence[Record]
) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    table = TABLES[name]
    wanted = [table.c.id, table.c.source, *(table.c[column] for column in columns)]
    looked_up = table.c[columns[0]].in_({record.values[columns[0]] for record in records})
    return {
        tuple(row[column] for column in columns): row
        for row in find_rows(session, sa.select(*wanted).where(looked_up))
    }


def _displaced(translation: Translation, table: str, ours: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
    """Return new identifiers for records that have those which others get back.

    Where a source gives an identifier to something else, the two change places.
    """
    wanted = set(ours.values())
    in_the_way = sorted(each for each in wanted - ours.keys() if translation.has(table, each))
    free = sorted(ours.keys() - wanted)
    return dict(zip(in_the_way, free, strict=False))


def _refer(translation: Translation, table: str, replaced: Mapping[UUID, UUID]) -> None:
    """Turn what refers to the old identifiers to the new ones."""
    for referring, column in _REFERENCES[table] if replaced else ():
        for record in translation.of(referring):
            if record.values[column] in replaced:
                record.values[column] = replaced[record.values[column]]
                translation.put(record)
