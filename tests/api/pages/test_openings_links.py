"""Making links, showing each once, and stopping them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from directory.models.accounts import Role
from directory.models.openings import OpeningsLink
from directory.models.organizations import Organization
from directory.tokens import hash_token
from tests.api.pages.conftest import Scene
from tests.api.pages.test_desk import words_of
from tests.api.pages.test_front_desk import questions
from tests.conftest import NOON
from tests.factories import make_offer, post_form

DAY = timedelta(days=1)
PATH = "/front-desk/links"


@pytest.fixture
def desk(scene: Scene) -> Scene:
    """The host's front desk has signed in."""
    scene.sign_in(scene.host, Role.PUBLISHER)
    return scene


def make(scene: Scene, **fields: Any) -> Any:
    fields = {"place": scene.offer, "label": "night desk", "days": "7", **fields}
    return post_form(scene.client, PATH, **fields)


def links(scene: Scene) -> list[OpeningsLink]:
    with scene.database.reading() as session:
        return list(session.exec(select(OpeningsLink)).all())


def token_in(page: Any) -> str:
    (token,) = re.findall(r"/openings/([\w-]+)\"", page.text)
    return str(token)


def test_link_is_shown_once_and_opens_its_page(desk: Scene) -> None:
    made = make(desk)

    token = token_in(made)
    assert made.status_code == 200
    assert token not in desk.client.get(PATH).text
    assert links(desk)[0].token_hash == hash_token(token)
    desk.client.cookies.clear()
    assert desk.client.get(f"/openings/{token}").status_code == 200


def test_every_link_is_another(desk: Scene) -> None:
    assert token_in(make(desk)) != token_in(make(desk))


@pytest.mark.parametrize("days", [1, 30, 365])
def test_link_works_for_as_many_days_as_was_said(desk: Scene, days: int) -> None:
    make(desk, days=str(days))

    assert links(desk)[0].expires_at == NOON + days * DAY


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"days": "0"}, "days"),
        ({"days": "366"}, "days"),
        ({"days": "forever"}, "days"),
        ({"label": "  "}, "label"),
        ({"label": "x" * 121}, "label"),
        ({"place": "somewhere"}, "place"),
        ({"place": ""}, "place"),
    ],
)
def test_mistakes_are_said_beside_their_fields(
    desk: Scene, fields: dict[str, str], wrong: str
) -> None:
    refused = make(desk, **fields)

    assert refused.status_code == 422
    assert f'id="{wrong}-error"' in refused.text
    assert links(desk) == []


def test_list_says_what_each_link_is_for_and_whether_it_works(desk: Scene) -> None:
    make(desk, label="  night   desk ")
    assert "night desk Food parcels, The Hall Works until Mon, Jun 10" in listed(desk)
    assert "Made just now by Test Person. Never used." in listed(desk)

    link = links(desk)[0]
    stopped = post_form(desk.client, f"{PATH}/{link.id}/revoke")
    assert (stopped.status_code, stopped.headers["location"]) == (303, PATH)
    assert "Stopped" in listed(desk)

    make(desk, label="day desk")
    desk.set_clock(NOON + 8 * DAY)
    desk.sign_in(desk.host, Role.PUBLISHER)
    assert "day desk Food parcels, The Hall Over" in listed(desk)


def listed(scene: Scene) -> str:
    return words_of(scene.client.get(PATH).text)


def test_last_use_is_in_the_list(desk: Scene) -> None:
    token = token_in(make(desk))
    desk.client.get(f"/openings/{token}")
    post_form(desk.client, f"/openings/{token}", do="more")

    assert "Last used just now." in listed(desk)


def test_stopping_twice_keeps_the_first_time(desk: Scene) -> None:
    make(desk)
    path = f"{PATH}/{links(desk)[0].id}/revoke"
    post_form(desk.client, path)
    desk.set_clock(NOON + timedelta(minutes=5))
    post_form(desk.client, path)

    assert links(desk)[0].revoked_at == NOON


def test_label_is_text_and_never_markup(desk: Scene) -> None:
    shown = make(desk, label="<b>100%</b> %(x)s {y}")

    assert shown.status_code == 200
    assert "<b>100%" not in shown.text


def test_more_links_need_no_more_questions(desk: Scene) -> None:
    make(desk)
    few = questions(desk, PATH)
    with desk.database.transaction() as session:
        make_offer(session, organization=session.get_one(Organization, desk.host))
    for _ in range(3):
        make(desk)

    assert questions(desk, PATH) == few
