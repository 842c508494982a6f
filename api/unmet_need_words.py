"""How the report of unmet need is said: quarters, needs, areas and reasons, in a language."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO

from babel.dates import format_date

from api.eligibility_words import county_words
from api.languages import Language
from api.languages import marked as _
from api.words import locale_of
from directory.needs import NEEDS_BY_CODE
from directory.quarters import Quarter
from directory.unmet_need import ANYTHING, OTHER, SEVERAL, WORDS
from directory.unmet_need_report import ELSEWHERE, Ending, Line, NeedLines, Reason, Report
from geo.states import STATE_NAMES

#: What stands in place of a need.
_NO_NEED = {
    ANYTHING: _("No need chosen"),
    WORDS: _("Looked for by words of their own"),
    SEVERAL: _("Several needs at once"),
    OTHER: _("Everything else"),
}

REASON_WORDS = {
    Reason.NOT_ELIGIBLE: _("For others only"),
    Reason.FULL: _("Full"),
    Reason.CLOSED: _("Closed at that time"),
    Reason.LANGUAGE: _("Not in their language"),
    Reason.COST: _("Costs too much"),
    Reason.NOTHING: _("Nothing of the kind"),
    Reason.OTHER: _("Other reasons"),
}


def quarter_words(quarter: Quarter, language: Language) -> str:
    """Say a quarter: ``"April to June 2030"``."""
    first, last = (
        format_date(day, "LLLL", locale=locale_of(language.tag))
        for day in (quarter.first_day, quarter.last_day)
    )
    said = language.translate("{first} to {last} {year}")
    return said.format(first=first, last=last, year=quarter.year)


def need_words(need: str, language: Language) -> str:
    """Say a need, or what stands in place of one."""
    if need in _NO_NEED:
        return language.translate(_NO_NEED[need])
    return language.translate(NEEDS_BY_CODE[need].name) if need in NEEDS_BY_CODE else need


def area_words(area: str, language: Language) -> str:
    """Say an area: a county, ZIP codes by their beginning, a state, or all the rest."""
    if area == ELSEWHERE:
        return language.translate("Elsewhere, or no place given")
    if ":" in area:
        return county_words(area.replace("_", " "))
    if area.isdigit():
        return language.translate("ZIP codes that begin with {digits}").format(digits=area)
    state = STATE_NAMES.get(area, area)
    return language.translate("{state}, no county kept").format(state=state)


def reason_words(lines: NeedLines, language: Language) -> list[tuple[str, int]]:
    """Return the reasons that are shown and how often they were, the most frequent first."""
    return [(language.translate(REASON_WORDS[reason]), n) for reason, n in lines.reasons]


def write_csv(report: Report, language: Language) -> str:
    """Return a report as CSV, with nothing where a number is not shown.

    A need has a row for all areas, with the reasons, and one for each area.
    """
    text = StringIO()
    csv.writer(text).writerows(_rows(report, language))
    return text.getvalue()


def _rows(report: Report, language: Language) -> Iterator[Sequence[str | int | None]]:
    yield ["quarter", "need", "need_name", "area", "area_name", *Ending, *Reason]
    everywhere = language.translate("All places")
    for lines in report.needs:
        named = (str(report.quarter), lines.need, need_words(lines.need, language))
        reasons = dict(lines.reasons)
        yield [
            *named,
            "all",
            everywhere,
            *_numbers(lines.line),
            *(reasons.get(each) for each in Reason),
        ]
        for area, line in lines.areas:
            yield [*named, area or "elsewhere", area_words(area, language), *_numbers(line)]


def _numbers(line: Line) -> tuple[int | None, ...]:
    return line.found, line.farther, line.not_found
