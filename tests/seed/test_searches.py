from datetime import UTC, datetime

import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.search_counts import counts
from directory.database import find_rows
from directory.needs import NEEDS_BY_CODE
from directory.queries.unmet_need import get_report
from directory.small_cells import LEAST
from directory.unmet_need import ANYTHING, OTHER, SENSITIVE, SEVERAL, WORDS
from seed.searches import search_rows
from tests.conftest import NOON


def test_county_has_two_reports_with_numbers_that_are_not_shown(session: Session) -> None:
    report, quarters = get_report(session)

    assert [str(each) for each in quarters] == ["2030-Q1", "2029-Q4"]
    lines = [
        line for need in report.needs for line in (need.line, *(each[1] for each in need.areas))
    ]
    assert any(line.found is None for line in lines)
    assert any(line.found_percent is not None for line in lines)
    assert (
        min(n for line in lines for n in (line.found, line.farther, line.not_found) if n) >= LEAST
    )
    assert find_rows(session, sa.select(counts)) == []


def test_made_up_searches_are_such_as_are_counted() -> None:
    rows = list(search_rows(now=NOON))

    assert {row["need"] for row in rows} <= NEEDS_BY_CODE.keys() | {ANYTHING, OTHER, SEVERAL, WORDS}
    assert {row["area"] for row in rows if row["need"] in SENSITIVE} <= {"MI", ""}
    assert any(row["searches"] < LEAST for row in rows)


def test_report_of_a_quarter_that_has_just_begun_is_of_those_before() -> None:
    days = {row["day"].isoformat() for row in search_rows(now=datetime(2030, 7, 2, tzinfo=UTC))}

    assert days == {"2030-03-31", "2029-12-31"}
