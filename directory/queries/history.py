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
from directory.models import TABLES
from directory.models.history import ActionType

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
    return [_as_change(key, lines[key]) for key in found]


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


def find_past_owners(session: Session, record_id: UUID) -> set[UUID | None]:
    """Return whose record one was that is gone, by the history of it."""
    found = session.connection().execute(
        sa.select(metadata.c.organization_id).where(
            metadata.c.resource_id == record_id, metadata.c.change_id.is_not(None)
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
