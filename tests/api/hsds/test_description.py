"""The OpenAPI document tells what is served, and what is served is what the standard asks for."""

import re
from pathlib import Path
from typing import Any

from litestar.testing import TestClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.app import create_app
from api.handlers.hsds import PATH
from api.settings import Settings
from tests.api.hsds.standard import PARAMETERS, PARAMETERS_OF_ONE, official


def parameters_of(described: dict[str, Any], path: str, method: str) -> set[str]:
    told = described["paths"][path][method].get("parameters", [])
    names = {each["name"] if "name" in each else each["$ref"].split("/")[-1] for each in told}
    return names - {"id"}  # which is in the path


def assert_parameters_of_the_standard(described: dict[str, Any]) -> None:
    for noun, expected in PARAMETERS.items():
        assert parameters_of(described, f"/{noun}", "get") == expected, noun
        assert parameters_of(described, f"/{noun}", "post") == expected, noun
        of_one = parameters_of(described, f"/{noun}/{{id}}", "get")
        assert of_one == PARAMETERS_OF_ONE.get(noun, set()), noun


def test_what_can_be_asked_is_what_the_standard_says(small: TestClient[Any]) -> None:
    assert_parameters_of_the_standard(small.get("/hsds/openapi.json").json())


def test_the_standard_says_what_is_written_down_here() -> None:
    _, files = official()

    assert_parameters_of_the_standard(files["openapi.json"])


def unnamed(path: str) -> str:
    """A path with what it holds, and not with what that is called."""
    return re.sub(r"\{.*?\}", "{}", path.removeprefix(PATH)) or "/"


def test_every_route_is_described_and_every_description_has_a_route(
    small: TestClient[Any], tmp_path: Path
) -> None:
    paths = small.get("/hsds/openapi.json").json()["paths"]
    described = {(method.upper(), unnamed(path)) for path in paths for method in paths[path]}
    routes = [
        route
        for route in create_app(Settings(data_dir=tmp_path)).routes
        if route.path == PATH or route.path.startswith(f"{PATH}/")
    ]

    served = {(str(method), unnamed(route.path)) for route in routes for method in route.methods}
    assert served - {("OPTIONS", unnamed(route.path)) for route in routes} == described


def test_the_description_is_openapi(small: TestClient[Any]) -> None:
    described = small.get("/hsds/openapi.json").json()

    names = [
        operation["operationId"]
        for path in described["paths"].values()
        for operation in path.values()
    ]
    assert len(names) == len(set(names))
    assert list(OpenAPIV31SpecValidator(described).iter_errors()) == []
