"""The records of the directory, and reports of openings, over HTTP."""

from uuid import UUID, uuid4

import pytest

from directory.database import Database
from directory.models.accounts import Role
from directory.models.locations import AddressVisibility, Location
from directory.models.services import Service, ServiceAtLocation, ServiceStatus
from tests.api.conftest import Client, MakeKey, assert_problem, paths_of
from tests.factories import make_offer, make_organization

KINDS = ["organizations", "services", "locations", "service-at-locations"]


@pytest.fixture
def offer(database: Database) -> ServiceAtLocation:
    with database.transaction() as session:
        offer = make_offer(session, name="Food parcels", point=None)
        session.flush()
        session.expunge(offer)
        return offer


@pytest.mark.parametrize("kind", KINDS)
def test_records_are_listed_and_shown(client: Client, offer: ServiceAtLocation, kind: str) -> None:
    assert offer.id
    (item,) = client.get(f"/api/v1/{kind}").json()["items"]

    assert client.get(f"/api/v1/{kind}/{item['id']}").json() == item
    assert_problem(client.get(f"/api/v1/{kind}/{uuid4()}"), 404, "not-found")


def test_a_list_longer_than_a_page_goes_on_behind_its_cursor(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        for number in range(101):
            make_organization(session, f"Agency {number}")

    first = client.get("/api/v1/organizations").json()
    second = client.get(f"/api/v1/organizations?next={first['next']}").json()

    ids = [item["id"] for item in first["items"] + second["items"]]
    assert (len(first["items"]), len(second["items"]), second["next"]) == (100, 1, None)
    assert len(set(ids)) == 101


def test_a_hidden_place_has_no_name_and_no_point(
    client: Client, database: Database, offer: ServiceAtLocation
) -> None:
    with database.transaction() as session:
        place = session.get_one(Location, offer.location_id)
        place.name, place.description = "Canary House", "Behind the canary"
        place.address_visibility = AddressVisibility.HIDDEN
        session.get_one(ServiceAtLocation, offer.id).description = "Ring at Canary Lane"

    for path in ("locations", f"locations/{offer.location_id}", "service-at-locations"):
        assert "anary" not in client.get(f"/api/v1/{path}").text


def test_a_service_that_has_ended_is_not_listed(
    client: Client, database: Database, offer: ServiceAtLocation
) -> None:
    with database.transaction() as session:
        session.get_one(Service, offer.service_id).status = ServiceStatus.DEFUNCT

    assert client.get("/api/v1/services").json()["items"] == []
    assert_problem(client.get(f"/api/v1/services/{offer.service_id}"), 404, "not-found")
    assert_problem(client.get(f"/api/v1/service-at-locations/{offer.id}"), 404, "not-found")
    assert_problem(
        client.get(f"/api/v1/service-at-locations/{offer.id}/openings"), 404, "not-found"
    )


# ----------------------------------------------------------------------------------- openings


@pytest.fixture
def publisher(database: Database, offer: ServiceAtLocation, make_key: MakeKey) -> dict[str, str]:
    with database.reading() as session:
        host: UUID = session.get_one(Service, offer.service_id).organization_id
    return make_key(Role.PUBLISHER, host)


def test_a_report_is_in_the_search_at_once_and_in_the_history(
    client: Client, offer: ServiceAtLocation, publisher: dict[str, str]
) -> None:
    path = f"/api/v1/service-at-locations/{offer.id}/openings"
    said = client.put(path, json={"unit": "beds", "available": 3, "maximum": 10}, headers=publisher)

    assert said.status_code == 200
    assert said.json()["as_of"] == "2030-06-03T12:00:00Z"
    (hit,) = client.get("/api/v1/search?openings=true").json()["results"]
    assert hit["opening"]["words"].startswith("3 of 10 beds free")
    assert client.get(path).json()["items"] == [said.json()]


def test_every_mistake_in_a_report_is_named(
    client: Client, offer: ServiceAtLocation, publisher: dict[str, str]
) -> None:
    path = f"/api/v1/service-at-locations/{offer.id}/openings"
    bad = {"unit": "\x00", "available": -1, "maximum": 2.5, "valid_for_minutes": 0, "nots": ""}

    refused = client.put(path, json=bad, headers=publisher)

    assert paths_of(assert_problem(refused, 422, "invalid-input")) == set(bad)


def test_a_strangers_report_is_refused_as_if_there_were_no_such_place(
    client: Client, offer: ServiceAtLocation, make_key: MakeKey
) -> None:
    stranger = make_key(Role.PUBLISHER)
    answers = [
        client.put(
            f"/api/v1/service-at-locations/{id_}/openings", json={"available": 1}, headers=stranger
        )
        for id_ in (offer.id, uuid4())
    ]

    assert_problem(answers[0], 404, "not-found")
    assert answers[0].content == answers[1].content
