"""What tests of the API share: keys, and the application as a server has it."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from litestar import Litestar
from litestar.testing import TestClient

from api.app import create_asgi
from api.settings import Settings
from directory.commands import accounts
from directory.commands.accounts import create_api_key
from directory.database import Database
from directory.models.accounts import Role
from tests.conftest import NOON
from tests.factories import make_organization, make_slot

Client = TestClient[Litestar]
MakeKey = Callable[..., dict[str, str]]

PROBLEM = "application/problem+json"


@pytest.fixture
def make_key(database: Database) -> MakeKey:
    """Make an API key and return the header that shows it."""

    def make(
        role: Role = Role.ADMINISTRATOR, organization_id: UUID | None = None
    ) -> dict[str, str]:
        with database.transaction() as session:
            owner = organization_id or make_organization(session, "Heron House").id
            token = create_api_key(session, organization_id=owner, role=role, name="test", now=NOON)
        return {"authorization": f"Bearer {token}"}

    return make


@pytest.fixture
def server(database: Database, settings: Settings) -> Iterator[TestClient[Any]]:
    """The application as it is served: logged, and with HEAD."""
    app = create_asgi(settings, database=database, clock=lambda: NOON)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords as weakly as Argon2 can, because a test has no secrets."""
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(accounts, "_hasher", lambda: weak)
    accounts._nobodys_hash.cache_clear()


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """Check the shape of a refusal and return it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == PROBLEM
    problem: dict[str, Any] = response.json()
    assert problem["type"] == f"/problems/{code}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    return problem


def paths_of(problem: dict[str, Any]) -> set[str]:
    return {error["path"] for error in problem["errors"]}


def as_json(body: Any) -> bytes:
    return json.dumps(body).encode()


@pytest.fixture
def slot_id(database: Database) -> UUID:
    """A slot with one place, open to the public."""
    with database.transaction() as session:
        return make_slot(session)
