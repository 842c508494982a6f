"""The description says what the API does, and the API does what the description says."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from litestar import Litestar
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import API_HANDLERS, PLAIN_HANDLERS, create_app
from api.settings import Settings
from directory.database import Database
from geo.zip_index import zip_index
from tests.api.conftest import PROBLEM, Client, MakeKey
from tests.conftest import NOON

METHODS = {"get", "post", "put", "patch", "delete"}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture
def description(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/openapi.json").json()
    return found


def operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in description["paths"].items():
        for method in METHODS & item.keys():
            yield method, path, item[method]


def test_it_is_openapi_3_1(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(description).validate()


def test_the_yaml_says_the_same(client: Client) -> None:
    assert client.get("/api/openapi.yaml").status_code == 200


def test_it_lists_every_route_and_no_other(description: dict[str, Any]) -> None:
    routes = {
        (
            str(method).lower(),
            f"{prefix}{path}".replace(":uuid", "").replace(":date", "").replace(":str", ""),
        )
        for prefix, handlers in (("/api/v1", API_HANDLERS), ("", PLAIN_HANDLERS))
        for handler in handlers
        for method in handler.http_methods  # type: ignore[attr-defined]  # they all speak HTTP
        for path in handler.paths
    }

    assert {(method, path) for method, path, _ in operations(description)} == routes


def test_every_operation_is_described_under_a_name_of_its_own(description: dict[str, Any]) -> None:
    found = [operation for _, _, operation in operations(description)]
    names = [operation["operationId"] for operation in found]

    assert all(operation.get("description") for operation in found)
    assert len(set(names)) == len(names)


def test_every_refusal_is_a_problem_document(description: dict[str, Any]) -> None:
    for _, _, operation in operations(description):
        assert "400" not in operation["responses"]
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert set(response["content"]) == {PROBLEM}, (operation["operationId"], status)


def test_a_request_with_a_misspelt_field_is_outside_the_description(
    description: dict[str, Any],
) -> None:
    shapes = description["components"]["schemas"]

    assert shapes["PublishWindow"]["additionalProperties"] is False
    assert shapes["PatternShape"]["additionalProperties"] is False


def test_times_of_day_are_not_called_durations(description: dict[str, Any]) -> None:
    window = description["components"]["schemas"]["PublishWindow"]["properties"]

    assert "format" not in window["opens_at"]
    assert window["opens_at"]["pattern"].startswith("^")


@pytest.mark.parametrize("known", [True, False])
def test_the_api_keeps_to_its_description(
    database: Database, settings_of_app: Settings, make_key: MakeKey, *, known: bool
) -> None:
    zip_index()  # made on first use: a moment, and longer on a busy machine
    app: Litestar = create_app(settings_of_app, database=database, clock=lambda: NOON)
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", app)
    headers = make_key() if known else {}
    cases = st.one_of(
        *(each.ok().as_strategy() for each in schema.get_all_operations() if isinstance(each, Ok))
    )

    @settings(
        max_examples=settings().max_examples,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(case=cases)
    def answers(case: Any) -> None:
        case.call_and_validate(checks=CHECKS, headers=headers)

    answers()


@pytest.fixture
def settings_of_app(tmp_path: Any) -> Settings:
    return Settings(data_dir=tmp_path / "data", home="48933")
