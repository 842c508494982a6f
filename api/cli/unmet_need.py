"""Reports, for those who run a network and those who fund it."""

from contextlib import closing
from pathlib import Path

import rich_click as click
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from api.cli import settings_from_environment
from api.cli.console import console
from api.cli.database import open_database
from api.languages import Language, language
from api.unmet_need_words import (
    area_words,
    need_words,
    quarter_words,
    reason_words,
    write_csv,
)
from directory.queries.unmet_need import get_report
from directory.small_cells import LEAST
from directory.unmet_need_report import Line, Report

_COLUMNS = ("searches", "nothing", "farther", "near")


@click.group()
def report() -> None:
    """Make reports for those who run and fund the network."""


@report.command("unmet-need")
@click.option("--quarter", help="Such as 2030-Q2; the newest if left out.")
@click.option(
    "--csv",
    "path",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Write it as CSV to this file instead.",
)
def unmet_need(quarter: str | None, path: Path | None) -> None:
    """Tell what people searched for and did not find, by need and place, worst first.

    Of quarters that are over. No number is below 11, and none can be worked out.
    """
    english = language("en")
    with closing(open_database(settings_from_environment())) as database:
        with database.reading() as session:
            found, quarters = get_report(session, quarter)
    if path is not None:
        path.write_text(write_csv(found, english), encoding="utf-8", newline="")
        console.print(f"{found.quarter} written to {path}.", markup=False, soft_wrap=True)
        return
    console.print(_table(found, english))
    console.print(f"A dash: fewer than {LEAST}, perhaps none, or kept back beside such a number.")
    console.print(f"There are reports of: {', '.join(map(str, quarters))}.", soft_wrap=True)


def _table(found: Report, english: Language) -> Table:
    title = f"Searches from {quarter_words(found.quarter, english)}"
    table = Table(title=title, box=SIMPLE, title_justify="left")
    table.add_column("need, why not found, place")
    for heading in _COLUMNS:
        table.add_column(heading, justify="right", no_wrap=True)
    for lines in found.needs:
        table.add_row(*_row(need_words(lines.need, english), lines.line), style="bold")
        for words, n in reason_words(lines, english):
            table.add_row(f"  {words}", "", f"{n:,}", style="italic")
        for area, line in lines.areas:
            table.add_row(*_row(f"  {area_words(area, english)}", line))
    return table


def _row(name: str, line: Line) -> list[str]:
    numbers = (line.searches, line.not_found, line.farther, line.found)
    return [escape(name), *("-" if n is None else f"{n:,}" for n in numbers)]
