"""An export of our own keeps its identifiers, and touches nobody else's records."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from directory.commands.needs import ensure_needs
from directory.database import Database, find_rows
from directory.hsds.errors import IdsTakenError
from directory.models.locations import AddressVisibility
from directory.models.openings import Unit
from directory.models.organizations import Organization
from tests.directory.hsds.conftest import Import, Translate, only
from tests.directory.hsds.whole_directory import id_of, whole_directory

OURS = "11111111-1111-4111-8111-111111111111"
HIDDEN = "id,location_type,latitude,longitude,openings_address_visibility"
OTHER = "22222222-2222-4222-8222-222222222222"


def stored(database: Database, table: str) -> dict[UUID, Any]:
    with database.reading() as session:
        rows = find_rows(session, sa.select(SQLModel.metadata.tables[table]))
        return {row["id"]: dict(row) for row in rows}


def everything(database: Database) -> dict[str, dict[UUID, Any]]:
    tables = (name for name, table in SQLModel.metadata.tables.items() if "id" in table.columns)
    return {name: stored(database, name) for name in tables}


def test_identifiers_stay_what_they_are(database: Database, import_tables: Import) -> None:
    import_tables(keep_ids=True, **whole_directory(ours=True))
    assert id_of("organization") in stored(database, "organization")
    assert id_of("service_capacity") in stored(database, "service_capacity")


def test_words_stay_what_they_are(translate: Translate) -> None:
    done = translate(
        keep_ids=True,
        organizations=f'id,name,description\n{OURS},Acorn &amp; Aid,"  two\nlines "',
        phones=f"id,organization_id,number,type\n{OTHER},{OURS},517.555.0123 or 4,TTY",
    )
    assert only(done, "organization").values["name"] == "Acorn &amp; Aid"
    assert only(done, "organization").values["description"] == "  two\nlines "
    assert only(done, "phone").values["number"] == "517.555.0123 or 4"
    assert only(done, "phone").values["type"] == "TTY"
    assert done.report.mends == []


@pytest.mark.parametrize("key", ["7", "", "not a uuid", OURS.replace("-", ""), f"{{{OURS}}}"])
def test_an_identifier_that_is_no_uuid_refuses_its_row(translate: Translate, key: str) -> None:
    done = translate(keep_ids=True, organizations=f"id,name\n{key},Acorn Aid")
    assert list(done.of("organization")) == []
    assert done.report.of("organization").refused == 1


@pytest.mark.parametrize(
    ("table", "cells"),
    [
        ("services", f"id,organization_id,name,status\n{OTHER},{OURS},Soup,busy"),
        ("services", f"id,organization_id,name,status\n{OTHER},{OTHER},Soup,active"),
        ("services", f"id,organization_id,name,status\n{OTHER},{OURS},,active"),
        ("locations", f"id,location_type,latitude\n{OTHER},physical,44.5"),
        ("locations", f"id,location_type,latitude,longitude\n{OTHER},physical,nan,1"),
        ("locations", f"id,location_type,latitude,longitude\n{OTHER},physical,100,1"),
        ("locations", f"id,location_type,openings_timezone\n{OTHER},physical,Mars/Olympus"),
        (
            "locations",
            f"{HIDDEN}\n{OTHER},physical,44.5,-93.5,hidden",
        ),
        ("organizations", f"id,name,year_incorporated\n{OTHER},Oak Aid,99999999999"),
        ("organizations", f"id,name\n{OTHER},{'x' * 301}"),
    ],
)
def test_what_the_tables_cannot_hold_refuses_its_row(
    translate: Translate, table: str, cells: str
) -> None:
    tables = {"organizations": f"id,name\n{OURS},Acorn Aid", table: cells}
    done = translate(keep_ids=True, **tables)
    assert len(done.report.refusals) == 1


def test_a_restore_into_an_empty_database_finds_our_own_needs_and_units_there(
    database: Database, import_tables: Import
) -> None:
    with database.transaction() as session:
        needs = ensure_needs(session)
        session.add(Unit(name="beds"))
    before = everything(database)
    terms = before["taxonomy_term"]
    food = needs["food"]
    taxonomy = before["taxonomy"][terms[food]["taxonomy_id"]]
    service = "33333333-3333-4333-8333-333333333333"
    report = import_tables(
        keep_ids=True,
        organizations=f"id,name\n{OURS},Acorn Aid",
        services=f"id,organization_id,name,status\n{service},{OURS},Soup,active",
        taxonomies=f"id,name,description\n{taxonomy['id']},{taxonomy['name']},-",
        taxonomy_terms=f"id,code,name,description,taxonomy_id\n{food},food,Eats,-,{taxonomy['id']}",
        units=f"id,name\n{OTHER},beds",
        service_capacity=(
            "id,service_id,unit_id,available,updated,openings_status,openings_expires_at,"
            "openings_said_by\n"
            f"{OTHER},{service},{OTHER},1,2030-01-01T00:00:00Z,open,2030-01-02T00:00:00Z,Cook"
        ),
        attributes=f"id,link_id,link_entity,taxonomy_term_id\n{OURS},{service},service,{food}",
    )
    assert report.refusals == []
    assert stored(database, "taxonomy_term") == terms
    assert stored(database, "unit") == before["unit"]
    (capacity,) = stored(database, "service_capacity").values()
    assert capacity["unit_id"] in before["unit"]
    (said,) = stored(database, "attribute").values()
    assert said["taxonomy_term_id"] == food


@pytest.mark.parametrize("source", ["other", None])
def test_an_identifier_of_somebody_else_refuses_everything(
    database: Database, import_tables: Import, source: str | None
) -> None:
    with database.transaction() as session:
        session.add(Organization(id=UUID(OURS), name="Acorn Aid", source=source))
    before = everything(database)
    with pytest.raises(IdsTakenError, match="1 of organization"):
        import_tables(keep_ids=True, organizations=f"id,name\n{OURS},Weasel Aid\n{OTHER},Stoat Aid")
    assert everything(database) == before


def test_a_source_that_names_the_identifiers_of_another_touches_nothing_of_it(
    database: Database, import_tables: Import
) -> None:
    import_tables("good", **whole_directory(ours=True))
    before = {table: rows for table, rows in everything(database).items() if rows}
    # Both what the other source calls its records and what we call them.
    for name in ("good's own", "ours"):
        ids = {
            table: next(iter(rows)) if name == "ours" else id_of(table)
            for table, rows in before.items()
        }
        report = import_tables(
            name,
            organizations=f"id,name\n{ids['organization']},Weasel Aid",
            locations=f"id,name,organization_id\n{ids['location']},Den,{ids['organization']}",
            services=f"id,name,organization_id\n{ids['service']},Trap,{ids['organization']}",
            service_at_location="id,service_id,location_id\n"
            f"{ids['service_at_location']},{ids['service']},{ids['location']}",
            phones=f"id,service_id,number\n{ids['phone']},{ids['service']},517-555-0199",
            attributes="id,link_id,link_entity,taxonomy_term_id\n"
            f"{ids['attribute']},{ids['service']},service,{ids['taxonomy_term']}",
        )
        assert report.of("attribute").refused == 1
    after = everything(database)
    for table, rows in before.items():
        assert {id_: after[table][id_] for id_ in rows} == rows


def test_our_own_word_that_a_place_is_public_counts_in_our_own_export_only(
    database: Database, import_tables: Import
) -> None:
    tables = {
        "locations": "id,location_type,name,latitude,longitude,openings_address_visibility\n"
        f"{OURS},physical,Willow Shelter,44.5,-93.5,public"
    }
    import_tables("another", **tables)
    import_tables("ours", keep_ids=True, **tables)
    told = {
        row["source"]: row["address_visibility"] for row in stored(database, "location").values()
    }
    assert told == {"another": AddressVisibility.HIDDEN, "ours": AddressVisibility.PUBLIC}
