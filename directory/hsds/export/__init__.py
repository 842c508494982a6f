"""The directory on its way out, as files that other programs read."""

import enum
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows
from directory.hsds.export.errors import NoSuchSourceError
from directory.hsds.export.objects import JSON, NDJSON, write_objects
from directory.hsds.export.parcels import new_parcel
from directory.hsds.export.report import ExportReport
from directory.hsds.export.tables import write_tables
from directory.hsds.known import Known
from directory.models import TABLES

__all__ = ["ExportFormat", "ExportReport", "export_directory"]

_CAN_BE_MERGED: Final = ("organization", "location", "service")


class ExportFormat(enum.StrEnum):
    """In which form a directory is written."""

    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"


def export_directory(
    session: Session,
    path: Path,
    *,
    now: datetime,
    format_: ExportFormat = ExportFormat.CSV,
    source: str | None = None,
    tell: Callable[[str, int], None] = lambda _table, _rows: None,
) -> ExportReport:
    """Write what everybody may know of the directory to a new folder, or a new .zip file.

    The session has to see one moment (``Database.snapshot``). ``source`` leaves out what came
    from elsewhere. ``tell`` hears, of each table, of every batch of rows. Either all of it is
    there at the end or nothing; raises ``ExportRefusedError``.
    """
    if source is not None:
        _check_source(session, source)
    known = Known(now=now, source=source)
    report = ExportReport()
    with new_parcel(path, now) as parcel:
        if format_ is ExportFormat.CSV:
            write_tables(session, known, parcel, report, now=now, tell=tell)
        else:
            layout = JSON if format_ is ExportFormat.JSON else NDJSON
            write_objects(session, known, parcel, report, layout=layout, now=now, tell=tell)
    _count_what_is_not_there(session, known, report, whole=source is None)
    return report


def _check_source(session: Session, source: str) -> None:
    sources: set[str] = set()
    for table in ("organization", "location", "service"):
        column = TABLES[table].c.source
        found = find_rows(session, sa.select(column).where(column.is_not(None)).distinct())
        sources |= {row["source"] for row in found}
    if source not in sources:
        raise NoSuchSourceError(source, sorted(sources))


def _count_what_is_not_there(
    session: Session, known: Known, report: ExportReport, *, whole: bool
) -> None:
    """Count what was left out; of one source, the others' records are not told of."""
    connection = session.connection()
    report.hidden_places = connection.execute(known.hidden_places()).scalar_one()
    if not whole:
        return
    for name in _CAN_BE_MERGED:
        table = TABLES[name]
        merged = sa.select(sa.func.count()).where(table.c.merged_into_id.is_not(None))
        report.merged += connection.execute(merged).scalar_one()
    reports = sa.select(sa.func.count()).select_from(TABLES["service_capacity"])
    report.reports_over = connection.execute(reports).scalar_one() - report.rows["service_capacity"]
