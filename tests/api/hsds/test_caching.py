"""Anybody may keep an answer that is about nobody, and is told when it is another."""

from typing import Any

import pytest
from litestar.testing import TestClient

from directory.database import Database
from directory.models.services import Service
from tests.api.hsds.small import (
    APPLE,
    BREAD,
    BREAD_AT_HALL,
    FRUIT,
    KIWI,
    NARROWED,
    NOUNS,
    SMALL,
    TOLD,
    Asked,
)

#: One of every kind of answer that may be kept.
KEPT = [
    "",
    "openapi.json",
    "profile",
    "profile/service.json",
    "schema",
    "schema/service.json",
    "schema/eligibility_rule.json",
    *NOUNS,
    "services?full=true&page=1&per_page=1",
    f"services?organization_id={APPLE}&modified_after=2030-01-01",
    f"services/{BREAD}",
    f"organizations/{APPLE}",
    f"service_at_locations/{BREAD_AT_HALL}",
    f"taxonomies/{FRUIT}",
    f"taxonomy_terms/{KIWI}",
]

#: What tells something of whoever asks for it.
PERSONAL = {"search", "postcode", "proximity", "taxonomy_term_id"}


@pytest.mark.parametrize("path", KEPT)
def test_an_answer_that_is_known_is_not_sent_again(small: TestClient[Any], path: str) -> None:
    first = small.get(f"/hsds/{path}")
    tag = first.headers["etag"]

    assert first.status_code == 200
    assert first.headers["cache-control"] == "public, no-cache"
    for known in (tag, f"W/{tag}", "*", f'"other", {tag}', f'"other",W/{tag}'):
        again = small.get(f"/hsds/{path}", headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == "public, no-cache"
    for known in ('"other"', "", tag.strip('"')):
        again = small.get(f"/hsds/{path}", headers={"if-none-match": known})
        assert (again.status_code, again.content) == (200, first.content)


def rename_bread(database: Database, name: str) -> None:
    with database.transaction() as session:
        session.get_one(Service, SMALL.services[0].id).name = name


def test_what_has_changed_is_sent(small: TestClient[Any], read_only: Database) -> None:
    paths = [f"/hsds/services/{BREAD}", "/hsds/services", f"/hsds/organizations/{APPLE}"]
    tags = {path: small.get(path).headers["etag"] for path in paths}
    rename_bread(read_only, "rolls")
    answers = [small.get(path, headers={"if-none-match": tag}) for path, tag in tags.items()]
    rename_bread(read_only, "bread")

    for path, answer in zip(paths, answers, strict=True):
        assert answer.status_code == 200
        assert answer.headers["etag"] != tags[path]
        assert "rolls" in answer.text
        assert small.get(path).headers["etag"] == tags[path]


@pytest.mark.parametrize("asked", NARROWED, ids=str)
def test_what_tells_of_the_person_who_asks_is_kept_nowhere(
    small: TestClient[Any], asked: Asked
) -> None:
    answer = small.get(f"/hsds/{asked.noun}", params=asked.parameters)

    is_personal = bool(PERSONAL & asked.parameters.keys())
    assert ("etag" not in answer.headers) == is_personal
    assert (answer.headers["cache-control"] == "no-store") == is_personal


@pytest.mark.parametrize(
    "path", [*KEPT, *(f"{noun}?format=ndjson" for noun in NOUNS), "services?search=bread"]
)
def test_head_is_get_without_the_body(small: TestClient[Any], path: str) -> None:
    got, head = small.get(f"/hsds/{path}"), small.head(f"/hsds/{path}")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == got.headers


def test_head_is_told_what_is_known_and_what_is_not_there(small: TestClient[Any]) -> None:
    tag = small.head("/hsds/services").headers["etag"]

    assert small.head("/hsds/services", headers={"if-none-match": tag}).status_code == 304
    assert small.head("/hsds/services?colour=red").status_code == 422
    assert small.head(f"/hsds/services/{KIWI}").status_code == 404


@pytest.mark.parametrize(("noun", "asked"), TOLD, ids=str)
def test_lines_are_not_kept_because_no_tag_is_known_before_the_last(
    small: TestClient[Any], noun: str, asked: dict[str, Any]
) -> None:
    answer = small.get(f"/hsds/{noun}", params=asked)

    assert ("etag" in answer.headers) == (asked.get("format") != "ndjson")
