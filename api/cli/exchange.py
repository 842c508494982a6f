"""Commands that write a directory out for others."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import rich_click as click
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from api.cli import settings_from_environment
from api.cli.console import console
from api.cli.database import open_database
from api.clock import read_the_clock
from directory.hsds.export import ExportFormat, ExportReport, export_directory


@click.group("export")
def export_group() -> None:
    """Write the directory out."""


@export_group.command("hsds")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice([each.value for each in ExportFormat]),
    default=ExportFormat.CSV.value,
    help="csv: a tabular data package; json: lists of whole records; ndjson: a record a line.",
)
@click.option("--source", help="Only what came from this source, and what that needs.")
def export_hsds(path: Path, format_: str, source: str | None) -> None:
    """Write what everybody may know to a new folder, or to a new file ending in .zip, as HSDS 3.2.

    All of it or nothing. Places that are not public are not in it, only that they exist.
    """
    settings = settings_from_environment()
    with closing(open_database(settings)) as database, _progress() as tell:
        with database.snapshot() as session:
            report = export_directory(
                session,
                path,
                now=read_the_clock(),
                format_=ExportFormat(format_),
                source=source,
                tell=tell,
            )
    _show(path, report)


@contextmanager
def _progress() -> Iterator[Callable[[str, int], None]]:
    """Show how many records of which table are written by now."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    written: Counter[str] = Counter()
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task("Writing ...", total=None)

        def tell(table: str, rows: int) -> None:
            written[table] += rows
            said = f"Writing {table} {written[table]:,}, {written.total():,} in all"
            progress.update(task, description=said)

        yield tell


def _show(path: Path, report: ExportReport) -> None:
    """Say what was written and what was left out."""
    by_table = ", ".join(f"{count:,} {table}" for table, count in report.rows.items())
    for words in report.left_out():
        console.print(f"Left out: {words}", soft_wrap=True, markup=False)
    console.print(
        f"{report.rows.total():,} records in {report.files} files written to {path}"
        f"{': ' + by_table if by_table else ''}.",
        soft_wrap=True,
        markup=False,
    )
