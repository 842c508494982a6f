import json

import pytest
import sqlalchemy as sa

from directory.database import Database, find_rows
from directory.models.locations import Address, AddressVisibility, Location
from directory.models.services import Service
from directory.models.sourced import Sourced
from tests.directory.hsds.conftest import Import

ADDRESSES = """
    id,location_id,address_1,city,postal_code
    1,7,42 Hazelnut Way,Lake Wobble,00701
    2,7,PO Box 9,Lake Wobble,00701
"""


def table(model: type[Sourced]) -> sa.Table:
    return Location.metadata.tables[str(model.__tablename__)]


def stored(database: Database, model: type[Sourced]) -> list[dict[str, object]]:
    with database.reading() as session:
        return [dict(row) for row in find_rows(session, sa.select(table(model)))]


def location(name: str, description: str = "") -> str:
    return (
        "id,name,description,transportation,latitude,longitude\n"
        f"7,{name},{description},Bus to Hazelnut Way,-93.5,44.5"
    )


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("Willow Shelter", ""),
        ("Willow House", "For survivors of domestic violence at 42 Hazelnut Way"),
        ("Willow House", "A safe house for families"),
        ("Willow Women's Refuge", ""),
    ],
)
def test_a_place_that_may_be_in_hiding_is_not_told(
    database: Database, import_tables: Import, name: str, description: str
) -> None:
    report = import_tables(locations=location(name, description), addresses=ADDRESSES)
    (place,) = stored(database, Location)
    assert place["address_visibility"] is AddressVisibility.HIDDEN
    assert place["latitude"] is None
    assert [each["address_1"] for each in stored(database, Address)] == ["PO Box 9"]
    assert report.held_back == [name]
    everything = json.dumps([report.to_dict(), stored(database, Location)], default=str)
    assert "Hazelnut" not in everything
    assert "44.5" not in everything


def test_the_name_of_a_service_counts_too(database: Database, import_tables: Import) -> None:
    import_tables(
        organizations="id,name\n1,Acorn Aid",
        locations=location("Willow House"),
        addresses=ADDRESSES,
        services="id,organization_id,location_id,name\n5,1,7,Safe house for families",
    )
    (place,) = stored(database, Location)
    assert place["address_visibility"] is AddressVisibility.HIDDEN


def test_a_service_about_violence_closes_its_place_whatever_it_is_called(
    database: Database, import_tables: Import
) -> None:
    tables = {
        "organizations": "id,name\n1,Acorn Aid",
        "locations": location("Willow House"),
        "addresses": ADDRESSES,
        "services": "id,organization_id,location_id,name,openings_sensitivity\n5,1,7,Talking,",
    }
    import_tables(**tables)
    (place,) = stored(database, Location)
    assert place["address_visibility"] is AddressVisibility.PUBLIC

    tables["services"] += "SDV"  # the same words, but now it is said
    import_tables(accept_large_change=True, **tables)

    (place,) = stored(database, Location)
    assert place["address_visibility"] is AddressVisibility.HIDDEN


@pytest.mark.parametrize(
    ("name", "description"),
    [("Acorn House", "Gives food and shelter"), ("Acorn Library", ""), ("Sheltered Bay Cafe", "")],
)
def test_other_places_are_told(
    database: Database, import_tables: Import, name: str, description: str
) -> None:
    report = import_tables(locations=location(name, description), addresses=ADDRESSES)
    (place,) = stored(database, Location)
    assert place["address_visibility"] is AddressVisibility.PUBLIC
    assert (place["latitude"], place["longitude"]) == (44.5, -93.5)
    assert report.held_back == []


def test_texts_keep_all_but_the_street(database: Database, import_tables: Import) -> None:
    import_tables(
        organizations="id,name\n1,Acorn Aid",
        locations=location("Willow Shelter"),
        addresses=ADDRESSES,
        services="""
        id,organization_id,location_id,name,application_process
        5,1,7,Beds,Come to 42 hazelnut way at six
        """,
    )
    (service,) = stored(database, Service)
    assert service["application_process"] == "Come to (address withheld) at six"


def test_no_record_about_the_place_keeps_the_street(
    database: Database, import_tables: Import
) -> None:
    report = import_tables(
        organizations="id,name,description\n1,Acorn Aid,Ask at 42 Hazelnut Way",
        locations="id,organization_id,name\n7,1,Willow Shelter",
        addresses=ADDRESSES,
        services="id,organization_id,name\n5,1,Beds",
        service_at_location="id,service_id,location_id,description\n9,5,7,Ring at 42 Hazelnut Way",
        phones="id,location_id,number,description\n1,7,517-555-0123,Desk in 42 Hazelnut Way",
        accessibility="id,location_id,description\n1,7,Ramp at 42 Hazelnut Way",
        required_documents="id,service_id,document\n1,5,Letter to 42 Hazelnut Way",
        schedules="""
        id,service_at_location_id,freq,byday,opens_at,closes_at,description
        1,9,WEEKLY,MO,09:00,17:00,At 42 Hazelnut Way
        """,
    )
    with database.reading() as session:
        everything = [
            dict(row)
            for each in Location.metadata.sorted_tables
            for row in find_rows(session, sa.select(each))
        ]
    assert "(address withheld)" in json.dumps(everything, default=str)
    assert "hazelnut" not in json.dumps([report.to_dict(), everything], default=str).lower()


def test_the_street_of_an_organization_in_hiding_is_not_kept(
    database: Database, import_tables: Import
) -> None:
    report = import_tables(
        organizations="""
        id,name,description
        1,Willow Shelter,
        2,Acorn Aid,Legal advice for survivors of domestic violence
        """,
        postal_addresses="""
        id,organization_id,address_1
        1,1,42 Hazelnut Way
        2,1,PO Box 9
        3,2,7 Elm Street
        """,
    )
    assert {each["address_1"] for each in stored(database, Address)} == {"PO Box 9", "7 Elm Street"}
    assert report.held_back == ["Willow Shelter: its address"]


def set_visibility(database: Database, visibility: AddressVisibility) -> None:
    with database.transaction() as session:
        closed = (
            {} if visibility is AddressVisibility.PUBLIC else {"latitude": None, "longitude": None}
        )
        statement = sa.update(table(Location)).values(address_visibility=visibility, **closed)
        session.connection().execute(statement)


def test_a_place_that_is_held_back_is_the_same_the_second_time(import_tables: Import) -> None:
    tables = {"locations": location("Willow Shelter", "At 42 Hazelnut Way"), "addresses": ADDRESSES}
    import_tables(**tables)
    again = import_tables(**tables)
    assert all(counts.written == counts.gone == 0 for counts in again.counts.values())


def test_an_import_never_opens_a_place_that_a_person_closed(
    database: Database, import_tables: Import
) -> None:
    tables = {"locations": location("Acorn House"), "addresses": ADDRESSES}
    import_tables(**tables)
    set_visibility(database, AddressVisibility.AREA_ONLY)
    import_tables(**tables)
    (place,) = stored(database, Location)
    assert place["address_visibility"] is AddressVisibility.AREA_ONLY
    assert place["latitude"] is None
    assert [each["address_1"] for each in stored(database, Address)] == ["PO Box 9"]


def test_a_place_that_a_person_opened_stays_open_until_its_words_change(
    database: Database, import_tables: Import
) -> None:
    tables = {"locations": location("Willow Shelter", "At 42 Hazelnut Way"), "addresses": ADDRESSES}
    import_tables(**tables)
    set_visibility(database, AddressVisibility.PUBLIC)
    import_tables(**tables)
    (place,) = stored(database, Location)
    assert place["address_visibility"] is AddressVisibility.PUBLIC
    assert place["latitude"] == 44.5
    changed = location("Willow Shelter", "For survivors of domestic violence")
    import_tables(locations=changed, addresses=ADDRESSES)
    (place,) = stored(database, Location)
    assert place["address_visibility"] is AddressVisibility.HIDDEN


def test_a_place_that_was_opened_stays_open_beside_one_in_hiding(
    database: Database, import_tables: Import
) -> None:
    tables = {
        "organizations": "id,name,description\n1,Safe Haven,At 7 Elm Street or 42 Hazelnut Way",
        "locations": "id,organization_id,name\n7,1,Willow\n8,1,Front office",
        "addresses": ADDRESSES + "    3,8,7 Elm Street,Lake Wobble,00701\n",
    }
    import_tables(**tables)
    with database.transaction() as session:
        places = table(Location)
        session.connection().execute(
            sa.update(places)
            .where(places.c.name == "Front office")
            .values(address_visibility=AddressVisibility.PUBLIC)
        )

    import_tables(**tables)
    import_tables(**tables)

    told = {row["name"]: row["address_visibility"] for row in stored(database, Location)}
    assert told == {"Willow": AddressVisibility.HIDDEN, "Front office": AddressVisibility.PUBLIC}
