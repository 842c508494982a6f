"""How quickly a large directory comes in, how much memory that takes, and that twice is once."""

import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
from rich.table import Table

from api.bench.databases import temporary_database
from api.bench.import_once import Imported
from api.bench.listings import write_directory
from api.bench.processes import ROOT, BenchError


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """The first import of a directory, and the same a second time."""

    bench: str = "import"
    database: str
    first: Imported
    again: Imported


def bench_import(*, rows: int, database: str) -> ImportReport:
    """Write a directory of about so many rows, and import it twice, each in a process of its own.

    Raises ``BenchError`` when an import fails, or when the second one changes anything.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "directory"
        files.mkdir()
        write_directory(files, rows)
        with temporary_database(database, Path(folder)) as made:
            first, again = (_import(made.url, files) for _ in range(2))
    if again.written or again.gone:
        raise BenchError(f"The second import changed {again.written + again.gone} records.")
    return ImportReport(database=database, first=first, again=again)


def _import(url: str, folder: Path) -> Imported:
    command = [sys.executable, "-m", "api.bench.import_once", url, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)  # noqa: S603  (our own module)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise BenchError(f"An import failed: {' '.join(said[-3:])}")
    return msgspec.json.decode(done.stdout, type=Imported)


def as_table(report: ImportReport) -> Table:
    """Lay the report out for a terminal."""
    table = Table(title=f"import on {report.database}: {report.first.rows:,} rows")
    for heading in ("", "records written", "seconds", "rows/s", "CPU us each", "peak MiB"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, done in (("first", report.first), ("again", report.again)):
        table.add_row(
            name,
            f"{done.written:,}",
            f"{done.seconds:,.1f}",
            f"{done.rows / done.seconds:,.0f}",
            f"{done.processor_seconds / done.rows * 1e6:,.0f}",
            f"{done.peak_mib:,.0f}",
        )
    return table
