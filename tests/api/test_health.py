"""For operators: does it answer, and does its database?"""

from dataclasses import replace

import pytest

from api.settings import Settings
from directory.database import Database
from tests.api.conftest import Client, assert_problem


def test_it_says_that_it_and_its_database_answer(client: Client, database: Database) -> None:
    answer = client.get("/health")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "database": database.engine.dialect.name,
        "search_copy": "not ready",
    }


def test_it_says_whether_searches_are_answered_from_memory(
    client: Client, settings: Settings
) -> None:
    client.get("/api/v1/search", params={"near": "48933"})
    assert client.get("/health").json()["search_copy"] == "ready"

    client.app.state.settings = replace(settings, search_copy=False)
    assert client.get("/health").json()["search_copy"] == "off"


def test_without_its_database_it_says_so_and_not_how_to_reach_it(
    client: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Database("postgresql+psycopg://nobody:canary@127.0.0.1:1/nothing")
    monkeypatch.setattr(database, "engine", gone.engine)
    monkeypatch.setattr(database, "reading", gone.reading)

    refused = client.get("/health")

    assert_problem(refused, 503, "unavailable")
    assert "canary" not in refused.text
    gone.close()
