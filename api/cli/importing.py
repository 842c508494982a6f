"""Bringing a directory in from the command line: progress, account, report."""

import gc
import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.text import Text

from api.cli.reports import show_report
from api.clock import read_the_clock
from directory.database import Database
from directory.hsds.account import record_refusal
from directory.hsds.errors import ImportRefusedError
from directory.hsds.load import load_directory
from directory.hsds.progress import Progress
from directory.hsds.records import Translation
from directory.hsds.report import ImportReport
from geo.gazetteer import get_zip

_STAGES: Final = {
    "read": "Reading rows",
    "compare": "Comparing",
    "write": "Writing",
    "search": "Renewing search rows",
}
_CHUNK: Final = 1 << 20

#: Reads and translates a directory, and says how far it is.
Read = Callable[[Progress], Translation]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How to import, and where to write the report."""

    source: str
    dry_run: bool = False
    accept_large_change: bool = False
    report: Path | None = None


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """Show the rate once there is one."""
        return Text("" if task.speed is None else f"{task.speed:,.0f}/s", style="progress.download")


def run_import(
    console: Console,
    open_database: Callable[[], Database],
    read: Read,
    options: ImportOptions,
    *,
    expected_rows: int | None = None,
) -> None:
    """Import, and show what became of it. The database is opened when all is read.

    Raises ``ImportRefusedError`` after noting the refusal in the database.
    """
    started_at = read_the_clock()
    settle_memory()
    report = ImportReport(options.source)
    try:
        with _bars(console, expected_rows) as progress, closing(read(progress)) as translation:
            report = translation.report
            with closing(open_database()) as database:
                _load(database, translation, options)
    except ImportRefusedError as refused:
        report.refused_because = str(refused)
        if not options.dry_run:
            with closing(open_database()) as database, database.transaction() as session:
                now = read_the_clock()
                record_refusal(session, report, started_at=started_at, now=now)
        if report.counts:
            show_report(console, report)
        raise
    else:
        show_report(console, report)
    finally:
        if options.report is not None:
            words = json.dumps(report.to_dict(), indent=2, ensure_ascii=False)
            options.report.write_text(words, encoding="utf-8")


def _load(database: Database, translation: Translation, options: ImportOptions) -> None:
    """Write all of it in one transaction, or pretend to: a dry run is taken back at the end."""
    translation.report.dry_run = options.dry_run
    with database.transaction() as session:
        load_directory(
            session,
            translation,
            now=read_the_clock(),
            accept_large_change=options.accept_large_change,
        )
        if options.dry_run:
            session.rollback()


def settle_memory() -> None:
    """Read the gazetteer, and let the collector of garbage pass over it from now on.

    Its hundreds of thousands of places would be looked through again and again otherwise.
    """
    get_zip("00501")
    gc.collect()
    gc.freeze()


def lines_in(path: Path) -> int | None:
    """Return about how many rows a CSV file or a folder of them has; None for anything else."""
    if not path.is_dir() and path.suffix.casefold() != ".csv":
        return None
    files = path.iterdir() if path.is_dir() else [path]
    return sum(_lines(file) for file in files if file.suffix.casefold() == ".csv") or None


def _lines(file: Path) -> int:
    if not file.is_file():
        return 0
    with file.open("rb") as stream:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(_CHUNK), b""))


@contextmanager
def _bars(console: Console, expected_rows: int | None) -> Iterator[Progress]:
    """Show a bar for each stage, with the rate and the time left."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    bars = Bars(*columns, console=console, transient=True, disable=not console.is_terminal)
    tasks: dict[str, TaskID] = {}

    def progress(stage: str, done: int, total: int | None) -> None:
        if stage == "read" and expected_rows is not None:
            total = max(done, expected_rows)
        if stage not in tasks:
            tasks[stage] = bars.add_task(_STAGES.get(stage, stage), total=total)
        bars.update(tasks[stage], completed=done, total=total)

    with bars:
        yield progress
