"""Units, capacities, changes and terms, in the ways in which directories write them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from directory.database import Database, find_rows
from directory.hsds.load import import_directory
from directory.models.openings import OpeningStatus, Unit
from tests.directory.hsds.conftest import NOW, Import, Translate, find_zip, only
from tests.directory.hsds.test_real_directories import shared

SOUP = {
    "organizations": "id,name\n1,Acorn Aid",
    "services": "id,organization_id,name\n5,1,Soup",
}
CAPACITY = "id,service_id,unit_id,available,maximum,updated\n"


def stored(database: Database, table: str) -> list[Any]:
    with database.reading() as session:
        return list(find_rows(session, sa.select(SQLModel.metadata.tables[table])))


def test_more_free_than_there_are_is_all_of_them(translate: Translate) -> None:
    done = translate(
        **SOUP,
        units="id,name\n3,Beds",
        service_capacity=f"{CAPACITY}9,5,3,12,10,2024-09-25T14:23:06.5+01:00",
    )
    capacity = only(done, "service_capacity")
    assert (capacity.values["available"], capacity.values["maximum"]) == (10, 10)
    assert capacity.original == {"available": "12"}
    assert capacity.values["updated"] == datetime(2024, 9, 25, 13, 23, 6, 500_000, tzinfo=UTC)
    assert capacity.values["said_by"] == "invented"


@pytest.mark.parametrize(
    ("available", "status"),
    [("0", OpeningStatus.FULL), ("2", OpeningStatus.OPEN), ("", OpeningStatus.CALL)],
)
def test_the_number_says_whether_there_is_room(
    translate: Translate, available: str, status: OpeningStatus
) -> None:
    done = translate(
        **SOUP, units="id,name\n3,Beds", service_capacity=f"{CAPACITY}9,5,3,{available},,2030-01-01"
    )
    assert only(done, "service_capacity").values["status"] is status
    assert only(done, "service_capacity").values["updated"] == datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "refused"), [("2030-06-04", 0), ("2030-06-05", 1), ("9999-12-31T23:00:00Z", 1)]
)
def test_a_report_from_the_future_is_refused(translate: Translate, said: str, refused: int) -> None:
    done = translate(**SOUP, units="id,name\n3,Beds", service_capacity=f"{CAPACITY}9,5,3,1,,{said}")
    assert done.report.of("service_capacity").refused == refused
    assert [each.field for each in done.report.refusals] == ["updated"] * refused


def test_a_unit_of_a_known_name_is_that_unit(database: Database, import_tables: Import) -> None:
    with database.transaction() as session:
        session.add(Unit(name="Beds"))
    report = import_tables(
        **SOUP,
        units="id,name\n3,Beds\n4,Beds",
        service_capacity=f"{CAPACITY}9,5,3,1,,2030-01-01\n10,5,4,1,,2030-01-02",
    )
    assert report.of("unit").added == 0
    assert {row["unit_id"] for row in stored(database, "service_capacity")} == {
        row["id"] for row in stored(database, "unit")
    }


def test_a_later_report_is_added_to_the_earlier(database: Database, import_tables: Import) -> None:
    for day in ("2030-01-01", "2030-01-02"):
        import_tables(**SOUP, units="id,name\n3,Beds", service_capacity=f"{CAPACITY}9,5,3,1,,{day}")
    assert len(stored(database, "service_capacity")) == 2


def test_a_change_of_a_record_that_is_gone_is_kept(translate: Translate) -> None:
    done = translate(
        **SOUP,
        metadata="id,resource_id,resource_type,last_action_date,last_action_type,field_name,"
        "previous_value,replacement_value,updated_by\n"
        "1,5,service,2011-01-01,update,name,,Soup,Ann\n"
        "2,77,service,2011-01-01T10:00:00,delete,name,,,\n"
        "3,5,weather,2011-01-01,update,name,,,",
    )
    first, second = done.of("metadata")
    assert first.values["resource_id"] == only(done, "service").id
    assert first.values["last_action_at"] == datetime(2011, 1, 1, tzinfo=UTC)
    assert second.values["last_action_at"] == datetime(2011, 1, 1, 10, tzinfo=UTC)
    assert [each.field for each in done.report.refusals] == ["resource_type"]


def test_a_term_of_a_missing_taxonomy_is_kept(translate: Translate) -> None:
    done = translate(**SOUP, taxonomy_terms="id,code,name,taxonomy,taxonomy_id\n1,c,Food,Needs,99")
    assert only(done, "taxonomy").values["name"] == "Needs"
    assert only(done, "taxonomy_term").original == {"taxonomy_id": "99"}


def test_two_taxonomies_of_one_name_are_one(translate: Translate) -> None:
    done = translate(
        **SOUP,
        taxonomies="id,name\n1,Needs\n2,Needs",
        taxonomy_terms="id,code,name,taxonomy_id\n1,a,Food,1\n2,b,Bread,2",
    )
    taxonomy = only(done, "taxonomy").id
    assert {each.values["taxonomy_id"] for each in done.of("taxonomy_term")} == {taxonomy}


def test_what_is_said_of_an_address_or_a_capacity_is_kept(translate: Translate) -> None:
    done = translate(
        **SOUP,
        locations="id,name\n7,Acorn House",
        addresses="id,location_id,address_1,city,postal_code\n8,7,1 Elm St,Lake Wobble,00701",
        units="id,name\n3,Beds",
        service_capacity=f"{CAPACITY}9,5,3,1,,2030-01-01",
        taxonomy_terms="id,code,name\n1,c,Food",
        attributes="id,link_id,link_entity,taxonomy_term_id\n1,8,address,1\n2,9,service_capacity,1",
    )
    assert done.report.refusals == []
    links: set[UUID] = {each.values["link_id"] for each in done.of("attribute")}
    assert links == {only(done, "address").id, only(done, "service_capacity").id}


def test_one_term_may_be_said_in_two_ways(translate: Translate) -> None:
    done = translate(
        **SOUP,
        taxonomy_terms="id,code,name\n1,c,Veterans",
        attributes="id,link_id,link_entity,link_type,taxonomy_term_id\n"
        "1,5,service,,1\n2,5,service,eligibility,1",
    )
    assert {each.values["link_type"] for each in done.of("attribute")} == {"", "eligibility"}


def test_the_guard_that_exports_put_before_formulas_is_taken_away(translate: Translate) -> None:
    done = translate(
        organizations="id,name,description,alternate_name\n1,'=Acorn,''+1 more,'Tis Acorn"
    )
    values = only(done, "organization").values
    assert values["name"] == "=Acorn"
    assert values["description"] == "'+1 more"
    assert values["alternate_name"] == "'Tis Acorn"


def test_ways_to_pay_are_told_with_the_fees(translate: Translate) -> None:
    done = translate(
        organizations="id,name\n1,Acorn Aid",
        services="id,organization_id,name,fees\n5,1,Soup,Two dollars",
        payments_accepted="id,service_id,payment\n1,5,Cash\n2,5,Cheque\n3,99,Shells",
    )
    fees = only(done, "service").values["fees_description"]
    assert fees == "Two dollars\nPayment by: Cash, Cheque"


def test_the_official_example_arrives(database: Database) -> None:
    path: Path = shared("hsds", "3.2.3", "examples", "csv")
    for _ in range(2):
        with database.transaction() as session:
            report = import_directory(session, path, source="official", now=NOW, find_zip=find_zip)
    refused = {(each.file, each.field, each.value) for each in report.refusals}
    assert refused == {("attributes.csv", "link_entity", "link_entity")}
    kept = {table: counts.unchanged for table, counts in report.counts.items()}
    assert {table for table, count in kept.items() if not count} == {"attribute"}
    assert all(counts.written == counts.gone == 0 for counts in report.counts.values())
