"""What an import leaves behind beside the records: history, dates, runs, places to decide on."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from directory.database import Database, find_rows
from directory.hsds.load import import_directory
from directory.models.imports import ImportOutcome
from directory.models.locations import AddressVisibility
from tests.directory.hsds.conftest import NOW, Import, WriteFolder, find_zip

LATER = datetime(2030, 7, 1, tzinfo=UTC)
STREET = "42 Hazelnut Way"
TABLES = {
    "organizations": "id,name\n1,Acorn Aid",
    "locations": "id,organization_id,name,latitude,longitude\n7,1,Acorn House,44.1,-93.1",
    "services": "id,organization_id,name\n5,1,Soup\n6,1,Bread",
    "service_at_location": "id,service_id,location_id\n8,5,7",
    "phones": "id,service_id,number\n9,5,650 555-0125",
}


def stored(database: Database, table: str) -> list[Any]:
    with database.reading() as session:
        return list(find_rows(session, sa.select(SQLModel.metadata.tables[table])))


@pytest.fixture
def import_later(database: Database, write_folder: WriteFolder) -> Import:
    """Import tables, changed in part, a month later."""

    def imported(**tables: str) -> Any:
        path: Path = write_folder(**{**TABLES, **tables})
        with database.transaction() as session:
            return import_directory(session, path, source="invented", now=LATER, find_zip=find_zip)

    return imported


def test_nothing_is_noted_of_what_is_new_or_the_same(
    database: Database, import_tables: Import, import_later: Import
) -> None:
    import_tables(**TABLES)
    import_later()
    assert stored(database, "metadata") == []


def test_each_changed_field_is_noted_with_both_values(
    database: Database, import_tables: Import, import_later: Import
) -> None:
    import_tables(**TABLES)
    import_later(
        services="id,organization_id,name,minimum_age\n5,1,Warm soup,18\n6,1,Bread,",
        phones="id,service_id,number\n9,5,650 555-0126",
    )
    rows = stored(database, "metadata")
    noted = {
        (row["resource_type"], row["field_name"], row["previous_value"], row["replacement_value"])
        for row in rows
    }
    assert noted == {
        ("service", "name", "Soup", "Warm soup"),
        ("service", "minimum_age", "", "18.0"),
        ("phone", "number", "(650) 555-0125", "(650) 555-0126"),
    }
    assert len({row["change_id"] for row in rows}) == 1
    (organization,) = stored(database, "organization")
    assert {row["organization_id"] for row in rows} == {organization["id"]}
    assert {(row["origin"], row["updated_by"], row["source"]) for row in rows} == {
        ("import", "invented", None)
    }
    assert {row["last_action_at"] for row in rows} == {LATER}


def test_a_service_is_dated_when_anything_of_it_changes(
    database: Database, import_tables: Import, import_later: Import
) -> None:
    import_tables(**TABLES)
    assert {row["last_modified"] for row in stored(database, "service")} == {NOW}
    import_later(phones="id,service_id,number\n9,5,650 555-0126")
    dated = {row["name"]: row["last_modified"] for row in stored(database, "service")}
    assert dated == {"Soup": LATER, "Bread": NOW}
    again = import_later(phones="id,service_id,number\n9,5,650 555-0126")
    assert all(counts.written == counts.gone == 0 for counts in again.counts.values())


@pytest.mark.parametrize(
    "tables",
    [
        {"organizations": "id,name\n1,Acorn and Oak Aid"},
        {"locations": "id,organization_id,name\n7,1,Oak House"},
        {"phones": "id,service_id,number"},
        {"service_at_location": "id,service_id,location_id,description\n8,5,7,Upstairs"},
        {"schedules": "id,location_id,freq,byday,opens_at,closes_at\n1,7,WEEKLY,MO,9:00,17:00"},
    ],
)
def test_what_is_told_of_a_service_dates_it_too(
    database: Database, import_tables: Import, import_later: Import, tables: dict[str, str]
) -> None:
    import_tables(**TABLES)
    report = import_later(**tables)
    dated = {row["name"]: row["last_modified"] for row in stored(database, "service")}
    assert dated["Soup"] == LATER
    assert report.services_refreshed == len([at for at in dated.values() if at == LATER])


def test_the_date_of_the_source_counts_more(
    database: Database, import_tables: Import, import_later: Import
) -> None:
    services = "id,organization_id,name,last_modified\n5,1,Soup,2029-01-01T00:00:00Z"
    import_tables(**{**TABLES, "services": services})
    import_later(services=services, phones="id,service_id,number\n9,5,650 555-0126")
    assert {row["last_modified"] for row in stored(database, "service")} == {
        datetime(2029, 1, 1, tzinfo=UTC)
    }


def test_a_run_is_noted_with_its_report(database: Database, import_tables: Import) -> None:
    report = import_tables(**TABLES)
    (run,) = stored(database, "import_run")
    assert run["outcome"] is ImportOutcome.APPLIED
    assert run["source"] == "invented"
    assert run["report"]["counts"] == report.to_dict()["counts"]
    assert (run["started_at"], run["finished_at"]) == (NOW, NOW)


def test_the_report_that_is_kept_tells_no_place(database: Database, import_tables: Import) -> None:
    import_tables(
        locations="id,name,description,latitude,longitude\n7,Elm &amp; Oak,"
        f'"At {STREET}, R&amp;D",0,0',
        addresses="id,location_id,address_1,city,postal_code\n"
        f"1,7,{STREET}&#33;,Lake Wobble,00701\n2,99,{STREET},Lake Wobble,00701",
    )
    (run,) = stored(database, "import_run")
    assert "Hazelnut" not in json.dumps(run["report"])
    assert "Elm &amp; Oak" in json.dumps(run["report"])


def shelter(name: str, number: str = "42") -> dict[str, str]:
    return {
        "locations": f"id,organization_id,name,latitude,longitude\n7,1,{name},44.5,-93.5",
        "addresses": "id,location_id,address_1,city,postal_code\n"
        f"1,7,{number} Hazelnut Way,Lake Wobble,00701",
        "services": f"id,organization_id,name,description\n5,1,Soup,Ring at {number} Hazelnut Way",
    }


def test_the_history_forgets_where_a_place_was_when_it_is_closed(
    database: Database, import_tables: Import, import_later: Import
) -> None:
    import_tables(**{**TABLES, **shelter("Willow House", "7")})
    import_later(**shelter("Willow House"))
    assert "7 Hazelnut Way" in json.dumps(stored_as_text(database, "metadata"))
    import_later(**shelter("Willow Safe House", "43"))
    (place,) = stored(database, "location")
    assert place["address_visibility"] is AddressVisibility.HIDDEN
    assert_nothing_says(database, "Hazelnut", "44.5")
    import_later(**shelter("Willow Safe House", "44"))
    assert_nothing_says(database, "Hazelnut", "44.5")
    noted = [row for row in stored(database, "metadata") if row["resource_id"] == place["id"]]
    assert {row["field_name"] for row in noted} == {"address_visibility"}


def assert_nothing_says(database: Database, *words: str) -> None:
    for table in SQLModel.metadata.tables:
        for row in stored_as_text(database, table):
            assert not [word for word in words if word in row], (table, row)


def stored_as_text(database: Database, table: str) -> list[str]:
    return [json.dumps(dict(row), default=str) for row in stored(database, table)]


def test_a_place_that_was_held_back_waits_for_a_person_once(
    database: Database, import_tables: Import
) -> None:
    import_tables(**{**TABLES, **shelter("Willow Safe House")})
    (review,) = stored(database, "place_review")
    assert review["reason"] == "Words about the place speak of hiding."
    assert review["decision"] is None
    import_tables(**{**TABLES, **shelter("Willow Safe House")})
    assert stored(database, "place_review") == [review]


def decide(database: Database, decision: AddressVisibility) -> None:
    """Have a person decide about the one place."""
    reviews, places = (SQLModel.metadata.tables[name] for name in ("place_review", "location"))
    with database.transaction() as session:
        session.connection().execute(sa.update(reviews).values(decision=decision, decided_at=LATER))
        session.connection().execute(sa.update(places).values(address_visibility=decision))


@pytest.mark.parametrize("decision", AddressVisibility)
def test_what_a_person_decided_stays_decided(
    database: Database, import_tables: Import, decision: AddressVisibility
) -> None:
    tables = {**TABLES, **shelter("Willow Safe House")}
    import_tables(**tables)
    decide(database, decision)
    import_tables(**tables)
    import_tables(**{**TABLES, **shelter("Willow Secret Shelter")})
    (place,) = stored(database, "location")
    assert place["address_visibility"] is decision
    assert (place["latitude"] is not None) == (decision is AddressVisibility.PUBLIC)
