"""The POST twin of every list answers as GET does, and what it cannot read is refused."""

from typing import Any

import pytest
from litestar.testing import TestClient

from api.handlers.hsds.reading import FORM
from tests.api.conftest import assert_problem
from tests.api.hsds.conftest import named_in
from tests.api.hsds.small import BREAD, NARROWED, NOUNS, TOLD, ZEBRA

QUESTIONS = [*((noun, {}) for noun in NOUNS), *((a.noun, a.parameters) for a in NARROWED), *TOLD]

JSON = "application/json"


@pytest.mark.parametrize(("noun", "asked"), QUESTIONS, ids=str)
def test_a_posted_question_is_answered_as_the_same_in_the_url(
    small: TestClient[Any], noun: str, asked: dict[str, Any]
) -> None:
    got = small.get(f"/hsds/{noun}", params=asked)
    posted = [
        small.post(f"/hsds/{noun}", json=asked),
        small.post(f"/hsds/{noun}", data=asked),
        small.post(f"/hsds/{noun}", params=asked),
    ]

    assert got.status_code == 200
    for answer in posted:
        assert answer.status_code == 200
        assert answer.content == got.content
        assert answer.headers["content-type"] == got.headers["content-type"]


def test_what_is_posted_is_kept_nowhere(small: TestClient[Any]) -> None:
    answer = small.post("/hsds/services", json={"search": "bread"})

    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


def test_the_url_and_the_body_ask_together_and_each_thing_once(small: TestClient[Any]) -> None:
    together = small.post("/hsds/services?search=bread", json={"organization_id": ZEBRA})
    twice = small.post("/hsds/services?search=bread", json={"search": "soup"})

    assert together.json()["empty"]
    assert named_in(twice) == {"search"}


@pytest.mark.parametrize(
    "media_type", [JSON, "application/json; charset=utf-8", "Application/JSON", ""]
)
def test_json_may_be_called_so_in_several_ways(small: TestClient[Any], media_type: str) -> None:
    asked = {"content": b'{"search": "bread"}', "headers": {"content-type": media_type}}
    answer = small.post("/hsds/services", **asked)  # type: ignore[arg-type]

    assert [each["id"] for each in answer.json()["contents"]] == [BREAD]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"{", "body"),
        (b"search=bread", "body"),
        (b"\xff\xfe", "body"),
        (b'{"search": "\xff"}', "body"),
        (b'{"search": "bread", "search": "soup"}', "body"),
        (b'{"search": NaN}', "body"),
        (b"[" * 100_000, "body"),
        (b'{"search": ' + b"[" * 100_000, "body"),
        (b'{"page": ' + b"9" * 5000 + b"}", "body"),
        (b"[]", "body"),
        (b'[{"search": "bread"}]', "body"),
        (b'"bread"', "body"),
        (b"7", "body"),
        (b"null", "body"),
        (b'{"search": ["bread"]}', "search"),
        (b'{"search": {"word": "bread"}}', "search"),
        (b'{"search": null}', "search"),
        (b'{"search": "a\\u0000b"}', "search"),
        (b'{"search": "\\ud800"}', "body"),
        (b'{"full": "perhaps"}', "full"),
        (b'{"full": 7}', "full"),
        (b'{"page": true}', "page"),
        (b'{"page": 1.5}', "page"),
        (b'{"page": 1e400}', "body"),
        (b'{"page": 99999999999999999999999}', "page"),
        (b'{"organization_id": 7}', "organization_id"),
        (b'{"modified_after": 2030}', "modified_after"),
        (b'{"colour": "red"}', "colour"),
        (b'{"": "red"}', ""),
        (b'{"colour": ["red"]}', "colour"),
        (b'{"postcode": "48933"}', "postcode"),
    ],
)
def test_a_body_that_asks_nothing_is_refused_by_name(
    small: TestClient[Any], body: bytes, name: str
) -> None:
    answer = small.post("/hsds/services", content=body, headers={"content-type": JSON})

    assert named_in(answer) == {name}


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"search", "body"),
        (b"{}", "body"),
        (b"search=%FF", "body"),
        (b"search=\xff", "body"),
        (b"search=bread&search=soup", "search"),
        (b"search=a%00b", "search"),
        (b"colour=red", "colour"),
        (b"page=0", "page"),
        (b"&".join([b"search=bread"] * 101), "query"),
    ],
)
def test_a_form_that_asks_nothing_is_refused_by_name(
    small: TestClient[Any], body: bytes, name: str
) -> None:
    answer = small.post("/hsds/services", content=body, headers={"content-type": FORM})

    assert named_in(answer) == {name}


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/xml", "multipart/form-data; boundary=x", "text/json", "nonsense"],
)
def test_only_json_and_forms_are_read(small: TestClient[Any], media_type: str) -> None:
    answer = small.post("/hsds/services", content=b"{}", headers={"content-type": media_type})

    assert named_in(answer) == {"body"}


@pytest.mark.parametrize("noun", NOUNS)
def test_every_list_refuses_a_bad_body(small: TestClient[Any], noun: str) -> None:
    for body, name in ((b"[]", "body"), (b'{"colour": "red"}', "colour"), (b"{", "body")):
        answer = small.post(f"/hsds/{noun}", content=body, headers={"content-type": JSON})
        assert named_in(answer) == {name}


def test_a_body_is_not_read_without_end(small: TestClient[Any]) -> None:
    answer = small.post("/hsds/services", content=b'{"search": "' + b"a" * 1_000_000 + b'"}')

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_only_lists_are_posted_to(small: TestClient[Any]) -> None:
    for path in ("", "openapi.json", "profile", "schema", f"services/{BREAD}"):
        answer = small.post(f"/hsds/{path}", json={})
        assert_problem(answer, 405, "method-not-allowed")
