"""What becomes of records that their source has no more.

Services become defunct. Hours, telephones and the like are removed: they would be wrong for
ever. Everything else goes only where nothing refers to it, a booking or a report say, and is
marked otherwise: the history says that the source has it no more.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.hsds.affected import Touched
from directory.hsds.batches import batches
from directory.hsds.changes import Changes
from directory.hsds.columns import MODELS
from directory.hsds.compare import STAYING, Differences
from directory.hsds.report import Gone, ImportReport
from directory.index import forget_rows
from directory.models import TABLES
from directory.models.services import ServiceStatus

_DEFUNCT: Final = "marked defunct"
_REMOVED: Final = "removed"
_LEFT: Final = "left: something refers to them"

Removed = set[UUID]


def let_go(session: Session, differences: Differences, changes: Changes, touched: Touched) -> None:
    """Do what can be done with what is gone, children first."""
    report = changes.translation.report
    for table in reversed(list(MODELS)):
        gone, absent = (each.get(table, []) for each in (differences.gone, differences.absent))
        for batch in batches(gone):
            rows = _rows(session, table, batch)
            if table == "service":
                _retire(session, rows, changes)
                _tell(report, table, len(rows), _DEFUNCT)
            else:
                removed = _remove(session, table, batch)
                _note_left(table, rows, removed, changes)
                _tell(report, table, len(removed), _REMOVED)
                _tell(report, table, len(rows) - len(removed), _LEFT)
            for row in rows:
                touched.see(table, row["id"], row)
        for batch in batches(absent):
            rows = _rows(session, table, batch)
            removed = _remove(session, table, batch)
            _tell(report, table, len(removed), _REMOVED)
            for row in rows:
                if row["id"] in removed:
                    touched.see(table, row["id"], row)
    changes.write()


def _rows(session: Session, name: str, identifiers: Sequence[UUID]) -> Sequence[Row]:
    """Return what is said of records that go: what they belong to, and a status."""
    table = TABLES[name]
    columns = [each for each in table.columns if each.name.endswith("id")]
    columns += [table.c[each] for each in ("link_entity", "status") if each in table.c]
    found = find_rows(session, sa.select(*columns).where(table.c.id.in_(identifiers)))
    return [dict(row) for row in found]  # a row would answer for "organization_id" with its own id


def _note_left(table: str, rows: Iterable[Row], removed: Removed, changes: Changes) -> None:
    for row in rows:
        if table in STAYING and row["id"] not in removed:
            changes.gone(table, row["id"], row.get("organization_id"))


def _tell(report: ImportReport, table: str, count: int, became: str) -> None:
    if count:
        report.of(table).gone += count
        report.tell_gone(Gone(table, count, became))


def _retire(session: Session, rows: Sequence[Row], changes: Changes) -> None:
    table = TABLES["service"]
    session.connection().execute(
        sa.update(table)
        .where(table.c.id == sa.bindparam("its_id"))
        .values(status=ServiceStatus.DEFUNCT, version=table.c.version + 1),
        [{"its_id": row["id"]} for row in rows],
    )
    for row in rows:
        changes.retired(row["id"], row["status"], row["organization_id"])


def _remove(session: Session, table: str, identifiers: Sequence[UUID]) -> Removed:
    """Remove what nothing refers to; return what could be removed."""
    free = _unreferred(session, table, identifiers)
    return _try_to_remove(session, table, free)


def _unreferred(session: Session, name: str, identifiers: Sequence[UUID]) -> list[UUID]:
    """Return the records to which no table that we know refers; search rows do not count."""
    table = TABLES[name]
    free = sa.select(table.c.id).where(table.c.id.in_(identifiers))
    for key in _references(name):
        other = key.parent.table.alias()
        free = free.where(~sa.exists().where(other.c[key.parent.name] == table.c.id))
    return [row["id"] for row in find_rows(session, free)]


def _references(name: str) -> Iterable[sa.ForeignKey]:
    for other in TABLES.values():
        if other.name != "search_entry":
            for key in other.foreign_keys:
                if key.column.table.name == name:
                    yield key


def _try_to_remove(session: Session, table: str, identifiers: Sequence[UUID]) -> Removed:
    """Remove records, together or else by ever smaller parts.

    Bookings are in tables that this package does not know; they may refer to what is here.
    """
    if not identifiers:
        return set()
    try:
        with session.connection().begin_nested():
            _delete(session, table, identifiers)
    except sa.exc.IntegrityError:
        if len(identifiers) == 1:
            return set()
        half = len(identifiers) // 2
        first, second = identifiers[:half], identifiers[half:]
        return _try_to_remove(session, table, first) | _try_to_remove(session, table, second)
    return set(identifiers)


def _delete(session: Session, name: str, identifiers: Sequence[UUID]) -> None:
    """Remove records, with the search rows that would come back if they did."""
    table, entries = TABLES[name], TABLES["search_entry"]
    column: Any = entries.c.get(f"{name}_id")
    if column is not None:
        forget_rows(session, column.in_(identifiers))
    session.connection().execute(sa.delete(table).where(table.c.id.in_(identifiers)))
