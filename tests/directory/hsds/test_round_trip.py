"""An export, imported into an empty directory and exported again, is the same to the byte."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from sqlmodel import Session

from directory.database import Database
from directory.hsds.export import ExportFormat, export_directory
from directory.hsds.load import import_directory
from directory.hsds.report import ImportReport
from directory.models import TABLES
from directory.models.services import RequiredDocument, Service
from directory.models.taxonomies import Taxonomy, TaxonomyTerm
from directory.models.verifications import Verification, VerificationMethod, VitalField
from geo.gazetteer import get_zip
from seed.county import seed_county
from tests.conftest import _empty
from tests.directory.hsds.conftest import NOW
from tests.directory.hsds.export.conftest import contents
from tests.directory.hsds.export.directories import Rows, directories, write
from tests.factories import make_organization

#: What it takes for files to be a directory; an export of units alone is not taken in again.
ESSENTIAL = ("organization", "service", "location", "taxonomy", "taxonomy_term")

#: Each of them is written out and read; the long profile tries more.
EXAMPLES = 200 if settings().max_examples > 1_000 else 3


def export(database: Database, path: Path, format_: ExportFormat) -> dict[str, bytes]:
    with database.snapshot() as session:
        export_directory(session, path, now=NOW, format_=format_)
    return contents(path)


def import_own(database: Database, path: Path) -> ImportReport:
    with database.transaction() as session:
        return import_directory(
            session, path, source="ours", now=NOW, find_zip=get_zip, keep_ids=True
        )


def round_trip(database: Database, folder: Path, format_: ExportFormat) -> None:
    """Export, import into the same database once it is empty, and export again.

    What came back is also told as CSV, which shows every column of every table: what JSON has
    no place for would be missing there, and what only one of them may tell.
    """
    formats = {format_, ExportFormat.CSV}
    before = {each: export(database, folder / f"{each}-before", each) for each in formats}
    _empty(database)
    report = import_own(database, folder / f"{format_}-before")
    assert [(each.file, each.field, each.value, each.reason) for each in report.refusals] == []
    for each in formats:
        assert export(database, folder / f"{each}-after", each) == before[each]


@pytest.mark.parametrize("format_", ExportFormat)
@given(rows=directories().filter(lambda rows: any(rows[table] for table in ESSENTIAL)))
@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
def test_any_directory_comes_back_as_it_was(
    database: Database, format_: ExportFormat, rows: Rows
) -> None:
    _empty(database)
    with database.transaction() as session:
        write(session, rows)
    with TemporaryDirectory() as folder:
        round_trip(database, Path(folder), format_)


@pytest.mark.parametrize("format_", ExportFormat)
def test_the_demo_county_comes_back_as_it_was(
    database: Database, tmp_path: Path, format_: ExportFormat
) -> None:
    with database.transaction() as session:
        seed_county(session, now=NOW)
        session.connection().execute(sa.delete(TABLES["verification"]))  # they do not come back

    round_trip(database, tmp_path, format_)


@pytest.mark.parametrize("format_", ExportFormat)
def test_empty_texts_that_json_leaves_out_come_back(
    database: Database, tmp_path: Path, format_: ExportFormat
) -> None:
    with database.transaction() as session:
        service = make_service(session)
        taxonomy = Taxonomy(name="Needs")
        session.add(taxonomy)
        session.flush()
        session.add(TaxonomyTerm(taxonomy_id=taxonomy.id, code="", name="Food"))
        session.add(RequiredDocument(service_id=service.id, document=""))

    round_trip(database, tmp_path, format_)


def test_checks_are_told_and_do_not_come_back(database: Database, tmp_path: Path) -> None:
    """That another installation made sure does not mean that this one did."""
    with database.transaction() as session:
        service = make_service(session)
        session.add(
            Verification(
                service_id=service.id,
                field=VitalField.HOURS,
                method=VerificationMethod.PHONE,
                verified_at=NOW,
                said_by="A Person",
            )
        )
    first = export(database, tmp_path / "first", ExportFormat.JSON)
    _empty(database)
    report = import_own(database, tmp_path / "first")
    second = export(database, tmp_path / "second", ExportFormat.JSON)

    assert b'"verified"' in first["services.json"]
    assert b'"verified"' not in second["services.json"]
    assert report.refusals == []
    assert ["openings_verified" in text for _, text in report.notes] == [True]


def make_service(session: Session) -> Service:
    service = Service(organization_id=make_organization(session).id, name="Soup")
    session.add(service)
    session.flush()
    return service
