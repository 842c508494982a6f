"""Checks of listings through the API."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from directory.database import Database
from directory.index import refresh_services
from directory.models.accounts import Role
from directory.models.contacts import Phone
from directory.models.services import Service, ServiceAtLocation
from tests.api.conftest import Client, MakeKey, assert_problem, paths_of
from tests.conftest import NOON
from tests.factories import make_offer


@pytest.fixture
def place(database: Database) -> ServiceAtLocation:
    """A listing with a phone and a price."""
    with database.transaction() as session:
        offer = make_offer(session, fees_description="Free")
        session.add(Phone(service_id=offer.service_id, number="517-555-0101"))
        refresh_services(session, [offer.service_id], now=NOON)
        session.expunge(offer)
        return offer


def owner_of(database: Database, place: ServiceAtLocation) -> UUID:
    with database.reading() as session:
        return session.get_one(Service, place.service_id).organization_id


def path(place: ServiceAtLocation) -> str:
    return f"/api/v1/service-at-locations/{place.id}/verifications"


def test_i_checked_this_today_by_phone(
    client: Client, database: Database, place: ServiceAtLocation, make_key: MakeKey
) -> None:
    key = make_key(Role.PUBLISHER, owner_of(database, place))

    done = client.post(path(place), json={"method": "phone"}, headers=key)

    assert done.status_code == 201
    reply = done.json()
    assert (reply["verified"], reply["words"]) == (True, "Checked today by phone")
    assert [(each["field"], each["state"], each["method"]) for each in reply["fields"]] == [
        ("phone", "fresh", "phone"),
        ("cost", "fresh", "phone"),
    ]
    assert client.get(path(place)).json() == reply
    found = client.get("/api/v1/search?near=48933").json()["results"][0]
    assert found["checked"] == {
        "at": "2030-06-03T12:00:00Z",
        "method": "phone",
        "words": "Checked today by phone",
    }
    assert found["verified_at"] == "2030-06-03"


def test_a_part_that_was_never_checked_is_told(
    client: Client, database: Database, place: ServiceAtLocation, make_key: MakeKey
) -> None:
    key = make_key(Role.PUBLISHER, owner_of(database, place))
    service = f"/api/v1/services/{place.service_id}/verifications"

    client.post(service, json={"method": "visit", "fields": ["cost"], "changed": True}, headers=key)

    reply = client.get(service).json()
    phone, cost = reply["fields"]
    assert not reply["verified"]
    assert reply["words"] == "Not checked yet"
    assert (phone["state"], phone["checked_at"], phone["said_by"]) == ("never", None, None)
    assert (cost["state"], cost["changed"], cost["disputed"]) == ("fresh", True, False)
    assert cost["said_by"] == "Lanternfish Pantry"


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({}, {"method"}),
        ({"method": "link"}, {"method"}),
        ({"method": "source"}, {"method"}),
        ({"method": "hearsay"}, {"method"}),
        ({"method": "phone", "fields": ["shoes"]}, {"fields.0"}),
        ({"method": "phone", "fields": []}, {"fields"}),  # not "all of them"
        ({"method": "phone", "when": "now"}, {"when"}),
    ],
)
def test_mistakes_are_named(
    client: Client,
    database: Database,
    place: ServiceAtLocation,
    make_key: MakeKey,
    body: Any,
    paths: set[str],
) -> None:
    key = make_key(Role.PUBLISHER, owner_of(database, place))

    refused = client.post(path(place), json=body, headers=key)

    assert paths_of(assert_problem(refused, 422, "invalid-input")) == paths


def test_whose_listing_it_is_not_does_not_learn_that_it_is_there(
    client: Client, place: ServiceAtLocation, make_key: MakeKey
) -> None:
    stranger = make_key(Role.PUBLISHER)
    for id_ in (place.id, uuid4()):
        refused = client.post(
            f"/api/v1/service-at-locations/{id_}/verifications",
            json={"method": "phone"},
            headers=stranger,
        )
        assert_problem(refused, 404, "not-found")

    assert_problem(client.post(path(place), json={"method": "phone"}), 401, "sign-in-needed")
    for role in (Role.COORDINATOR, Role.AUDITOR):
        refused = client.post(path(place), json={"method": "phone"}, headers=make_key(role))
        assert_problem(refused, 403, "forbidden")


def test_administrators_check_anybodys(
    client: Client, place: ServiceAtLocation, make_key: MakeKey
) -> None:
    key = make_key(Role.ADMINISTRATOR)

    assert client.post(path(place), json={"method": "phone"}, headers=key).status_code == 201
