"""What was measured, for people and for machines."""

from collections.abc import Sequence

import msgspec
from rich.table import Table

from api.bench.figures import Figures


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


def as_table(reports: Sequence[Report]) -> Table:
    """Lay the reports of one bench out for a terminal, each above what it is compared with."""
    first = reports[0]
    table = Table(
        title=f"{first.bench} on {first.database}: {first.clients} clients, "
        f"median of {first.rounds} rounds of {first.seconds:g} s",
        caption=" ".join(report.remark for report in reports if report.remark) or None,
    )
    for heading in ("", first.unit + "/s", "p50 ms", "p99 ms", "CPU us each", "ratio"):
        table.add_column(heading, justify="right" if heading else "left")
    for report in reports:
        ratio = "" if report.ratio is None else f"{report.ratio:.3f}"
        table.add_row(report.subject, *_cells(report.measured), ratio)
        if report.limit is not None:
            table.add_row(f"  {report.ceiling}", *_cells(report.limit), "1", end_section=True)
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
