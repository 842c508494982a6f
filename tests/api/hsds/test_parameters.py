"""What every parameter of ``/hsds`` means, and that a value that means nothing is refused."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from tests.api.hsds.conftest import named_in
from tests.api.hsds.small import (
    APPLE,
    BREAD,
    BREAD_AT_HALL,
    KIWI,
    NARROWED,
    NOUNS,
    TOLD,
    ZEBRA,
    Asked,
)

_NO_ID = ("nobody", "123", "0000")
_NO_FLAG = ("perhaps", "2", "nothing")
#: Before the first day there is, in UTC.
_FIRST_DAY = "0001-01-01T00:00:00+14:00"

#: Values that mean nothing, by the parameter.
MEANINGLESS = {
    "search": ("a" * 201, "a\0b", "\u202egnp"),
    "page": ("0", "-1", "1.5", "two", "1000001", "9" * 30),
    "per_page": ("0", "-5", "many", "501", "9" * 30),
    "format": ("xml", "JSON", "ndjson2"),
    "taxonomy_term_id": _NO_ID,
    "taxonomy_id": _NO_ID,
    "organization_id": _NO_ID,
    "parent_id": _NO_ID,
    "modified_after": ("yesterday", "2030-13-01", "12:00", "2030-06-03T25:00:00Z", _FIRST_DAY),
    "postcode": ("00000", "4893", "Lansing", "4\0"),
    "proximity": ("far", "0", "-1", "500001", "nan", "inf"),
    "top_only": _NO_FLAG,
    "minimal": _NO_FLAG,
    "full": _NO_FLAG,
    "full_service": _NO_FLAG,
}


def parameters(client: TestClient[Any]) -> Iterator[tuple[str, str]]:
    """Every list, with every parameter that its description tells."""
    paths = client.get("/hsds/openapi.json").json()["paths"]
    for noun in NOUNS:
        for each in paths[f"/{noun}"]["get"]["parameters"]:
            yield noun, each["name"]


def test_every_parameter_of_every_list_is_tried_here(small: TestClient[Any]) -> None:
    tried = {(asked.noun, name) for asked in NARROWED for name in asked.parameters}
    tried |= {(noun, name) for noun, given in TOLD for name in given}

    assert set(parameters(small)) == tried


@pytest.mark.parametrize("asked", NARROWED, ids=str)
def test_a_list_is_narrowed_to_what_was_asked(small: TestClient[Any], asked: Asked) -> None:
    everything = small.get(f"/hsds/{asked.noun}").json()
    page = small.get(f"/hsds/{asked.noun}", params=asked.parameters).json()

    assert {each["id"] for each in everything["contents"]} == NOUNS[asked.noun]
    assert {each["id"] for each in page["contents"]} == asked.found
    assert page["total_items"] == len(asked.found)


def one(client: TestClient[Any], path: str, record_id: str, **asked: Any) -> dict[str, Any]:
    """The record of an id, in a list."""
    contents = client.get(f"/hsds/{path}", params=asked).json()["contents"]
    (found,) = (each for each in contents if each["id"] == record_id)
    return dict(found)


def test_a_service_is_told_in_short_in_lists_and_in_full(small: TestClient[Any]) -> None:
    shortest = one(small, "services", BREAD, minimal=True)
    listed = one(small, "services", BREAD)
    full = one(small, "services", BREAD, full=True)

    assert set(shortest) == {"id", "name", "status", "last_modified"}
    assert listed["organization"]["id"] == APPLE
    assert "service_at_locations" not in listed
    assert [each["id"] for each in full["service_at_locations"]] == [BREAD_AT_HALL]
    assert full == small.get(f"/hsds/services/{BREAD}").json()


def test_an_organization_is_told_with_its_services_by_name_or_in_full(
    small: TestClient[Any],
) -> None:
    listed = one(small, "organizations", APPLE)
    full = one(small, "organizations", APPLE, full=True)
    with_services = one(small, "organizations", APPLE, full_service=True)

    assert "services" not in listed
    (by_name,) = full["services"]
    (whole,) = with_services["services"]
    assert by_name["id"] == whole["id"] == BREAD
    assert "service_at_locations" not in by_name
    assert [each["id"] for each in whole["service_at_locations"]] == [BREAD_AT_HALL]
    alone = f"/hsds/organizations/{APPLE}"
    assert full == small.get(alone).json()
    assert with_services == small.get(alone, params={"full_service": "true"}).json()


def test_a_service_at_a_location_is_told_with_its_address_in_full(small: TestClient[Any]) -> None:
    listed = one(small, "service_at_locations", BREAD_AT_HALL)
    full = one(small, "service_at_locations", BREAD_AT_HALL, full=True)

    assert listed["location"]["name"] == full["location"]["name"] == "hall"
    assert "addresses" not in listed["location"]
    assert full["location"]["addresses"]
    assert full == small.get(f"/hsds/service_at_locations/{BREAD_AT_HALL}").json()


@pytest.mark.parametrize("noun", NOUNS)
def test_pages_are_as_long_as_asked_and_follow_one_another(
    small: TestClient[Any], noun: str
) -> None:
    many = len(NOUNS[noun])
    pages = [
        small.get(f"/hsds/{noun}", params={"per_page": 1, "page": number + 1}).json()
        for number in range(many + 1)
    ]

    assert {page["contents"][0]["id"] for page in pages[:-1]} == NOUNS[noun]
    assert [page["page_number"] for page in pages] == list(range(1, many + 2))
    assert [page["first_page"] for page in pages] == [True] + many * [False]
    assert [page["last_page"] for page in pages] == (many - 1) * [False] + [True, True]
    assert [page["empty"] for page in pages] == many * [False] + [True]
    assert {(page["total_items"], page["total_pages"]) for page in pages} == {(many, many)}


@pytest.mark.parametrize("noun", NOUNS)
def test_lines_are_the_records_of_all_pages(small: TestClient[Any], noun: str) -> None:
    page = small.get(f"/hsds/{noun}", params={"format": "json"})
    lines = small.get(f"/hsds/{noun}", params={"format": "ndjson"})

    assert page.headers["content-type"] == "application/json"
    assert lines.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line) for line in lines.text.splitlines()] == page.json()["contents"]
    assert page.json() == small.get(f"/hsds/{noun}").json()


def test_a_day_begins_at_midnight_and_a_plus_may_have_become_a_space(
    small: TestClient[Any],
) -> None:
    """SOUP changed on 2 June 2030 at 12:00 UTC, BREAD on 25 May."""

    def found(after: str) -> int:
        many = small.get(f"/hsds/services?modified_after={after}").json()["total_items"]
        return int(many)

    assert found("2030-05-25") == 2
    assert found("2030-06-02") == 1
    assert found("2030-06-02T14:00:00+02:00") == found("2030-06-02T14:00:00%2B02:00") == 1
    assert found("2030-06-02T12:00:00.001Z") == 0
    assert found("2030-06-02T12:00:00") == 1


def refused(client: TestClient[Any], path: str, asked: dict[str, str]) -> Iterator[set[str]]:
    """What each refusal names: of GET, and of POST with JSON and with a form."""
    for answer in (
        client.get(path, params=asked),
        client.post(path, json=asked),
        client.post(path, data=asked),
    ):
        yield named_in(answer)


@pytest.mark.parametrize("noun", NOUNS)
def test_a_value_that_means_nothing_is_refused_by_its_name(
    small: TestClient[Any], noun: str
) -> None:
    for _, name in (each for each in parameters(small) if each[0] == noun):
        beside = {"postcode": "48933"} if name == "proximity" else {}
        for value in MEANINGLESS[name]:
            asked = {**beside, name: value}
            for named in refused(small, f"/hsds/{noun}", asked):
                assert named == {name}, asked


def test_one_organization_refuses_what_means_nothing_too(small: TestClient[Any]) -> None:
    for query in ("full_service=perhaps", "full_service=true&full_service=true"):
        answer = small.get(f"/hsds/organizations/{APPLE}?{query}")
        assert named_in(answer) == {"full_service"}


@pytest.mark.parametrize(
    ("noun", "asked", "name"),
    [
        ("services", "page=1&page=2", "page"),
        ("services", "search=bread&search=soup", "search"),
        ("services", "colour=red", "colour"),
        ("services", "postcode=48933", "postcode"),
        ("services", f"parent_id={KIWI}", "parent_id"),
        ("services", "minimal=true&full=true", "minimal"),
        ("services", "format=ndjson&page=1", "page"),
        ("services", "format=ndjson&per_page=5", "per_page"),
        ("taxonomies", f"organization_id={ZEBRA}", "organization_id"),
        ("service_at_locations", "proximity=500", "postcode"),
        (f"services/{BREAD}", "search=bread", "search"),
        ("", "search=bread", "search"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_its_name(
    small: TestClient[Any], noun: str, asked: str, name: str
) -> None:
    assert named_in(small.get(f"/hsds/{noun}?{asked}")) == {name}


def test_every_mistake_is_named_at_once(small: TestClient[Any]) -> None:
    answer = small.get("/hsds/services?colour=red&page=0&full=perhaps&modified_after=never")

    named = named_in(answer)
    assert named == {"colour", "page", "full", "modified_after"}


def test_more_services_fit_on_a_page_in_their_shortest_form(small: TestClient[Any]) -> None:
    assert small.get("/hsds/services?minimal=true&per_page=10000").status_code == 200
    too_many = small.get("/hsds/services?minimal=true&per_page=10001")
    assert named_in(too_many) == {"per_page"}


def test_what_is_left_empty_is_not_asked(small: TestClient[Any]) -> None:
    empty = small.get("/hsds/services?search=&page=&full=&organization_id=&modified_after=")

    assert empty.json() == small.get("/hsds/services").json()
