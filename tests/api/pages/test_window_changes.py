"""Changing, pausing, copying and ending windows, and snow days, on pages."""

from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest

from directory.models.accounts import Role
from scheduling.models.bookings import Appointment, AppointmentStatus
from scheduling.models.windows import Approval, AvailabilityWindow, WindowStatus
from tests.api.pages.conftest import Scene
from tests.api.pages.test_desk import words_of
from tests.factories import make_window, post_form


class Fields(HTMLParser):
    """What the last form of a page sends if nothing is filled in, texts and choices too."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, Any] = {}
        self._choice = self._text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values: dict[str, Any] = dict(attrs)
        name = values.get("name") or ""
        if tag == "form" and values.get("method") == "post":
            self.found = {}
        elif tag == "textarea":
            self._text, self.found[name] = name, ""
        elif tag == "select":
            self._choice = name
        elif tag == "option" and ("selected" in values or self._choice not in self.found):
            self.found[self._choice] = values["value"]
        elif tag == "input" and values.get("type") == "checkbox":
            if "checked" in values:
                self.found.setdefault(name, []).append(values["value"])
        elif tag == "input" and (values.get("type") != "radio" or "checked" in values):
            self.found[name] = values.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._text:
            self.found[self._text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._text = ""


def fields_of(page: str) -> dict[str, Any]:
    found = Fields(page).found
    return {name: value for name, value in found.items() if name != "_csrf_token"}


@pytest.fixture
def host(scene: Scene) -> Scene:
    scene.sign_in(scene.host, Role.PUBLISHER)
    return scene


def edit_form(scene: Scene, **changed: Any) -> dict[str, Any]:
    """The fields of the form as a browser would send them, with some typed anew."""
    shown = scene.client.get(f"/windows/{scene.window}/edit")
    assert shown.status_code == 200
    return {**fields_of(shown.text), **changed}


def send(scene: Scene, **fields: Any) -> Any:
    return post_form(scene.client, f"/windows/{scene.window}/edit", **fields)


def window_of(scene: Scene) -> AvailabilityWindow:
    with scene.database.reading() as session:
        window = session.get_one(AvailabilityWindow, scene.window)
        session.expunge_all()
        return window


def appointment_of(scene: Scene) -> Appointment:
    with scene.database.reading() as session:
        appointment = session.get_one(Appointment, scene.appointment)
        session.expunge_all()
        return appointment


def decision(scene: Scene, words: str) -> dict[str, str]:
    return {f"decision-{scene.appointment}": words}


def test_form_saved_as_it_was_changes_nothing_but_the_version(host: Scene) -> None:
    before = window_of(host).model_dump()

    done = send(host, **edit_form(host, do="save"))

    assert done.status_code == 303
    assert window_of(host).model_dump() == {**before, "version": 2}


def test_preview_of_a_change_lists_the_booking_with_a_choice_and_changes_nothing(
    host: Scene,
) -> None:
    asked = send(host, **edit_form(host, opens_at="13:30", do="preview"))

    assert asked.status_code == 200
    said = words_of(asked.text)
    assert "3 times end." in said
    assert "1 booking is affected" in said
    assert f"1 pm\u20131:30 pm, {host.code}, 1 place, Moonbeam Desk" in said
    assert "Move it to Tue, Jun 4, 1:30 pm" in said
    assert f'name="decision-{host.appointment}"' in asked.text
    assert 'value="13:30"' in asked.text
    assert window_of(host).version == 1


def test_change_without_a_choice_asks_for_it(host: Scene) -> None:
    refused = send(host, **edit_form(host, opens_at="13:30", do="save"))

    assert refused.status_code == 409
    assert "Decide about each booking below. Nothing is changed yet." in refused.text
    assert window_of(host).version == 1


@pytest.mark.parametrize(
    ("words", "status", "sequence"),
    [
        ("keep 0", AppointmentStatus.BOOKED, 0),
        ("cancel 0", AppointmentStatus.CANCELLED, 1),
        ("move 0 2030-06-04T17:30:00+0000", AppointmentStatus.BOOKED, 1),
    ],
)
def test_change_with_a_choice_is_made(
    host: Scene, words: str, status: AppointmentStatus, sequence: int
) -> None:
    fields = edit_form(host, opens_at="13:30", do="save", **decision(host, words))

    done = send(host, **fields)

    assert done.status_code == 303
    appointment = appointment_of(host)
    assert (appointment.status, appointment.sequence) == (status, sequence)
    moved = appointment.slot_id != host.slots[0]
    assert moved == words.startswith("move")


def test_choice_that_no_form_offers_is_refused(host: Scene) -> None:
    for words in ("keep", "keep x", "burn 0", "move 0 somewhere", "move 0 Tomorrow"):
        fields = edit_form(host, opens_at="13:30", do="save", **decision(host, words))
        assert send(host, **fields).status_code == 422
    assert window_of(host).version == 1


def test_change_of_what_somebody_changed_meanwhile_says_so(host: Scene) -> None:
    fields = edit_form(host, title="Mine", do="save")
    send(host, **edit_form(host, title="Theirs", do="save"))

    refused = send(host, **fields)

    assert refused.status_code == 409
    assert "Somebody changed this after you read it." in refused.text
    assert window_of(host).title == "Theirs"


def test_mistakes_are_said_beside_their_fields(host: Scene) -> None:
    refused = send(host, **edit_form(host, title=" ", slot_minutes="500", do="save"))

    assert refused.status_code == 422
    assert 'id="title-error"' in refused.text


def test_window_is_paused_and_offered_again(host: Scene) -> None:
    path = f"/windows/{host.window}/status"

    assert post_form(host.client, path, version="1", do="pause").status_code == 303
    assert "Offer it again" in host.client.get(f"/windows/{host.window}").text
    assert post_form(host.client, path, version="1", do="resume").status_code == 409
    assert post_form(host.client, path, version="2", do="resume").status_code == 303

    assert window_of(host).status is WindowStatus.PUBLISHED


def test_window_is_ended_with_a_choice_for_each_booking(host: Scene) -> None:
    path = f"/windows/{host.window}/end"
    assert "12 times end." in words_of(host.client.get(path).text)
    assert post_form(host.client, path, version="1").status_code == 409

    done = post_form(host.client, path, version="1", **decision(host, "keep 0"))

    assert done.status_code == 303
    assert window_of(host).status is WindowStatus.ENDED
    assert appointment_of(host).status is AppointmentStatus.BOOKED
    assert "This window has ended." in host.client.get(path).text


def test_copy_is_a_new_form_filled_in(host: Scene) -> None:
    shown = host.client.get(f"/windows/new?copy={host.window}")

    fields = fields_of(shown.text)
    assert (fields["title"], fields["opens_at"], fields["capacity"]) == ("Intake", "13:00", "2")
    assert (fields["freq"], fields["days"], fields["starts_on"]) == ("WEEKLY", ["TU"], "2030-06-03")
    assert fields["documents"] == "Photo ID"
    done = post_form(host.client, "/windows/new", **{**fields, "do": "publish"})
    assert done.status_code == 303
    assert done.headers["location"] != f"/windows/{host.window}"


def test_when_a_booking_stands_is_changed_and_copied_and_stays_where_it_is_not(
    host: Scene,
) -> None:
    only_new = "When a booking stands changes for new bookings only."
    fields = edit_form(host, approval="host")
    assert only_new in send(host, **{**fields, "do": "preview"}).text
    assert send(host, **{**fields, "do": "save"}).status_code == 303
    assert window_of(host).approval is Approval.HOST
    assert appointment_of(host).status is AppointmentStatus.BOOKED

    assert only_new not in send(host, **edit_form(host, title="Talk", do="preview")).text
    send(host, **edit_form(host, title="Talk", do="save"))
    copied = fields_of(host.client.get(f"/windows/new?copy={host.window}").text)

    assert (window_of(host).title, window_of(host).approval) == ("Talk", Approval.HOST)
    assert copied["approval"] == "host"


def test_pattern_that_the_form_cannot_say_stays_as_it_is(host: Scene) -> None:
    with host.database.transaction() as session:
        window = make_window(
            session, None, freq="MONTHLY", byday=("1TU", "-1FR"), notice_minutes=90
        )
        host.window, owner = window.id, window.organization_id
    host.sign_in(owner, Role.PUBLISHER)

    assert send(host, **edit_form(host, title="Talk", do="save")).status_code == 303

    after = window_of(host)
    assert (after.title, after.byday, after.notice_minutes) == ("Talk", "1TU,-1FR", 90)


def test_window_of_another_agency_does_not_exist(scene: Scene) -> None:
    scene.sign_in(scene.stranger, Role.PUBLISHER)

    for path in ("edit", "end"):
        assert scene.client.get(f"/windows/{scene.window}/{path}").status_code == 404
        ours = post_form(scene.client, f"/windows/{scene.window}/{path}", version="1")
        assert ours.status_code in (404, 422)
    assert scene.client.get(f"/windows/new?copy={scene.window}").status_code == 404
    paused = post_form(scene.client, f"/windows/{scene.window}/status", version="1", do="pause")
    assert paused.status_code == 404


def test_snow_day_is_previewed_declared_once_and_lifted(host: Scene) -> None:
    fields = fields_of(host.client.get("/closures").text)
    fields |= {"starts_on": "2030-06-04", "ends_on": "2030-06-04", "reason": "Snow"}

    asked = post_form(host.client, "/closures", **{**fields, "do": "preview"})
    assert "4 times end. 1 booking is affected" in words_of(asked.text)
    assert appointment_of(host).status is AppointmentStatus.BOOKED
    for _ in range(2):
        done = post_form(host.client, "/closures", **{**fields, "do": "close"})
        assert done.headers["location"] == "/closures"

    assert appointment_of(host).status is AppointmentStatus.CANCELLED
    shown = host.client.get("/closures").text
    assert words_of(shown).count("Tue, Jun 4, Snow") == 1
    lift = next(part for part in shown.split('"') if part.endswith("/lift"))
    assert UUID(lift.split("/")[2])
    assert post_form(host.client, lift).status_code == 303
    assert "Opened again" in host.client.get("/closures").text


def test_odd_closed_days_are_said_beside_the_field(host: Scene) -> None:
    refused = post_form(
        host.client, "/closures", starts_on="2030-06-05", ends_on="2030-06-04", do="close"
    )

    assert refused.status_code == 422
    assert "The last day comes before the first." in refused.text
