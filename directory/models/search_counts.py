"""How often people looked for what, and whether they found it. Ours; nothing about anybody."""

from datetime import date

from sqlmodel import CheckConstraint, Field, SQLModel

from directory.database import enum_type
from directory.unmet_need import Outcome, Results


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
