"""Importing a source again keeps what was merged in the meantime."""

import pytest
import sqlalchemy as sa
from sqlmodel import select

from directory.commands.merges import merge_records, undo_merge
from directory.database import Database
from directory.hsds.report import ImportReport
from directory.models.contacts import Phone
from directory.models.locations import Location
from directory.models.organizations import Organization
from directory.models.services import Service, ServiceAtLocation
from directory.viewer import PUBLIC
from tests.directory.hsds.conftest import NOW, Import

TABLES = {
    "organizations": "id,name,description\n1,Acorn Aid,\n2,Acorn Aid Inc.,",
    "locations": "id,organization_id,name\n7,1,Hall\n8,2,Hall",
    "services": "id,organization_id,name,status\n5,1,Meals,active\n6,2,Rides,active",
    "service_at_location": "id,service_id,location_id\n3,5,7\n4,6,8",
    "phones": "id,organization_id,number\n1,1,517-555-0101\n2,2,517-555-0102",
}


def written(report: ImportReport) -> int:
    return sum(counts.written + counts.gone for counts in report.counts.values())


@pytest.fixture
def merged(database: Database, import_tables: Import) -> dict[str, object]:
    """Both agencies and both halls are one; returns what each row refers to since."""
    import_tables(**TABLES)
    with database.transaction() as session:
        for kind, model in (("organization", Organization), ("location", Location)):
            first, second = session.exec(select(model).order_by(model.source_id)).all()
            merge_records(session, kind, first.id, second.id, viewer=PUBLIC, now=NOW)
    return references(database)


def references(database: Database) -> dict[str, object]:
    with database.reading() as session:
        return {
            model.__name__: sorted(
                (row.source_id, str(getattr(row, column))) for row in session.exec(select(model))
            )
            for model, column in (
                (Service, "organization_id"),
                (Location, "organization_id"),
                (ServiceAtLocation, "location_id"),
                (Phone, "organization_id"),
            )
        }


def test_the_same_again_changes_nothing(
    database: Database, import_tables: Import, merged: dict[str, object]
) -> None:
    assert written(import_tables(**TABLES)) == 0
    assert references(database) == merged


def test_what_is_new_of_a_merged_agency_goes_to_the_kept_one(
    database: Database, import_tables: Import, merged: dict[str, object]
) -> None:
    assert merged
    more = {**TABLES, "services": TABLES["services"] + "\n9,2,Coats,active"}

    import_tables(**more)

    with database.reading() as session:
        owners = set(session.exec(select(Service.organization_id)).all())
        kept = session.exec(
            select(Organization.id).where(sa.column("merged_into_id").is_(None))
        ).all()
        assert owners == set(kept)
        assert len(owners) == 1


def test_an_undone_merge_is_undone_for_the_next_import_too(
    database: Database, import_tables: Import
) -> None:
    import_tables(**TABLES)
    before = references(database)
    with database.transaction() as session:
        first, second = session.exec(select(Organization).order_by(Organization.source_id)).all()
        merge = merge_records(session, "organization", first.id, second.id, viewer=PUBLIC, now=NOW)
        undo_merge(session, merge, viewer=PUBLIC, now=NOW)

    assert written(import_tables(**TABLES)) == 0
    assert references(database) == before
