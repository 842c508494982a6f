"""The federal poverty guidelines, by year: what "200 % of the poverty line" is in dollars.

A year's guidelines are in force from the day that their notice in the Federal Register gives,
until the next ones. Programs may keep the old ones for some weeks; their own words say so.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Line:
    """The income of a year, in US dollars: of one person, and more for each further one."""

    one_person: int
    further_person: int

    def of(self, household_size: int) -> int:
        """Return the line of a household, in dollars a year."""
        return self.one_person + (household_size - 1) * self.further_person


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidelines:
    """The lines that are in force from a day on: those of two states, and of all others."""

    since: date
    source: str
    alaska: Line
    hawaii: Line
    elsewhere: Line

    def line_in(self, state: str | None) -> Line:
        """Return the line of a state, by its two letters; None is not known where."""
        return {"AK": self.alaska, "HI": self.hawaii}.get(state or "", self.elsewhere)


#: Oldest first. Each January the Department of Health and Human Services publishes new ones.
GUIDELINES: Final = (
    Guidelines(
        since=date(2023, 1, 12),
        source="88 FR 3424",
        alaska=Line(18_210, 6_430),
        hawaii=Line(16_770, 5_910),
        elsewhere=Line(14_580, 5_140),
    ),
    Guidelines(
        since=date(2024, 1, 11),
        source="89 FR 2961",
        alaska=Line(18_810, 6_730),
        hawaii=Line(17_310, 6_190),
        elsewhere=Line(15_060, 5_380),
    ),
    Guidelines(
        since=date(2025, 1, 15),
        source="90 FR 5917",
        alaska=Line(19_550, 6_880),
        hawaii=Line(17_990, 6_330),
        elsewhere=Line(15_650, 5_500),
    ),
    Guidelines(
        since=date(2026, 1, 13),
        source="91 FR 1797",
        alaska=Line(19_950, 7_100),
        hawaii=Line(18_360, 6_530),
        elsewhere=Line(15_960, 5_680),
    ),
)


def guidelines_on(day: date) -> Guidelines:
    """Return the guidelines in force on a day; the oldest we know for any day before them."""
    in_force = [each for each in GUIDELINES if each.since <= day]
    return in_force[-1] if in_force else GUIDELINES[0]


def percent_of_line(
    income_month: float, household_size: int, *, state: str | None, on: date
) -> float:
    """Return what part of the poverty line an income of so many dollars a month is, in percent.

    ``state`` is where the household lives, by its two letters; None takes the line of most.
    """
    line = guidelines_on(on).line_in(state).of(household_size)
    return income_month * MONTHS * 100 / line


def dollars_a_month(percent: float, household_size: int, *, state: str | None, on: date) -> float:
    """Return the income in a month that is so many percent of the poverty line."""
    line = guidelines_on(on).line_in(state).of(household_size)
    return line * percent / 100 / MONTHS
