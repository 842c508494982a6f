"""Waiting at a browser: a person on their own page, a coordinator, and the host's front desk."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from httpx import Response

from directory.database import find_rows
from directory.models.accounts import Role
from scheduling.commands.offers import pass_on
from scheduling.models import TABLES
from scheduling.models.windows import BookableBy
from tests.api.conftest import Client
from tests.api.pages.browsing import Forms, send
from tests.conftest import NOON
from tests.factories import post_form, sign_in
from tests.scheduling.lining_up import Scene, lay_out, line_up

MINUTE = timedelta(minutes=1)


@pytest.fixture
def scene(client: Client) -> Scene:
    with client.app.state.database.transaction() as session:
        return lay_out(session)


def come_as(client: Client, viewer: object, role: Role = Role.COORDINATOR) -> None:
    sign_in(client, viewer.organization_id, role)  # type: ignore[attr-defined]


def offer_places(client: Client, scene: Scene) -> None:
    with client.app.state.database.transaction() as session:
        pass_on(session, scene.slots[:1], now=NOON)


def get_in_line(client: Client, scene: Scene, **typed: str) -> Response:
    path = f"/services/{scene.offer_id}/wait"
    return send(client, client.get(path), path, **typed)


def entries(client: Client) -> list[dict[str, object]]:
    with client.app.state.database.reading() as session:
        return [dict(row) for row in find_rows(session, sa.select(TABLES["waitlist_entry"]))]


def offers(client: Client) -> list[str]:
    with client.app.state.database.reading() as session:
        table = TABLES["offer"]
        rows = find_rows(session, sa.select(table).order_by(table.c.offered_at, table.c.id))
        return [str(row["status"]) for row in rows]


# --------------------------------------------------------------------------------- getting in line


def test_service_leads_to_its_waiting_list(client: Client, scene: Scene) -> None:
    shown = client.get(f"/services/{scene.offer_id}").text

    assert f'href="/services/{scene.offer_id}/wait"' in shown


def test_where_nobody_can_book_there_is_nothing_to_wait_for(client: Client) -> None:
    with client.app.state.database.transaction() as session:
        scene = lay_out(session, bookable_by=BookableBy.OWN)

    assert "/wait" not in client.get(f"/services/{scene.offer_id}").text


def test_person_gets_in_line_and_sees_where_they_stand(client: Client, scene: Scene) -> None:
    done = get_in_line(client, scene, places="2", opens_at="13:00")

    assert done.status_code == 303
    assert re.fullmatch(r"/waiting/[\w-]{32}", done.headers["location"])
    shown = client.get(done.headers["location"]).text
    assert "You are the first in line." in shown
    assert "we cannot say yet" in shown
    (entry,) = entries(client)
    assert str(entry["code"]) in shown
    assert (entry["places"], entry["suits"]) == (2, [{"opens_at": "13:00"}])


def test_form_sent_twice_gets_in_line_once(client: Client, scene: Scene) -> None:
    path = f"/services/{scene.offer_id}/wait"
    form = client.get(path)

    first, again = send(client, form, path), send(client, form, path)

    assert first.headers["location"] == again.headers["location"]
    assert len(entries(client)) == 1


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"places": "21"}, "places"),
        ({"what": "everything"}, "what"),
        ({"what": "window:nonsense"}, "what"),
        ({"near": "48933"}, "near"),
        ({"what": "need:food", "near": "99999", "within_miles": "5"}, "near"),
        ({"earliest_on": "2030-06-05", "latest_on": "2030-06-04"}, "latest_on"),
        ({"opens_at": "25:00"}, "opens_at"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    client: Client, scene: Scene, typed: dict[str, str], field: str
) -> None:
    refused = get_in_line(client, scene, **typed)

    assert refused.status_code == 422
    assert f'id="{field}-error"' in refused.text
    assert entries(client) == []


def test_every_kind_can_be_chosen(client: Client, scene: Scene) -> None:
    come_as(client, scene.partner)
    shown = client.get(f"/services/{scene.offer_id}/wait").text
    options = re.findall(r'<option value="([^"]+)"', shown)

    for what in options:
        assert get_in_line(client, scene, what=what).status_code == 303, what

    kinds = {str(entry["kind"]) for entry in entries(client)}
    assert kinds == {
        "service_at_location", "service", "organization", "need", "window", "date",
    }  # fmt: skip


# --------------------------------------------------------------------------- a person's own page


def waiting_person(client: Client, scene: Scene) -> str:
    path: str = get_in_line(client, scene).headers["location"]
    return path


def test_looking_changes_nothing(client: Client, scene: Scene) -> None:
    path = waiting_person(client, scene)
    offer_places(client, scene)
    before = (entries(client), offers(client))

    shown = client.get(path).text

    assert "A place is kept for you" in shown
    assert "Answer by Today, 11 am" in shown or "11 am" in shown
    for way in ("accept", "decline", "leave"):
        assert client.get(f"{path}/{way}").status_code == 405
    assert (entries(client), offers(client)) == before


def test_person_accepts_and_the_same_link_shows_the_appointment(
    client: Client, scene: Scene
) -> None:
    path = waiting_person(client, scene)
    offer_places(client, scene)

    done = send(client, client.get(path), f"{path}/accept")

    assert done.headers["location"] == path.replace("/waiting/", "/my/")
    assert "You are booked" in client.get(done.headers["location"]).text
    assert "You are booked" in client.get(path).text


def test_person_declines_and_keeps_waiting(client: Client, scene: Scene) -> None:
    path = waiting_person(client, scene)
    offer_places(client, scene)

    send(client, client.get(path), f"{path}/decline")

    assert offers(client) == ["declined"]
    assert "You are the first in line." in client.get(path).text


def test_person_leaves(client: Client, scene: Scene) -> None:
    path = waiting_person(client, scene)

    assert send(client, client.get(path), f"{path}/leave").status_code == 303

    assert "No longer waiting" in client.get(path).text
    assert f"{path}/leave" not in Forms(client.get(path).text).found


def test_button_of_an_old_page_answers_no_other_offer(client: Client, scene: Scene) -> None:
    path = waiting_person(client, scene)
    offer_places(client, scene)
    old = client.get(path)
    send(client, old, f"{path}/decline")
    with client.app.state.database.transaction() as session:
        pass_on(session, [scene.slots[1]], now=NOON)

    refused = send(client, old, f"{path}/accept")

    assert refused.status_code == 409
    assert sorted(offers(client)) == ["declined", "open"]


def test_offer_is_shown_no_more_from_the_moment_it_lapses(client: Client, scene: Scene) -> None:
    path = waiting_person(client, scene)
    offer_places(client, scene)
    client.app.state.clock = lambda: NOON + timedelta(hours=3)

    assert "A place is kept for you" not in client.get(path).text


def test_wrong_link_opens_nothing(client: Client, scene: Scene) -> None:
    waiting_person(client, scene)

    assert client.get("/waiting/" + "x" * 32).status_code == 404
    assert post_form(client, "/waiting/" + "x" * 32 + "/leave").status_code == 404


# ------------------------------------------------------------------------ the coordinator's desk


def test_coordinator_sees_clients_and_answers_their_offers(client: Client, scene: Scene) -> None:
    come_as(client, scene.partner)
    done = get_in_line(client, scene, client_handle="7K2M-QX4P")
    assert done.headers["location"] == "/desk/waiting"
    offer_places(client, scene)

    shown = client.get("/desk/waiting")
    (accept,) = (form for form in Forms(shown.text).found if form.endswith("/accept"))
    assert "7K2M-QX4P" in shown.text
    assert "(1)" in client.get("/desk").text
    assert send(client, shown, accept).status_code == 303

    assert offers(client) == ["accepted"]
    assert "7K2M-QX4P" not in client.get("/desk/waiting").text
    late = send(client, shown, accept.replace("/accept", "/decline"))
    assert late.status_code == 409


def test_coordinator_declines_and_takes_a_client_off(client: Client, scene: Scene) -> None:
    come_as(client, scene.partner)
    get_in_line(client, scene)
    offer_places(client, scene)
    shown = client.get("/desk/waiting")

    for form in Forms(shown.text).found:
        if form.endswith(("/decline", "/leave")):
            assert send(client, shown, form).status_code == 303

    assert offers(client) == ["declined"]
    assert "None of your clients is on a waiting list." in client.get("/desk/waiting").text


def test_why_a_client_was_passed_over_is_shown(client: Client, scene: Scene) -> None:
    come_as(client, scene.partner)
    get_in_line(client, scene, places="2")
    offer_places(client, scene)

    assert "It had too few places" in client.get("/desk/waiting").text


def test_other_agencies_clients_are_not_on_the_desk(client: Client, scene: Scene) -> None:
    with client.app.state.database.transaction() as session:
        entry = line_up(session, scene, scene.partner, client_handle="7K2M-QX4P")
    come_as(client, scene.stranger)

    assert "7K2M-QX4P" not in client.get("/desk/waiting").text
    assert post_form(client, f"/desk/waiting/{entry.id}/leave").status_code == 404


# -------------------------------------------------------------------------------- the front desk


def test_host_sees_its_lines_in_order_and_raises_somebody(client: Client, scene: Scene) -> None:
    with client.app.state.database.transaction() as session:
        first = line_up(session, scene, scene.host, client_handle="AAAA-AAAA")
        second = line_up(session, scene, scene.stranger, client_handle="BBBB-BBBB")
    come_as(client, scene.host)
    ids = sorted((first.id, second.id))

    page = client.get("/front-desk/waiting")
    path = f"/front-desk/waiting/{ids[1]}/priority"
    assert send(client, page, path, priority="3").status_code == 303

    shown = client.get("/front-desk/waiting").text
    handles = re.findall(r"<strong>(\w{4}-\w{4})</strong>", shown)
    assert handles[0] == ("BBBB-BBBB" if ids[1] == second.id else "AAAA-AAAA")


def test_publisher_raises_nobody(client: Client, scene: Scene) -> None:
    with client.app.state.database.transaction() as session:
        entry = line_up(session, scene)
    come_as(client, scene.host, Role.PUBLISHER)

    assert "/priority" not in client.get("/front-desk/waiting").text
    assert (
        post_form(client, f"/front-desk/waiting/{entry.id}/priority", priority="1").status_code
        == 403
    )


def test_on_the_day_the_desk_calls_one_after_the_other(client: Client, scene: Scene) -> None:
    day = f"date:{scene.window_id}:2030-06-04"
    codes = []
    for _ in range(2):
        get_in_line(client, scene, what=day)
    codes = [str(entry["code"]) for entry in entries(client)]
    offer_places(client, scene)
    come_as(client, scene.host, Role.PUBLISHER)

    page = client.get("/front-desk/waiting")
    assert all(code in page.text for code in codes)
    (not_here,) = (form for form in Forms(page.text).found if form.endswith("/not-here"))
    assert send(client, page, not_here).status_code == 303
    page = client.get("/front-desk/waiting")
    (here,) = (form for form in Forms(page.text).found if form.endswith("/here"))
    assert send(client, page, here).status_code == 303

    assert sorted(offers(client)) == ["accepted", "declined"]


def test_position_of_others_is_nobodys_to_see(client: Client, scene: Scene) -> None:
    """A page for everybody says nothing of how many wait."""
    for _ in range(3):
        waiting_person(client, scene)
    client.cookies.clear()

    shown = client.get(f"/services/{scene.offer_id}").text
    form = client.get(f"/services/{scene.offer_id}/wait").text

    assert "ahead" not in shown + form
