"""An administrator decides about places that an import has hidden."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from directory.database import Database
from directory.hsds.load import import_directory
from directory.models.accounts import Role
from directory.models.imports import PlaceReview
from directory.models.locations import AddressVisibility, Location
from directory.queries.history import find_history
from geo.gazetteer import get_zip
from tests.api.conftest import Client
from tests.conftest import NOON
from tests.factories import make_organization, post_form, sign_in

TABLES = {
    "organizations": "id,name,description\n1,Thistledown Trust,",
    "locations": "id,organization_id,name,latitude,longitude\n7,1,Thistle Shelter,42.6,-84.4",
    "addresses": "id,location_id,address_1,city,state_province,postal_code,country\n"
    "1,7,5 Bramble Lane,Mason,MI,48854,US",
    "services": "id,organization_id,name,status\n5,1,Beds,active",
    "service_at_location": "id,service_id,location_id\n9,5,7",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for table, text in TABLES.items():
        (tmp_path / f"{table}.csv").write_text(text + "\n")
    return tmp_path


def bring_in(database: Database, folder: Path) -> UUID:
    with database.transaction() as session:
        import_directory(session, folder, source="thistle", now=NOON, find_zip=get_zip)
        place = session.exec(select(Location)).one()
        if session.get(PlaceReview, place.id) is None:
            session.add(PlaceReview(location_id=place.id, reason="Named a shelter.", asked_at=NOON))
        return place.id


@pytest.fixture
def place(database: Database, client: Client, folder: Path) -> UUID:
    with database.transaction() as session:
        network = make_organization(session, "County Network").id
    place = bring_in(database, folder)
    sign_in(client, network, Role.ADMINISTRATOR)
    return place


def location(database: Database, place: UUID) -> Location:
    with database.reading() as session:
        return session.get_one(Location, place)


def test_waiting_places_are_listed_and_counted(client: Client, place: UUID) -> None:
    assert place is not None
    assert "Places to decide about (1)" in client.get("/network").text
    shown = client.get("/network/places").text
    assert "Thistle Shelter" in shown
    assert "Thistledown Trust" in shown
    assert "Bramble" not in shown
    spanish = client.get("/network/places", headers={"accept-language": "es"}).text
    assert "habla de estar oculto" in spanish


@pytest.mark.parametrize("decision", ["hidden", "area only"])
def test_a_place_that_stays_hidden_has_no_address_after_the_next_import_either(
    client: Client, database: Database, place: UUID, folder: Path, decision: str
) -> None:
    sent = post_form(client, f"/network/places/{place}", decision=decision)

    assert sent.status_code == 303
    bring_in(database, folder)
    assert location(database, place).address_visibility == AddressVisibility(decision)
    assert location(database, place).latitude is None
    assert "No place waits" in client.get("/network/places").text


def test_who_showed_a_place_is_in_its_history(
    client: Client, database: Database, place: UUID
) -> None:
    post_form(client, f"/network/places/{place}", decision="public", authorized="yes")

    with database.reading() as session:
        (change,) = find_history(session, place)
    lines = [(line["field_name"], line["previous_value"]) for line in change.told]
    assert lines == [("address_visibility", "hidden")]
    assert change.by == "Test Person"


def test_a_place_that_is_shown_has_its_address_after_the_next_import(
    client: Client, database: Database, place: UUID, folder: Path
) -> None:
    post_form(client, f"/network/places/{place}", decision="public", authorized="yes")

    assert location(database, place).latitude is None
    bring_in(database, folder)
    assert location(database, place).latitude == 42.6
    assert "5 Bramble Lane" in client.get("/api/v1/search?near=48854").text


def test_showing_an_address_takes_the_word_of_those_who_run_the_place(
    client: Client, database: Database, place: UUID
) -> None:
    refused = post_form(client, f"/network/places/{place}", decision="public")

    assert refused.status_code == 422
    assert "must agree in writing" in refused.text
    assert location(database, place).address_visibility is AddressVisibility.HIDDEN


def test_deciding_twice_and_about_nothing_is_refused(client: Client, place: UUID) -> None:
    post_form(client, f"/network/places/{place}", decision="hidden")

    second = post_form(client, f"/network/places/{place}", decision="public", authorized="yes")
    assert second.status_code == 409
    assert post_form(client, f"/network/places/{uuid4()}", decision="hidden").status_code == 404
    assert post_form(client, f"/network/places/{place}", decision="nowhere").status_code == 422
