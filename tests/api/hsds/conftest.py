"""What tests of ``/hsds`` share: databases that a module fills once, because it only reads."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from litestar.testing import TestClient
from referencing import Registry, Resource

from api.app import create_app
from api.logs import answer_head
from api.settings import Settings
from directory.database import Database
from seed.county import seed_county
from tests.api.conftest import assert_problem, paths_of
from tests.api.hsds.catalogs import write
from tests.api.hsds.small import SMALL
from tests.conftest import NOON, _empty


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def read_only(request: pytest.FixtureRequest, databases: dict[str, Database]) -> Iterator[Database]:
    """A database for all the tests of a module, which fills it once; emptied after the last."""
    url: str = request.getfixturevalue(f"{request.param}_database")
    if url not in databases:
        databases[url] = Database(url)
    yield databases[url]
    _empty(databases[url])


def served(database: Database, folder: Path) -> TestClient[Any]:
    settings = Settings(data_dir=folder)
    return TestClient(answer_head(create_app(settings, database=database, clock=lambda: NOON)))


@pytest.fixture(scope="module")
def county(
    read_only: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient[Any]]:
    """The demo county, served."""
    with read_only.transaction() as session:
        seed_county(session, now=NOON)
    with served(read_only, tmp_path_factory.mktemp("county")) as client:
        yield client


@pytest.fixture(scope="module")
def small(
    read_only: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient[Any]]:
    """``SMALL``, served."""
    with read_only.transaction() as session:
        write(session, SMALL)
    with served(read_only, tmp_path_factory.mktemp("small")) as client:
        yield client


def named_in(refusal: Any) -> set[str]:
    """What a refusal says is wrong."""
    return paths_of(assert_problem(refusal, 422, "invalid-input"))


def judge(client: TestClient[Any], name: str) -> Draft202012Validator:
    """What judges a kind of record by the schemas that are served."""
    urls = {each["schema"]: each["url"] for each in client.get("/hsds/schema").json()["schemas"]}
    served = {url: Resource.from_contents(client.get(url).json()) for url in urls.values()}
    registry: Registry[Any] = Registry().with_resources(served.items())
    schema = {"$ref": urls[f"{name}.json"]}
    return Draft202012Validator(schema, registry=registry, format_checker=FormatChecker())
