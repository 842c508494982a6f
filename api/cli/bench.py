"""Commands that measure."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import rich_click as click
from rich.table import Table

from api.bench import importing, planning
from api.bench.booking import bench_booking
from api.bench.hours import bench_reading, bench_refreshing
from api.bench.importing import bench_import
from api.bench.planning import NEEDS, bench_plan
from api.bench.processes import BenchError
from api.bench.report import Report, as_table
from api.bench.search import bench_search
from api.cli.console import console
from api.clock import read_the_clock

#: Without a subcommand each side is measured for so long, in seconds.
BRIEFLY = 1.0

Command = Callable[..., Any]
_R = TypeVar("_R")


def _options(database: str) -> Callable[[Command], Command]:
    """Add the options that both benches have."""

    def add(command: Command) -> Command:
        for option in (
            click.option(
                "--seconds",
                type=click.FloatRange(0.1, 60),
                default=3.0,
                help="How long each side is measured, in each round.",
            ),
            click.option("--clients", type=click.IntRange(1, 64), default=8, help="At a time."),
            click.option(
                "--database",
                type=click.Choice(["sqlite", "postgres"]),
                default=database,
                help="Where to measure.",
            ),
            click.option(
                "--json", "path", type=click.Path(path_type=Path), help="Also write a file."
            ),
        ):
            command = option(command)
        return command

    return add


@click.group(invoke_without_command=True)
@click.pass_context
def bench(ctx: click.Context) -> None:
    """Measure against the ceiling, in the same run. Without a command: both, briefly."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(search, seconds=BRIEFLY)
        ctx.invoke(booking, seconds=BRIEFLY)


@bench.command()
@click.option("--rows", type=click.IntRange(1, 1_000_000), default=10_000, help="To search in.")
@_options("sqlite")
def search(rows: int, seconds: float, clients: int, database: str, path: Path | None) -> None:
    """Measure searches a second, against a handler that sends the same bytes, ready."""
    _tell(
        lambda: bench_search(
            rows=rows,
            seconds=seconds,
            clients=clients,
            database=database,
            now=read_the_clock(),
            told=lambda words: console.print(f"[dim]{words}[/dim]"),
        ),
        as_table,
        path,
    )


@bench.command()
@_options("postgres")
def booking(seconds: float, clients: int, database: str, path: Path | None) -> None:
    """Measure bookings a second, against the same statements without us in between."""
    _tell(
        lambda: bench_booking(
            seconds=seconds, clients=clients, database=database, now=read_the_clock()
        ),
        as_table,
        path,
    )


@bench.command("import")
@click.option("--rows", type=click.IntRange(100, 250_000), default=25_000, help="To import.")
@click.option(
    "--database",
    type=click.Choice(["sqlite", "postgres"]),
    default="sqlite",
    help="Where to measure.",
)
@click.option("--json", "path", type=click.Path(path_type=Path), help="Also write a file.")
def import_(rows: int, database: str, path: Path | None) -> None:
    """Measure the import of a directory, its memory, and the same import again."""
    _tell(lambda: bench_import(rows=rows, database=database), importing.as_table, path)


@bench.command()
@click.option("--rows", type=click.IntRange(1, 1_000_000), default=10_000, help="To refresh.")
@_options("sqlite")
def hours(rows: int, seconds: float, clients: int, database: str, path: Path | None) -> None:
    """Measure reading hours and refreshing search rows, against the same made ready."""
    del clients  # one thread: there is nothing to wait for
    now = read_the_clock()
    _show(lambda: bench_reading(seconds=seconds, now=now), None)
    _show(lambda: bench_refreshing(rows=rows, seconds=seconds, database=database, now=now), path)


@bench.command("plan")
@click.option("--scale", type=click.IntRange(1, 100), default=10, help="How many demo counties.")
@click.option("--needs", type=click.IntRange(1, len(NEEDS)), default=len(NEEDS), help="How many.")
@click.option(
    "--database",
    type=click.Choice(["sqlite", "postgres"]),
    default="sqlite",
    help="Where to measure.",
)
@click.option("--json", "path", type=click.Path(path_type=Path), help="Also write a file.")
def plan_(scale: int, needs: int, database: str, path: Path | None) -> None:
    """Measure planning a client's day, against trying everything."""
    _tell(
        lambda: bench_plan(scale=scale, needs=needs, database=database, now=read_the_clock()),
        planning.as_table,
        path,
    )


def _show(measure: Callable[[], Report], path: Path | None) -> None:
    _tell(measure, lambda report: as_table([report]), path)


def _tell(measure: Callable[[], _R], lay_out: Callable[[_R], Table], path: Path | None) -> None:
    try:
        report = measure()
    except BenchError as error:
        raise click.ClickException(str(error)) from None
    console.print(lay_out(report))
    if path is not None:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2))
