from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.search_counts import (
    add_counts,
    counts,
    report_searches,
    reported,
    reported_reasons,
)
from directory.database import find_rows
from directory.errors import InvalidError
from directory.quarters import Quarter, quarter_of, read_quarter
from directory.queries.unmet_need import NoReportYetError, get_report
from directory.unmet_need import OTHER, SENSITIVE, Kind, Outcome, Results
from directory.unmet_need_report import (
    ELSEWHERE,
    Ending,
    Line,
    Reason,
    Tables,
    counted_from,
    next_report_on,
    open_from,
    report_of,
    tables_of,
    worst_places,
)

DAY = date(2030, 5, 6)
SPRING = Quarter(2030, 2)
INGHAM, EATON = "MI:Ingham_County", "MI:Eaton_County"
FULL = Kind(DAY, "shelter", INGHAM, Results.NONE, Outcome.FULL)

#: When the report of spring is made.
FOURTH = datetime(2030, 7, 4, tzinfo=UTC)


# --------------------------------------------------------------------------------- quarters


@pytest.mark.parametrize(
    ("day", "quarter", "first", "last"),
    [
        (date(2030, 1, 1), "2030-Q1", date(2030, 1, 1), date(2030, 3, 31)),
        (date(2030, 6, 30), "2030-Q2", date(2030, 4, 1), date(2030, 6, 30)),
        (date(2030, 7, 1), "2030-Q3", date(2030, 7, 1), date(2030, 9, 30)),
        (date(2030, 12, 31), "2030-Q4", date(2030, 10, 1), date(2030, 12, 31)),
    ],
)
def test_a_quarter_is_three_months(day: date, quarter: str, first: date, last: date) -> None:
    found = quarter_of(day)

    assert (str(found), found.first_day, found.last_day) == (quarter, first, last)
    assert read_quarter(quarter) == found


@pytest.mark.parametrize("text", ["2030-Q5", "2030-Q0", "2030Q1", "30-Q1", "2030-Q1 ", "spring"])
def test_what_is_no_quarter_is_none(text: str) -> None:
    assert read_quarter(text) is None


@pytest.mark.parametrize(
    ("now", "counted", "still_open"),
    [
        (datetime(2030, 7, 2, 23, 59, tzinfo=UTC), date(2030, 4, 1), date(2030, 4, 1)),
        (datetime(2030, 7, 3, tzinfo=UTC), date(2030, 7, 1), date(2030, 4, 1)),
        (datetime(2030, 7, 3, 23, 59, tzinfo=UTC), date(2030, 7, 1), date(2030, 4, 1)),
        (FOURTH, date(2030, 7, 1), date(2030, 7, 1)),
    ],
)
def test_a_quarter_takes_no_more_for_a_day_and_then_is_reported(
    now: datetime, counted: date, still_open: date
) -> None:
    assert counted_from(now) == counted
    assert open_from(now) == still_open


def test_next_report_is_made_three_days_after_a_quarter() -> None:
    assert next_report_on(FOURTH - timedelta(seconds=1)) == date(2030, 7, 4)
    assert next_report_on(FOURTH) == date(2030, 10, 4)


# ------------------------------------------------------------------------------ what is told


@pytest.mark.parametrize("need", sorted(SENSITIVE))
def test_of_sensitive_needs_no_more_than_the_state_is_told_whatever_was_counted(need: str) -> None:
    searches = {
        FULL._replace(need=need): 20,
        FULL._replace(need=need, area="MI"): 20,
        FULL._replace(need=need, area="489"): 20,
    }

    told = tables_of(searches).by_area

    assert told == {
        (need, "MI", Ending.NOT_FOUND): 40,
        (need, ELSEWHERE, Ending.NOT_FOUND): 20,
    }


def test_every_outcome_is_told_as_an_ending_and_what_found_nothing_as_a_reason() -> None:
    told = tables_of({FULL._replace(outcome=outcome): 20 for outcome in Outcome})

    assert {ending: n for (_, _, ending), n in told.by_area.items()} == {
        Ending.FOUND: 20,
        Ending.FARTHER: 20,
        Ending.NOT_FOUND: 180,
    }
    assert Counter({reason: n for (_, reason), n in told.by_reason.items()}) == {
        **dict.fromkeys(Reason, 20),
        Reason.FULL: 40,
        Reason.OTHER: 40,
    }


def test_reasons_and_areas_of_a_need_add_up_to_the_same() -> None:
    searches = {
        FULL: 9,
        FULL._replace(area=EATON): 15,
        FULL._replace(area=EATON, outcome=Outcome.CLOSED): 3,
        FULL._replace(need="dental"): 4,
        FULL._replace(need="legal", outcome=Outcome.COST): 8,
    }

    told = tables_of(searches)

    assert told.by_area == {
        ("shelter", ELSEWHERE, Ending.NOT_FOUND): 27,
        (OTHER, INGHAM, Ending.NOT_FOUND): 12,
    }
    assert told.by_reason == {("shelter", Reason.OTHER): 27, (OTHER, Reason.OTHER): 12}


TABLES = Tables(
    {
        ("dental", INGHAM, Ending.NOT_FOUND): 30,
        ("dental", INGHAM, Ending.FOUND): 60,
        ("dental", INGHAM, Ending.FARTHER): 30,
        ("dental", EATON, Ending.FOUND): 20,
        ("shelter", ELSEWHERE, Ending.NOT_FOUND): 90,
        ("shelter", EATON, Ending.NOT_FOUND): 11,
        (OTHER, INGHAM, Ending.NOT_FOUND): 400,
    },
    {
        ("dental", Reason.COST): 13,
        ("dental", Reason.OTHER): 17,
        ("shelter", Reason.CLOSED): 20,
        ("shelter", Reason.FULL): 81,
        (OTHER, Reason.NOTHING): 400,
    },
)


def test_report_has_the_worst_first_and_what_is_mixed_last() -> None:
    report = report_of(SPRING, TABLES)

    assert report.line == Line(80, 30, 531)
    assert [(lines.need, lines.line) for lines in report.needs] == [
        ("shelter", Line(None, None, 101)),
        ("dental", Line(80, 30, 30)),
        (OTHER, Line(None, None, 400, is_mixed=True)),
    ]
    shelter, dental, _other = report.needs
    assert shelter.areas == [
        (EATON, Line(None, None, 11)),
        (ELSEWHERE, Line(None, None, 90, is_mixed=True)),
    ]
    assert shelter.reasons == [(Reason.FULL, 81), (Reason.CLOSED, 20)]
    assert dental.areas == [(INGHAM, Line(60, 30, 30)), (EATON, Line(20, None, None))]
    assert dental.reasons == [(Reason.COST, 13), (Reason.OTHER, 17)]


def test_worst_places_are_places_and_everyday_needs() -> None:
    assert worst_places(report_of(SPRING, TABLES), 5) == [
        ("dental", INGHAM, Line(60, 30, 30)),
        ("shelter", EATON, Line(None, None, 11)),
    ]
    assert len(worst_places(report_of(SPRING, TABLES), 1)) == 1


@pytest.mark.parametrize(
    ("line", "percent"),
    [
        (Line(60, 30, 30), 75),
        (Line(20, None, 20), 50),
        (Line(None, 30, 30), None),
        (Line(20, 30, None), None),
        (Line(60, 30, 30, is_mixed=True), None),
    ],
)
def test_share_that_found_something_is_told_where_both_are(line: Line, percent: int | None) -> None:
    assert line.found_percent == percent


# ---------------------------------------------------------------------------- in the database


def rows_of(session: Session, table: sa.Table) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in find_rows(session, sa.select(table))]


def test_report_takes_the_place_of_days_once_their_quarter_is_over(session: Session) -> None:
    summer = FULL._replace(day=date(2030, 7, 1))
    add_counts(session, {FULL: 20, FULL._replace(day=DAY + timedelta(days=9)): 10}, now=noon(DAY))
    add_counts(session, {summer: 3}, now=FOURTH)

    assert report_searches(session, now=FOURTH - timedelta(seconds=1)) == 0
    assert rows_of(session, reported) == []

    assert report_searches(session, now=FOURTH) == 1

    assert rows_of(session, reported) == [("2030-Q2", "shelter", INGHAM, "not_found", 30)]
    assert rows_of(session, reported_reasons) == [("2030-Q2", "shelter", "full", 30)]
    assert [row[0] for row in rows_of(session, counts)] == [summer.day]
    assert report_searches(session, now=FOURTH) == 0


def test_searches_that_come_too_late_are_not_counted(session: Session) -> None:
    late = datetime(2030, 7, 3, tzinfo=UTC)
    add_counts(session, {FULL: 20}, now=late - timedelta(seconds=1))
    add_counts(session, {FULL: 1, FULL._replace(day=late.date()): 2}, now=late)

    assert [(row[0], row[-1]) for row in rows_of(session, counts)] == [
        (DAY, 20),
        (late.date(), 2),
    ]


def test_a_report_never_changes(session: Session) -> None:
    add_counts(session, {FULL: 20}, now=noon(DAY))
    report_searches(session, now=FOURTH)
    add_counts(session, {FULL: 20}, now=noon(DAY))  # by a clock that runs behind

    report_searches(session, now=FOURTH)

    assert rows_of(session, reported) == [("2030-Q2", "shelter", INGHAM, "not_found", 20)]
    assert rows_of(session, counts) == []


def test_several_quarters_are_reported_at_once_and_each_by_itself(session: Session) -> None:
    winter = FULL._replace(day=date(2030, 2, 1))
    add_counts(session, {winter: 6}, now=noon(winter.day))
    add_counts(session, {FULL: 12}, now=noon(DAY))

    assert report_searches(session, now=FOURTH) == 2
    assert rows_of(session, reported) == [("2030-Q2", "shelter", INGHAM, "not_found", 12)]


def test_a_small_number_is_refused_by_the_database(session: Session) -> None:
    small = {"quarter": "2030-Q2", "need": "shelter", "searches": 10}
    for table, more in (
        (reported, {"area": INGHAM, "ending": "found"}),
        (reported_reasons, {"reason": "full"}),
    ):
        with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
            session.connection().execute(sa.insert(table).values({**small, **more}))


def test_newest_report_is_read_unless_another_is_named(session: Session) -> None:
    for day, n in ((date(2030, 2, 1), 11), (DAY, 12)):
        add_counts(session, {FULL._replace(day=day): n}, now=noon(day))
    report_searches(session, now=FOURTH)

    newest, quarters = get_report(session)
    older, _ = get_report(session, "2030-Q1")

    assert quarters == [SPRING, Quarter(2030, 1)]
    assert (newest.quarter, newest.line) == (SPRING, Line(None, None, 12))
    assert newest.needs[0].reasons == [(Reason.FULL, 12)]
    assert (older.quarter, older.line) == (Quarter(2030, 1), Line(None, None, 11))
    for wrong in ("2030-Q3", "2030"):
        with pytest.raises(InvalidError, match="that there is a report of: 2030-Q2, 2030-Q1"):
            get_report(session, wrong)


def test_without_any_report_that_is_said(session: Session) -> None:
    with pytest.raises(NoReportYetError):
        get_report(session, "2030-Q1")


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
