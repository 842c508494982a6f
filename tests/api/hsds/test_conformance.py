"""Every endpoint of /hsds, asked in every way, answers as the standard's schemas want it.

Our own schemas judge everywhere; the official ones, with formats, where ``HSDS_SCHEMAS`` says
where they are.
"""

import json
from collections import Counter
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from litestar.testing import TestClient

from tests.api.hsds.conftest import judge
from tests.api.hsds.standard import ENDPOINTS, PARAMETERS, official
from tests.api.hsds.walk import mistakes_in, names_in, queries


def test_every_parameter_is_asked(county: TestClient[Any]) -> None:
    asked = {name for query in queries(county) for name in names_in(query)}

    assert asked == set().union(*PARAMETERS.values())


@pytest.mark.parametrize("noun", ENDPOINTS)
def test_every_answer_is_as_the_official_schemas_want_it(
    county: TestClient[Any], noun: str
) -> None:
    judged, wrong = mistakes_in(county, noun)

    assert wrong == Counter()
    assert judged > 0


@pytest.mark.parametrize("noun", ENDPOINTS)
def test_every_answer_is_as_our_own_schemas_want_it(county: TestClient[Any], noun: str) -> None:
    of_list, of_one = (judge(county, name.rpartition("/")[2]) for name in ENDPOINTS[noun])
    wrong: Counter[str] = Counter()
    for item in county.get(f"/hsds/{noun}?per_page=40").json()["contents"]:
        whole = county.get(f"/hsds/{noun}/{item['id']}").json()
        wrong.update(error.message[:120] for error in of_list.iter_errors(item))
        wrong.update(error.message[:120] for error in of_one.iter_errors(whole))

    assert wrong == Counter()


def test_the_root_says_which_release_and_where_its_profile_is(
    county: TestClient[Any],
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
def test_all_pages_together_have_everything_once(county: TestClient[Any], noun: str) -> None:
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


def test_nothing_of_a_kind_that_is_not_there_is_answered(county: TestClient[Any]) -> None:
    for noun in ENDPOINTS:
        missing = county.get(f"/hsds/{noun}/00000000-0000-0000-0000-000000000000")
        assert missing.status_code == 404
        refused = county.get(f"/hsds/{noun}?colour=red")
        assert refused.status_code == 422
