"""Going through a directory by ``/hsds``, in every way that can be asked."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl

from litestar.testing import TestClient

from tests.api.hsds.conftest import named_in
from tests.api.hsds.standard import ENDPOINTS, PARAMETERS, validator

QUERIES = (
    *("", "per_page=7", "page=2&per_page=50", "full=true&per_page=20", "full_service=true"),
    *("minimal=true", "search=food", "top_only=true", "postcode=48933"),
    *("postcode=48933&proximity=5000", "modified_after=2020-01-01T00:00:00Z"),
    *("format=ndjson", "full=true&format=ndjson"),
)
#: What an answer to a list has beside its contents.
PAGE = {"total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty"}


def queries(client: TestClient[Any]) -> Iterator[str]:
    """Every query, with ids of a service at a location and its terms, as far as there are any."""
    yield from QUERIES
    offers = client.get("/hsds/service_at_locations?full=true&per_page=100").json()["contents"]
    services = [each["service"] for each in offers]
    yield f"organization_id={services[0]['organization']['id']}"
    attributes = (each for service in services for each in service.get("attributes", ()))
    for attribute in islice(attributes, 1):
        yield f"taxonomy_term_id={attribute['taxonomy_term']['id']}"
        yield f"taxonomy_id={attribute['taxonomy_term']['taxonomy_detail']['id']}"
    terms = client.get("/hsds/taxonomy_terms?per_page=500").json()["contents"]
    parents = (term["parent_id"] for term in terms if "parent_id" in term)
    yield from (f"parent_id={parent}" for parent in islice(parents, 1))


def names_in(query: str) -> set[str]:
    return {name for name, _ in parse_qsl(query)}


def lists(client: TestClient[Any], noun: str) -> Iterator[tuple[str, Any]]:
    """Every answer to a list, the same by GET and by POST; what a noun does not take is refused."""
    for query in queries(client):
        got, posted = (ask(f"/hsds/{noun}?{query}") for ask in (client.get, client.post))
        if unknown := names_in(query) - PARAMETERS[noun]:
            assert unknown <= named_in(got) & named_in(posted), (noun, query)
            continue
        assert got.status_code == posted.status_code == 200, (noun, query)
        assert got.content == posted.content
        yield query, got


def contents(query: str, answer: Any) -> list[Any]:
    if "ndjson" in query:
        return [json.loads(line) for line in answer.text.splitlines()]
    page = answer.json()
    assert set(page) == {*PAGE, "contents"}
    assert page["size"] == len(page["contents"])
    assert page["empty"] == (not page["contents"])
    assert page["contents"] or "_id" not in query, query  # such ids are there
    found: list[Any] = page["contents"]
    return found


def mistakes_in(client: TestClient[Any], noun: str) -> tuple[int, Counter[str]]:
    """Judge every answer to a list, and forty records by themselves, by the official schemas.

    How many records were judged, and how often each thing was wrong.
    """
    of_list, of_one = map(validator, ENDPOINTS[noun])
    wrong: Counter[str] = Counter()
    judged = 0
    for query, answer in lists(client, noun):
        for item in contents(query, answer):
            judged += 1
            wrong.update(error.message[:120] for error in of_list.iter_errors(item))
    for item in client.get(f"/hsds/{noun}?per_page=40").json()["contents"]:
        judged += 1
        whole = client.get(f"/hsds/{noun}/{item['id']}").json()
        wrong.update(error.message[:120] for error in of_one.iter_errors(whole))
    return judged, wrong
