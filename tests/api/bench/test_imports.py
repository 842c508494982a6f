"""What an import takes of memory, and that the same again changes nothing."""

import gc
import json
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.bench.importing import bench_import
from api.bench.listings import write_directory
from api.cli import openings
from directory.hsds.load import read_directory
from geo.gazetteer import get_zip
from tests.conftest import NOON

#: The most memory that 250,000 rows may take, in MiB.
MOST_MIB = 512
#: Kept as Python objects a row takes more than 1,300; on disk about 210 remain in memory.
MOST_BYTES_A_ROW = 500


def peak_bytes(folder: Path, rows: int) -> int:
    """The most memory that Python needed to read and check so many rows."""
    folder.mkdir()
    write_directory(folder, rows)
    gc.collect()
    tracemalloc.start()
    try:
        with closing(read_directory(folder, source="big", now=NOON, find_zip=get_zip)):
            return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_hardly_grows_with_the_rows(tmp_path: Path) -> None:
    peak_bytes(tmp_path / "warm", 1_000)  # what is loaded once is loaded now
    # From here on the buffers, which are of one size, are full.
    fewer, more = peak_bytes(tmp_path / "a", 8_000), peak_bytes(tmp_path / "b", 12_000)
    assert (more - fewer) / 4_000 < MOST_BYTES_A_ROW


def test_the_bench_says_what_an_import_took_and_writes_it_as_json(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    run = CliRunner().invoke(openings, ["bench", "import", "--rows", "500", "--json", str(path)])
    assert run.exit_code == 0, run.output
    report = json.loads(path.read_text())
    assert report["first"]["written"] > 400
    assert report["first"]["held_back"] == 1
    assert report["again"]["written"] == report["again"]["gone"] == 0
    assert report["again"]["peak_mib"] > 0


@pytest.mark.long
@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def test_a_quarter_of_a_million_rows_take_less_memory_than_they_may(database: str) -> None:
    report = bench_import(rows=250_000, database=database)
    assert report.first.rows > 249_000
    assert report.first.written > 249_000
    assert report.again.written == report.again.gone == 0
    assert max(report.first.peak_mib, report.again.peak_mib) < MOST_MIB
