"""The directory as CSV: a tabular data package, one file for each table that has rows."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import stream_rows
from directory.hsds.export.cells import is_lost
from directory.hsds.export.columns import Column, columns_in_csv
from directory.hsds.export.descriptor import FILE, Written, describe
from directory.hsds.export.parcels import Parcel, Part
from directory.hsds.export.report import ExportReport
from directory.hsds.known import Known, told_columns
from directory.hsds.standard import HSDS_TABLES, Needed

#: Told how many rows of a table were written just now.
Tell = Callable[[str, int], None]

#: How many rows are in memory at once.
BATCH: Final = 1_000


def write_tables(
    session: Session,
    known: Known,
    parcel: Parcel,
    report: ExportReport,
    *,
    now: datetime,
    tell: Tell,
) -> None:
    """Write a file for each table that has rows, and the descriptor of them all."""
    files = []
    for table in HSDS_TABLES:
        written = _write_table(session, known, table, parcel, report, tell)
        if written is not None:
            files.append(written)
    with parcel.part(FILE) as part:
        part.write(describe(files, now))
    report.files = len(files) + 1


def _write_table(
    session: Session, known: Known, table: str, parcel: Parcel, report: ExportReport, tell: Tell
) -> Written | None:
    """Write a table's file; None, and no file, where the table has no rows."""
    rows = _Rows(table, report)
    batches = (
        cells
        for batch in stream_rows(session, known.rows(table), size=BATCH)
        if (cells := list(rows.cells(batch)))
    )
    first = next(batches, None)
    if first is None:
        return None
    with parcel.part(HSDS_TABLES[table].file) as part:
        _write(part, [[column.name for column in rows.columns]])
        while first:
            _write(part, first)
            report.rows[table] += len(first)
            tell(table, len(first))
            first = next(batches, None)
    return Written(table, rows.columns, part.bytes, part.sha256)


class _Rows:
    """Turns the rows of a table into cells, and counts what cannot be told."""

    def __init__(self, table: str, report: ExportReport) -> None:
        self.columns: Sequence[Column] = columns_in_csv(table)
        self._table = table
        self._report = report
        places = {name: place for place, name in enumerate(told_columns(table))}
        self._places = [places.get(column.source or "") for column in self.columns]
        # What an extension that is no number says is in a column of its own.
        self._checked = [
            (at, column.field)
            for at, column in enumerate(self.columns)
            if (table, column.source) != ("phone", "extension")
        ]

    def cells(self, batch: Sequence[sa.Row[Any]]) -> Iterator[list[str]]:
        """Yield the cells of each row that has all it needs."""
        for row in batch:
            values = [None if at is None else row[at] for at in self._places]
            cells = [
                "" if value is None else column.to_cell(value)
                for column, value in zip(self.columns, values, strict=True)
            ]
            if self._is_whole(values, cells):
                yield cells

    def _is_whole(self, values: Sequence[Any], cells: Sequence[str]) -> bool:
        for at, field in self._checked:
            if cells[at]:
                continue
            if is_lost(field, values[at], cells[at]):
                self._report.lost[self._table, field.name] += 1
            if field.needed is not Needed.NOWHERE:
                self._report.without[self._table] += 1
                return False
        return True


def _write(part: Part, rows: Sequence[Sequence[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    part.write(text.getvalue())
