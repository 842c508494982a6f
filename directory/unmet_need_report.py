"""The report of a quarter: what was searched for, where, and how it ended. Pure.

It has two tables: of each need, how searches ended in each area, and why those that found nothing
did so, in all areas together. None of their numbers is below ``small_cells.LEAST``, and what they
share, the sums of a need, is the same in both. Areas are nowhere told by reason: whatever the
tables say of an area and a reason, there can be as many as the smaller of the two, or none.
"""

import enum
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from directory.needs import NEEDS_BY_CODE
from directory.quarters import Quarter, quarter_of
from directory.small_cells import without_small
from directory.unmet_need import OTHER, SENSITIVE, Kind, Outcome


class Ending(enum.StrEnum):
    """How a search ended, as it is reported."""

    FOUND = "found"
    FARTHER = "farther"
    NOT_FOUND = "not_found"


class Reason(enum.StrEnum):
    """Why a search found nothing. ``OTHER`` has what is too few of the others, too."""

    NOT_ELIGIBLE = "not_eligible"
    FULL = "full"
    CLOSED = "closed"
    LANGUAGE = "language"
    COST = "cost"
    NOTHING = "nothing"
    OTHER = "other"


_ENDINGS: Final = {Outcome.FOUND: Ending.FOUND, Outcome.FARTHER: Ending.FARTHER}

_REASONS: Final = {
    Outcome.NOT_ELIGIBLE: Reason.NOT_ELIGIBLE,
    Outcome.STEPS: Reason.OTHER,
    Outcome.NOT_REMOTE: Reason.OTHER,
    Outcome.LANGUAGE: Reason.LANGUAGE,
    Outcome.COST: Reason.COST,
    Outcome.FULL: Reason.FULL,
    Outcome.NO_TIME: Reason.FULL,
    Outcome.CLOSED: Reason.CLOSED,
    Outcome.NOTHING: Reason.NOTHING,
}

#: The area of who said none. It has the searches from areas with few of them, too.
ELSEWHERE: Final = ""

#: So long after a quarter, in UTC, its last searches are written down: it is still yesterday
#: elsewhere, and a process may be idle. Then none counts any more.
COUNTED_LATE: Final = timedelta(days=2)

#: So long after it the report is made, a day after the last one counted: it never changes.
REPORTED_LATE: Final = timedelta(days=3)


def counted_from(now: datetime) -> date:
    """Return the first day of which searches still count."""
    return quarter_of(now.date() - COUNTED_LATE).first_day


def open_from(now: datetime) -> date:
    """Return the first day of the first quarter that is not to be reported yet."""
    return quarter_of(now.date() - REPORTED_LATE).first_day


def next_report_on(now: datetime) -> date:
    """Return the day on which the next report is made."""
    return quarter_of(now.date() - REPORTED_LATE).next.first_day + REPORTED_LATE


class Tables(NamedTuple):
    """What may be told of a quarter: searches by need, area and ending, and by need and reason."""

    by_area: Mapping[tuple[str, str, Ending], int]
    by_reason: Mapping[tuple[str, Reason], int]


def tables_of(searches: Mapping[Kind, int]) -> Tables:
    """Return what may be told of what was counted in a quarter."""
    areas: Counter[tuple[str, ...]] = Counter()
    reasons: Counter[tuple[str, ...]] = Counter()
    for kind, n in searches.items():
        ending = _ENDINGS.get(kind.outcome, Ending.NOT_FOUND)
        areas[ending, kind.need, _area_of(kind)] += n
        if ending is Ending.NOT_FOUND:
            reasons[ending, kind.need, _REASONS[kind.outcome]] += n
    return Tables(
        {
            (need, area, Ending(ending)): n
            for (ending, need, area), n in without_small(areas, (OTHER, ELSEWHERE)).items()
        },
        {
            (need, Reason(reason)): n
            for (_, need, reason), n in without_small(reasons, (OTHER, Reason.OTHER)).items()
        },
    )


def _area_of(kind: Kind) -> str:
    """Return the area that is reported; of sensitive needs no more than the state, in any case."""
    if kind.need not in SENSITIVE:
        return kind.area
    state = kind.area.partition(":")[0]
    return ELSEWHERE if state.isdigit() else state


class Line(NamedTuple):
    """How the searches of a line of the report ended; None where that is not shown.

    A line is mixed where it has what is too few elsewhere: of each ending from other places, or
    for other needs.
    """

    found: int | None
    farther: int | None
    not_found: int | None
    is_mixed: bool = False

    @property
    def searches(self) -> int:
        """All that are shown."""
        return sum(n or 0 for n in (self.found, self.farther, self.not_found))

    @property
    def found_percent(self) -> int | None:
        """How many of a hundred found something, near or not; None where that is not known."""
        if self.found is None or self.not_found is None or self.is_mixed:
            return None
        return round(100 * (self.searches - self.not_found) / self.searches)


class NeedLines(NamedTuple):
    """What was found of one need: in all, why not, and by area. The most come first."""

    need: str
    line: Line
    reasons: Sequence[tuple[Reason, int]]
    areas: Sequence[tuple[str, Line]]


class Report(NamedTuple):
    """What was searched for in a quarter: in all, and by need, worst first."""

    quarter: Quarter
    line: Line
    needs: Sequence[NeedLines]


def report_of(quarter: Quarter, tables: Tables) -> Report:
    """Make the report of a quarter."""
    by_need: dict[str, dict[str, Counter[Ending]]] = {}
    for (need, area, ending), n in tables.by_area.items():
        by_need.setdefault(need, {}).setdefault(area, Counter())[ending] += n
    needs = [_lines(need, areas, tables) for need, areas in by_need.items()]
    needs.sort(key=lambda each: _worst_first(each.need, each.line, home=OTHER))
    everywhere = [endings for areas in by_need.values() for endings in areas.values()]
    return Report(quarter, _line(everywhere), needs)


def _lines(need: str, areas: Mapping[str, Counter[Ending]], tables: Tables) -> NeedLines:
    reasons = [(reason, n) for (of, reason), n in tables.by_reason.items() if of == need]
    lines = [
        (area, _line([endings], is_mixed=need == OTHER or area == ELSEWHERE))
        for area, endings in areas.items()
    ]
    return NeedLines(
        need,
        _line(areas.values(), is_mixed=need == OTHER),
        sorted(reasons, key=lambda each: (each[0] is Reason.OTHER, -each[1], each[0])),
        sorted(lines, key=lambda each: _worst_first(*each, home=ELSEWHERE)),
    )


def _line(parts: Iterable[Counter[Ending]], *, is_mixed: bool = False) -> Line:
    """Add up lines."""
    ended: Counter[Ending] = Counter()
    for each in parts:
        ended.update(each)
    found, farther, not_found = (ended.get(each) for each in Ending)
    return Line(found, farther, not_found, is_mixed)


def _worst_first(name: str, line: Line, *, home: str) -> tuple[bool, int, int, str]:
    """Sort by how many found nothing; what is mixed comes last."""
    return name == home, -(line.not_found or 0), -line.searches, name


def worst_places(report: Report, most: int) -> list[tuple[str, str, Line]]:
    """Return the needs and areas where most found nothing, worst first; so many at most."""
    places = [
        (lines.need, area, line)
        for lines in report.needs
        for area, line in lines.areas
        if line.not_found and lines.need in NEEDS_BY_CODE and area != ELSEWHERE
    ]
    return sorted(places, key=lambda each: _worst_first(each[0], each[2], home=OTHER))[:most]
