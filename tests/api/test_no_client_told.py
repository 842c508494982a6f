"""Nobody can tell us who a client is: bookings know a handle and nothing else (T09).

So no consent can end between a hold and its confirmation: there is nothing to send. Whoever gives
one of these shapes a text that could say something of a client has to think here first.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from litestar import Litestar

from directory.database import Database
from directory.models.accounts import Role
from tests.api.conftest import Client, MakeKey, assert_problem, paths_of
from tests.api.test_plans import offer_times
from tests.conftest import NOON
from tests.factories import make_organization, post_form, sign_in

ABOUT_BOOKING = re.compile("/(holds|appointments|waitlist-entries|offers|bundles|plans)")

#: All texts that can be sent with a booking, beside fixed words and times, and what they are.
SENT = {
    "client_handle": "random, and a code: nothing else is taken",
    "need": "a term of a taxonomy, or nothing is kept",
    "needs": "of a plan, of which nothing is kept",
    "near": "a ZIP code or a town: others are refused",
    "reason": "one of a few fixed words",
    "outcome": "one of a few fixed words",
    "byday": "days of the week",
    "opens_at": "a reading of the clock",
    "closes_at": "a reading of the clock",
    "leave_after": "a reading of the clock",
    "back_by": "a reading of the clock",
    "county": "a fact of a plan, of which nothing is kept",
    "zip": "a fact of a plan, of which nothing is kept",
    "housing": "a fact of a plan, of which nothing is kept",
    "documents": "of a plan, of which nothing is kept",
    "insurance": "of a plan, of which nothing is kept",
    "languages": "of a plan, of which nothing is kept",
}

#: All texts that a reply about bookings has: of services, agencies and times.
TOLD = {
    *("client_handle", "code", "status", "kind", "need", "byday", "opens_at", "closes_at"),
    *("manage_url", "waiting_url", "next", "title", "timezone", "reason", "cancelled_by"),
    *("cancel_reason", "outcome", "label", "name", "words", "location", "address", "verdict"),
    *("fact", "limit", "told", "ask", "doing", "because", "better"),
    "detail",  # what a refusal says, which names no client
}

#: What a client could be told by, as a field and as a value that is nowhere else.
CLIENT = {
    "client_name": "Zebulon Quagmire",
    "name": "Zebulon Quagmire",
    "phone": "517-555-0199",
    "email": "zebulon@quagmire.example",
    "birth_date": "1987-06-05",
    "date_of_birth": "1987-06-05",
    "note": "Zebulon has a dog",
    "comment": "Zebulon has a dog",
}
TRACE = re.compile("zebulon|quagmire|555-0199|1987-06-05", re.IGNORECASE)


def fields(schema: Any, document: Mapping[str, Any], seen: set[str]) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a shape and of all shapes in it."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in seen:
            yield from fields(document["components"]["schemas"][name], document, seen | {name})
        return
    for name, value in schema.get("properties", {}).items():
        yield name, value
        yield from fields(value, document, seen)
    parts = [each for key in ("oneOf", "anyOf", "allOf") for each in schema.get(key, ())]
    for part in (*parts, schema.get("items"), schema.get("additionalProperties")):
        if isinstance(part, dict):
            yield from fields(part, document, seen)


def is_text(value: Mapping[str, Any]) -> bool:
    """Say whether a field takes text: no fixed words, no time, no id."""
    parts = [value, *value.get("oneOf", ()), *value.get("anyOf", ())]
    parts += [each["items"] for each in parts if isinstance(each.get("items"), dict)]
    return any(
        "string" in (kinds if isinstance(kinds := part.get("type"), list) else [kinds])
        and not part.get("enum")
        and part.get("format") not in ("date-time", "uuid")
        for part in parts
    )


def texts(document: Mapping[str, Any], where: str) -> set[str]:
    """Name the texts in requests, or in answers, of everything about bookings."""
    found = set()
    for path, methods in document["paths"].items():
        for operation in methods.values() if ABOUT_BOOKING.search(path) else ():
            bodies = (
                [operation.get("requestBody", {})]
                if where == "requestBody"
                else list(operation["responses"].values())
            )
            for body in bodies:
                content = body.get("content", {}).get("application/json", {})
                shape = content.get("schema", {})
                found |= {name for name, each in fields(shape, document, set()) if is_text(each)}
    return found


DATES = {"event_on", "earliest_on", "latest_on", "first_day", "last_day", "day"}


def test_t09_no_shape_about_bookings_can_say_who_a_client_is(application: Litestar) -> None:
    document = application.openapi_schema.to_schema()

    assert texts(document, "requestBody") - DATES == SENT.keys()
    assert texts(document, "responses") - DATES == TOLD


@pytest.fixture
def slots(client: Client, database: Database) -> list[UUID]:
    """Times of the public, in one place."""
    with database.transaction() as session:
        place = offer_times(session, "food", "13:00", capacity=9)
    reply = client.get(f"/api/v1/slots?service_at_location_id={place}").json()
    return [each["id"] for each in reply["items"]]


def traces(database: Database) -> list[str]:
    """Name every table in which something of the client stands."""
    with database.reading() as session:
        connection = session.connection()
        names = sa.inspect(connection).get_table_names()
        rows = {
            name: str(connection.exec_driver_sql(f'SELECT * FROM "{name}"').all())  # noqa: S608  (our own tables)
            for name in names
            if name != "search_text"  # an index: the text is in search_entry
        }
    assert len(rows) > 60
    assert str(NOON.year) in rows["appointment"]
    return [name for name, text in rows.items() if TRACE.search(text)]


def test_t09_what_is_said_of_a_client_is_refused_and_stands_nowhere(
    client: Client, database: Database, slots: list[UUID], make_key: MakeKey
) -> None:
    key = make_key(Role.COORDINATOR)

    def send(path: str, **body: Any) -> Any:
        return client.post(f"/api/v1{path}", json=body, headers=key)

    hold = send(f"/slots/{slots[0]}/holds").json()
    other = send(f"/slots/{slots[1]}/holds").json()
    booked = send(f"/holds/{other['id']}/confirm").json()
    line = {"kind": "need", "need": "food"}
    plan = {"near": "48933", "needs": ["food"]}
    sent: dict[str, dict[str, Any]] = {
        f"/slots/{slots[0]}/holds": {},
        f"/holds/{hold['id']}/confirm": {},
        f"/appointments/{booked['id']}/cancel": {},
        f"/appointments/{booked['id']}/reschedule": {"slot_id": slots[0]},
        "/waitlist-entries": line,
        "/bundles": {"slots": slots[:1]},
        "/plans": plan,
    }
    for path, body in sent.items():
        for name, value in CLIENT.items():
            reply = send(path, **{**body, name: value})
            assert paths_of(assert_problem(reply, 422, "invalid-input")) == {name}, path
            assert not TRACE.search(reply.text)
    for path, body, name in (
        (f"/holds/{hold['id']}/confirm", {"client_handle": "Zebulon Q"}, "client_handle"),
        (f"/appointments/{booked['id']}/cancel", {"reason": "Zebulon is ill"}, "reason"),
        ("/waitlist-entries", {**line, "need": "Zebulon Quagmire"}, "need"),
        ("/waitlist-entries", {**line, "near": "Zebulon Quagmire"}, "near"),
        ("/plans", {**plan, "needs": ["Zebulon Quagmire"]}, "needs.0"),
        ("/plans", {**plan, "near": "Zebulon Quagmire"}, "near"),
    ):
        assert name in paths_of(assert_problem(send(path, **body), 422, "invalid-input")), path
    assert send(f"/holds/{hold['id']}/confirm").status_code == 201
    assert send("/waitlist-entries", **line).status_code == 201

    assert traces(database) == []


def test_t09_what_is_said_of_a_client_in_a_form_stands_nowhere(
    client: Client, database: Database, slots: list[UUID]
) -> None:
    with database.transaction() as session:
        agency = make_organization(session, "Moonbeam Desk").id
    sign_in(client, agency)
    kept = post_form(client, f"/book/{slots[0]}").headers["location"]
    other = post_form(client, f"/book/{slots[1]}").headers["location"]
    assert post_form(client, other).status_code < 400

    for path in (kept, f"/book/{slots[0]}", "/desk/plan", "/desk/plan/book"):
        reply = post_form(client, path, **CLIENT)
        assert reply.status_code < 500, path
        assert path == "/desk/plan" or not TRACE.search(reply.text), path

    assert traces(database) == []
