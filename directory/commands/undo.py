"""Undoing a change: a new change that puts back what was there before, if it still can."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from directory.commands.history import Change, insert_row, roots_of, update_row
from directory.commands.records.errors import ChangedSinceError, NotKeptError
from directory.commands.records.finishing import finish_change
from directory.commands.records.hiding import NOWHERE
from directory.commands.records.ownership import LOCK_ORDER, lock_row
from directory.commands.records.removal import remove_alone
from directory.database import Row, find_row
from directory.errors import FieldError, InvalidError, NotFoundError
from directory.kinds import SPECS
from directory.models import TABLES
from directory.models.history import ActionType
from directory.models.locations import is_public
from directory.queries.history import find_newest_line, get_change, is_withheld
from directory.queries.ownership import may_edit
from directory.recorded_values import as_text, from_text
from directory.viewer import Viewer

#: Kept by the machine, not by the person whose change is undone.
_BOOKKEEPING: Final = frozenset({"version"})

_ONE_FIELD: Final = "Choose a field that this change gave another value."


class OneField(NamedTuple):
    """One field of one record, of all that a change was about."""

    record_id: UUID
    name: str


@dataclass(slots=True)
class _Past:
    """What a change did to one record: for each field, what it was and what it became."""

    table: str
    id: UUID
    lines: list[Row] = field(default_factory=list)

    @property
    def was_made(self) -> bool:
        return any(line["field_name"] == "id" and line["replacement_value"] for line in self.lines)

    @property
    def was_removed(self) -> bool:
        return any(line["field_name"] == "id" and line["previous_value"] for line in self.lines)

    @property
    def fields(self) -> Iterator[Row]:
        return (line for line in self.lines if line["field_name"] not in _BOOKKEEPING)

    def before(self) -> dict[str, Any]:
        """Return what the fields were; of a record that was removed, all of them."""
        columns = TABLES[self.table].c
        whole = {column.name: from_text(column, "") for column in columns}
        return (whole if self.was_removed else {}) | {
            line["field_name"]: from_text(columns[line["field_name"]], line["previous_value"])
            for line in self.lines
            if line["field_name"] in columns
        }


def undo_change(
    session: Session,
    change_id: UUID,
    *,
    viewer: Viewer,
    now: datetime,
    origin: str,
    only: OneField | None = None,
) -> Change:
    """Undo a change, or one field of it, and return the change that this makes.

    A field goes back to what it was if it still is what the change made it; a record that was
    made is removed if nothing refers to it; one that was removed comes back. Raises
    ``NotFoundError`` for a change of somebody else's, ``ChangedSinceError``, ``NotKeptError``,
    ``StillReferredToError`` and ``InvalidError`` where what would result is wrong.
    """
    past = get_change(session, change_id)
    owners = {line["organization_id"] for line in past.lines}
    if not past.lines or not all(may_edit(viewer, owner) for owner in owners):
        raise NotFoundError("change")
    records = _records_of(past.lines, only)
    change = Change(
        viewer=viewer,
        now=now,
        origin=origin,
        organization_id=past.lines[0]["organization_id"],
        action=ActionType.UNDO,
    )
    _lock(session, records)
    _undo(session, change, records)
    finish_change(session, change)
    return change


def _records_of(lines: Sequence[Row], only: OneField | None) -> list[_Past]:
    """Return what was done to each record; of one field alone, no more than that."""
    found: dict[UUID, _Past] = {}
    for line in lines:
        if line["resource_type"] not in TABLES:  # imported: it is not said how to undo that
            raise NotFoundError("change")
        past = _Past(line["resource_type"], line["resource_id"])
        found.setdefault(line["resource_id"], past).lines.append(line)
    return list(found.values()) if only is None else [_one_of(found.get(only.record_id), only)]


def _one_of(past: _Past | None, only: OneField) -> _Past:
    """Return one field of what was done to a record that was neither made nor removed."""
    if past is None or past.was_made or past.was_removed or only.name in _BOOKKEEPING:
        raise InvalidError.of("field", _ONE_FIELD)
    past.lines = [line for line in past.lines if line["field_name"] == only.name]
    if not past.lines:
        raise InvalidError.of("field", _ONE_FIELD)
    return past


def _lock(session: Session, records: list[_Past]) -> None:
    """Lock the roots of what is to be undone, in the order in which everybody does."""
    roots: set[tuple[str, UUID]] = set()
    for past in records:
        row = past.before() if past.was_removed else _present(session, past)
        if row is not None:
            roots |= roots_of(session, past.table, row)
    for table, record_id in sorted(roots, key=lambda root: (LOCK_ORDER.index(root[0]), root[1])):
        lock_row(session, table, record_id)


def _undo(session: Session, change: Change, records: list[_Past]) -> None:
    """Put back what was removed, parents first; then fields; then remove what was made."""
    ordered = _parents_first(records)
    for past in ordered:
        if past.was_removed:
            _bring_back(session, change, past)
    for past in records:
        if not past.was_removed and not past.was_made:
            _restore(session, change, past)
    for past in reversed(ordered):
        if past.was_made:
            _take_away(session, change, past)


def _parents_first(records: list[_Past]) -> list[_Past]:
    tables = SQLModel.metadata.sorted_tables
    return sorted(records, key=lambda past: tables.index(TABLES[past.table]))


def _present(session: Session, past: _Past) -> Row | None:
    rows = TABLES[past.table]
    return find_row(session, sa.select(rows).where(rows.c.id == past.id))


def _restore(session: Session, change: Change, past: _Past) -> None:
    """Give fields back what they were, if they are what the change made them."""
    row = _present(session, past)
    if row is None:
        raise _changed_since(session, past, "id")
    for line in past.fields:
        if is_withheld(line):
            raise NotKeptError
        if as_text(row[line["field_name"]]) != line["replacement_value"]:
            raise _changed_since(session, past, line["field_name"])
    columns = {line["field_name"] for line in past.fields}
    values = {name: value for name, value in past.before().items() if name in columns}
    if past.table == "location" and not is_public({**row, **values}):
        values |= NOWHERE
    _refuse_wrong(past.table, {**row, **values})
    update_row(session, change, past.table, row, values)


def _bring_back(session: Session, change: Change, past: _Past) -> None:
    """Make a record again that was removed, under its old identifier."""
    if _present(session, past) is not None:
        raise _changed_since(session, past, "id")
    if any(is_withheld(line) for line in past.lines):
        raise NotKeptError
    values = past.before()
    values["version"] += 1  # what was seen before is stale
    _refuse_orphan(session, past, values)
    _refuse_twin(session, past, values)
    _refuse_wrong(past.table, values)
    insert_row(session, change, past.table, values)


def _take_away(session: Session, change: Change, past: _Past) -> None:
    """Remove a record that the change made, if it is as it was made."""
    row = _present(session, past)
    if row is None:
        raise _changed_since(session, past, "id")
    for line in past.fields:
        if not is_withheld(line) and as_text(row[line["field_name"]]) != line["replacement_value"]:
            raise _changed_since(session, past, line["field_name"])
    remove_alone(session, change, past.table, row)


def _changed_since(session: Session, past: _Past, name: str) -> ChangedSinceError:
    """Say who changed a field after the change that is to be undone."""
    line = find_newest_line(session, past.id, name)
    who, when = (line["updated_by"], f"{line['last_action_at']:%Y-%m-%d}") if line else ("", "")
    words = SPECS[past.table].words if past.table in SPECS else past.table.replace("_", " ")
    return ChangedSinceError(f"{words} {name}" if name != "id" else words, who, when)


def _refuse_orphan(session: Session, past: _Past, values: Mapping[str, Any]) -> None:
    """Refuse to bring back what hung on a record that is gone."""
    for key in TABLES[past.table].foreign_keys:
        value = values.get(key.parent.name)
        if value is None:
            continue
        there = sa.select(sa.literal(1)).where(key.column == value)
        if session.connection().execute(there).first() is None:
            raise _changed_since(session, _Past(key.column.table.name, value), "id")


def _refuse_twin(session: Session, past: _Past, values: Mapping[str, Any]) -> None:
    """Refuse to bring back what has been made anew under another identifier."""
    table = TABLES[past.table]
    for constraint in table.constraints:
        if not isinstance(constraint, sa.UniqueConstraint):
            continue
        same = sa.and_(*(column == values.get(column.name) for column in constraint.columns))
        twin = find_row(session, sa.select(table.c.id).where(same).limit(1))
        if twin is not None:
            raise _changed_since(session, _Past(past.table, twin["id"]), "id")


def _refuse_wrong(table: str, row: Mapping[str, Any]) -> None:
    """Refuse a record whose fields would not go together."""
    if table not in SPECS:
        return
    mistakes = list(SPECS[table].together(row))
    missing = [
        FieldError(name, said) for name, said in SPECS[table].needed.items() if not row[name]
    ]
    if mistakes or missing:
        raise InvalidError([*mistakes, *missing])
