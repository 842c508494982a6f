"""Writing an import into the database, by parts, in the caller's transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.hsds.affected import Touched
from directory.hsds.batches import batches
from directory.hsds.changes import Changes
from directory.hsds.columns import COLUMNS, MODELS
from directory.hsds.compare import ADDED, CHANGED, Differences, stored_rows
from directory.hsds.records import Record, Translation
from directory.models import TABLES

_CACHE_KIB: Final = 32_000


@dataclass(slots=True)
class Writer:
    """What writing needs, and what it leaves: ``undated`` are services without a date."""

    session: Session
    translation: Translation
    differences: Differences
    changes: Changes
    touched: Touched
    now: datetime
    done: int = 0

    def write(self) -> None:
        """Add and change, parents first."""
        with large_cache(self.session):
            self._write()

    def _write(self) -> None:
        for table in MODELS:
            counts = self.translation.report.of(table)
            counts.added = self.differences.added[table]
            counts.changed = self.differences.changed[table]
            for batch in batches(self.translation.staging.of(table, marked=ADDED)):
                self._insert(table, batch)
            for batch in batches(self.translation.staging.of(table, marked=CHANGED)):
                self._update(table, batch)
            for identifier in self.differences.back.get(table, ()):
                self.changes.back(table, identifier)
        self.changes.write()

    def _insert(self, table: str, records: Sequence[Record]) -> None:
        rows = [self._new(record) for record in records]
        self.session.connection().execute(sa.insert(TABLES[table]), rows)
        self._tell(records)

    def _new(self, record: Record) -> dict[str, Any]:
        row = {
            **record.values,
            "id": record.id,
            "source": self.translation.source,
            "source_id": record.source_id,
            "original": record.original,
            "version": 1,
        }
        if record.table == "service" and not self.translation.keep_ids:
            row["last_modified"] = record.values["last_modified"] or self.now
        return row

    def _update(self, table: str, records: Sequence[Record]) -> None:
        """Write what changed, raise the version, and note it in the history."""
        before = stored_rows(self.session, table, [record.id for record in records])
        self.session.connection().execute(
            _update_of(table), [self._parameters(record, before[record.id]) for record in records]
        )
        for record in records:
            self.changes.changed(record, before[record.id])
            self.touched.see(table, record.id, before[record.id])
        self._tell(records)

    def _parameters(self, record: Record, before: Mapping[str, Any]) -> dict[str, Any]:
        values = {**record.values}
        if record.table == "service":
            values["last_modified"] = values["last_modified"] or before["last_modified"]
        named = {f"new_{name}": value for name, value in values.items()}
        return {**named, "new_original": record.original, "its_id": record.id}

    def _tell(self, records: Sequence[Record]) -> None:
        for record in records:
            self.touched.see(record.table, record.id, record.values)
        self.done += len(records)
        total = self.differences.added.total() + self.differences.changed.total()
        self.translation.progress("write", self.done, total)


@contextmanager
def large_cache(session: Session) -> Iterator[None]:
    """Let SQLite keep more of its file in memory for a while.

    Rows come in the order of random identifiers, so that each goes to another page; with the
    usual cache most pages would be written and read again many times.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        yield
        return
    before = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {before}")


def _update_of(name: str) -> sa.Update:
    table = TABLES[name]
    names = [*COLUMNS[name], "original"]
    return (
        sa.update(table)
        .where(table.c.id == sa.bindparam("its_id"))
        .values({each: sa.bindparam(f"new_{each}") for each in names})
        .values(version=table.c.version + 1)
    )


def date_services(
    session: Session, translation: Translation, services: Iterable[UUID], *, now: datetime
) -> None:
    """Say of the services of which something changed that it was now, unless the source says."""
    table = TABLES["service"]
    for batch in batches(_undated(translation, services)):
        session.connection().execute(
            sa.update(table)
            .where(table.c.id.in_(batch), table.c.source == translation.source)
            .values(last_modified=now)
        )


def _undated(translation: Translation, services: Iterable[UUID]) -> Iterator[UUID]:
    """Yield the services of which the source does not say when they changed.

    An export of our own says so where we knew.
    """
    if translation.keep_ids:
        return iter(())
    dated = {
        record.id
        for record in translation.of("service")
        if record.values["last_modified"] is not None
    }
    return (service for service in services if service not in dated)
