"""Every address of the application, asked about a hidden place by everybody who might (T52).

The routes are those that the application has, so a new one is asked too. What tells where the
place is must be in no answer at all, and in no table; what tells of it otherwise (its name, its
own telephone) only in answers to its own staff and to administrators.
"""

import json
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import TypeGuard
from uuid import UUID

import pytest
import sqlalchemy as sa
from litestar.routes import BaseRoute, HTTPRoute
from sqlmodel import Session, SQLModel, select

from directory.database import Database
from directory.hsds.load import import_directory
from directory.models.accounts import Role
from directory.models.locations import Location
from directory.models.services import Service, ServiceAtLocation
from directory.viewer import PUBLIC
from geo.gazetteer import get_zip
from scheduling.commands.appointments import confirm_hold
from scheduling.commands.holds import place_hold
from tests.api.conftest import Client, MakeKey
from tests.conftest import NOON
from tests.factories import make_organization, make_slot, sign_in

#: In no answer and no table.
WHERE_IT_IS = ("Hushaby", "42.61357", "84.41753", "Route 177")
#: Only for its own staff, and for administrators.
ABOUT_IT = ("Nightjar", "555-0177", "Brown door", "Quiet Warden")

TABLES = {
    "organizations": "id,name,description\n1,Thistledown Trust,Helps at 77 Hushaby Passage",
    "locations": "id,organization_id,name,description,transportation,latitude,longitude\n"
    "7,1,Nightjar Shelter,Brown door at 77 Hushaby Passage,Route 177,42.61357,-84.41753",
    "addresses": "id,location_id,address_1,city,state_province,postal_code,country\n"
    "1,7,77 Hushaby Passage,Mason,MI,48854,US",
    "services": "id,organization_id,name,status,application_process\n"
    "5,1,Beds,active,Ring at 77 hushaby passage",
    "service_at_location": "id,service_id,location_id,description\n9,5,7,At 77 Hushaby Passage",
    "phones": "id,location_id,number\n1,7,517-555-0177",
    "contacts": "id,location_id,name\n1,7,Quiet Warden",
    "service_areas": 'id,service_id,name\n1,5,"Ingham County, MI"',
}

#: Made by the framework, or nothing but files.
NOT_ASKED = re.compile(r"^/(static|api/openapi)")


@pytest.fixture
def ids(database: Database, tmp_path: Path) -> list[str]:
    """The identifiers under which somebody may ask about the place."""
    for table, text in TABLES.items():
        (tmp_path / f"{table}.csv").write_text(text + "\n")
    with database.transaction() as session:
        import_directory(session, tmp_path, source="thistle", now=NOON, find_zip=get_zip)
        make_organization(session, "Stranger")
        offer = session.exec(select(ServiceAtLocation)).one()
        service = session.get_one(Service, offer.service_id)
        slot = make_slot(session, offer=offer)
        hold = place_hold(session, slot, viewer=PUBLIC, now=NOON)
        booked = confirm_hold(session, hold["id"], viewer=PUBLIC, now=NOON).appointment
        found = (offer.id, service.id, service.organization_id, offer.location_id, slot)
        return [str(each) for each in (*found, hold["id"], booked["id"])]


def addresses(client: Client, ids: list[str]) -> Iterator[str]:
    """Every address that can be asked with GET, filled in with each identifier."""
    for route in client.app.routes:
        if (
            isinstance(route, HTTPRoute)
            and "GET" in route.methods
            and not NOT_ASKED.match(route.path)
        ):
            slots = re.findall(r"\{[^}]+\}", route.path)
            for chosen in product(ids, repeat=len(slots)):
                path = route.path
                for slot, value in zip(slots, chosen, strict=True):
                    path = path.replace(slot, value, 1)
                yield path


def _is_asked(route: BaseRoute) -> TypeGuard[HTTPRoute]:
    return (
        isinstance(route, HTTPRoute) and "GET" in route.methods and not NOT_ASKED.match(route.path)
    )


QUERIES = ("", "?near=48854&within_km=50", "?q=beds", "?q=night", "?search=night")


def answers(client: Client, ids: list[str], headers: dict[str, str]) -> Iterator[tuple[str, str]]:
    for path in sorted(set(addresses(client, ids))):
        for query in QUERIES if path in {"/", "/api/v1/search"} or "hsds" in path else QUERIES[:1]:
            reply = client.get(path + query, headers=headers)
            assert reply.status_code < 500, path
            yield f"{path}{query}", reply.text + json.dumps(dict(reply.headers))


def found(text: str, canaries: tuple[str, ...]) -> list[str]:
    return [canary for canary in canaries if canary.casefold() in text.casefold()]


def owner_of(database: Database) -> UUID:
    with database.reading() as session:
        return session.exec(select(Service.organization_id)).one()


def stranger(session: Session) -> UUID:
    return make_organization(session, "Stranger too").id


@pytest.mark.parametrize("role", [None, *Role])
def test_nothing_tells_strangers_of_a_hidden_place(
    client: Client, database: Database, ids: list[str], make_key: MakeKey, role: Role | None
) -> None:
    headers: dict[str, str] = {}
    if role is not None:
        with database.transaction() as session:
            organization = stranger(session)
        headers = make_key(role, organization)
        sign_in(client, organization, role)
    secret = WHERE_IT_IS if role is Role.ADMINISTRATOR else (*WHERE_IT_IS, *ABOUT_IT)

    leaks = {
        path: told for path, text in answers(client, ids, headers) if (told := found(text, secret))
    }

    assert leaks == {}


def test_its_own_staff_learn_no_address_either(
    client: Client, database: Database, ids: list[str], make_key: MakeKey
) -> None:
    owner = owner_of(database)
    headers = make_key(Role.ADMINISTRATOR, owner)
    sign_in(client, owner, Role.ADMINISTRATOR)

    leaks = {
        path: told
        for path, text in answers(client, ids, headers)
        if (told := found(text, WHERE_IT_IS))
    }

    assert leaks == {}


@pytest.mark.usefixtures("ids")
def test_no_table_says_where_it_is(database: Database) -> None:
    with database.reading() as session:
        told = {
            table.name: canaries
            for table in SQLModel.metadata.sorted_tables
            for row in session.connection().execute(sa.select(table))
            if (canaries := found(str(row), WHERE_IT_IS))
        }
        assert session.exec(select(Location)).one().name == "Nightjar Shelter"  # it is there

    assert told == {}
