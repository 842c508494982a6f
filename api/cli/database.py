"""Commands on the database: tables, imports, demo data."""

from contextlib import closing
from pathlib import Path

import rich_click as click
from rich.console import Console

from api.cli import settings_from_environment
from api.clock import read_the_clock
from api.settings import Settings
from directory.database import Database
from directory.migrate import is_up_to_date
from directory.migrate import migrate as migrate_database

console = Console(highlight=False)


@click.command()
def migrate() -> None:
    """Make or update the tables, all or nothing."""
    settings = settings_from_environment()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate_database(settings.url_of_database)
    click.echo("The database is up to date.")


@click.command()
@click.option("--scale", type=click.IntRange(1, 300), default=1, help="So many times the county.")
def seed(scale: int) -> None:
    """Fill the database with the demo county."""
    from seed.county import seed_county  # noqa: PLC0415  (only this command pays for it)

    with closing(_open(settings_from_environment())) as database:
        with database.transaction() as session:
            summary = seed_county(session, now=read_the_clock(), scale=scale)
    console.print(summary)


@click.group("import")
def import_group() -> None:
    """Bring a directory in."""


@import_group.command("hsds")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--source", help="Name of the directory it comes from; the folder's if left out.")
@click.option("--dry-run", is_flag=True, help="Do everything, report it, and change nothing.")
@click.option(
    "--accept-large-change", is_flag=True, help="Even if more than a fifth changes or vanishes."
)
@click.option("--keep-ids", is_flag=True, help="It is our own export: keep its identifiers.")
@click.option("--report", type=click.Path(path_type=Path), help="Also write the report as JSON.")
def import_hsds(
    path: Path,
    source: str | None,
    report: Path | None,
    *,
    dry_run: bool,
    accept_large_change: bool,
    keep_ids: bool,
) -> None:
    """Import a folder of HSDS CSV files (1.x to 3.x, or the Ohana format before it).

    All of it or nothing; the same data again changes nothing.
    """
    from api.cli.importing import (  # noqa: PLC0415  (only this command pays for it)
        ImportOptions,
        lines_in,
        run_import,
    )
    from directory.hsds.load import read_directory  # noqa: PLC0415
    from directory.hsds.progress import Progress  # noqa: PLC0415
    from directory.hsds.records import Translation  # noqa: PLC0415
    from geo.gazetteer import get_zip  # noqa: PLC0415

    options = ImportOptions(
        source=source or path.resolve().name,
        dry_run=dry_run,
        accept_large_change=accept_large_change,
        report=report,
    )

    def read(progress: Progress) -> Translation:
        return read_directory(
            path,
            source=options.source,
            now=read_the_clock(),
            find_zip=get_zip,
            keep_ids=keep_ids,
            progress=progress,
        )

    settings = settings_from_environment()
    run_import(console, lambda: _open(settings), read, options, expected_rows=lines_in(path))


def _open(settings: Settings) -> Database:
    """Open the database, making its tables where they are missing."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.url_of_database)
    if not is_up_to_date(database.engine):
        migrate_database(settings.url_of_database)
    return database
