"""Commands for those who work on Openings: tests and checks."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import rich_click as click

from api.cli.console import console

ROOT = Path(__file__).parent.parent.parent

ON_SEVERAL_CORES = ("-n", "auto", "--maxprocesses", "4", "--dist", "worksteal")

PASS_ON = {"ignore_unknown_options": True, "allow_extra_args": True}


@click.command(context_settings=PASS_ON)
@click.option("--long", is_flag=True, help="Also what takes minutes or hours.")
@click.pass_context
def test(ctx: click.Context, *, long: bool) -> None:
    """Run all tests; other arguments go to pytest (``openings test tests/geo -k grid``).

    All of them run on several cores; those that are named, one after the other.
    """
    chosen = [] if long else ["-m", "not long"]
    if not long and not ctx.args:
        chosen += ON_SEVERAL_CORES
    environment = {"HYPOTHESIS_PROFILE": "long" if long else "default"}
    sys.exit(_run([sys.executable, "-m", "pytest", *chosen, *ctx.args], environment))


@click.command()
@click.option(
    "--deep", is_flag=True, help="Instead: compare this installation's search with its records."
)
@click.option("--repair", is_flag=True, help="With --deep: make anew what differs.")
@click.option(
    "--at-once",
    is_flag=True,
    help="With --repair: searches see all new rows together; who edits these services waits.",
)
def check(*, deep: bool, repair: bool, at_once: bool) -> None:
    """Check style, types, import directions, migrations and documentation.

    With --deep check an installation: whether each row that a search reads is what it would be
    if it were made now, and whether it is found by its words, and by no others.
    """
    if repair and not deep:
        raise click.UsageError("--repair goes with --deep.")
    if at_once and not repair:
        raise click.UsageError("--at-once goes with --repair.")
    if deep:
        from api.cli.consistency import check_deep  # noqa: PLC0415  (only this needs a database)

        check_deep(repair=repair, at_once=at_once)
        return
    failed = [name for name, arguments in _checks() if not _passes(name, arguments)]
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}.")
    console.print("All checks passed.")


def _checks() -> list[tuple[str, list[str]]]:
    python = [sys.executable, "-m"]
    return [
        ("format", [*python, "ruff", "format", "--check", "."]),
        ("lint", [*python, "ruff", "check", "."]),
        ("types", [*python, "mypy"]),
        ("types of the launcher", [*python, "mypy", "--scripts-are-modules", "openings"]),
        ("imports", [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]),
        (
            "migrations and documentation",
            [*python, "pytest", "-q", *ON_SEVERAL_CORES, "tests/test_migrations.py", "tests/docs"],
        ),
    ]


def _passes(name: str, arguments: Sequence[str]) -> bool:
    console.print(f"[bold]{name}[/bold]")
    return _run(arguments, {}) == 0


def _run(arguments: Sequence[str], environment: dict[str, str]) -> int:
    with tempfile.TemporaryDirectory() as folder:  # tests never find anybody's data folder
        settings = {"OPENINGS_DATA_DIR": folder, **environment, **os.environ}
        return subprocess.run(arguments, cwd=ROOT, env=settings, check=False).returncode  # noqa: S603  (our own arguments)
