"""Making one record of two that are the same, so that every reference is kept; and undoing it.

The merged record stays, unlisted, with ``merged_into_id``; what other records are *about* turns
to the one that is kept: services, bookings, accounts, agreements, reports. What merely describes
it (telephones, hours, documents) turns over only where the kept record says nothing of that
kind, so that no service has two sets of hours afterwards. Each row that turned is written down
in ``record_merge.moved``, which is what undoing goes by.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.history import PAGE, Change, line_of, metadata
from directory.database import Row, find_row, find_rows
from directory.errors import ConflictError, NotFoundError
from directory.index import refresh_services
from directory.models import TABLES
from directory.models.history import ActionType, RecordMerge
from directory.offers import at_locations, locations, organizations, services
from directory.viewer import Viewer

#: The kinds of records that can be merged, as their tables are called.
MERGEABLE: Final[Mapping[str, sa.Table]] = {
    "organization": organizations,
    "service": services,
    "location": locations,
}
#: What describes a record, and is not about it.
DETAILS: Final = frozenset(
    {
        *("contact", "phone", "address", "schedule", "language", "accessibility"),
        *("service_area", "required_document", "cost_option", "funding", "url", "attribute"),
    }
)
#: Made anew, or true of one record only.
_LEFT: Final = frozenset({"search_entry", "place_review", "verification_request"})


class CannotMergeError(ConflictError):
    """These two cannot become one record."""

    code = "cannot-merge"


class MergeChangedError(ConflictError):
    """A merge cannot be undone in this order, or was undone already."""

    code = "merge-changed"

    def __init__(self) -> None:
        super().__init__(
            "This merge was undone already, or the record was merged again since. "
            "Undo the newest merge first."
        )


class _Reference(NamedTuple):
    """A column that refers to records of a kind, and the key of its table."""

    table: sa.Table
    column: str

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.column}"


def merge_records(
    session: Session, kind: str, kept_id: UUID, merged_id: UUID, *, viewer: Viewer, now: datetime
) -> UUID:
    """Let ``kept_id`` take the place of ``merged_id``; return the identifier of the merge.

    Raises ``NotFoundError`` for what is not there or was merged, ``CannotMergeError`` for a
    record and itself, services of two agencies, places of which one is hidden, and agencies
    that have an agreement with each other.
    """
    kept, merged = _lock_two(session, kind, kept_id, merged_id)
    _refuse_impossible(session, kind, kept, merged)
    touched = _services_of(session, kind, kept_id) | _services_of(session, kind, merged_id)
    moved = _Moves(session)
    if kind in ("service", "location"):
        _join_places(session, moved, f"{kind}_id", kept_id, merged_id)
    _turn_all(session, moved, kind, merged_id, kept_id)
    table = MERGEABLE[kind]
    _set(session, table, merged_id, merged_into_id=kept_id, version=merged["version"] + 1)
    merge = RecordMerge(
        id=uuid4(),
        resource_type=kind,
        kept_id=kept_id,
        merged_id=merged_id,
        moved=moved.written,
        merged_at=now,
        account_id=viewer.account_id,
    )
    session.add(merge)
    _tell(session, merge, ActionType.MERGE, viewer=viewer, now=now)
    refresh_services(session, touched, now=now)
    return merge.id


def undo_merge(session: Session, merge_id: UUID, *, viewer: Viewer, now: datetime) -> None:
    """Turn everything back that a merge turned, but for what was turned elsewhere since.

    What was added to the kept record since stays there. Raises ``MergeChangedError`` when it
    was undone already or either record has been merged again.
    """
    merge = session.get(RecordMerge, merge_id, with_for_update=True)
    if merge is None:
        raise NotFoundError("merge")
    table = MERGEABLE[merge.resource_type]
    both = {merge.kept_id, merge.merged_id}
    rows = {
        row["id"]: row for row in find_rows(session, sa.select(table).where(table.c.id.in_(both)))
    }
    if (
        merge.undone_at is not None
        or rows[merge.merged_id]["merged_into_id"] != merge.kept_id
        or rows[merge.kept_id]["merged_into_id"] is not None
    ):
        raise MergeChangedError
    kind = merge.resource_type
    touched = _services_of(session, kind, merge.kept_id)
    for name, turns in merge.moved.items():
        _turn_back(session, name, turns)
    version = rows[merge.merged_id]["version"] + 1
    _set(session, table, merge.merged_id, merged_into_id=None, version=version)
    merge.undone_at = now
    _tell(session, merge, ActionType.UNDO, viewer=viewer, now=now)
    touched |= _services_of(session, kind, merge.kept_id)
    touched |= _services_of(session, kind, merge.merged_id)
    refresh_services(session, touched, now=now)


def _tell(
    session: Session, merge: RecordMerge, action: ActionType, *, viewer: Viewer, now: datetime
) -> None:
    """Write into the history of both records that one became part of the other, or no longer is.

    Without a ``change_id``: only ``undo_merge`` can undo it.
    """
    apart, together = "", str(merge.kept_id)
    before, after = (apart, together) if action is ActionType.MERGE else (together, apart)
    change = Change(viewer=viewer, now=now, origin=PAGE, organization_id=None)
    lines = [
        {
            **line_of(change, action, merge.resource_type, each, "merged_into_id", before, after),
            "change_id": None,
        }
        for each in (merge.merged_id, merge.kept_id)
    ]
    session.connection().execute(sa.insert(metadata), lines)


def _lock_two(session: Session, kind: str, kept_id: UUID, merged_id: UUID) -> tuple[Row, Row]:
    if kept_id == merged_id:
        raise CannotMergeError("A record cannot be merged with itself.")
    table = MERGEABLE[kind]
    found = sa.select(table).where(
        table.c.id.in_({kept_id, merged_id}), table.c.merged_into_id.is_(None)
    )
    rows = {
        row["id"]: row for row in find_rows(session, found.order_by(table.c.id).with_for_update())
    }
    if len(rows) < len({kept_id, merged_id}):
        raise NotFoundError(kind)
    return rows[kept_id], rows[merged_id]


def _refuse_impossible(session: Session, kind: str, kept: Row, merged: Row) -> None:
    if kind == "service" and kept["organization_id"] != merged["organization_id"]:
        raise CannotMergeError(
            "These services belong to two agencies. If the agencies are the same, "
            "merge those first."
        )
    if kind == "location" and kept["address_visibility"] != merged["address_visibility"]:
        raise CannotMergeError(
            "One of these places is hidden and the other is not. Decide about that first."
        )
    if kind == "organization" and _have_an_agreement(session, kept["id"], merged["id"]):
        raise CannotMergeError("These agencies have an agreement with each other. End it first.")


def _have_an_agreement(session: Session, one: UUID, other: UUID) -> bool:
    agreements = TABLES.get("agreement")
    if agreements is None:  # this process knows no scheduler
        return False
    host, partner = agreements.c.host_organization_id, agreements.c.partner_organization_id
    between = sa.or_((host == one) & (partner == other), (host == other) & (partner == one))
    found = session.connection().execute(sa.select(agreements.c.id).where(between).limit(1))
    return found.first() is not None


def _references(session: Session, kind: str) -> list[_Reference]:
    """Return every column that refers to a kind: as the database has it, whoever defined it.

    An attribute names its record without a foreign key.
    """
    inspector = sa.inspect(session.connection())
    found = [_Reference(TABLES["attribute"], "link_id")]
    for name in sorted(set(inspector.get_table_names()) - _LEFT):
        found += [
            _Reference(TABLES[name], key["constrained_columns"][0])
            for key in inspector.get_foreign_keys(name)
            if key["referred_table"] == kind
        ]
    return found


def _has(session: Session, reference: _Reference, record_id: UUID) -> bool:
    column = reference.table.c[reference.column]
    found = session.connection().execute(sa.select(column).where(column == record_id).limit(1))
    return found.first() is not None


class _Moves:
    """Turns references from one record to another and writes down which rows turned.

    ``written``: by "table.column", a list of {"key": the row's key, "from": ..., "to": ...}.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.written: dict[str, list[dict[str, Any]]] = {}

    def turn(self, reference: _Reference, from_id: UUID, to_id: UUID) -> None:
        """Turn every row that can turn: one that would then be there twice stays."""
        table, column = reference.table, reference.table.c[reference.column]
        keys = list(table.primary_key.columns)
        rows = find_rows(
            self._session,
            # Nothing becomes its own parent.
            sa.select(*keys).where(column == from_id, keys[0] != to_id).order_by(*keys),
        )
        for row in self._turned(reference, [dict(row) for row in rows], to_id):
            there_now = {**row, **({reference.column: to_id} if reference.column in row else {})}
            self.written.setdefault(reference.name, []).append(
                {
                    "key": {name: _plain(value) for name, value in there_now.items()},
                    "from": str(from_id),
                    "to": str(to_id),
                }
            )

    def _turned(
        self, reference: _Reference, rows: list[dict[str, Any]], to_id: UUID
    ) -> list[dict[str, Any]]:
        """Turn rows together, or else one by one; return those that turned."""
        if not rows or _try_to_turn(self._session, reference, rows, to_id):
            return rows
        return [row for row in rows if _try_to_turn(self._session, reference, [row], to_id)]


def _turn_all(session: Session, moved: _Moves, kind: str, merged_id: UUID, kept_id: UUID) -> None:
    """Turn what is about a record; of what describes it, only the kinds the other has not."""
    for reference in _references(session, kind):
        if reference.table.name not in DETAILS or not _has(session, reference, kept_id):
            moved.turn(reference, merged_id, kept_id)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _try_to_turn(
    session: Session, reference: _Reference, rows: list[dict[str, Any]], to_id: UUID
) -> bool:
    """Turn rows unless one of them is there already with the other record."""
    table = reference.table
    statement = sa.update(table).values({reference.column: to_id})
    for name in rows[0]:
        statement = statement.where(table.c[name] == sa.bindparam(f"key_{name}"))
    parameters = [{f"key_{name}": value for name, value in row.items()} for row in rows]
    try:
        with session.connection().begin_nested():
            session.connection().execute(statement, parameters)
    except sa.exc.IntegrityError:
        return False
    return True


def _turn_back(session: Session, name: str, turns: list[dict[str, Any]]) -> None:
    table_name, _, column = name.partition(".")
    table = TABLES[table_name]
    for turned in turns:
        same = [
            table.c[key] == (UUID(value) if isinstance(table.c[key].type, sa.Uuid) else value)
            for key, value in turned["key"].items()
        ]
        session.connection().execute(
            sa.update(table)
            .where(*same, table.c[column] == UUID(turned["to"]))
            .values({column: UUID(turned["from"])})
        )


def _join_places(
    session: Session, moved: _Moves, column: str, kept_id: UUID, merged_id: UUID
) -> None:
    """Where both are offered at one place (or one service at both), let the kept pair serve.

    The other pair stays with the merged record, and what was about it turns to the kept one.
    """
    other = "location_id" if column == "service_id" else "service_id"
    pairs = find_rows(
        session, sa.select(at_locations).where(at_locations.c[column].in_({kept_id, merged_id}))
    )
    kept = {row[other]: row["id"] for row in pairs if row[column] == kept_id}
    for row in pairs:
        if row[column] == merged_id and row[other] in kept:
            _turn_all(session, moved, "service_at_location", row["id"], kept[row[other]])


def _services_of(session: Session, kind: str, record_id: UUID) -> set[UUID]:
    """Return the services whose search rows tell of a record."""
    if kind == "service":
        return {record_id}
    if kind == "organization":
        found = sa.select(services.c.id).where(services.c.organization_id == record_id)
    else:
        found = sa.select(at_locations.c.service_id).where(at_locations.c.location_id == record_id)
    return set(session.connection().execute(found).scalars())


def _set(session: Session, table: sa.Table, record_id: UUID, **values: Any) -> None:
    session.connection().execute(sa.update(table).where(table.c.id == record_id).values(values))


def get_merge(session: Session, merge_id: UUID) -> Row:
    """Return a merge as it was written down."""
    merges = TABLES["record_merge"]
    row = find_row(session, sa.select(merges).where(merges.c.id == merge_id))
    if row is None:
        raise NotFoundError("merge")
    return row
