"""Every refusal is a problem document with a code that never changes."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar, get
from litestar.testing import TestClient

import api
import directory
import scheduling
from api import app as app_module
from api.app import create_app
from api.authentication import anyone
from api.problems import problem_of, status_of
from api.settings import Settings
from directory.database import Database
from directory.errors import (
    BusyError,
    ConflictError,
    DomainError,
    ForbiddenError,
    UnauthenticatedError,
)
from tests.api.conftest import Client, MakeKey, assert_problem, paths_of
from tests.conftest import NOON

CANARY = "canary-7b9e"


@get("/broken", guards=[anyone], sync_to_thread=False)
def broken() -> None:
    raise ValueError(f"Nobody may read this: {CANARY}")


@get("/busy", guards=[anyone], sync_to_thread=False)
def busy() -> None:
    raise BusyError


@pytest.fixture
def failing(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient[Litestar]]:
    """The application with two routes that fail."""
    handlers = [*app_module.API_HANDLERS, broken, busy]
    monkeypatch.setattr(app_module, "API_HANDLERS", handlers)
    with TestClient(create_app(settings, database=database, clock=lambda: NOON)) as client:
        yield client


def subclasses(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for each in kind.__subclasses__():
        yield each
        yield from subclasses(each)


def all_refusals() -> list[type[DomainError]]:
    for package in (api, directory, scheduling):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    return sorted(set(subclasses(DomainError)), key=lambda kind: kind.__name__)


#: Kinds that are only ever raised as one of their subclasses.
ABSTRACT = {ConflictError}


def test_every_refusal_has_a_status_and_a_code_of_its_own() -> None:
    concrete = [kind for kind in all_refusals() if kind not in ABSTRACT]
    codes = [kind.code for kind in concrete]

    assert len(concrete) > 12
    for kind in concrete:
        assert 400 <= status_of(kind.__new__(kind)) < 600
        assert kind.code == kind.code.lower().replace("_", "-").replace(" ", "-")
    shared = {code for code in codes if codes.count(code) > 1}
    # The plain kind and the ways in which it is said share a code on purpose.
    assert shared <= {ForbiddenError.code, UnauthenticatedError.code}


#: Part of the public interface: software branches on these. Add; never change.
CODES = {
    "agreement-ended": 409,
    "appointment-final": 409,
    "bad-key": 401,
    "busy": 503,
    "cancel-too-late": 409,
    "forbidden": 403,
    "hold-expired": 409,
    "idempotency-key-reused": 422,
    "invalid-input": 422,
    "not-found": 404,
    "sign-in-needed": 401,
    "slot-closed": 409,
    "slot-full": 409,
    "unavailable": 503,
    "wrong-password": 401,
}


def test_the_codes_that_software_relies_on_stay_as_they_are() -> None:
    found = {
        kind.code: status_of(kind.__new__(kind)) for kind in all_refusals() if kind not in ABSTRACT
    }

    assert found.items() >= CODES.items()


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/nothing", "/api/v1/slots/not-an-id/holds/x"]
)
def test_an_unknown_address_is_not_found(client: Client, path: str) -> None:
    assert_problem(client.get(path), 404, "not-found")


def test_a_wrong_method_is_answered_with_the_right_ones(client: Client) -> None:
    refused = client.delete("/api/v1/search")

    assert_problem(refused, 405, "method-not-allowed")
    assert {"GET", "POST"} <= set(refused.headers["allow"].split(", "))


def test_a_taken_slot_is_a_conflict(client: Client, slot_id: Any) -> None:
    client.post(f"/api/v1/slots/{slot_id}/holds")

    assert_problem(client.post(f"/api/v1/slots/{slot_id}/holds"), 409, "slot-full")


def test_bad_input_names_its_fields(client: Client) -> None:
    refused = assert_problem(client.get("/api/v1/search?limit=0&within_km=x"), 422, "invalid-input")

    assert paths_of(refused) == {"limit", "within_km"}


@pytest.mark.parametrize(
    ("path", "field"),
    [("/api/v1/places", "q"), ("/api/v1/slots?service_at_location_id=x", "service_at_location_id")],
)
def test_what_the_framework_reads_names_its_fields_too(
    client: Client, path: str, field: str
) -> None:
    assert paths_of(assert_problem(client.get(path), 422, "invalid-input")) == {field}


def test_a_fault_of_ours_gives_nothing_away(failing: Client) -> None:
    failed = failing.get("/api/v1/broken")

    assert_problem(failed, 500, "internal-error")
    assert CANARY not in failed.text
    assert "ValueError" not in failed.text


def test_too_many_at_once_says_when_to_come_back(failing: Client) -> None:
    refused = failing.get("/api/v1/busy")

    assert_problem(refused, 503, "busy")
    assert int(refused.headers["retry-after"]) > 0


def test_who_must_sign_in_is_told_how(client: Client) -> None:
    refused = client.get("/api/v1/windows")

    assert_problem(refused, 401, "sign-in-needed")
    assert refused.headers["www-authenticate"] == "Bearer"


def test_the_wrong_role_is_forbidden(client: Client, make_key: MakeKey) -> None:
    auditor = make_key("auditor")

    assert_problem(client.get("/api/v1/windows", headers=auditor), 403, "forbidden")


def test_the_text_of_an_unknown_error_is_never_told() -> None:
    assert CANARY not in problem_of(ValueError(CANARY)).detail
