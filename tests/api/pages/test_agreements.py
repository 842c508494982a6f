"""Agreements in the browser: proposed, signed, ended, with the account; and the consortium."""

import re
from uuid import UUID, uuid4

from directory.models.accounts import Role
from tests.api.pages.conftest import Scene
from tests.factories import post_form


def propose(scene: Scene, key: str | None = None, **fields: str) -> str:
    scene.sign_in(scene.host, Role.PUBLISHER)
    answer = post_form(
        scene.client,
        "/agreements/new",
        **{
            "other_id": str(scene.stranger),
            "title": "Tuesdays",
            "starts_on": "2030-06-01",
            "notice_days": "7",
            "places": "2",
            "release_hours": "24",
            "windows": str(scene.window),
            "key": key or str(uuid4()),
            **fields,
        },
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def press(scene: Scene, path: str, step: str, **fields: str) -> int:
    text = scene.client.get(path).text
    version = re.search(r'name="version" value="(\d+)"', text)
    fields = {"version": version[1] if version else "0", **fields}
    return post_form(scene.client, f"{path}/{step}", **fields).status_code


def test_a_form_sent_twice_proposes_once(scene: Scene) -> None:
    key = str(uuid4())
    assert propose(scene, key) == propose(scene, key)


def test_what_is_wrong_is_said_beside_its_field(scene: Scene) -> None:
    scene.sign_in(scene.host, Role.PUBLISHER)
    refused = post_form(
        scene.client,
        "/agreements/new",
        other_id=str(scene.stranger),
        title="T",
        starts_on="2030-06-01",
        ends_on="2030-05-01",
        notice_days="7",
    )
    assert refused.status_code == 422
    assert "The last day comes before the first." in refused.text


def test_both_sign_and_see_the_same_account(scene: Scene) -> None:
    path = propose(scene)
    assert press(scene, path, "sign") == 303
    scene.sign_in(scene.stranger, Role.PUBLISHER)
    assert press(scene, path, "sign") == 303
    theirs = scene.client.get(path).text
    scene.sign_in(scene.host, Role.PUBLISHER)
    ours = scene.client.get(path).text

    for text in (theirs, ours):
        assert "In force" in text or "Active" in text or "active" in text.lower()
        assert "places a week" in text
    assert "<table>" in ours or "Nothing in these weeks." in ours
    assert post_form(scene.client, f"{path}/suspend", version="1").status_code == 409
    assert press(scene, path, "suspend") == 303
    assert press(scene, path, "resume") == 303
    assert press(scene, path, "end") == 303
    assert press(scene, path, "end", immediately="yes") == 303


def test_a_coordinator_reads_and_does_nothing(scene: Scene) -> None:
    path = propose(scene)
    scene.sign_in(scene.host, Role.COORDINATOR)
    text = scene.client.get(path).text
    assert "Tuesdays" in text
    assert "Sign for your agency" not in text
    assert press(scene, path, "sign") == 403


def test_others_do_not_find_it(scene: Scene) -> None:
    path = propose(scene)
    scene.sign_in(scene.partner, Role.PUBLISHER)
    assert scene.client.get(path).status_code == 404
    assert press(scene, path, "sign") == 404


def test_what_is_booked_under_it_is_listed(scene: Scene) -> None:
    scene.sign_in(scene.partner, Role.COORDINATOR)
    listed = scene.client.get("/agreements").text
    path = re.search(r'href="(/agreements/[0-9a-f-]{36})"', listed)
    assert path
    assert scene.code in scene.client.get(path[1]).text


def test_a_consortium_is_joined_and_left(scene: Scene) -> None:
    scene.sign_in(scene.partner, Role.PUBLISHER)
    invited = {"organization_id": str(scene.stranger), "key": str(uuid4())}
    assert post_form(scene.client, "/consortium/invite", **invited).status_code == 303
    nobody = {"organization_id": "nobody", "key": str(uuid4())}
    assert post_form(scene.client, "/consortium/invite", **nobody).status_code == 422
    scene.sign_in(scene.stranger, Role.PUBLISHER)
    assert "Accept" in scene.client.get("/agreements").text
    assert _join(scene, scene.partner) == 303
    assert "Accept" not in scene.client.get("/agreements").text
    leave = f"/consortium/{scene.partner}/{scene.stranger}/leave"
    assert post_form(scene.client, leave).status_code == 303
    assert "is a member" not in scene.client.get("/agreements").text


def _join(scene: Scene, lead: UUID) -> int:
    return post_form(scene.client, f"/consortium/{lead}/accept").status_code
