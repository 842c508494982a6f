"""Importing a directory: all of it in the caller's transaction, or nothing."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.taxonomies import add_mappings
from directory.database import find_rows
from directory.hsds.adopt import adopt_existing
from directory.hsds.columns import COLUMNS, MODELS
from directory.hsds.errors import BadSourceNameError, IdsTakenError
from directory.hsds.guard import Stored, hold_back
from directory.hsds.places import FindZip, Places
from directory.hsds.read import Kept, Limits, open_source
from directory.hsds.records import Record, Translation
from directory.hsds.report import Gone, ImportReport
from directory.hsds.translate import translate
from directory.index import refresh_services
from directory.models import TABLES
from directory.models.search_entries import SearchEntry
from directory.models.services import ServiceStatus
from directory.models.sourced import Sourced

#: What stays when its source has it no more: other records may be about it.
_LEFT: Final = frozenset(
    {
        *("taxonomy", "taxonomy_term", "organization", "program", "location"),
        *("unit", "service_capacity", "metadata"),
    }
)
_DEFUNCT: Final = "marked defunct"
_REMOVED: Final = "removed"
_BATCH: Final = 1_000
_LONGEST_SOURCE: Final = 80


def import_directory(
    session: Session,
    path: Path | str,
    *,
    source: str,
    now: datetime,
    find_zip: FindZip,
    limits: Limits | None = None,
    keep_ids: bool = False,
) -> ImportReport:
    """Bring a directory of HSDS or Ohana in any form into ours and say what became of it.

    ``source`` names the directory for ever: the same name finds its records again, and the
    same data a second time changes nothing. Everything is read and checked before the first
    write. ``keep_ids`` is for an export of our own: it is taken as it stands, identifiers and
    all, which must be UUIDs that nobody else's records have. Raises ``ImportRefusedError`` when
    nothing can be taken.
    """
    translation = read_directory(
        path, source=source, now=now, find_zip=find_zip, limits=limits, keep_ids=keep_ids
    )
    return load_directory(session, translation, now=now)


def read_directory(
    path: Path | str,
    *,
    source: str,
    now: datetime,
    find_zip: FindZip,
    limits: Limits | None = None,
    kept: Kept | None = None,
    tell: Callable[[str], None] = lambda _: None,
    keep_ids: bool = False,
) -> Translation:
    """Read and translate a directory in any form; needs no database and no transaction.

    ``path`` may be the URL of an HSDS API, whose pages are ``kept`` until they are all there.
    """
    if not 1 <= len(source.strip()) <= _LONGEST_SOURCE:
        raise BadSourceNameError
    with open_source(path, limits, kept=kept, tell=tell) as folder:
        report = ImportReport(source.strip(), notes=folder.notes)
        translation = Translation(folder, report.source, report, now, keep_ids)
        translate(translation, Places(find_zip), now.date())
        folder.note_unread()
    return translation


def load_directory(session: Session, translation: Translation, *, now: datetime) -> ImportReport:
    """Write a translated directory in the caller's transaction. A translation is used up by it."""
    stored = {
        _table(model).name: _stored(session, model, translation.source) for model in MODELS.values()
    }
    hold_back(translation, stored)
    adopt_existing(session, translation)
    _refuse_taken_ids(session, translation)
    _write(session, translation, stored)
    add_mappings(session)
    return _refreshed(session, translation, stored, now)


def _table(model: type[Sourced]) -> sa.Table:
    return TABLES[str(model.__tablename__)]


def _stored(session: Session, model: type[Sourced], source: str) -> dict[UUID, Mapping[str, Any]]:
    """Return a source's records as they are now, by their identifier."""
    table = _table(model)
    return {
        row["id"]: row
        for row in find_rows(session, sa.select(table).where(table.c.source == source))
    }


def _refuse_taken_ids(session: Session, translation: Translation) -> None:
    """Refuse the whole import where an identifier is that of a record of somebody else's."""
    taken: Counter[str] = Counter()
    for model in MODELS.values():
        table = _table(model)
        others = sa.or_(table.c.source.is_(None), table.c.source != translation.source)
        ids = (record.id for record in translation.of(table.name))
        while batch := list(islice(ids, _BATCH)):
            counting = sa.select(sa.func.count()).where(table.c.id.in_(batch), others)
            taken[table.name] += session.connection().execute(counting).scalar_one()
    if taken.total():
        raise IdsTakenError(+taken)


def _write(session: Session, translation: Translation, stored: Stored) -> None:
    """Add and change, parents first; then let go of what is gone, children first."""
    for model in MODELS.values():
        _put(session, translation, model, stored[_table(model).name])
    for model in reversed(list(MODELS.values())):
        name = _table(model).name
        gone = stored[name].keys() - translation.records.get(name, {}).keys()
        _let_go(session, translation.report, model, [stored[name][each] for each in gone])


def _put(
    session: Session,
    translation: Translation,
    model: type[Sourced],
    stored: Mapping[UUID, Mapping[str, Any]],
) -> None:
    """Add the new records of a table and change those that differ."""
    name = _table(model).name
    records = list(translation.of(name))
    added = [record for record in records if record.id not in stored]
    changed = [record for record in records if _differs(record, stored.get(record.id))]
    counts = translation.report.of(name)
    counts.added, counts.changed = len(added), len(changed)
    counts.unchanged += len(records) - len(added) - len(changed)
    _insert(session, model, translation.source, added)
    _update(session, _table(model), changed)


def _differs(record: Record, before: Mapping[str, Any] | None) -> bool:
    """Say whether a known record has other content now; a stand-in never replaces anything."""
    if before is None or record.stand_in:
        return False
    if before["original"] != record.original:
        return True
    return any(before[column] != value for column, value in record.values.items())


def _insert(session: Session, model: type[Sourced], source: str, records: Iterable[Record]) -> None:
    defaults = {
        name: field.get_default() for name, field in model.model_fields.items() if name != "id"
    }
    new = (
        {
            **defaults,
            **record.values,
            "id": record.id,
            "source": source,
            "source_id": record.source_id,
            "original": record.original,
        }
        for record in records
    )
    for batch in _batches(new):
        session.connection().execute(sa.insert(_table(model)), batch)


def _update(session: Session, table: sa.Table, records: Iterable[Record]) -> None:
    """Write what changed and raise the version."""
    names = [*COLUMNS[table.name], "original"]
    statement = (
        sa.update(table)
        .where(table.c.id == sa.bindparam("its_id"))
        .values({name: sa.bindparam(f"new_{name}") for name in names})
        .values(version=table.c.version + 1)
    )
    for batch in _batches(_parameters(record) for record in records):
        session.connection().execute(statement, batch)


def _parameters(record: Record) -> dict[str, Any]:
    values = {f"new_{name}": value for name, value in record.values.items()}
    return {**values, "new_original": record.original, "its_id": record.id}


def _batches(parameters: Iterable[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    waiting = iter(parameters)
    while batch := list(islice(waiting, _BATCH)):
        yield batch


def _let_go(
    session: Session,
    report: ImportReport,
    model: type[Sourced],
    gone: list[Mapping[str, Any]],
) -> None:
    """Do what can be done with records that their source has no more.

    Services become defunct; hours, phones and the like are removed, for they would be wrong
    for ever; a service at a location stays while a booking or a report is about it.
    """
    table = _table(model)
    if table.name == "service":
        gone = [row for row in gone if row["status"] is not ServiceStatus.DEFUNCT]
        _retire(session, table, [row["id"] for row in gone])
        _tell(report, table.name, len(gone), _DEFUNCT)
    elif table.name in _LEFT:
        _tell(report, table.name, len(gone), "left as they are")
    else:
        removed = _remove(session, table, [row["id"] for row in gone])
        _tell(report, table.name, removed, _REMOVED)
        _tell(report, table.name, len(gone) - removed, "left: something refers to them")


def _tell(report: ImportReport, table: str, count: int, became: str) -> None:
    if count:
        report.of(table).gone += count
        report.gone.append(Gone(table, count, became))


def _retire(session: Session, table: sa.Table, identifiers: list[UUID]) -> None:
    statement = (
        sa.update(table)
        .where(table.c.id == sa.bindparam("its_id"))
        .values(status=ServiceStatus.DEFUNCT, version=table.c.version + 1)
    )
    for batch in _batches({"its_id": identifier} for identifier in identifiers):
        session.connection().execute(statement, batch)


def _remove(session: Session, table: sa.Table, identifiers: list[UUID]) -> int:
    """Remove records, together or else one by one; return how many could be removed."""
    if not identifiers or _try_to_remove(session, table, identifiers):
        return len(identifiers)
    return sum(_try_to_remove(session, table, [identifier]) for identifier in identifiers)


def _try_to_remove(session: Session, table: sa.Table, identifiers: Collection[UUID]) -> bool:
    """Remove records with their search entries, unless a booking or a report needs one."""
    entry = TABLES[str(SearchEntry.__tablename__)]
    try:
        with session.connection().begin_nested():
            for batch in _batches({"its_id": identifier} for identifier in identifiers):
                if table.name == "service_at_location":
                    found = entry.c.service_at_location_id == sa.bindparam("its_id")
                    session.connection().execute(sa.delete(entry).where(found), batch)
                same = table.c.id == sa.bindparam("its_id")
                session.connection().execute(sa.delete(table).where(same), batch)
    except sa.exc.IntegrityError:
        return False
    return True


def _refreshed(
    session: Session, translation: Translation, stored: Stored, now: datetime
) -> ImportReport:
    """Rebuild the search rows of the source's services, if anything is different."""
    report = translation.report
    if any(counts.written for counts in report.counts.values()) or any(
        gone.became in {_REMOVED, _DEFUNCT} for gone in report.gone
    ):
        ids = {*stored["service"], *translation.records.get("service", {})}
        report.services_refreshed = refresh_services(session, ids, now=now)
    return report
