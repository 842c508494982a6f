"""Headers that keep browsers from being used against their users, on everything."""

from dataclasses import replace
from typing import Any

import pytest
from litestar.testing import TestClient

from api.app import create_app
from api.headers import security_headers
from api.settings import Settings
from directory.database import Database
from tests.api.conftest import MakeKey
from tests.conftest import NOON

#: One of every kind of answer: pages, files, JSON, calendars, descriptions and refusals.
KINDS = [
    ("GET", "/", 200),
    ("GET", "/sign-in", 200),
    ("GET", "/nothing", 404),
    ("POST", "/sign-in", 403),
    ("GET", "/?miles=far", 422),
    ("GET", "/static/leaflet/leaflet.css", None),
    ("GET", "/static/htmx/nothing.js", 404),
    ("GET", "/static/own/%00", 404),
    ("GET", "/api/v1/search", 200),
    ("GET", "/api/v1/search?limit=0", 422),
    ("GET", "/api/v1/windows", 401),
    ("GET", "/api/v1/nothing", 404),
    ("DELETE", "/api/v1/search", 405),
    ("GET", "/api/openapi.json", 200),
    ("GET", "/api/nothing", 404),
    ("GET", "/calendars/nothing.ics", 404),
    ("GET", "/health", 200),
    ("OPTIONS", "/api/v1/search", 204),
]


@pytest.mark.parametrize(("method", "path", "status"), KINDS)
def test_every_answer_carries_the_security_headers(
    server: TestClient[Any], settings: Settings, method: str, path: str, status: int | None
) -> None:
    answer = server.request(method, path)

    assert status is None or answer.status_code == status
    for name, value in security_headers(settings).items():
        assert answer.headers[name] == value
    assert "cache-control" in answer.headers
    assert "strict-transport-security" not in answer.headers
    assert "server" not in answer.headers


def test_a_fault_of_ours_carries_them_too(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(settings, database=database, clock=lambda: NOON)
    monkeypatch.setattr(database, "reading", None)
    with TestClient(app, raise_server_exceptions=False) as client:
        failed = client.get("/api/v1/search")

    assert failed.status_code == 500
    assert security_headers(settings).items() <= dict(failed.headers).items()


def test_the_policy_forbids_foreign_scripts_frames_and_objects(settings: Settings) -> None:
    policy = security_headers(settings)["content-security-policy"]

    for rule in ("default-src 'self'", "object-src 'none'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "unsafe" not in policy


def test_map_tiles_are_the_only_thing_from_elsewhere_and_only_as_images(
    settings: Settings,
) -> None:
    mapped = replace(settings, map_tile_url="https://{s}.tiles.example/{z}/{x}/{y}.png")

    policy = security_headers(mapped)["content-security-policy"]

    assert "img-src 'self' data: https://*.tiles.example;" in policy
    assert policy.count("https://") == 1


def test_only_production_insists_on_https(database: Database, settings: Settings) -> None:
    live = replace(settings, production=True, base_url="https://openings.example")
    with TestClient(create_app(live, database=database, clock=lambda: NOON)) as client:
        answer = client.get("/health")

    assert "max-age=31536000" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize(
    "path", ["/", "/api/v1/search", "/api/openapi.json", "/health", "/api/v1/nothing"]
)
def test_head_is_get_without_its_body(server: TestClient[Any], path: str) -> None:
    full, bare = server.get(path), server.head(path)

    assert bare.status_code == full.status_code
    assert bare.content == b""
    for name in ("content-type", "content-length", "cache-control"):
        assert bare.headers.get(name) == full.headers.get(name)


def test_head_has_the_guards_of_get(server: TestClient[Any], make_key: MakeKey) -> None:
    assert server.head("/api/v1/appointments").status_code == 401
    assert server.head("/api/v1/appointments", headers=make_key("auditor")).status_code == 403
    assert server.head("/api/v1/appointments", headers=make_key()).status_code == 200


def test_what_is_personal_is_kept_nowhere(server: TestClient[Any], make_key: MakeKey) -> None:
    answer = server.get("/api/v1/appointments", headers=make_key())

    assert answer.headers["cache-control"] == "no-store"


def test_api_answers_set_no_cookies(server: TestClient[Any]) -> None:
    for path in ("/api/v1/search", "/api/openapi.json", "/api/v1/nothing", "/api/nothing"):
        assert "set-cookie" not in server.get(path).headers
