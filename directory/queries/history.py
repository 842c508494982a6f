"""Who changed what, when, from what, to what."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row, find_rows
from directory.errors import NotFoundError
from directory.kinds import SPECS
from directory.models import TABLES
from directory.models.history import ActionType
from directory.queries.ownership import may_read_history, owner_of
from directory.queries.places import find_place_of, is_known_to_all, tells_where
from directory.viewer import Viewer

metadata = TABLES["metadata"]

#: What joins the lines of one change; an imported line is a change of its own.
_KEY: sa.ColumnElement[UUID] = sa.func.coalesce(metadata.c.change_id, metadata.c.id)


@dataclass(frozen=True, slots=True)
class PastChange:
    """What was changed together. ``key`` is its ``change_id``, if it was not imported."""

    key: UUID
    at: datetime
    by: str
    origin: str
    action: str
    can_be_undone: bool
    lines: Sequence[Row]

    @property
    def told(self) -> list[Row]:
        """The lines that say something to people: not those of versions."""
        return [line for line in self.lines if line["field_name"] != "version"]


def find_history(
    session: Session,
    record_id: UUID,
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[PastChange]:
    """Return the changes of a root and of what hangs on it, the newest first."""
    # Each change of what hangs on a root has a line of the root itself, for its version.
    mine = metadata.alias()
    changes = sa.select(mine.c.change_id).where(
        mine.c.resource_id == record_id, mine.c.change_id.is_not(None)
    )
    newest = sa.func.max(metadata.c.last_action_at)
    keys = (
        sa.select(_KEY.label("key"), newest.label("at"))
        .where((metadata.c.resource_id == record_id) | metadata.c.change_id.in_(changes))
        .group_by(_KEY)
        .order_by(newest.desc(), _KEY.desc())
        .limit(limit)
    )
    if after is not None:
        at = sa.literal(after[0], metadata.c.last_action_at.type)
        key = sa.literal(after[1], metadata.c.id.type)
        keys = keys.having((newest < at) | ((newest == at) & (key > _KEY)))
    found = [row["key"] for row in find_rows(session, keys)]
    lines = _lines_of(session, found)
    silent = _hidden_records(session, [line for key in found for line in lines[key]])
    return [_as_change(key, [_quiet(line, silent) for line in lines[key]]) for key in found]


def _hidden_records(session: Session, lines: Sequence[Row]) -> set[UUID]:
    """Return those records, of all in the lines, that are at a place which is not public."""
    records = {line["resource_id"]: line["resource_type"] for line in lines}
    hidden = set()
    for record_id, table in records.items():
        rows = TABLES.get(table)
        row = None
        if rows is not None:
            row = find_row(session, sa.select(rows).where(rows.c.id == record_id))
        place = find_place_of(session, table, row) if row is not None else None
        if place is not None and not is_known_to_all(session, place):
            hidden.add(record_id)
    return hidden


def _quiet(line: Row, hidden: Collection[UUID]) -> Row:
    """Return a line without its words where they can tell where a hidden place is.

    They are not kept when a place is hidden here; one that was hidden otherwise is silent too.
    """
    table, name = line["resource_type"], line["field_name"]
    if line["resource_id"] not in hidden or name not in TABLES[table].c:
        return line
    return (
        {**line, "previous_value": "", "replacement_value": ""}
        if tells_where(table, name)
        else line
    )


def find_history_for(
    session: Session,
    table: str,
    record_id: UUID,
    viewer: Viewer,
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[PastChange]:
    """Return the history of a root to the staff whose record it is, or to administrators.

    What is gone has its history still. Raises ``NotFoundError``.
    """
    rows = TABLES[table]
    row = find_row(session, sa.select(rows).where(rows.c.id == record_id))
    owners = (
        {owner_of(session, table, row)}
        if row is not None
        else _past_owners(session, table, record_id)
    )
    if not owners or not all(may_read_history(viewer, owner) for owner in owners):
        raise NotFoundError(SPECS[table].words)
    return find_history(session, record_id, after=after, limit=limit)


def _lines_of(session: Session, keys: Collection[UUID]) -> dict[UUID, list[Row]]:
    """Return the lines of each change, in the order of their fields."""
    lines: dict[UUID, list[Row]] = {key: [] for key in keys}
    found = find_rows(
        session,
        sa.select(metadata, _KEY.label("key"))
        .where(metadata.c.change_id.in_(keys) | metadata.c.id.in_(keys))
        .order_by(metadata.c.resource_type, metadata.c.resource_id, metadata.c.field_name),
    )
    for row in found:
        lines[row["key"]].append(row)
    return lines


def _as_change(key: UUID, lines: list[Row]) -> PastChange:
    first = lines[0]
    told = [line for line in lines if line["field_name"] != "version"]
    actions = {line["last_action_type"] for line in told or lines}
    return PastChange(
        key=key,
        at=first["last_action_at"],
        by=first["updated_by"],
        origin=first["origin"],
        action=actions.pop() if len(actions) == 1 else ActionType.UPDATE,
        can_be_undone=first["change_id"] is not None,
        lines=lines,
    )


def get_change(session: Session, change_id: UUID) -> PastChange:
    """Return one change. Raises ``NotFoundError``."""
    lines = _lines_of(session, [change_id])[change_id]
    if not lines or lines[0]["change_id"] is None:
        raise NotFoundError("change")
    return _as_change(change_id, lines)


def _past_owners(session: Session, table: str, record_id: UUID) -> set[UUID | None]:
    """Return whose record one was that is gone, by the history of it."""
    found = session.connection().execute(
        sa.select(metadata.c.organization_id).where(
            metadata.c.resource_id == record_id,
            metadata.c.resource_type == table,
            metadata.c.change_id.is_not(None),
        )
    )
    return set(found.scalars())


def find_newest_line(session: Session, record_id: UUID, field: str) -> Row | None:
    """Return the newest line of history of a field, or of a record where it has no such line."""
    of_record = metadata.c.resource_id == record_id
    newest = (
        sa.select(metadata).where(of_record).order_by(metadata.c.last_action_at.desc()).limit(1)
    )
    return find_row(session, newest.where(metadata.c.field_name == field)) or find_row(
        session, newest
    )


def is_withheld(line: Row) -> bool:
    """Say whether a line keeps silent: it would tell where a hidden place is."""
    return not line["previous_value"] and not line["replacement_value"]


class ChangedByPerson(NamedTuple):
    """Who changed a field last, and when."""

    who: str
    at: datetime


def fields_changed_by_people(
    session: Session, record_ids: Collection[UUID]
) -> dict[UUID, dict[str, ChangedByPerson]]:
    """Return the fields that people have made other than the source of a record had them.

    For whoever imports a source again: such a field is to be reported, not overwritten. What a
    person changed and somebody put back is not among them. ``id`` stands for a record that a
    person made or removed.
    """
    found = find_rows(
        session,
        sa.select(metadata)
        .where(
            metadata.c.resource_id.in_(record_ids),
            metadata.c.change_id.is_not(None),
            metadata.c.origin != "import",
            metadata.c.field_name != "version",
        )
        .order_by(metadata.c.last_action_at, metadata.c.id),
    )
    spans: dict[tuple[UUID, str], list[Row]] = {}
    for line in found:
        spans.setdefault((line["resource_id"], line["field_name"]), []).append(line)
    changed: dict[UUID, dict[str, ChangedByPerson]] = {}
    for (record_id, name), lines in spans.items():
        if _is_other(lines):
            last = lines[-1]
            who = ChangedByPerson(last["updated_by"], last["last_action_at"])
            changed.setdefault(record_id, {})[name] = who
    return changed


def _is_other(lines: Sequence[Row]) -> bool:
    silent = any(map(is_withheld, lines))
    changed: bool = lines[0]["previous_value"] != lines[-1]["replacement_value"]
    return silent or changed


def as_position(change: PastChange) -> tuple[Any, UUID]:
    """Return where a change stands in a history."""
    return change.at, change.key
