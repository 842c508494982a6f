"""An export, imported into an empty directory and exported again, is the same to the byte."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings

from directory.database import Database
from directory.hsds.export import ExportFormat, export_directory
from directory.hsds.load import import_directory
from directory.hsds.report import ImportReport
from geo.gazetteer import get_zip
from seed.county import seed_county
from tests.conftest import _empty
from tests.directory.hsds.conftest import NOW
from tests.directory.hsds.export.conftest import contents
from tests.directory.hsds.export.directories import Rows, directories, write

#: The data package holds everything; JSON leaves out addresses that only an organization has.
FORMATS = [ExportFormat.CSV.value]


def export(database: Database, path: Path, format_: str) -> dict[str, bytes]:
    with database.snapshot() as session:
        export_directory(session, path, now=NOW, format_=ExportFormat(format_))
    return contents(path)


def import_own(database: Database, path: Path) -> ImportReport:
    with database.transaction() as session:
        return import_directory(
            session, path, source="ours", now=NOW, find_zip=get_zip, keep_ids=True
        )


def round_trip(database: Database, folder: Path, format_: str) -> None:
    """Export, import into the same database once it is empty, and export again."""
    first = export(database, folder / "first", format_)
    _empty(database)
    if first.keys() <= {"datapackage.json"}:
        return  # nothing was there
    report = import_own(database, folder / "first")
    assert [(each.file, each.field, each.value, each.reason) for each in report.refusals] == []
    assert export(database, folder / "second", format_) == first


@pytest.mark.parametrize("format_", FORMATS)
@given(rows=directories())
@settings(
    max_examples=12,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
def test_any_directory_comes_back_as_it_was(database: Database, format_: str, rows: Rows) -> None:
    _empty(database)
    with database.transaction() as session:
        write(session, rows)
    with TemporaryDirectory() as folder:
        round_trip(database, Path(folder), format_)


@pytest.mark.parametrize("format_", FORMATS)
def test_the_demo_county_comes_back_as_it_was(
    database: Database, tmp_path: Path, format_: str
) -> None:
    with database.transaction() as session:
        seed_county(session, now=NOW)

    round_trip(database, tmp_path, format_)
