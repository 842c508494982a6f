"""How often people looked for what, and whether they found it. Ours; nothing about anybody."""

from datetime import date

from sqlmodel import CheckConstraint, Field, SQLModel

from directory.database import enum_type
from directory.small_cells import LEAST
from directory.unmet_need import Outcome, Results
from directory.unmet_need_report import Ending, Reason


class SearchCount(SQLModel, table=True):
    """So many searches of a day for one need from one area ended in one way.

    ``need`` and ``area`` are the words of ``directory.unmet_need``. There are counts only: no
    time, no words that were typed, no person, session or machine.
    """

    __tablename__ = "search_count"
    __table_args__ = (CheckConstraint("searches >= 1", name="searches_counted"),)

    day: date = Field(primary_key=True)
    need: str = Field(primary_key=True, max_length=80)
    area: str = Field(primary_key=True, max_length=80)
    results: Results = Field(primary_key=True, sa_type=enum_type(Results))
    outcome: Outcome = Field(primary_key=True, sa_type=enum_type(Outcome))
    searches: int


class ReportedSearches(SQLModel, table=True):
    """So many searches of a quarter for one need from one area ended in one way.

    With the reasons, this is what reports are made of, and all that is kept of a quarter once it
    is over. Nothing small is ever in it.
    """

    __tablename__ = "search_report"
    __table_args__ = (CheckConstraint(f"searches >= {LEAST}", name="searches_not_few"),)

    quarter: str = Field(primary_key=True, max_length=7)
    need: str = Field(primary_key=True, max_length=80)
    area: str = Field(primary_key=True, max_length=80)
    ending: Ending = Field(primary_key=True, sa_type=enum_type(Ending))
    searches: int


class ReportedReason(SQLModel, table=True):
    """So many searches of a quarter for one need found nothing for one reason, in all areas."""

    __tablename__ = "search_report_reason"
    __table_args__ = (CheckConstraint(f"searches >= {LEAST}", name="searches_not_few"),)

    quarter: str = Field(primary_key=True, max_length=7)
    need: str = Field(primary_key=True, max_length=80)
    reason: Reason = Field(primary_key=True, sa_type=enum_type(Reason))
    searches: int
