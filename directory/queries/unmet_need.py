"""What was searched for and not found, by quarters that are over."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows
from directory.errors import InvalidError, NotFoundError
from directory.models import TABLES
from directory.quarters import Quarter, read_quarter
from directory.unmet_need_report import Ending, Reason, Report, Tables, report_of

reported = TABLES["search_report"]
reported_reasons = TABLES["search_report_reason"]


class NoReportYetError(NotFoundError):
    """No quarter is over yet of which enough searches were counted."""

    code = "no-report-yet"

    def __init__(self) -> None:
        super(NotFoundError, self).__init__(
            "There is no report yet. One is made when a quarter is over."
        )


def find_reported_quarters(session: Session) -> Sequence[Quarter]:
    """Return the quarters that there is a report of, the newest first."""
    rows = find_rows(session, sa.select(reported.c.quarter).distinct())
    quarters = (read_quarter(row["quarter"]) for row in rows)
    return sorted((each for each in quarters if each), reverse=True)


def get_report(session: Session, quarter: str | None = None) -> tuple[Report, Sequence[Quarter]]:
    """Return the report of a quarter, the newest if none is named, and of which there are others.

    Raises ``NoReportYetError`` where there is none at all, and ``InvalidError`` for a quarter
    without one.
    """
    quarters = find_reported_quarters(session)
    if not quarters:
        raise NoReportYetError
    chosen = read_quarter(quarter) if quarter else quarters[0]
    if chosen is None or chosen not in quarters:
        said = ", ".join(map(str, quarters))
        raise InvalidError.of("quarter", f"Give a quarter that there is a report of: {said}.")
    return report_of(chosen, _tables(session, chosen)), quarters


def _tables(session: Session, quarter: Quarter) -> Tables:
    areas, reasons = (
        find_rows(session, sa.select(table).where(table.c.quarter == str(quarter)))
        for table in (reported, reported_reasons)
    )
    return Tables(
        {(row["need"], row["area"], Ending(row["ending"])): row["searches"] for row in areas},
        {(row["need"], Reason(row["reason"])): row["searches"] for row in reasons},
    )
