"""The same request sent twice has one effect (I7), over HTTP."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import Session, SQLModel, func, select

from api.app import create_app
from api.settings import Settings
from directory.commands.accounts import create_api_key
from directory.database import Database
from directory.models.accounts import Role
from directory.models.organizations import Organization
from scheduling.commands.idempotency import KEPT_FOR, forget_old_keys
from scheduling.models.bookings import Hold
from scheduling.models.idempotency import IdempotencyKey
from tests.conftest import NOON
from tests.factories import make_organization, make_slot

Client = TestClient[Litestar]

SENDERS = 16


def key_of(session: Session, organization: Organization) -> str:
    return create_api_key(
        session, organization_id=organization.id, role=Role.COORDINATOR, name="Test", now=NOON
    )


class Scene:
    """A slot for the public with room for 20, and two organizations that book."""

    def __init__(self, database: Database, capacity: int = 20) -> None:
        self.database = database
        with database.transaction() as session:
            self.slot_id = make_slot(session, capacity=capacity)
            self.one = key_of(session, make_organization(session, "One"))
            self.other = key_of(session, make_organization(session, "Other"))

    def hold(self, client: Client, idempotency_key: str, api_key: str | None, **body: Any) -> Any:
        headers = {"Idempotency-Key": idempotency_key}
        if api_key is not None:
            headers["Authorization"] = f"Bearer {api_key}"
        return client.post(f"/api/v1/slots/{self.slot_id}/holds", json=body, headers=headers)

    def count(self, table: type[SQLModel]) -> int:
        with self.database.reading() as session:
            return session.exec(select(func.count()).select_from(table)).one()


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene(database)


def test_same_key_and_body_give_the_same_answer_and_one_effect(
    client: Client, scene: Scene
) -> None:
    first = scene.hold(client, "k", scene.one, places=2)
    again = scene.hold(client, "k", scene.one, places=2)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert scene.count(Hold) == 1


def test_other_body_under_the_same_key_is_refused(client: Client, scene: Scene) -> None:
    scene.hold(client, "k", scene.one, places=2)

    refused = scene.hold(client, "k", scene.one, places=3)

    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/idempotency-key-reused"
    assert scene.count(Hold) == 1


def test_other_request_with_the_same_body_under_the_same_key_is_refused(
    client: Client, scene: Scene
) -> None:
    hold_id = scene.hold(client, "k", scene.one).json()["id"]

    refused = client.post(
        f"/api/v1/holds/{hold_id}/confirm",
        json={},
        headers={"Idempotency-Key": "k", "Authorization": f"Bearer {scene.one}"},
    )

    assert refused.status_code == 422


def test_same_key_of_another_organization_is_another_key(client: Client, scene: Scene) -> None:
    first = scene.hold(client, "k", scene.one, places=1)
    other = scene.hold(client, "k", scene.other, places=2)

    assert other.status_code == 201
    assert other.json()["id"] != first.json()["id"]
    assert "Idempotent-Replayed" not in other.headers
    assert scene.count(Hold) == 2


def test_key_of_the_public_has_to_be_unguessable(client: Client, scene: Scene) -> None:
    key = str(uuid4())

    assert scene.hold(client, "short", None).status_code == 422
    first, again = scene.hold(client, key, None), scene.hold(client, key, None)
    assert first.content == again.content
    assert scene.count(Hold) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there"])
def test_key_that_cannot_be_one_is_refused(client: Client, scene: Scene, key: str) -> None:
    assert scene.hold(client, key, scene.one).status_code == 422
    assert scene.count(Hold) == 0


def test_same_key_sent_sixteen_times_at_once_has_one_effect(client: Client, scene: Scene) -> None:
    together = Barrier(SENDERS)

    def send(_: int) -> Any:
        together.wait(timeout=60)
        return scene.hold(client, "k", scene.one, places=1)

    with ThreadPoolExecutor(SENDERS) as senders:
        replies = list(senders.map(send, range(SENDERS)))

    assert {reply.status_code for reply in replies} == {201}
    assert len({reply.content for reply in replies}) == 1
    assert sum("Idempotent-Replayed" in reply.headers for reply in replies) == SENDERS - 1
    assert scene.count(Hold) == scene.count(IdempotencyKey) == 1


def test_refused_attempt_leaves_no_key_behind(client: Client, database: Database) -> None:
    scene = Scene(database, capacity=1)
    taken = scene.hold(client, "other", scene.other)

    refused = scene.hold(client, "k", scene.one)
    client.delete(
        f"/api/v1/holds/{taken.json()['id']}", headers={"Authorization": f"Bearer {scene.other}"}
    )
    retried = scene.hold(client, "k", scene.one)

    assert (refused.status_code, retried.status_code) == (409, 201)
    assert "Idempotent-Replayed" not in retried.headers


def test_confirming_twice_under_one_key_books_once(client: Client, scene: Scene) -> None:
    hold_id: UUID = scene.hold(client, "hold", scene.one).json()["id"]

    def confirm(key: str) -> Any:
        return client.post(
            f"/api/v1/holds/{hold_id}/confirm",
            json={},
            headers={"Idempotency-Key": key, "Authorization": f"Bearer {scene.one}"},
        )

    first, again, without_it = confirm("c"), confirm("c"), confirm("d")

    assert (first.status_code, again.status_code, without_it.status_code) == (201, 201, 404)
    assert first.content == again.content


def test_keys_are_forgotten_after_seven_days(database: Database, settings: Settings) -> None:
    scene = Scene(database)
    now: datetime = NOON
    with TestClient(create_app(settings, database=database, clock=lambda: now)) as client:
        first = scene.hold(client, "k", scene.one)
        with database.transaction() as session:
            assert forget_old_keys(session, now=NOON + KEPT_FOR - timedelta(seconds=1)) == 0
        with database.transaction() as session:
            assert forget_old_keys(session, now=NOON + timedelta(days=7)) == 1
        again = scene.hold(client, "k", scene.one)

    assert again.status_code == 201
    assert again.json()["id"] != first.json()["id"]
