"""An import's report as tables in the terminal."""

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from directory.hsds.report import ImportReport, ReasonRow

#: Reasons told in the terminal; all of them are in the JSON report.
MOST_REASONS = 30

#: Short headings, so that the table fits 80 columns, and what they count.
_COLUMNS = {
    "read": "read",
    "new": "added",
    "changed": "changed",
    "same": "unchanged",
    "mended": "mended",
    "refused": "refused",
    "blank": "passed_over",
    "gone": "gone",
}


def show_report(console: Console, report: ImportReport) -> None:
    """Say what an import read, wrote, mended and refused, and why."""
    console.print(_counts(report))
    reasons = report.reason_rows()
    if reasons:
        console.print()
    for row in reasons[:MOST_REASONS]:
        console.print(_in_a_line(row), soft_wrap=True)
    if len(reasons) > MOST_REASONS:
        console.print(f"... and {len(reasons) - MOST_REASONS} more; --report FILE has them all.")
    for gone in report.gone:
        console.print(f"No longer in the source: {gone.records} of {gone.table}; {gone.became}.")
    for words in report.held_back:
        console.print(f"Held back for a person to decide: {words}", markup=False)
    for table, words in report.notes:
        console.print(f"{table}: {words}", markup=False)
    if not report.refused_because:
        console.print(f"\n{_outcome(report)}", markup=False)


def _outcome(report: ImportReport) -> str:
    changed = sum(counts.written for counts in report.counts.values())
    gone = sum(each.records for each in report.gone)
    if report.dry_run:
        return (
            f"A dry run: {changed} rows would be written and {gone} would be gone. "
            "Nothing was changed."
        )
    if not changed and not gone:
        return "Nothing has changed since the last import."
    return f"{changed} rows written from {report.source}."


def _counts(report: ImportReport) -> Table:
    table = Table(title=f"Import from {escape(report.source)}", box=SIMPLE, title_justify="left")
    table.add_column("table", no_wrap=True)
    for heading in _COLUMNS:
        table.add_column(heading, justify="right")
    for name, counts in report.count_rows():
        values = (getattr(counts, column) for column in _COLUMNS.values())
        table.add_row(name, *(str(value) if value else "" for value in values))
    return table


def _in_a_line(row: ReasonRow) -> str:
    """Say one reason: how often, where first, and with what value."""
    example = f" [dim]({escape(row.example)})[/dim]" if row.example else ""
    colour = "red" if row.kind == "refused" else "yellow"
    place = escape(f"{row.file} line {row.first_line}{', ' + row.field if row.field else ''}")
    return f"{row.times:6} [{colour}]{row.kind}[/{colour}]  {place}: {escape(row.reason)}{example}"
