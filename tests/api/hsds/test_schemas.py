"""The schemas that we publish judge what we publish, and hold together with the standard's."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from litestar.testing import TestClient

from directory.database import Database
from directory.hsds.profile import PREFIX
from directory.models.services import Service
from tests.api.hsds.conftest import judge
from tests.api.hsds.small import APPLE, BREAD, BREAD_AT_HALL, FRUIT, KIWI, SMALL
from tests.api.hsds.standard import official
from tests.docs.test_eligibility_rules import EXAMPLE

RECORDS = {
    f"services/{BREAD}": "service",
    f"organizations/{APPLE}": "organization",
    f"organizations/{APPLE}?full_service=true": "organization",
    f"service_at_locations/{BREAD_AT_HALL}": "service_at_location",
    f"taxonomies/{FRUIT}": "taxonomy",
    f"taxonomy_terms/{KIWI}": "taxonomy_term",
}


def test_every_schema_is_one_and_is_where_it_says(small: TestClient[Any]) -> None:
    for each in small.get("/hsds/schema").json()["schemas"]:
        answer = small.get(each["url"])
        assert answer.headers["content-type"] == "application/schema+json"
        assert answer.json()["$id"] == each["url"]
        Draft202012Validator.check_schema(answer.json())


@pytest.mark.parametrize("path", RECORDS)
def test_every_kind_of_record_is_as_our_schema_has_it(small: TestClient[Any], path: str) -> None:
    judge(small, RECORDS[path]).validate(small.get(f"/hsds/{path}").json())


@pytest.mark.parametrize("path", ["schema", "profile"])
@pytest.mark.parametrize(
    "file", ["nothing.json", "service", "service.yaml", ".json", "unit_list.json"]
)
def test_there_are_no_other_schemas(small: TestClient[Any], path: str, file: str) -> None:
    assert small.get(f"/hsds/{path}/{file}").status_code == 404


def test_the_documented_rule_is_served_and_judged_with_its_service(
    small: TestClient[Any], read_only: Database
) -> None:
    with read_only.transaction() as session:
        session.get_one(Service, SMALL.services[0].id).eligibility_rule = EXAMPLE
    service = small.get(f"/hsds/services/{BREAD}").json()

    assert service[PREFIX]["eligibility_rule"] == EXAMPLE
    judge(small, "eligibility_rule").validate(EXAMPLE)
    judge(small, "service").validate(service)
    service[PREFIX]["eligibility_rule"]["all"][0]["fact"] = "immigration"
    (mistake,) = judge(small, "service").iter_errors(service)
    assert list(mistake.absolute_path)[:2] == [PREFIX, "eligibility_rule"]


def test_the_profile_leads_to_the_schema_of_rules(small: TestClient[Any]) -> None:
    url = small.get("/hsds/").json()["profile"].removesuffix("profile") + "schema/"
    listed = [each["url"] for each in small.get("/hsds/profile").json()["schemas"]]
    patch = small.get("/hsds/profile/service.json").json()
    ours = patch["properties"][PREFIX]["properties"]

    assert f"{url}eligibility_rule.json" in listed
    assert ours["eligibility_rule"]["$ref"] == "eligibility_rule.json"


def merged(target: Any, patch: Any) -> Any:
    """Apply a JSON Merge Patch (RFC 7386)."""
    if not isinstance(patch, dict):
        return patch
    kept = target if isinstance(target, dict) else {}
    changed = {name: merged(kept.get(name), value) for name, value in patch.items()}
    return {name: value for name, value in {**kept, **changed}.items() if value is not None}


def test_the_profile_adds_one_property_to_the_standards_schemas(small: TestClient[Any]) -> None:
    _, files = official()
    for each in small.get("/hsds/profile").json()["merge_patches"]:
        standard = files[each["schema"]]
        with_ours = merged(standard, small.get(each["url"]).json())

        Draft202012Validator.check_schema(with_ours)
        assert with_ours["properties"].pop(PREFIX)["properties"]
        assert with_ours == standard
