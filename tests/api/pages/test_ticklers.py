"""Reminders on the desks and over the API; what is written in them only their readers see."""

import re

import sqlalchemy as sa

from directory.database import Database, find_rows
from directory.models.accounts import Role
from scheduling.commands.ticklers import remind
from scheduling.models import TABLES
from tests.api.conftest import Client, MakeKey, assert_problem, make_key, paths_of
from tests.api.pages.browsing import goes_to, send
from tests.api.pages.conftest import Scene
from tests.conftest import NOON
from tests.factories import make_organization

__all__ = ["make_key"]

NOTE = "Ask Ana about her papers"


def test_note_for_today_is_on_the_desk_until_it_is_done(scene: Scene) -> None:
    scene.sign_in(scene.partner, Role.COORDINATOR)
    desk = scene.client.get("/desk")

    done = send(scene.client, desk, "/ticklers", note=NOTE, due_on="2030-06-03", due_time="")
    assert goes_to(done) == "/desk#reminders"

    desk = scene.client.get("/desk")
    assert NOTE in desk.text
    path = re.search(r'action="(/ticklers/[^"]+/done)"', desk.text)
    assert path is not None
    send(scene.client, desk, path[1])
    assert NOTE not in scene.client.get("/desk").text


def test_note_for_another_day_waits(scene: Scene) -> None:
    scene.sign_in(scene.host, Role.PUBLISHER)
    send(scene.client, scene.client.get("/front-desk"), "/ticklers", note=NOTE, due_on="2030-06-04")

    assert NOTE not in scene.client.get("/front-desk").text


def test_form_says_what_is_missing(scene: Scene) -> None:
    scene.sign_in(scene.partner, Role.COORDINATOR)

    refused = send(scene.client, scene.client.get("/desk"), "/ticklers", note="", due_on="soon")

    assert refused.status_code == 422
    assert refused.text.count('aria-invalid="true"') == 2


def test_clock_reminds_of_papers_on_the_desk_of_whoever_booked(scene: Scene) -> None:
    viewer = scene.sign_in(scene.partner, Role.COORDINATOR)
    with scene.database.transaction() as session:
        remind(session, now=NOON)
        tickler = TABLES["tickler"]
        session.connection().execute(sa.update(tickler).values(account_id=viewer.account_id))

    shown = scene.client.get("/desk").text

    assert "The client brings papers to this appointment." in shown
    assert scene.code in shown


def test_note_is_sealed_where_it_is_kept(
    client: Client, database: Database, make_key: MakeKey
) -> None:
    with database.transaction() as session:
        agency = make_organization(session).id
    headers = make_key(Role.COORDINATOR, agency)
    body = {"note": NOTE, "due_at": "2030-06-05T12:00:00Z"}

    made = client.post(
        "/api/v1/ticklers", json=body, headers={**headers, "idempotency-key": "one"}
    ).json()
    again = client.post(
        "/api/v1/ticklers", json=body, headers={**headers, "idempotency-key": "one"}
    ).json()

    assert made == again
    assert made["note"] == NOTE
    listed = client.get("/api/v1/ticklers", headers=headers).json()["items"]
    assert listed == [made]
    with database.reading() as session:
        (row,) = find_rows(session, sa.select(TABLES["tickler"]))
        assert "Ana" not in str(dict(row))
    done = client.post(f"/api/v1/ticklers/{made['id']}/done", headers=headers).json()
    assert done["done_at"] == "2030-06-03T12:00:00Z"
    assert client.get("/api/v1/ticklers", headers=headers).json()["items"] == []


def test_reminders_of_other_agencies_do_not_exist(client: Client, make_key: MakeKey) -> None:
    ours, theirs = make_key(Role.COORDINATOR), make_key(Role.COORDINATOR)
    body = {"note": NOTE, "due_at": "2030-06-05T12:00:00Z"}
    made = client.post("/api/v1/ticklers", json=body, headers=ours).json()

    assert client.get("/api/v1/ticklers", headers=theirs).json()["items"] == []
    refused = client.post(f"/api/v1/ticklers/{made['id']}/done", headers=theirs)
    assert_problem(refused, 404, "not-found")
    refused = client.post(
        "/api/v1/ticklers", json={**body, "account_id": made["id"]}, headers=theirs
    )
    assert paths_of(assert_problem(refused, 422, "invalid-input")) == {"account_id"}
