"""What an import would change: its records beside those that its source has here already."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.hsds.batches import BATCH, batches
from directory.hsds.changes import find_absent
from directory.hsds.columns import COLUMNS, MODELS
from directory.hsds.errors import IdsTakenError
from directory.hsds.records import Record, Translation
from directory.models import TABLES
from directory.models.services import ServiceStatus

#: The marks of records in the staging; one without a mark is here already, and the same.
ADDED: Final = 1
CHANGED: Final = 2

#: What stays where something refers to it, though its source has it no more.
STAYING: Final = frozenset(
    {
        *("taxonomy", "taxonomy_term", "organization", "program", "location"),
        *("service_at_location", "unit"),
    }
)
#: What is only ever added to: reports of openings, and what a source tells of its changes.
ADDED_TO: Final = frozenset({"service_capacity", "metadata"})


@dataclass(slots=True)
class Differences:
    """How an import differs from what its source has here, by table.

    ``stored`` counts the records here that the source still had the last time, ``gone`` are
    those of them that it has no more, ``absent`` those that it had no more before, and ``back``
    those that it has again. Which records are new or changed is marked in the staging.
    """

    stored: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    gone: dict[str, list[UUID]] = field(default_factory=dict)
    absent: dict[str, list[UUID]] = field(default_factory=dict)
    back: dict[str, list[UUID]] = field(default_factory=dict)


def compare(session: Session, translation: Translation) -> Differences:
    """Compare, and mark each record as new, changed or the same.

    Raises ``IdsTakenError`` where an identifier is that of a record of somebody else's.
    """
    differences = Differences()
    taken: Counter[str] = Counter()
    total, done = sum(map(translation.staging.count, MODELS)), 0
    for table in MODELS:
        _find_gone(session, translation, table, differences)
        for batch in batches(map(_uuid, translation.staging.ids(table))):
            before = stored_rows(session, table, batch)
            for identifier in batch:
                row = before.get(identifier)
                taken[table] += _mark(translation, table, identifier, row, differences)
            _find_back(session, table, before, differences)
            done += len(batch)
            translation.progress("compare", done, total)
    if taken.total():
        raise IdsTakenError(+taken)
    return differences


def stored_rows(session: Session, name: str, identifiers: Sequence[UUID]) -> dict[UUID, Row]:
    """Return records as they are in the database, whoever's they are."""
    table = TABLES[name]
    columns = [table.c[each] for each in ("id", "source", "original", *COLUMNS[name])]
    found = find_rows(session, sa.select(*columns).where(table.c.id.in_(identifiers)))
    return {row["id"]: dict(row) for row in found}


def _uuid(identifier: bytes) -> UUID:
    return UUID(bytes=identifier)


def _mark(
    translation: Translation,
    table: str,
    identifier: UUID,
    before: Row | None,
    differences: Differences,
) -> bool:
    """Mark a record; say whether its identifier is taken by somebody else."""
    if before is None:
        differences.added[table] += 1
        translation.staging.mark(table, identifier, ADDED)
    elif before["source"] != translation.source:
        return True
    elif differs(translation.at(table, identifier), before):
        differences.changed[table] += 1
        translation.staging.mark(table, identifier, CHANGED)
    else:
        translation.report.of(table).unchanged += 1
    return False


def differs(record: Record, before: Mapping[str, Any]) -> bool:
    """Say whether a known record has other content now; a stand-in never replaces anything."""
    if record.stand_in:
        return False
    if before["original"] != record.original:
        return True
    for name, value in record.values.items():
        is_dated_by_us = value is None and name == "last_modified"
        if before[name] != value and not is_dated_by_us:
            return True
    return False


def _find_gone(
    session: Session, translation: Translation, table: str, differences: Differences
) -> None:
    """Note what the source has no more; of what is only added to, nothing ever is gone."""
    if table in ADDED_TO:
        return
    gone: list[UUID] = []
    for identifier in _live_ids(session, table, translation.source):
        differences.stored[table] += 1
        if not translation.has(table, identifier):
            gone.append(identifier)
    absent = _absent(session, table, gone)
    differences.stored[table] -= len(absent)
    differences.gone[table] = [each for each in gone if each not in absent]
    differences.absent[table] = sorted(absent)


def _live_ids(session: Session, name: str, source: str) -> Iterator[UUID]:
    """Yield the identifiers of a source's records, but for services that are gone already."""
    table = TABLES[name]
    statement = sa.select(table.c.id).where(table.c.source == source)
    if name == "service":
        statement = statement.where(table.c.status != ServiceStatus.DEFUNCT)
    result = session.connection().execute(statement, execution_options={"yield_per": BATCH})
    yield from result.scalars()


def _absent(session: Session, table: str, identifiers: Iterable[UUID]) -> set[UUID]:
    if table not in STAYING:
        return set()
    found: Callable[[list[UUID]], set[UUID]] = lambda batch: find_absent(session, batch)  # noqa: E731
    return set().union(*map(found, batches(identifiers)))


def _find_back(
    session: Session, table: str, before: Mapping[UUID, Row], differences: Differences
) -> None:
    """Note what the source has again after it had it no more."""
    if table in STAYING and before:
        differences.back.setdefault(table, []).extend(find_absent(session, list(before)))
