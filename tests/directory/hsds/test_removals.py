"""What a source has no more goes, or is marked where something refers to it, and comes back."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from directory.database import Database, find_rows
from directory.hsds.report import Gone
from directory.models.organizations import Organization
from directory.models.services import Service, ServiceStatus
from tests.directory.hsds.conftest import Import

TABLES = {
    "organizations": "id,name\n1,Acorn Aid\n2,Beech Aid\n3,Cedar Aid",
    "locations": "id,organization_id,name\n7,1,Acorn House\n8,2,Beech House",
    "services": "id,organization_id,name\n5,1,Soup\n6,2,Bread",
    "service_at_location": "id,service_id,location_id\n1,5,7\n2,6,8",
}
WITHOUT_BEECH = {
    "organizations": "id,name\n1,Acorn Aid",
    "locations": "id,organization_id,name\n7,1,Acorn House",
    "services": "id,organization_id,name\n5,1,Soup",
    "service_at_location": "id,service_id,location_id\n1,5,7",
}


def stored(database: Database, table: str) -> list[Any]:
    with database.reading() as session:
        return list(find_rows(session, sa.select(SQLModel.metadata.tables[table])))


def names(database: Database, table: str) -> set[str]:
    return {row["name"] for row in stored(database, table)}


def marks(database: Database) -> list[tuple[str, str, str]]:
    return [
        (row["resource_type"], row["last_action_type"], row["replacement_value"])
        for row in stored(database, "metadata")
        if row["field_name"] == "source"
    ]


def test_what_nothing_refers_to_is_removed_and_the_rest_is_marked(
    database: Database, import_tables: Import
) -> None:
    import_tables(**TABLES)
    report = import_tables(**WITHOUT_BEECH)
    assert names(database, "organization") == {"Acorn Aid", "Beech Aid"}  # its service is defunct
    assert names(database, "location") == {"Acorn House"}
    assert set(report.gone) == {
        Gone("service", 1, "marked defunct"),
        Gone("service_at_location", 1, "removed"),
        Gone("location", 1, "removed"),
        Gone("organization", 1, "removed"),
        Gone("organization", 1, "left: something refers to them"),
    }
    assert marks(database) == [("organization", "delete", "")]


def test_it_is_gone_once_and_comes_back_as_it_was(
    database: Database, import_tables: Import
) -> None:
    import_tables(**TABLES)
    before = {row["name"]: row["id"] for row in stored(database, "location")}
    import_tables(**WITHOUT_BEECH)
    again = import_tables(**WITHOUT_BEECH)
    assert all(counts.written == counts.gone == 0 for counts in again.counts.values())
    import_tables(**TABLES)
    assert {row["name"]: row["id"] for row in stored(database, "location")} == before
    assert {row["status"] for row in stored(database, "service")} == {ServiceStatus.ACTIVE}
    assert {row["service_name"] for row in stored(database, "search_entry")} == {"Soup", "Bread"}
    assert sorted(marks(database)) == [
        ("organization", "delete", ""),
        ("organization", "update", "invented"),
    ]
    import_tables(**WITHOUT_BEECH)
    assert marks(database).count(("organization", "delete", "")) == 2


def test_what_stayed_goes_when_nothing_refers_to_it_any_more(
    database: Database, import_tables: Import
) -> None:
    import_tables(**TABLES)
    cedar = next(row for row in stored(database, "organization") if row["name"] == "Cedar Aid")
    with database.transaction() as session:
        session.add(Service(organization_id=cedar["id"], name="Our own"))
    import_tables(**WITHOUT_BEECH)
    assert "Cedar Aid" in names(database, "organization")
    services, entries = (SQLModel.metadata.tables[name] for name in ("service", "search_entry"))
    with database.transaction() as session:
        ours = sa.select(services.c.id).where(services.c.name == "Our own")
        session.connection().execute(sa.delete(entries).where(entries.c.service_id.in_(ours)))
        session.connection().execute(sa.delete(services).where(services.c.name == "Our own"))
    report = import_tables(**WITHOUT_BEECH)
    assert "Cedar Aid" not in names(database, "organization")
    assert Gone("organization", 1, "removed") in report.gone


def test_what_is_merged_away_or_a_parent_of_ours_stays(
    database: Database, import_tables: Import
) -> None:
    import_tables(**TABLES)
    rows = {row["name"]: row["id"] for row in stored(database, "organization")}
    with database.transaction() as session:
        session.add(Organization(name="Oak Aid", parent_organization_id=rows["Cedar Aid"]))
    import_tables(**WITHOUT_BEECH)
    assert "Cedar Aid" in names(database, "organization")


def test_two_rows_that_change_places_keep_their_records(
    database: Database, import_tables: Import
) -> None:
    tables = {
        **TABLES,
        "services": "id,organization_id,name\n5,1,Soup\n6,1,Bread\n9,1,Tea",
        "service_at_location": "id,service_id,location_id\n1,5,7\n2,6,8\n3,9,7",
    }
    import_tables(**tables)
    before = {
        (row["service_id"], row["location_id"]): row["id"]
        for row in stored(database, "service_at_location")
    }
    exchanged = "id,service_id,location_id\n1,6,8\n2,9,7\n4,5,7\n3,9,8"
    report = import_tables(**{**tables, "service_at_location": exchanged})
    after = {
        (row["service_id"], row["location_id"]): row["id"]
        for row in stored(database, "service_at_location")
    }
    assert {pair: after[pair] for pair in before} == before
    assert len(after) == 4
    assert report.of("service_at_location").added == 1


@pytest.mark.parametrize("kind", ["taxonomy_terms", "programs"])
def test_terms_and_programs_go_too(database: Database, import_tables: Import, kind: str) -> None:
    rows = {
        "taxonomy_terms": "id,code,name\n1,a,Food\n2,b,Beds",
        "programs": "id,organization_id,name\n1,1,Winter\n2,1,Summer",
    }
    import_tables(**TABLES, **rows)
    fewer = {**rows, kind: rows[kind].rpartition("\n")[0]}
    import_tables(**TABLES, **fewer)
    assert len(stored(database, kind.removesuffix("s"))) == 1
