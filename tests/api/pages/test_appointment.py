from typing import Any

import pytest

from directory.models.accounts import Role
from scheduling.models.bookings import Appointment, AppointmentStatus
from scheduling.models.windows import AvailabilityWindow
from tests.api.pages.conftest import Scene
from tests.factories import post_form


def cancel(scene: Scene, **fields: Any) -> Any:
    path = f"/appointments/{scene.appointment}/cancel"
    return post_form(scene.client, path, **{"reason": "client-unwell", **fields})


def status_of(scene: Scene) -> AppointmentStatus:
    with scene.database.reading() as session:
        return session.get_one(Appointment, scene.appointment).status


@pytest.mark.parametrize("side", ["host", "partner"])
def test_both_sides_see_everything(scene: Scene, side: str) -> None:
    scene.sign_in(getattr(scene, side), Role.COORDINATOR)

    shown = scene.client.get(f"/appointments/{scene.appointment}").text

    for words in (scene.code, "Intake", "Moonbeam Desk", "Photo ID", "Booked", "Tue, Jun 4"):
        assert words in shown


def test_colleague_is_named_only_within_the_agency(scene: Scene) -> None:
    path = f"/appointments/{scene.appointment}"
    scene.sign_in(scene.partner, Role.COORDINATOR)
    assert "Moonbeam Desk (Test Person)" in scene.client.get(path).text

    scene.sign_in(scene.host, Role.PUBLISHER)
    assert "Moonbeam Desk (Test Person)" not in scene.client.get(path).text


@pytest.mark.parametrize(
    ("back", "leads_to"),
    [
        ({"back": "desk", "day": "2030-06-04"}, "/desk?day=2030-06-04"),
        ({"back": "front-desk"}, "/front-desk"),
        ({}, None),
    ],
)
def test_cancelling_leads_back_to_where_the_button_was(
    scene: Scene, back: dict[str, str], leads_to: str | None
) -> None:
    scene.sign_in(scene.partner, Role.COORDINATOR)

    done = cancel(scene, **back)

    assert done.status_code == 303
    assert done.headers["location"] == (leads_to or f"/appointments/{scene.appointment}")
    assert status_of(scene) == AppointmentStatus.CANCELLED


def test_history_tells_who_cancelled_and_why(scene: Scene) -> None:
    scene.sign_in(scene.partner, Role.COORDINATOR)
    cancel(scene)

    shown = scene.client.get(f"/appointments/{scene.appointment}").text

    assert "Cancelled by the agency that booked" in shown
    assert "The client is unwell" in shown
    assert "Cancel this appointment" not in shown


def test_late_cancelling_is_refused_in_words_and_the_host_still_may(scene: Scene) -> None:
    with scene.database.transaction() as session:
        session.get_one(AvailabilityWindow, scene.window).cancel_cutoff_minutes = 48 * 60
    scene.sign_in(scene.partner, Role.COORDINATOR)

    refused = cancel(scene)

    assert refused.status_code == 409
    assert "It is too late to change this here. Please call the agency." in refused.text
    assert status_of(scene) == AppointmentStatus.BOOKED

    scene.sign_in(scene.host, Role.PUBLISHER)
    assert cancel(scene, reason="host-closed").status_code == 303
    assert status_of(scene) == AppointmentStatus.CANCELLED


@pytest.mark.parametrize("reason", ["", "bored", "x" * 41])
def test_reason_has_to_be_one_of_the_list(scene: Scene, reason: str) -> None:
    scene.sign_in(scene.partner, Role.COORDINATOR)

    refused = cancel(scene, reason=reason)

    assert refused.status_code == 422
    assert 'id="reason-error"' in refused.text
    assert status_of(scene) == AppointmentStatus.BOOKED


def test_form_leads_nowhere_else(scene: Scene) -> None:
    scene.sign_in(scene.partner, Role.COORDINATOR)

    assert cancel(scene, back="https://elsewhere.example").status_code == 422
    assert status_of(scene) == AppointmentStatus.BOOKED
