"""Commands on the database: tables, imports, demo data."""

from contextlib import closing
from pathlib import Path

import rich_click as click

from api.cli import settings_from_environment
from api.cli.console import console
from api.clock import read_the_clock
from api.settings import Settings
from directory.database import Database
from directory.migrate import is_up_to_date
from directory.migrate import migrate as migrate_database


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

    with closing(open_database(settings_from_environment())) as database:
        with database.transaction() as session:
            summary = seed_county(session, now=read_the_clock(), scale=scale)
    console.print(summary)


@click.group("import")
def import_group() -> None:
    """Bring a directory in."""


@import_group.command("hsds")
@click.argument("path")
@click.option("--source", help="Name of the directory it comes from; the path's if left out.")
@click.option("--dry-run", is_flag=True, help="Do everything, report it, and change nothing.")
@click.option(
    "--accept-large-change", is_flag=True, help="Even if more than a fifth changes or vanishes."
)
@click.option("--keep-ids", is_flag=True, help="It is our own export: keep its identifiers.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Also write the report as JSON.",
)
@click.option("--max-rows", type=click.IntRange(1), default=250_000, help="Refuse more rows.")
@click.option(
    "--max-file-megabytes", type=click.IntRange(1), default=50, help="Refuse a larger CSV file."
)
def import_hsds(
    path: str,
    source: str | None,
    report: Path | None,
    max_rows: int,
    max_file_megabytes: int,
    *,
    dry_run: bool,
    accept_large_change: bool,
    keep_ids: bool,
) -> None:
    """Import a directory in HSDS: a folder, a zip or JSON file, or the URL of an API.

    CSV of HSDS 1.x, 2.x and 3.x, and of the Ohana format before it; JSON of HSDS 3.x. All of it
    or nothing; the same data again changes nothing.
    """
    from api.cli.importing import (  # noqa: PLC0415  (only this command pays for it)
        ImportOptions,
        lines_in,
        run_import,
    )
    from directory.hsds.errors import NoSuchFolderError  # noqa: PLC0415
    from directory.hsds.load import read_directory  # noqa: PLC0415
    from directory.hsds.progress import Progress  # noqa: PLC0415
    from directory.hsds.read import Kept, Limits, usual_name  # noqa: PLC0415
    from directory.hsds.records import Translation  # noqa: PLC0415
    from geo.gazetteer import get_zip  # noqa: PLC0415

    if not path.strip():  # which would be the folder that one happens to be in
        raise NoSuchFolderError(Path(path))
    if report is not None and not report.parent.is_dir():  # asked before, not after the import
        raise click.BadParameter(f"There is no folder '{report.parent}'.", param_hint="'--report'")
    settings = settings_from_environment()
    options = ImportOptions(
        source=source or usual_name(path),
        dry_run=dry_run,
        accept_large_change=accept_large_change,
        report=report,
    )

    def read(progress: Progress) -> Translation:
        now = read_the_clock()
        return read_directory(
            path,
            source=options.source,
            now=now,
            find_zip=get_zip,
            limits=Limits(rows=max_rows, file_bytes=max_file_megabytes * 1_000_000),
            keep_ids=keep_ids,
            kept=Kept(settings.data_dir / "fetches", now),
            progress=progress,
        )

    expected_rows = lines_in(Path(path))
    run_import(console, lambda: open_database(settings), read, options, expected_rows=expected_rows)


@import_group.command("taxonomy")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", help="Name of where it comes from; the file's if left out.")
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV of your own: which codes mean which needs.",
)
def import_taxonomy(path: Path, source: str | None, mapping: Path | None) -> None:
    """Import a taxonomy: HSDS taxonomy terms as JSON or CSV.

    Open Eligibility is known by name, and its terms mean our everyday needs; for another one
    say which do.
    """
    from directory.commands.taxonomies import load_taxonomies  # noqa: PLC0415
    from directory.taxonomy_file import read_taxonomies  # noqa: PLC0415
    from directory.taxonomy_mappings import read_mapping  # noqa: PLC0415

    name = source or path.name.partition(".")[0]
    needs_of = read_mapping(mapping) if mapping else None
    read = read_taxonomies(path, usual_name=f"Taxonomy of {name}")
    with closing(open_database(settings_from_environment())) as database:
        with database.transaction() as session:
            counts = load_taxonomies(
                session, read, source=name, mapping=needs_of, now=read_the_clock()
            )
    for each in counts:
        console.print(
            f"{each.name}: {each.added} terms added, {each.changed} changed, "
            f"{each.unchanged} as before; {each.mapped} more mean everyday needs.",
            markup=False,
            soft_wrap=True,
        )
    for note in (note for taxonomy in read for note in taxonomy.notes):
        console.print(f"Put right: {note}", markup=False, soft_wrap=True)


def open_database(settings: Settings) -> Database:
    """Open the database, making its tables where they are missing."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.url_of_database)
    if not is_up_to_date(database.engine):
        migrate_database(settings.url_of_database)
    return database
