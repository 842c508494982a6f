from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import col, select

from directory.models.accounts import Role
from directory.viewer import Viewer
from scheduling.commands.holds import place_hold
from scheduling.models.slots import Slot
from scheduling.models.windows import (
    Approval,
    AvailabilityWindow,
    WindowException,
    WindowPartner,
)
from tests.api.pages.conftest import Scene
from tests.api.pages.test_desk import words_of
from tests.conftest import NOON
from tests.factories import make_agreement, make_offer, post_form


@pytest.fixture
def host(scene: Scene) -> Scene:
    """The host's front desk has signed in."""
    scene.sign_in(scene.host, Role.PUBLISHER)
    return scene


def form(scene: Scene, **fields: Any) -> dict[str, Any]:
    """Tuesdays and Thursdays 1 pm to 3 pm, half hours, two places, until June 27."""
    return {
        "service_at_location_id": str(scene.offer),
        "title": "Intake talk",
        "freq": "WEEKLY",
        "days": ["TU", "TH"],
        "opens_at": "13:00",
        "closes_at": "15:00",
        "starts_on": "2030-06-04",
        "until": "2030-06-27",
        "slot_minutes": "30",
        "capacity": "2",
        "bookable_by": "partners",
        "do": "publish",
        **fields,
    }


def send(scene: Scene, **fields: Any) -> Any:
    return post_form(scene.client, "/windows/new", **form(scene, **fields))


def windows(scene: Scene) -> list[AvailabilityWindow]:
    with scene.database.reading() as session:
        found = session.exec(
            select(AvailabilityWindow).where(AvailabilityWindow.id != scene.window)
        ).all()
        session.expunge_all()
        return list(found)


def test_list_says_each_rule_in_words(host: Scene) -> None:
    shown = host.client.get("/windows").text

    assert "Tuesdays, 1 pm\u20133 pm, every 30 minutes, 2 places" in shown
    assert f'href="/windows/{host.window}"' in shown


def test_window_shows_its_terms_and_how_its_slots_fill_up(host: Scene) -> None:
    shown = words_of(host.client.get(f"/windows/{host.window}").text)

    assert "Partner agencies: Moonbeam Desk" in shown
    assert "up to 1 day before" in shown
    assert "Photo ID" in shown
    assert "1 pm\u20131:30 pm: 1 of 2 places taken" in shown
    assert "2:30 pm\u20133 pm: 0 of 2 places taken" in shown


def test_published_window_has_its_slots(host: Scene) -> None:
    done = send(
        host,
        partners=str(host.partner),
        documents="Photo ID, or a letter\n\nProof of income\n",
        closed_on="2030-06-06\n2030-06-11",
        cancel_cutoff_hours="24",
        notice_hours="2",
    )

    assert done.status_code == 303
    (window,) = windows(host)
    assert done.headers["location"] == f"/windows/{window.id}"
    assert (window.byday, window.timezone) == ("TU,TH", "America/Detroit")
    assert (window.cancel_cutoff_minutes, window.notice_minutes) == (24 * 60, 2 * 60)
    assert window.documents == ["Photo ID, or a letter", "Proof of income"]
    with host.database.reading() as session:
        slots = session.exec(select(Slot).where(Slot.window_id == window.id)).all()
        partners = session.exec(
            select(WindowPartner.organization_id).where(WindowPartner.window_id == window.id)
        ).all()
        closed = session.exec(select(col(WindowException.closed_on))).all()
    assert len(slots) == (8 - 2) * 4
    assert partners == [host.partner]
    assert len(closed) == 2
    assert "Tuesdays and Thursdays, 1 pm\u20133 pm, every 30 minutes, 2 places, until Jun 27" in (
        host.client.get(done.headers["location"]).text
    )


def test_preview_shows_the_first_two_weeks_and_publishes_nothing(host: Scene) -> None:
    preview = send(host, do="preview")

    assert preview.status_code == 200
    said = words_of(preview.text)
    assert "In its first two weeks, 16 times, 2 places each:" in said
    assert "Tue, Jun 4: 1 pm, 1:30 pm, 2 pm, 2:30 pm Thu, Jun 6: 1 pm," in said
    assert windows(host) == []
    assert 'value="TH" checked' in preview.text


def test_preview_names_twenty_and_counts_the_rest(host: Scene) -> None:
    said = words_of(send(host, do="preview", slot_minutes="15").text)

    assert "32 times," in said
    assert "And 12 more." in said


def test_preview_of_a_monthly_window_finds_its_day(host: Scene) -> None:
    said = words_of(
        send(host, do="preview", freq="MONTHLY", days="WE", which="3", until="", count="2").text
    )

    assert "In its first two weeks, 4 times," in said
    assert "Wed, Jun 19" in said


def test_single_day_needs_no_pattern(host: Scene) -> None:
    send(host, freq="once", days=[], until="")

    (window,) = windows(host)
    assert (window.freq, window.byday) == (None, None)


def test_form_sent_twice_publishes_once(host: Scene) -> None:
    key = str(uuid4())
    once, twice = send(host, key=key), send(host, key=key)

    assert once.headers["location"] == twice.headers["location"]
    assert len(windows(host)) == 1


def test_form_changed_after_publishing_asks_again(host: Scene) -> None:
    key = str(uuid4())
    send(host, key=key)

    asked = send(host, key=key, title="Another")

    assert asked.status_code == 409
    assert "You have published this form already." in asked.text
    assert key not in asked.text
    assert len(windows(host)) == 1


@pytest.mark.parametrize("do", ["preview", "publish"])
@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        (
            {"title": "", "opens_at": "1 pm", "starts_on": "June", "capacity": "0"},
            ["title", "opens_at", "starts_on", "capacity"],
        ),
        ({"service_at_location_id": str(uuid4())}, ["service_at_location_id"]),
        ({"until": "2030-06-01"}, ["until"]),
        ({"count": "5"}, ["until"]),
        ({"days": "XX"}, ["days"]),
        ({"closes_at": "13:10", "slot_minutes": "30"}, ["closes_at"]),
        ({"notice_hours": "721", "cancel_cutoff_hours": "-1"}, ["notice_hours"]),
        ({"closed_on": "Christmas"}, ["closed_on"]),
        ({"documents": "\n".join("abc" for _ in range(21))}, ["documents"]),
        ({"documents": "x" * 121, "freq": "HOURLY"}, ["documents", "freq"]),
        ({"slot_minutes": "5", "opens_at": "00:00", "closes_at": "23:59", "days": []}, []),
        ({"opens_at": "13:00Z"}, ["opens_at"]),
        ({"approval": "perhaps"}, ["approval"]),
    ],
)
def test_every_mistake_is_said_beside_its_field(
    host: Scene, do: str, fields: dict[str, Any], wrong: list[str]
) -> None:
    reply = send(host, do=do, **fields)

    assert reply.status_code == (422 if wrong else 303 if do == "publish" else 200)
    for field in wrong:
        assert f'id="{field}-error"' in reply.text
    if wrong:
        assert windows(host) == []


def test_partner_without_an_active_agreement_is_refused(host: Scene) -> None:
    refused = send(host, partners=[str(host.partner), str(host.stranger)])

    assert refused.status_code == 422
    assert 'id="partners-error"' in refused.text
    assert windows(host) == []


def test_service_of_another_agency_cannot_be_published(host: Scene) -> None:
    with host.database.transaction() as session:
        theirs = str(make_offer(session, name="Theirs").id)

    refused = send(host, service_at_location_id=theirs)

    assert refused.status_code == 422
    assert theirs not in host.client.get("/windows/new").text


def test_form_offers_the_partners_of_active_agreements(host: Scene) -> None:
    with host.database.transaction() as session:
        make_agreement(session, host.stranger, host.host)  # they host us

    shown = host.client.get("/windows/new").text

    assert "Moonbeam Desk" in shown
    assert "No Agreement Inc." not in shown


def test_added_days_are_previewed_published_and_shown(host: Scene) -> None:
    days = "2030-06-08\n2030-06-12 9:00-10:00"
    wrong = send(host, added_on=days)
    assert "Write each day as 2030-07-04, or 2030-07-04 10:00-12:00, one a line." in wrong.text

    days = days.replace("9:00", "09:00")
    said = words_of(send(host, do="preview", added_on=days).text)
    assert "In its first two weeks, 22 times," in said
    assert "Sat, Jun 8: 1 pm, 1:30 pm, 2 pm, 2:30 pm" in said
    assert "Wed, Jun 12: 9 am, 9:30 am" in said
    shown = words_of(host.client.get(send(host, added_on=days).headers["location"]).text)

    assert "Added days Jun 8; Jun 12, 9 am\u201310 am" in shown


def test_host_that_says_yes_first_is_previewed_published_and_shown(host: Scene) -> None:
    assert "You say yes to each booking" not in send(host, do="preview").text
    preview = send(host, do="preview", approval="host").text
    assert "You say yes to each booking before it stands." in preview
    assert '<option value="host" selected>When we have said yes to it</option>' in preview

    done = send(host, approval="host")

    (window,) = windows(host)
    assert window.approval is Approval.HOST
    shown = words_of(host.client.get(done.headers["location"]).text)
    assert "When a booking stands When we have said yes to it" in shown
    first = words_of(host.client.get(f"/windows/{host.window}").text)
    assert "When a booking stands At once" in first


def test_t01_publisher_sees_who_keeps_places_just_now(scene: Scene) -> None:
    with scene.database.transaction() as session:
        keeper = Viewer(scene.partner)
        for slot in scene.slots[1:3]:
            place_hold(session, slot, viewer=keeper, now=NOON)
    scene.sign_in(scene.host, Role.PUBLISHER)

    shown = scene.client.get(f"/windows/{scene.window}").text
    assert "Kept just now, not booked yet" in shown
    assert "Moonbeam Desk: 2 places" in shown

    scene.set_clock(NOON + timedelta(minutes=10))
    assert "Kept just now" not in scene.client.get(f"/windows/{scene.window}").text
