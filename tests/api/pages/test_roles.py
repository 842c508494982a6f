"""Who may open which of the staff's pages: everybody else is turned away, all in the same way."""

from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, select

from directory.database import Database
from directory.models.accounts import Role
from directory.models.openings import OpeningsLink
from tests.api.pages.conftest import Scene
from tests.factories import post_form

BOOKING = {Role.COORDINATOR, Role.ADMINISTRATOR}
PUBLISHING = {Role.PUBLISHER, Role.ADMINISTRATOR}
STAFF = BOOKING | PUBLISHING

PAGES = {
    "/desk": BOOKING,
    "/desk/times/{offer}": BOOKING,
    "/front-desk": PUBLISHING,
    "/front-desk/links": PUBLISHING,
    "/front-desk/openings/{offer}/history": PUBLISHING,
    "/windows": PUBLISHING,
    "/windows/new": PUBLISHING,
    "/windows/{window}": PUBLISHING,
    "/appointments/{appointment}": STAFF,
    "/agreements": STAFF,
    "/agreements/new": PUBLISHING,
    "/account": set(Role),
    "/listings": PUBLISHING,
    "/listings/services/new": PUBLISHING,
    "/listings/places/new": PUBLISHING,
    "/listings/offers/{offer}": PUBLISHING,
    "/listings/offers/{offer}/history": PUBLISHING,
    "/network": {Role.ADMINISTRATOR},
    "/network/places": {Role.ADMINISTRATOR},
    "/network/duplicates": {Role.ADMINISTRATOR},
    "/network/imports": {Role.ADMINISTRATOR},
    "/network/unmet-need": {Role.ADMINISTRATOR},
    "/suggestions": PUBLISHING,
    "/network/verification": {Role.ADMINISTRATOR},
}
FORMS = {
    "/desk/search": BOOKING,
    "/front-desk/openings/{offer}": PUBLISHING,
    "/front-desk/links": PUBLISHING,
    "/front-desk/links/{offer}/revoke": PUBLISHING,
    "/windows/new": PUBLISHING,
    "/appointments/{appointment}/cancel": STAFF,
    "/agreements/new": PUBLISHING,
    "/agreements/{offer}/sign": PUBLISHING,
    "/agreements/{offer}/terms": PUBLISHING,
    "/consortium/invite": PUBLISHING,
    "/consortium/{offer}/accept": PUBLISHING,
    "/consortium/{offer}/{offer}/leave": PUBLISHING,
    "/account/calendar": set(Role),
    "/network/places/{offer}": {Role.ADMINISTRATOR},
    "/network/duplicates": {Role.ADMINISTRATOR},
    "/network/merges/{offer}/undo": {Role.ADMINISTRATOR},
    "/suggestions/{offer}": PUBLISHING,
    "/listings/services/new": PUBLISHING,
    "/listings/offers/{offer}": PUBLISHING,
    "/listings/offers/{offer}/remove": PUBLISHING,
    "/listings/offers/{offer}/undo": PUBLISHING,
    "/listings/services/{offer}/places": PUBLISHING,
    "/front-desk/checks/{offer}": PUBLISHING,
    "/network/verification/{offer}": {Role.ADMINISTRATOR},
}


def address(scene: Scene, path: str) -> str:
    return path.format(offer=scene.offer, window=scene.window, appointment=scene.appointment)


@pytest.mark.parametrize("path", PAGES)
def test_page_opens_for_its_roles_only(scene: Scene, path: str) -> None:
    opened = set()
    for role in Role:
        scene.sign_in(scene.host, role)
        status = scene.client.get(address(scene, path)).status_code
        assert status in (200, 403)
        if status == 200:
            opened.add(role)

    assert opened == PAGES[path]


@pytest.mark.parametrize("path", PAGES)
def test_page_sends_strangers_to_sign_in(scene: Scene, path: str) -> None:
    sent = scene.client.get(address(scene, path), follow_redirects=False)

    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize("path", FORMS)
def test_form_is_taken_from_its_roles_only(scene: Scene, path: str) -> None:
    for role in set(Role) - FORMS[path]:
        scene.sign_in(scene.host, role)
        assert post_form(scene.client, address(scene, path)).status_code == 403

    scene.client.cookies.clear()
    scene.client.get("/sign-in")
    sent = post_form(scene.client, address(scene, path))
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize("path", FORMS)
def test_form_without_its_token_is_refused(scene: Scene, path: str) -> None:
    scene.sign_in(scene.host, Role.ADMINISTRATOR)
    before = contents(scene.database)

    assert scene.client.post(address(scene, path), data={}).status_code == 403
    assert contents(scene.database) == before


@pytest.mark.parametrize(
    "path", ["/windows/{id}", "/appointments/{id}", "POST /appointments/{id}/cancel"]
)
def test_what_is_another_agencys_looks_as_if_it_were_not_there(scene: Scene, path: str) -> None:
    scene.sign_in(scene.stranger, Role.ADMINISTRATOR)
    theirs = scene.window if "windows" in path else scene.appointment

    def seen(record_id: UUID) -> tuple[int, str]:
        method, _, bare = path.rpartition(" ")
        at = bare.format(id=record_id)
        if method:
            reply: Any = post_form(scene.client, at, reason="mistake")
        else:
            reply = scene.client.get(at)
        return reply.status_code, reply.text.replace(str(record_id), "ID")

    assert seen(theirs) == seen(uuid4())
    assert seen(theirs)[0] == 404


def test_openings_of_another_agencys_place_are_not_there(scene: Scene) -> None:
    scene.sign_in(scene.stranger, Role.PUBLISHER)

    for place in (scene.offer, uuid4()):
        for do in ("say", "more", "full-today"):
            path = f"/front-desk/openings/{place}"
            refused = post_form(scene.client, path, available="1", do=do)
            assert refused.status_code == 404


def test_history_and_links_of_another_agencys_place_are_not_there(scene: Scene) -> None:
    scene.sign_in(scene.host, Role.PUBLISHER)
    post_form(scene.client, "/front-desk/links", place=scene.offer, label="night desk")
    with scene.database.reading() as session:
        link_id = session.exec(select(OpeningsLink.id)).one()
    scene.sign_in(scene.stranger, Role.ADMINISTRATOR)

    for place in (scene.offer, uuid4()):
        history = scene.client.get(f"/front-desk/openings/{place}/history")
        made = post_form(scene.client, "/front-desk/links", place=place, label="night desk")
        assert (history.status_code, made.status_code) == (404, 404)
    for link in (link_id, uuid4()):
        stopped = post_form(scene.client, f"/front-desk/links/{link}/revoke")
        assert stopped.status_code == 404
    assert "night desk" not in scene.client.get("/front-desk/links").text
    with scene.database.reading() as session:
        assert session.exec(select(OpeningsLink.revoked_at)).all() == [None]


def test_looking_changes_nothing(scene: Scene) -> None:
    scene.sign_in(scene.host, Role.ADMINISTRATOR)
    before = contents(scene.database)

    for path in PAGES:
        assert scene.client.get(address(scene, path)).status_code == 200

    assert contents(scene.database) == before


def contents(database: Database) -> dict[str, list[str]]:
    """Every row of every table, in words."""
    with database.reading() as session:
        return {
            table.name: sorted(
                str(tuple(row)) for row in session.connection().execute(sa.select(table))
            )
            for table in SQLModel.metadata.sorted_tables
        }
