"""Bundles over HTTP: all or nothing, once, and only for the agency that booked."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.accounts import create_api_key
from directory.database import Database
from directory.errors import BusyError
from directory.models.accounts import Role
from scheduling.commands import bundles as commands
from scheduling.models import TABLES
from tests.api.conftest import Client, assert_problem, paths_of
from tests.conftest import NOON
from tests.scheduling.test_bundles import make_town

BUNDLES = "/api/v1/bundles"


@dataclass
class Desk:
    """The partner's and a host's keys, and the times of two hosts."""

    key: dict[str, str]
    host: dict[str, str]
    here: list[str]
    there: list[str]


@pytest.fixture
def desk(database: Database) -> Desk:
    with database.transaction() as session:
        town = make_town(session)
        assert town.viewer.organization_id is not None
        keys = [
            create_api_key(session, organization_id=id_, role=Role.COORDINATOR, name="t", now=NOON)
            for id_ in (town.viewer.organization_id, town.hosts[0])
        ]
        here, there = ([str(slot) for slot in slots] for slots in (town.here, town.there))
    partner, host = ({"authorization": f"Bearer {key}"} for key in keys)
    return Desk(partner, host, here, there)


def book(client: Client, desk: Desk, *slots: str, key: str | None = None, **more: Any) -> Any:
    headers = {**desk.key, **({"Idempotency-Key": key} if key else {})}
    return client.post(BUNDLES, json={"slots": slots, **more}, headers=headers)


def count_bundles(database: Database) -> int:
    with database.reading() as session:
        counted = sa.select(sa.func.count()).select_from(TABLES["bundle"])
        return int(session.connection().execute(counted).scalar_one())


def test_bundle_is_booked_read_and_cancelled(client: Client, desk: Desk) -> None:
    booked = book(client, desk, desk.there[3], desk.here[0], client_handle="7K2M-QX4P")

    assert booked.status_code == 201
    bundle = booked.json()
    assert [each["slot"]["id"] for each in bundle["appointments"]] == [desk.here[0], desk.there[3]]
    assert bundle["client_handle"] == "7K2M-QX4P"
    path = f"{BUNDLES}/{bundle['id']}"
    assert client.get(path, headers=desk.key).json() == bundle
    assert client.get(BUNDLES, headers=desk.key).json() == {"items": [bundle], "next": None}
    cancelled = client.post(f"{path}/cancel", headers=desk.key, json={}).json()
    assert {each["status"] for each in cancelled["appointments"]} == {"cancelled"}


def test_request_sent_twice_books_once(client: Client, desk: Desk, database: Database) -> None:
    key = str(uuid4())
    first = book(client, desk, desk.here[0], desk.there[3], key=key)
    again = book(client, desk, desk.here[0], desk.there[3], key=key)

    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert count_bundles(database) == 1


def test_times_that_are_too_near_name_the_second_and_the_minutes(
    client: Client, desk: Desk, database: Database
) -> None:
    refused = book(client, desk, desk.here[0], desk.there[2], mode="walk")

    problem = assert_problem(refused, 409, "bundle-too-tight")
    assert paths_of(problem) == {"slots.1"}
    assert "22 minutes are missing" in problem["detail"]
    assert count_bundles(database) == 0


def test_taken_time_is_named(client: Client, desk: Desk) -> None:
    client.post(f"/api/v1/slots/{desk.there[3]}/holds", headers=desk.key)

    problem = assert_problem(
        book(client, desk, desk.here[0], desk.there[3]), 409, "bundle-time-refused"
    )
    assert paths_of(problem) == {"slots.1"}


def test_host_sees_its_appointment_and_no_bundle(client: Client, desk: Desk) -> None:
    bundle = book(client, desk, desk.here[0], desk.there[3]).json()
    path = f"{BUNDLES}/{bundle['id']}"

    assert client.get(BUNDLES, headers=desk.host).json()["items"] == []
    assert_problem(client.get(path, headers=desk.host), 404, "not-found")
    assert_problem(client.post(f"{path}/cancel", headers=desk.host), 404, "not-found")
    seen = client.get("/api/v1/appointments", headers=desk.host)
    assert [each["slot"]["id"] for each in seen.json()["items"]] == [desk.here[0]]
    assert bundle["id"] not in seen.text


def test_lock_that_is_not_to_be_had_is_no_refusal_of_the_times(
    client: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_long(_session: Session, _slots: Any) -> None:
        raise BusyError

    monkeypatch.setattr(commands, "lock_slots", too_long)

    refused = book(client, desk, desk.here[0], desk.there[3])

    assert_problem(refused, 503, "busy")
    assert refused.headers["Retry-After"] == "3"
