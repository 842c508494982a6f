"""What was measured, for people and for machines."""

from collections.abc import Sequence
from statistics import median

import msgspec
from rich.table import Table

#: Each side is measured so often, in turns.
ROUNDS = 3


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """One side in one round. Empty is what this side cannot tell.

    ``per_second``: requests, or bookings; ``p50_ms`` and ``p99_ms``: how long one took;
    ``processor_us``: microseconds of processor time the server spent on one.
    """

    per_second: float
    p50_ms: float | None = None
    p99_ms: float | None = None
    processor_us: float | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A bench's outcome: each side's median figures, and the ratios of Openings to the ceiling.

    ``ratio`` is the median over the rounds of the ratios within a round, of ``per_second``;
    empty where there is no ceiling to compare with, and ``remark`` says why.
    """

    bench: str
    database: str
    clients: int
    seconds: float
    rounds: int
    unit: str
    subject: str
    ceiling: str
    measured: Figures
    limit: Figures | None
    ratio: float | None
    remark: str = ""


def median_figures(rounds: Sequence[Figures]) -> Figures:
    """Return the median of each figure over the rounds."""
    return Figures(
        per_second=median(each.per_second for each in rounds),
        p50_ms=_median([each.p50_ms for each in rounds]),
        p99_ms=_median([each.p99_ms for each in rounds]),
        processor_us=_median([each.processor_us for each in rounds]),
    )


def median_ratio(measured: Sequence[Figures], limit: Sequence[Figures]) -> float | None:
    """Return the median of the ratios of rounds that were measured side by side."""
    ratios = [
        a.per_second / b.per_second for a, b in zip(measured, limit, strict=True) if b.per_second
    ]
    return median(ratios) if ratios else None


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def as_table(report: Report) -> Table:
    """Lay the report out for a terminal."""
    table = Table(
        title=f"{report.bench} on {report.database}: {report.clients} clients, "
        f"median of {report.rounds} rounds of {report.seconds:g} s",
        caption=report.remark or None,
    )
    for heading in ("", report.unit + "/s", "p50 ms", "p99 ms", "CPU us each", "ratio"):
        table.add_column(heading, justify="right" if heading else "left")
    ratio = "" if report.ratio is None else f"{report.ratio:.3f}"
    table.add_row(report.subject, *_cells(report.measured), ratio)
    if report.limit is not None:
        table.add_row(report.ceiling, *_cells(report.limit), "1")
    return table


def _cells(figures: Figures) -> list[str]:
    return [
        f"{figures.per_second:,.0f}",
        _cell(figures.p50_ms, 2),
        _cell(figures.p99_ms, 2),
        _cell(figures.processor_us, 0),
    ]


def _cell(value: float | None, decimals: int) -> str:
    return "" if value is None else f"{value:,.{decimals}f}"
