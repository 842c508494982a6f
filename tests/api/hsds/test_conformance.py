"""Every endpoint of /hsds, asked in every way, answers as the standard's schemas want it.

Our own schemas judge everywhere; the official ones, with formats, where ``HSDS_SCHEMAS`` says
where they are.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from litestar import Litestar
from litestar.testing import TestClient
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from api.app import create_app
from api.settings import Settings
from directory.database import Database
from seed.county import seed_county
from tests.conftest import NOON, _empty

#: The name that the official files' references are resolved against; never fetched.
BASE = "https://hsds.invalid/schema/"

#: Where it is, the shape of a list's items, and of one alone.
ENDPOINTS = {
    "services": ("compiled/service_list", "compiled/service"),
    "organizations": ("compiled/organization_list", "compiled/organization"),
    "service_at_locations": (
        "compiled/service_at_location_list",
        "compiled/service_at_location",
    ),
    "taxonomies": ("taxonomy", "taxonomy"),
    "taxonomy_terms": ("taxonomy_term", "taxonomy_term"),
}
QUERIES = (
    *("", "?per_page=7", "?page=2&per_page=50", "?full=true&per_page=20", "?full_service=true"),
    *("?search=food", "?top_only=true", "?postcode=48933", "?postcode=48933&proximity=5000"),
    *("?modified_after=2020-01-01T00:00:00Z", "?format=ndjson", "?full=true&format=ndjson"),
)
#: What an answer to a list has beside its contents.
PAGE = {"total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty"}


@cache
def official() -> tuple[Registry[Any], dict[str, Any]]:
    folder = os.environ.get("HSDS_SCHEMAS")
    if not folder:
        pytest.skip("HSDS_SCHEMAS does not say where the official schemas are")
    registry: Registry[Any] = Registry()
    found = {}
    for path in Path(folder).rglob("*.json"):
        name = path.relative_to(folder).as_posix()
        found[name] = json.loads(path.read_text())
        if isinstance(found[name], dict):
            resource = Resource.from_contents(found[name], default_specification=DRAFT202012)
            registry = registry.with_resource(BASE + name, resource)
    return registry, found


@cache
def validator(name: str) -> Draft202012Validator:
    registry, _ = official()
    schema = {"$ref": f"{BASE}{name}.json"}
    return Draft202012Validator(schema, registry=registry, format_checker=FormatChecker())


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def county(
    request: pytest.FixtureRequest,
    databases: dict[str, Database],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestClient[Litestar]]:
    """The demo county, served; made once for all of these tests, which only read."""
    url: str = request.getfixturevalue(f"{request.param}_database")
    if url not in databases:
        databases[url] = Database(url)
    with databases[url].transaction() as session:
        seed_county(session, now=NOON)
    settings = Settings(data_dir=tmp_path_factory.mktemp("county"))
    with TestClient(create_app(settings, database=databases[url], clock=lambda: NOON)) as client:
        yield client
    _empty(databases[url])


def lists(client: TestClient[Litestar], noun: str) -> Iterator[tuple[str, Any]]:
    """Every answer to a list, by GET and by POST; what a noun does not take is refused."""
    for query in QUERIES:
        for ask in (client.get, client.post):
            answer = ask(f"/hsds/{noun}{query}")
            if answer.status_code == 422:  # this noun has no such parameter
                assert answer.json()["errors"]
                continue
            assert answer.status_code == 200, (noun, query)
            yield query, answer


def contents(query: str, answer: Any) -> list[Any]:
    if "ndjson" in query:
        return [json.loads(line) for line in answer.text.splitlines()]
    page = answer.json()
    assert set(page) == {*PAGE, "contents"}
    assert page["size"] == len(page["contents"])
    assert page["empty"] == (not page["contents"])
    found: list[Any] = page["contents"]
    return found


@pytest.mark.parametrize("noun", ENDPOINTS)
def test_every_answer_is_as_the_official_schemas_want_it(
    county: TestClient[Litestar], noun: str
) -> None:
    of_list, of_one = ENDPOINTS[noun]
    wrong: Counter[str] = Counter()
    checked = 0
    for query, answer in lists(county, noun):
        for item in contents(query, answer):
            checked += 1
            wrong.update(error.message[:120] for error in validator(of_list).iter_errors(item))
    for item in county.get(f"/hsds/{noun}?per_page=40").json()["contents"]:
        checked += 1
        whole = county.get(f"/hsds/{noun}/{item['id']}").json()
        wrong.update(error.message[:120] for error in validator(of_one).iter_errors(whole))

    assert wrong == Counter()
    assert checked > 0


def test_the_root_says_which_release_and_where_its_profile_is(
    county: TestClient[Litestar],
) -> None:
    root = county.get("/hsds/").json()

    assert root["version"] == "3.2.3"
    for name in ("profile", "openapi_url"):
        path = root[name].partition("/hsds")[2]
        assert county.get(f"/hsds{path}").status_code == 200
    _, files = official()
    answer = files["openapi.json"]["paths"]["/"]["get"]["responses"]["200"]
    schema = answer["content"]["application/json"]["schema"]
    checker = Draft202012Validator(schema, format_checker=FormatChecker())
    assert [error.message for error in checker.iter_errors(root)] == []


@pytest.mark.parametrize("noun", ENDPOINTS)
def test_all_pages_together_have_everything_once(county: TestClient[Litestar], noun: str) -> None:
    seen: list[str] = []
    number = 1
    while True:
        page = county.get(f"/hsds/{noun}?page={number}&per_page=37").json()
        seen += [item["id"] for item in page["contents"]]
        if page["last_page"]:
            break
        number += 1

    assert len(seen) == len(set(seen)) == page["total_items"]
    streamed = county.get(f"/hsds/{noun}?format=ndjson").text.splitlines()
    assert sorted(json.loads(line)["id"] for line in streamed) == sorted(seen)


def test_nothing_of_a_kind_that_is_not_there_is_answered(county: TestClient[Litestar]) -> None:
    for noun in ENDPOINTS:
        missing = county.get(f"/hsds/{noun}/00000000-0000-0000-0000-000000000000")
        assert missing.status_code == 404
        refused = county.get(f"/hsds/{noun}?colour=red")
        assert refused.status_code == 422


def test_the_description_is_openapi(county: TestClient[Litestar]) -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator  # noqa: PLC0415  (slow to import)

    described = county.get("/hsds/openapi.json").json()

    names = [
        operation["operationId"]
        for path in described["paths"].values()
        for operation in path.values()
    ]
    assert len(names) == len(set(names))
    assert list(OpenAPIV31SpecValidator(described).iter_errors()) == []
