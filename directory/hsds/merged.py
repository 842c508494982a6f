"""Records that were merged since the source was last imported: what names them means the kept ones.

A source knows nothing of our merges and goes on naming both. Without this, importing it again
would turn services, places and pairs back to the record that was merged away.
"""

from collections.abc import Iterator, Mapping
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.merges import DETAILS, MERGEABLE
from directory.database import find_rows
from directory.hsds.batches import batches
from directory.hsds.records import Translation
from directory.hsds.standard import HSDS_TABLES
from directory.models import TABLES

#: Who refers to the kinds that can be merged, as (table, column, kind).
_REFERENCES: Final = tuple(
    (table.name, field.name, field.refers_to)
    for table in HSDS_TABLES.values()
    for field in table.fields
    if field.refers_to in MERGEABLE
)


def follow_merges(session: Session, translation: Translation) -> None:
    """Let new references to merged records, and those that a merge turned, be to the kept ones.

    What only describes a merged record stays with it, as the merge left it.
    """
    kept = dict(_kept(session, translation))
    for table, column, kind in _REFERENCES if kept else ():
        if kind is not None and kind in kept:
            _follow(session, translation, (table, column), kept[kind])


def _kept(session: Session, translation: Translation) -> Iterator[tuple[str, dict[UUID, UUID]]]:
    """Yield, by kind, the records of the source that were merged, and what took their place."""
    for kind, table in MERGEABLE.items():
        merged = sa.select(table.c.id, table.c.merged_into_id).where(
            table.c.merged_into_id.is_not(None), table.c.source == translation.source
        )
        rows = find_rows(session, merged)
        if rows:
            yield kind, {row["id"]: row["merged_into_id"] for row in rows}


def _follow(
    session: Session,
    translation: Translation,
    reference: tuple[str, str],
    kept: Mapping[UUID, UUID],
) -> None:
    name, column = reference
    table = TABLES[name]
    for batch in batches(each for each in translation.of(name) if each.values[column] in kept):
        ids = [record.id for record in batch]
        found = find_rows(
            session, sa.select(table.c.id, table.c[column]).where(table.c.id.in_(ids))
        )
        stored = {row["id"]: row[column] for row in found}
        for record in batch:
            successor = kept[record.values[column]]
            turned = stored.get(record.id) == successor
            if turned or (record.id not in stored and name not in DETAILS):
                record.values[column] = successor
                translation.put(record)
