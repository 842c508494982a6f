"""The shape of the report of unmet need."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from api.schemas.shapes import Reply
from directory.unmet_need_report import NeedLines, Reason, Report

Shown = Annotated[
    int | None,
    Meta(description="At least 11. Null: not shown, as it is less or would tell what is."),
]


class ReasonsReply(Reply):
    """Why searches found nothing. Those of which there are few are counted as ``other``."""

    not_eligible: Shown
    full: Shown
    closed: Shown
    language: Shown
    cost: Shown
    nothing: Shown
    other: Shown


class EndingsReply(Reply):
    """How searches ended. ``searches`` are all that are shown."""

    searches: int
    found: Shown
    farther: Shown
    not_found: Shown
    found_percent: int | None


class AreaReply(Reply):
    """An area: ``MI:Ingham_County``, ``489`` for ZIP codes, ``MI``; null is everywhere else."""

    area: str | None
    endings: EndingsReply


class NeedReply(Reply):
    """What was found of a need: in all areas, with the reasons, and by area, worst first."""

    need: str
    endings: EndingsReply
    reasons: ReasonsReply
    areas: list[AreaReply]


class UnmetNeedReply(Reply):
    """What was searched for in a quarter, by need, worst first. ``quarters`` have a report."""

    quarter: str
    first_day: date
    last_day: date
    endings: EndingsReply
    needs: list[NeedReply]
    quarters: list[str]

    @classmethod
    def of_report(cls, report: Report, quarters: list[str]) -> "UnmetNeedReply":
        """Shape a report."""
        return cls(
            quarter=str(report.quarter),
            first_day=report.quarter.first_day,
            last_day=report.quarter.last_day,
            endings=EndingsReply.of(report.line),
            needs=[_need(each) for each in report.needs],
            quarters=quarters,
        )


def _need(lines: NeedLines) -> NeedReply:
    shown = dict(lines.reasons)
    return NeedReply(
        need=lines.need,
        endings=EndingsReply.of(lines.line),
        reasons=ReasonsReply(**{each.value: shown.get(each) for each in Reason}),
        areas=[
            AreaReply(area=area or None, endings=EndingsReply.of(line))
            for area, line in lines.areas
        ],
    )
