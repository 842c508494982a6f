"""Saying that listings are right: at the front desk, and from the administrator's work list."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import select

from directory.commands.asking import ask, close_requests
from directory.commands.outbox import claim_message, mark_not_sent, mark_sent
from directory.index import refresh_services
from directory.models.accounts import Role
from directory.models.contacts import Phone
from directory.models.services import Service, ServiceAtLocation
from directory.models.verifications import Verification, VerificationMethod, VitalField
from directory.queries.asking import Chosen
from tests.api.pages.conftest import Scene
from tests.api.pages.test_desk import words_of
from tests.conftest import NOON
from tests.directory.asking_machine import make_token, write
from tests.factories import make_offer, make_organization, post_form

DAY = timedelta(days=1)


def give_phone(scene: Scene) -> Any:
    """Give the scene's listing something that can be checked; return its service."""
    with scene.database.transaction() as session:
        place = session.get_one(ServiceAtLocation, scene.offer)
        session.add(Phone(service_id=place.service_id, number="517-555-0107"))
        service = session.get_one(Service, place.service_id)
        service.email = "desk@lanternfish.example"
        session.add(service)
        refresh_services(session, [place.service_id], now=NOON)
        return place.service_id


def checks(scene: Scene) -> list[tuple[str, str, bool]]:
    with scene.database.reading() as session:
        rows = session.exec(select(Verification)).all()
        return sorted((row.field, row.method, row.changed) for row in rows)


def test_one_button_says_that_all_of_a_listing_is_right_today(scene: Scene) -> None:
    give_phone(scene)
    scene.sign_in(scene.host, Role.PUBLISHER)
    assert "Food parcels, The Hall Not checked yet" in words_of(
        scene.client.get("/front-desk").text
    )

    done = post_form(scene.client, f"/front-desk/checks/{scene.offer}")

    assert (done.status_code, done.headers["location"]) == (303, "/front-desk#checks")
    assert checks(scene) == [("phone", "staff", False)]
    shown = words_of(scene.client.get("/front-desk").text)
    assert "Food parcels, The Hall Checked today by the agency" in shown


def test_another_agencys_listing_is_not_there(scene: Scene) -> None:
    give_phone(scene)
    scene.sign_in(scene.stranger, Role.PUBLISHER)

    for listing in (scene.offer, uuid4()):
        assert post_form(scene.client, f"/front-desk/checks/{listing}").status_code == 404
    assert checks(scene) == []


def test_work_list_has_the_riskiest_first_with_the_number_beside_it(scene: Scene) -> None:
    give_phone(scene)
    with scene.database.transaction() as session:
        make_offer(session, name="Quiet corner", organization=make_organization(session, "Q"))
    scene.sign_in(scene.stranger, Role.ADMINISTRATOR)

    shown = words_of(scene.client.get("/network/verification").text)

    assert shown.index("Food parcels") < shown.index("Quiet corner")  # one was booked
    assert "Call 517-555-0107" in shown
    assert "Turned to 1 times in 90 days. 0 of 0 checks found a mistake." in shown
    assert "No e-mail address is listed." in shown


def test_what_was_said_on_the_phone_is_written_down(scene: Scene) -> None:
    service = give_phone(scene)
    scene.sign_in(scene.stranger, Role.ADMINISTRATOR)
    path = f"/network/verification/{service}"

    done = post_form(scene.client, path, field="", method="phone", show="never")
    assert (done.status_code, done.headers["location"]) == (303, "/network/verification?show=never")
    post_form(scene.client, path, field="hours", method="website", changed="yes")

    assert checks(scene) == [("hours", "website", True), ("phone", "phone", False)]
    assert "Food parcels" not in scene.client.get("/network/verification").text.split("<main")[1]
    assert "Checked today by phone" in scene.client.get("/network/verification?show=all").text


def test_a_listing_with_nothing_to_check_says_so_in_its_place(scene: Scene) -> None:
    scene.sign_in(scene.stranger, Role.ADMINISTRATOR)
    with scene.database.reading() as session:
        service = session.get_one(ServiceAtLocation, scene.offer).service_id

    refused = post_form(scene.client, f"/network/verification/{service}", method="phone")

    assert refused.status_code == 422
    assert "This listing says nothing yet that can be checked." in refused.text
    assert checks(scene) == []


@pytest.mark.parametrize("fields", [{"method": "link"}, {"field": "shoe size"}, {"show": "x"}])
def test_a_form_that_no_page_has_is_refused(scene: Scene, fields: dict[str, str]) -> None:
    service = give_phone(scene)
    scene.sign_in(scene.host, Role.ADMINISTRATOR)

    assert post_form(scene.client, f"/network/verification/{service}", **fields).status_code == 422
    assert checks(scene) == []


@pytest.mark.parametrize("query", ["show=x", "page=0", "page=x", "nothing=1", "page=99999999"])
def test_an_address_that_no_page_has_is_refused(scene: Scene, query: str) -> None:
    scene.sign_in(scene.host, Role.ADMINISTRATOR)

    assert scene.client.get(f"/network/verification?{query}").status_code == 422


def listed(scene: Scene, show: str) -> bool:
    page = scene.client.get(f"/network/verification?show={show}").text
    return f'id="service-{_service(scene)}"' in page


def _service(scene: Scene) -> Any:
    with scene.database.reading() as session:
        return session.get_one(ServiceAtLocation, scene.offer).service_id


STAGES = ("due", "unanswered", "undelivered", "never", "waiting", "unclaimed", "all")


@pytest.mark.parametrize("arrives", [True, False])
def test_filters_follow_a_question_through_its_life(scene: Scene, *, arrives: bool) -> None:
    service = give_phone(scene)
    scene.sign_in(scene.stranger, Role.ADMINISTRATOR)

    def stages() -> set[str]:
        return {show for show in STAGES if listed(scene, show)}

    assert stages() == {"due", "never", "all"}
    with scene.database.transaction() as session:
        chosen = [Chosen(service, "desk@lanternfish.example")]
        ask(session, chosen, make_token=make_token, write=write, now=NOON)
    assert stages() == {"waiting", "never", "all"}
    with scene.database.transaction() as session:
        message = claim_message(session, now=NOON)
        assert message is not None
        if arrives:
            mark_sent(session, message, now=NOON)
        else:
            mark_not_sent(session, message, forever=True, now=NOON)
    scene.set_clock(NOON + 22 * DAY)
    with scene.database.transaction() as session:
        assert close_requests(session, now=NOON + 22 * DAY) == 1
    scene.sign_in(scene.stranger, Role.ADMINISTRATOR)  # the old session is over by then

    assert stages() == {"unanswered" if arrives else "undelivered", "due", "never", "all"}


def test_a_long_work_list_comes_in_pages(scene: Scene) -> None:
    with scene.database.transaction() as session:
        agency = make_organization(session, "Many")
        for number in range(60):
            make_offer(session, name=f"Service {number:02}", organization=agency)
    scene.sign_in(scene.host, Role.ADMINISTRATOR)

    first = scene.client.get("/network/verification").text
    second = scene.client.get("/network/verification?page=2").text

    assert first.count('id="service-') == 50
    assert second.count('id="service-') == 11
    assert "Next page" in first
    assert "Next page" not in second
    assert "Page before" in second


def test_network_page_says_what_waits_and_why(scene: Scene) -> None:
    service = give_phone(scene)
    with scene.database.transaction() as session:
        ask(
            session,
            [Chosen(service, "desk@lanternfish.example")],
            make_token=make_token,
            write=write,
            now=NOON,
        )
    scene.sign_in(scene.host, Role.ADMINISTRATOR)

    shown = scene.client.get("/network").text
    assert "1 message waits; no mail server is set." in shown
    assert make_token(service) not in shown
    state = scene.client.app.state
    state.settings = replace(state.settings, smtp_url="smtp://localhost", mail_from="a@b.example")

    assert "1 message waits to be sent." in scene.client.get("/network").text


def test_listing_says_of_each_field_when_how_and_by_whom(scene: Scene) -> None:
    give_phone(scene)
    with scene.database.transaction() as session:
        service = session.get_one(Service, _service(scene))
        service.fees_description, service.assured_date = "Free", date(2029, 12, 1)
        session.add(service)
        session.flush()
        session.add(
            Verification(
                service_id=service.id,
                field=VitalField.PHONE,
                method=VerificationMethod.PHONE,
                verified_at=NOON - 12 * DAY,
                said_by="Moonbeam Desk",
            )
        )
        refresh_services(session, [service.id], now=NOON)

    shown = words_of(scene.client.get(f"/services/{scene.offer}").text)

    assert "Phone number Checked 12 days ago by phone (Moonbeam Desk)" in shown
    assert "What it costs Checked 6 months ago by the directory it comes from" in shown
    assert "Checked 6 months ago by the directory it comes from" in words_of(
        scene.client.get("/?near=48933").text
    )
