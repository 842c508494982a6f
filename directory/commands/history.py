"""Writing records so that it is known who changed what, and can be undone.

Whoever changes a record of the directory makes one ``Change`` and writes with ``insert_row``,
``update_row`` and ``delete_row``; ``directory.commands.records.finishing`` ends it. Each field
that was changed is a row of ``metadata``; a record that was made or removed has a row for each
of its fields, ``id`` among them. Of a place that is not public the words are not kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row
from directory.models import TABLES
from directory.models.history import ActionType
from directory.queries.places import find_place_of, is_known_to_all, owners_of, tells_where
from directory.recorded_values import as_text
from directory.viewer import Viewer

metadata = TABLES["metadata"]

#: The records that others hang on, with a version of their own that callers see.
ROOTS: Final = ("organization", "location", "service", "service_at_location")

#: How a change can have come.
PAGE: Final = "page"
API: Final = "api"

#: Kept by the machine for itself: no news to anybody.
_UNTOLD: Final = frozenset({"last_modified"})


@dataclass(slots=True, kw_only=True)
class Change:
    """What is written together, by one person or program at one time, and undone together.

    ``organization_id`` is whose record it is; ``action`` is what to call it where it is more
    than the making, changing or removing of a record. ``touched`` collects the roots of what
    was written, as (table, id), ``made`` those that are new; ``services`` and ``agencies`` are
    further ones whose search rows may say something else now.
    """

    viewer: Viewer
    now: datetime
    origin: str
    organization_id: UUID | None
    action: ActionType | None = None
    id: UUID = field(default_factory=uuid4)
    touched: set[tuple[str, UUID]] = field(default_factory=set)
    made: set[tuple[str, UUID]] = field(default_factory=set)
    services: set[UUID] = field(default_factory=set)
    agencies: set[UUID] = field(default_factory=set)


def insert_row(session: Session, change: Change, table: str, values: Mapping[str, Any]) -> Row:
    """Add a record, with the defaults of its table where ``values`` say nothing."""
    row = {**_defaults(table), **values}
    row.setdefault("id", uuid4())
    session.connection().execute(sa.insert(TABLES[table]), row)
    record(session, change, table, None, row)
    return row


def update_row(
    session: Session, change: Change, table: str, row: Row, values: Mapping[str, Any]
) -> bool:
    """Change a record's columns; say whether any of them was different."""
    new = {name: value for name, value in values.items() if row[name] != value}
    if not new:
        return False
    if table not in ROOTS:  # a root's version rises once, when the change ends
        new["version"] = row["version"] + 1
    rows = TABLES[table]
    session.connection().execute(sa.update(rows).where(rows.c.id == row["id"]).values(new))
    record(session, change, table, row, {**row, **new})
    return True


def delete_row(session: Session, change: Change, table: str, row: Row) -> None:
    """Remove a record. History keeps what is needed to bring it back."""
    record(session, change, table, row, None)  # first: it is asked where the record hangs
    rows = TABLES[table]
    session.connection().execute(sa.delete(rows).where(rows.c.id == row["id"]))


def record(
    session: Session, change: Change, table: str, before: Row | None, after: Row | None
) -> None:
    """Write down the fields in which a record differs; no ``before`` was made, no ``after`` gone.

    For whoever writes by itself; ``insert_row`` and the others do both.
    """
    row = after if after is not None else before
    if row is None:
        raise ValueError("A record that neither was nor is has no history.")
    session.flush()  # what hangs together is read with Core
    _note(session, change, table, before, after)
    place = find_place_of(session, table, row)
    withheld = place is not None and not (
        is_known_to_all(session, place) and _was_public(table, before)
    )
    action = change.action or _action(before, after)
    lines = []
    for name, was, becomes in _differences(table, before, after):
        told = ("", "") if withheld and tells_where(table, name) else (was, becomes)
        lines.append(line_of(change, action, table, row["id"], name, *told))
    if lines:
        session.connection().execute(sa.insert(metadata), lines)


def line_of(
    change: Change,
    action: ActionType,
    table: str,
    record_id: UUID,
    name: str,
    was: str,
    becomes: str,
) -> dict[str, Any]:
    """Return a row of history: one field of one record."""
    return {
        "id": uuid4(),
        "resource_id": record_id,
        "resource_type": table,
        "last_action_at": change.now,
        "last_action_type": action,
        "field_name": name,
        "previous_value": was,
        "replacement_value": becomes,
        "updated_by": change.viewer.name[:200],
        "change_id": change.id,
        "origin": change.origin,
        "account_id": change.viewer.account_id,
        "organization_id": change.organization_id,
        "version": 1,
    }


def _note(
    session: Session, change: Change, table: str, before: Row | None, after: Row | None
) -> None:
    """Remember which roots a change is about."""
    for row in (before, after):
        if row is not None:
            change.touched |= roots_of(session, table, row)
            if table == "service_at_location":
                change.services.add(row["service_id"])
            if table == "location" and row["organization_id"] is not None:
                # A service without a place goes by the clock of its agency's places.
                change.agencies.add(row["organization_id"])
    if before is None and after is not None and table in ROOTS:
        change.made.add((table, after["id"]))


def _was_public(table: str, before: Row | None) -> bool:
    return table != "location" or before is None or before["address_visibility"] == "public"


def _action(before: Row | None, after: Row | None) -> ActionType:
    if before is None:
        return ActionType.CREATE
    return ActionType.UPDATE if after is not None else ActionType.DELETE


def _differences(
    table: str, before: Row | None, after: Row | None
) -> Iterator[tuple[str, str, str]]:
    """Yield each field that differs, with what it was and what it becomes, in words."""
    for column in TABLES[table].columns:
        if column.name in _UNTOLD or (
            column.name == "version" and not _tells_version(table, before, after)
        ):
            continue
        was = as_text(before[column.name]) if before is not None else ""
        becomes = as_text(after[column.name]) if after is not None else ""
        if was != becomes:
            yield column.name, was, becomes


def _tells_version(table: str, before: Row | None, after: Row | None) -> bool:
    return table in ROOTS or before is None or after is None


def roots_of(session: Session, table: str, row: Mapping[str, Any]) -> set[tuple[str, UUID]]:
    """Return the records that this one is a part of, as (table, id); a root is its own."""
    if table in ROOTS:
        return {(table, row["id"])}
    found = set()
    for owner, owner_id in owners_of(table, row):
        if owner in ROOTS:
            found.add((owner, owner_id))
            continue
        rows = TABLES[owner]
        above = find_row(session, sa.select(rows).where(rows.c.id == owner_id))
        if above is not None:
            found |= roots_of(session, owner, above)
    return found


def _defaults(table: str) -> dict[str, Any]:
    """Return what a new record has in the columns that nobody filled."""
    return {
        column.name: default_of(column) for column in TABLES[table].columns if column.name != "id"
    }


def default_of(column: sa.Column[Any]) -> Any:
    """Return what a column has where nobody filled it, or None."""
    default = column.default
    return default.arg if isinstance(default, sa.ColumnDefault) and default.is_scalar else None
