"""Adding up how searches ended, and keeping of a quarter that is over what can be told."""

from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows, insert_into
from directory.models import TABLES
from directory.quarters import Quarter, quarter_of
from directory.unmet_need import Kind, Outcome, Results
from directory.unmet_need_report import counted_from, open_from, tables_of

counts = TABLES["search_count"]
reported = TABLES["search_report"]
reported_reasons = TABLES["search_report_reason"]


def add_counts(session: Session, searches: Mapping[Kind, int], *, now: datetime) -> None:
    """Add searches to what was counted before; in one order, so that no two writers deadlock.

    Those of a quarter whose report is about to be made come too late, and are left out.
    """
    rows = [
        {**kind._asdict(), "searches": searches[kind]}
        for kind in sorted(searches)
        if kind.day >= counted_from(now)
    ]
    if not rows:
        return
    new = insert_into(session, counts)
    added = new.on_conflict_do_update(
        index_elements=[*counts.primary_key.columns],
        set_={"searches": counts.c.searches + new.excluded.searches},
    )
    session.connection().execute(added, rows)


def report_searches(session: Session, *, now: datetime) -> int:
    """Put the report in place of each quarter's days that is over; return of how many.

    A report never changes: the difference would be a small number. Days of a quarter that has
    one already are only forgotten.
    """
    over = counts.c.day < open_from(now)
    rows = find_rows(session, sa.select(counts).where(over).order_by(counts.c.day))
    quarters = 0
    for quarter, days in groupby(rows, key=lambda row: quarter_of(row["day"])):
        _report(session, quarter, {_kind_of(row): row["searches"] for row in days})
        quarters += 1
    session.connection().execute(sa.delete(counts).where(over))
    return quarters


def _kind_of(row: Mapping[str, Any]) -> Kind:
    return Kind(
        row["day"], row["need"], row["area"], Results(row["results"]), Outcome(row["outcome"])
    )


def _report(session: Session, quarter: Quarter, searches: Mapping[Kind, int]) -> None:
    """Write a quarter's report, unless there is one."""
    connection, told = session.connection(), tables_of(searches)
    of_quarter = sa.exists().where(reported.c.quarter == str(quarter))
    if connection.scalar(sa.select(of_quarter)):
        return
    for table, rows in (
        (reported, [(*key, n) for key, n in told.by_area.items()]),
        (reported_reasons, [(*key, n) for key, n in told.by_reason.items()]),
    ):
        if rows:
            names = table.columns.keys()
            new = [dict(zip(names, (str(quarter), *row), strict=True)) for row in rows]
            connection.execute(sa.insert(table), new)
