"""What people put right here since the source was last imported: an import leaves it alone.

The source goes on saying what it always said. Without this, importing it again would undo the
corrections of those who know better, and bring back what they removed. History knows which
fields those are (docs/decisions/0015); the report says of each that it was kept.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.hsds.batches import batches
from directory.hsds.changes import ORIGIN
from directory.hsds.columns import MODELS
from directory.hsds.compare import stored_rows
from directory.hsds.guard import HeldBack
from directory.hsds.records import Record, Translation
from directory.hsds.rules import broken_rule
from directory.hsds.standard import HSDS_TABLES
from directory.models import TABLES
from directory.queries.history import fields_changed_by_people
from directory.queries.places import owners_of
from directory.recorded_values import as_text

_KEPT: Final = "kept as people here changed it; the source says otherwise"
_REMOVED: Final = "left out: people here removed it"
_ABOUT_REMOVED: Final = "left out: people here removed what it belongs to"
_CUT: Final = "left out: people here removed what it refers to"

#: What need not belong to anything.
_BY_ITSELF: Final = frozenset({"organization", "location", "taxonomy", "taxonomy_term", "unit"})

_metadata: Final = TABLES["metadata"]


def keep_edits(session: Session, translation: Translation, held: HeldBack) -> None:
    """Give the records the values that people here gave them; drop those that people removed.

    To have the source's value again, undo the change; the next import then brings it. Nothing
    of a place that this import closes is kept that was said while it was open.
    """
    removed: set[UUID] = set()
    for table, identifiers in _changed_by_people(session, translation).items():
        for batch in batches(identifiers):
            stored = stored_rows(session, table, batch)
            for identifier, fields in fields_changed_by_people(session, batch).items():
                record = translation.at(table, identifier)
                is_closed = _place_of(record) in held.closed_before
                if identifier in stored and (
                    is_closed or not held.hides(identifier, record.values)
                ):
                    _keep(translation, record, stored[identifier], fields, is_told=not is_closed)
                elif identifier not in stored and "id" in fields:
                    removed.add(identifier)
                    _drop(translation, record, _REMOVED)
    if removed:
        _drop_what_belongs_to(translation, removed)


def _changed_by_people(session: Session, translation: Translation) -> dict[str, list[UUID]]:
    """Return the source's records that people ever changed, by table."""
    by_people = _metadata.c.change_id.is_not(None) & (_metadata.c.origin != ORIGIN)
    names = (_metadata.c.resource_type, _metadata.c.resource_id)
    changed: dict[str, list[UUID]] = {}
    for table, identifier in session.connection().execute(
        sa.select(*names).where(by_people).distinct()
    ):
        if table in MODELS and translation.has(table, identifier):
            changed.setdefault(table, []).append(identifier)
    return changed


def _place_of(record: Record) -> bytes | None:
    place = record.id if record.table == "location" else record.values.get("location_id")
    return place.bytes if place is not None else None


def _keep(
    translation: Translation,
    record: Record,
    stored: Mapping[str, Any],
    fields: Collection[str],
    *,
    is_told: bool,
) -> None:
    """Keep what people said in some fields; where ``is_told`` the report has the other value."""
    kept = {each: stored[each] for each in fields if each in record.values}
    if broken_rule(record.table, {**record.values, **kept}):
        # The source's other values do not go together with theirs.
        kept = {each: stored[each] for each in record.values}
    for name, value in kept.items():
        said = record.values[name]
        if said is not None and said != value:
            translation.note_record(record, name, _KEPT, as_text(said) if is_told else "")
    record.values.update(kept)
    translation.put(record)


def _drop_what_belongs_to(translation: Translation, removed: set[UUID]) -> None:
    """Drop what hangs on records that are gone; cut what else refers to them."""
    for table in MODELS:
        columns = [f.name for f in HSDS_TABLES[table].fields if f.refers_to]
        for record in list(_naming(translation, table, removed)):
            for column in columns:
                if record.values.get(column) in removed:
                    record.values[column] = None
            if _can_stay(record, removed):
                translation.note_record(record, "", _CUT)
                translation.put(record)
            else:
                removed.add(record.id)
                _drop(translation, record, _ABOUT_REMOVED)


def _naming(translation: Translation, table: str, removed: set[UUID]) -> Iterator[Record]:
    for record in translation.of(table):
        if any(type(value) is UUID and value in removed for value in record.values.values()):
            yield record


def _can_stay(record: Record, removed: set[UUID]) -> bool:
    """Say whether a record still belongs to something and has what its table needs."""
    columns = TABLES[record.table].c
    has_all = all(
        value is not None or columns[name].nullable for name, value in record.values.items()
    )
    owners = [owner for _, owner in owners_of(record.table, record.values)]
    belongs = bool(owners) or record.table in _BY_ITSELF
    return has_all and belongs and removed.isdisjoint(owners)


def _drop(translation: Translation, record: Record, reason: str) -> None:
    translation.note_record(record, "", reason)
    translation.drop(record)
