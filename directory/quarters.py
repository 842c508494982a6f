"""Quarters of a calendar year: the periods of reports, always the same. Pure."""

import re
from datetime import date, timedelta
from typing import NamedTuple, Self

_WRITTEN = re.compile(r"([1-9][0-9]{3})-Q([1-4])")
_MONTHS = 3


class Quarter(NamedTuple):
    """Three months, written "2030-Q2"; they come in order of time."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"

    @property
    def first_day(self) -> date:
        """The day that it begins with."""
        return date(self.year, (self.number - 1) * _MONTHS + 1, 1)

    @property
    def next(self) -> Self:
        """The quarter after it."""
        year, number = divmod(self.year * 4 + self.number, 4)
        return type(self)(year, number + 1)

    @property
    def last_day(self) -> date:
        """The day that it ends with."""
        return self.next.first_day - timedelta(days=1)


def quarter_of(day: date) -> Quarter:
    """Return the quarter that a day is in."""
    return Quarter(day.year, (day.month - 1) // _MONTHS + 1)


def read_quarter(text: str) -> Quarter | None:
    """Return the quarter that is written so; None where it is none."""
    written = _WRITTEN.fullmatch(text)
    return Quarter(int(written[1]), int(written[2])) if written else None
