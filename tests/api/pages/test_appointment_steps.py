"""An appointment's life on the pages of both agencies, and on the person's own."""

import re
from datetime import timedelta
from typing import Any

import pytest

from directory.models.accounts import Role
from directory.viewer import PUBLIC
from scheduling.commands.appointments import confirm_hold
from scheduling.commands.holds import place_hold
from scheduling.models.bookings import Appointment, AppointmentStatus
from scheduling.models.windows import Approval
from scheduling.queries.slots import find_bookable_slots
from tests.api.pages.browsing import goes_to, send
from tests.api.pages.conftest import Scene
from tests.conftest import NOON
from tests.factories import make_window, post_form


def step(scene: Scene, name: str, **fields: Any) -> Any:
    return post_form(scene.client, f"/appointments/{scene.appointment}/{name}", **fields)


def of(scene: Scene) -> Appointment:
    with scene.database.reading() as session:
        return session.get_one(Appointment, scene.appointment)


@pytest.fixture
def front_desk(scene: Scene) -> Scene:
    """The host's front desk, in the middle of the appointment."""
    scene.set_clock(NOON + timedelta(hours=29, minutes=10))
    scene.sign_in(scene.host, Role.PUBLISHER)
    return scene


def test_front_desk_checks_in_and_says_what_came_of_it(front_desk: Scene) -> None:
    day = "2030-06-04"
    shown = front_desk.client.get(f"/front-desk?day={day}").text
    for button in ("They are here", "Did not come", "It took place"):
        assert button in shown

    back = step(front_desk, "check-in", back="front-desk", day=day)
    step(front_desk, "fulfill", outcome="come-again")

    assert back.headers["location"] == f"/front-desk?day={day}"
    assert (of(front_desk).status, of(front_desk).outcome) == ("fulfilled", "come-again")
    page = front_desk.client.get(f"/appointments/{front_desk.appointment}").text
    assert "They come again" in page


def test_mistaken_no_show_is_taken_back(front_desk: Scene) -> None:
    step(front_desk, "no-show")
    assert "Take that back" in front_desk.client.get("/front-desk?day=2030-06-04").text

    step(front_desk, "undo")

    assert of(front_desk).status is AppointmentStatus.BOOKED


def test_steps_that_are_not_there_are_not_found(front_desk: Scene) -> None:
    assert step(front_desk, "delete").status_code == 404


def test_partner_has_no_buttons_of_the_hosts_and_they_do_nothing(scene: Scene) -> None:
    scene.set_clock(NOON + timedelta(hours=29, minutes=10))
    scene.sign_in(scene.partner, Role.COORDINATOR)

    assert "They are here" not in scene.client.get(f"/appointments/{scene.appointment}").text
    assert step(scene, "check-in").status_code == 403
    assert of(scene).status is AppointmentStatus.BOOKED


def test_both_agencies_move_an_appointment_by_a_button(scene: Scene) -> None:
    for whose, role in ((scene.partner, Role.COORDINATOR), (scene.host, Role.PUBLISHER)):
        scene.sign_in(whose, role)
        before = of(scene).slot_id
        page = scene.client.get(f"/appointments/{scene.appointment}/times")
        new = re.findall(r'name="slot_id" value="([^"]+)"', page.text)
        assert str(before) not in new

        step(scene, "reschedule", slot_id=new[0])

        assert str(of(scene).slot_id) == new[0]
    history = scene.client.get(f"/appointments/{scene.appointment}").text
    assert history.count("moved to another time") == 2


def test_stranger_can_neither_look_at_other_times_nor_move(scene: Scene) -> None:
    scene.sign_in(scene.stranger, Role.COORDINATOR)

    assert scene.client.get(f"/appointments/{scene.appointment}/times").status_code == 404
    assert step(scene, "reschedule", slot_id=str(scene.slots[1])).status_code == 404


def test_family_books_its_places_in_one_go(scene: Scene) -> None:
    scene.sign_in(scene.partner, Role.COORDINATOR)
    path = f"/book/{scene.slots[1]}"
    asked = scene.client.get(path)
    assert "For how many people?" in asked.text

    kept = goes_to(send(scene.client, asked, path, places="2"))
    assert "For 2 people" in scene.client.get(kept).text
    booked = goes_to(send(scene.client, scene.client.get(kept), kept))

    assert re.search(r"<dt>Places</dt>\s*<dd>2</dd>", scene.client.get(booked).text)


def test_one_who_keeps_too_much_is_told_so_where_they_are(scene: Scene) -> None:
    scene.sign_in(scene.partner, Role.COORDINATOR)
    for slot in scene.slots[1:4]:
        page = scene.client.get(f"/book/{slot}")
        goes_to(send(scene.client, page, f"/book/{slot}", places="1"))

    path = f"/book/{scene.slots[4]}"
    refused = send(scene.client, scene.client.get(path), path, places="1")

    assert refused.status_code == 409
    assert "keep as many times there as may be kept at once" in refused.text


# -- the person's own page


@pytest.fixture
def my(scene: Scene) -> str:
    """The page of somebody who asked a host that wants to agree first."""
    with scene.database.transaction() as session:
        make_window(session, approval=Approval.HOST, documents=["A letter"])
        slot = find_bookable_slots(session, PUBLIC, now=NOON)[0]["id"]
        hold = place_hold(session, slot, viewer=PUBLIC, now=NOON)
        booked = confirm_hold(session, hold["id"], viewer=PUBLIC, now=NOON)
    scene.appointment, scene.code = booked.appointment["id"], booked.appointment["code"]
    return f"/my/{booked.manage_token}"


def test_person_sees_that_they_have_asked_and_what_to_bring(scene: Scene, my: str) -> None:
    shown = scene.client.get(my).text

    assert "You have asked for this time" in shown
    assert "A letter" in shown
    assert b"STATUS:TENTATIVE" in scene.client.get(f"{my}/calendar.ics").content


def test_person_moves_to_another_time_and_keeps_code_and_calendar(scene: Scene, my: str) -> None:
    before = scene.client.get(f"{my}/calendar.ics").text
    page = scene.client.get(f"{my}/times")
    new = re.findall(r'name="slot_id" value="([^"]+)"', page.text)

    moved = send(scene.client, page, f"{my}/reschedule", slot_id=new[0])

    assert goes_to(moved) == my
    assert str(of(scene).slot_id) == new[0]
    assert of(scene).code == scene.code
    after = scene.client.get(f"{my}/calendar.ics").text
    assert re.findall("UID:.*", before) == re.findall("UID:.*", after)
    assert "SEQUENCE:0" in before
    assert "SEQUENCE:1" in after


def test_t47_looking_at_any_page_of_theirs_changes_nothing(scene: Scene, my: str) -> None:
    for path in ("", "/times", "/calendar.ics", "/cancel", "/reschedule"):
        for method in ("GET", "HEAD", "OPTIONS"):
            scene.client.request(method, f"{my}{path}")

    assert (of(scene).status, of(scene).sequence) == ("pending", 0)


def test_t22_code_finds_the_time_and_proves_nothing(scene: Scene, my: str) -> None:
    found = send(scene.client, scene.client.get("/my"), "/my", code=scene.code.lower())

    assert "1 pm" in found.text
    for secret in ("Food parcels", "Lanternfish", my.removeprefix("/my/"), "/cancel"):
        assert secret not in found.text
    assert scene.client.get(f"/my/{scene.code}").status_code == 404
    cancelled = post_form(scene.client, f"/my/{scene.code}/cancel")
    assert cancelled.status_code == 404
    assert of(scene).status is AppointmentStatus.PENDING


def test_t25_codes_cannot_be_tried_one_after_the_other(scene: Scene) -> None:
    page = scene.client.get("/my")
    tries = [
        send(scene.client, page, "/my", code=f"0000-000{number}").status_code
        for number in range(10)
    ]

    assert set(tries) == {404}
    assert send(scene.client, page, "/my", code=scene.code).status_code == 429
    scene.set_clock(NOON + timedelta(hours=1))
    assert send(scene.client, page, "/my", code=scene.code).status_code == 200
