"""Other terms of an agreement in the browser: proposed by either side, compared, signed."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from directory.database import find_rows
from directory.models.accounts import Role
from directory.models.services import ServiceAtLocation
from scheduling.models import TABLES
from scheduling.models.agreements import Agreement, AgreementStatus
from scheduling.models.windows import AvailabilityWindow, BookableBy
from scheduling.queries.agreements import find_allotments
from tests.api.pages.conftest import Scene
from tests.api.pages.test_agreements import press, propose
from tests.api.pages.test_desk import words_of
from tests.api.pages.test_window_changes import fields_of
from tests.factories import make_allotment, make_window, post_form

MONDAY = "2030-06-10"


@pytest.fixture
def in_force(scene: Scene) -> str:
    """Two places a week, until 24 hours before, and signed by both; the host is signed in."""
    path = propose(scene)
    assert press(scene, path, "sign") == 303
    scene.sign_in(scene.stranger, Role.PUBLISHER)
    assert press(scene, path, "sign") == 303
    scene.sign_in(scene.host, Role.PUBLISHER)
    return path


def asked(scene: Scene, path: str, **typed: Any) -> dict[str, Any]:
    """The form as a browser would send it, with some fields typed anew."""
    shown = scene.client.get(f"{path}/terms")
    assert shown.status_code == 200
    return {**fields_of(shown.text), **typed}


def send(scene: Scene, path: str, fields: dict[str, Any]) -> Any:
    return post_form(scene.client, f"{path}/terms", **fields)


def agreements(scene: Scene) -> list[Agreement]:
    with scene.database.reading() as session:
        found = list(session.exec(select(Agreement)))
        session.expunge_all()
        return found


def id_of(path: str) -> UUID:
    return UUID(path.rsplit("/", maxsplit=1)[1])


def allotments_of(scene: Scene, path: str) -> list[dict[str, Any]]:
    with scene.database.reading() as session:
        return find_allotments(session, id_of(path))


def agreement_of(scene: Scene, path: str) -> Agreement:
    return next(each for each in agreements(scene) if each.id == id_of(path))


def test_form_has_the_present_terms_from_the_next_monday_on(scene: Scene, in_force: str) -> None:
    fields = asked(scene, in_force)

    assert (fields["title"], fields["notice_days"], fields["starts_on"]) == (
        "Tuesdays",
        "7",
        MONDAY,
    )
    assert (fields["places-0"], fields["release_hours-0"]) == ("2", "24")
    assert fields["windows-0"] == [str(scene.window)]
    assert fields["places-1"] == ""


def test_new_terms_are_a_successor_that_says_what_is_different(scene: Scene, in_force: str) -> None:
    fields = asked(scene, in_force, **{"places-0": "5", "title": "Two days"})

    done = send(scene, in_force, fields)

    assert done.status_code == 303
    path = done.headers["location"]
    assert agreement_of(scene, path).replaces_id == id_of(in_force)
    assert agreement_of(scene, in_force).status is AgreementStatus.ACTIVE
    said = words_of(scene.client.get(path).text)
    assert "Title Before: Tuesdays New: Two days" in said
    more = "places a week: Intake. What is unused is for everyone 24 hours before."
    assert f"How much Before: 2 {more} New: 5 {more}" in said
    assert "Days of notice Before" not in said
    before = scene.client.get(in_force).text
    assert "New terms are proposed, from Jun 10 on." in before
    assert f'href="{path}"' in before
    assert "Propose new terms" not in before


def test_successor_holds_when_both_have_signed(scene: Scene, in_force: str) -> None:
    path = send(scene, in_force, asked(scene, in_force, **{"places-0": "5"})).headers["location"]
    assert press(scene, path, "sign") == 303
    shown = words_of(scene.client.get(in_force).text)
    assert "Your agency has signed. The other agency has not signed yet." in shown
    scene.sign_in(scene.stranger, Role.PUBLISHER)
    assert "Before: 2 places a week" in words_of(scene.client.get(path).text)

    assert press(scene, path, "sign") == 303

    assert agreement_of(scene, path).status is AgreementStatus.ACTIVE
    assert str(agreement_of(scene, in_force).ends_on) == "2030-06-09"
    assert "Other terms hold from Jun 10 on." in scene.client.get(in_force).text
    assert "These terms have replaced others." in scene.client.get(path).text


def test_either_side_proposes_other_terms(scene: Scene, in_force: str) -> None:
    scene.sign_in(scene.stranger, Role.PUBLISHER)

    done = send(scene, in_force, asked(scene, in_force, **{"places-0": "9"}))

    assert done.status_code == 303
    (number,) = allotments_of(scene, done.headers["location"])
    assert number["places"] == 9
    assert "you book with them" in scene.client.get(in_force).text


def test_numbers_are_added_and_taken_away(scene: Scene, in_force: str) -> None:
    with scene.database.reading() as session:
        service = str(session.get_one(ServiceAtLocation, scene.offer).service_id)
    more = {"places-1": "3", "services-1": service, "release_hours-1": ""}
    both = send(scene, in_force, asked(scene, in_force, **more)).headers["location"]
    assert sorted(
        (row["places"], row["release_minutes"], len(row["windows"]), len(row["services"]))
        for row in allotments_of(scene, both)
    ) == [(2, 1440, 1, 0), (3, None, 0, 1)]

    fields = asked(scene, both)
    gone = {name: "" for name in fields if name.startswith("places-")}
    assert send(scene, both, {**fields, **gone}).headers["location"] == both

    assert allotments_of(scene, both) == []
    assert "New: nothing" in words_of(scene.client.get(both).text)


def test_minutes_that_the_form_cannot_say_stay_as_they_are(scene: Scene) -> None:
    with scene.database.transaction() as session:
        agreement = session.exec(select(Agreement)).one()
        window = session.get_one(AvailabilityWindow, scene.window)
        make_allotment(session, agreement, 4, windows=[window], release_minutes=90)
        path = f"/agreements/{agreement.id}"
    scene.sign_in(scene.host, Role.PUBLISHER)
    fields = asked(scene, path, title="Anew")
    kept = send(scene, path, fields).headers["location"]
    typed = send(scene, path, {**fields, "release_hours-0": "2", "key": ""}).headers["location"]

    assert allotments_of(scene, kept)[0]["release_minutes"] == 90
    assert allotments_of(scene, typed)[0]["release_minutes"] == 120


def test_form_sent_twice_proposes_once(scene: Scene, in_force: str) -> None:
    before = len(agreements(scene))
    fields = asked(scene, in_force)

    once, twice = send(scene, in_force, fields), send(scene, in_force, fields)

    assert once.headers["location"] == twice.headers["location"]
    assert len(agreements(scene)) == before + 1


def test_changed_proposal_is_signed_anew(scene: Scene) -> None:
    path = propose(scene)
    assert press(scene, path, "sign") == 303

    done = send(scene, path, asked(scene, path, title="Changed"))

    assert done.headers["location"] == path
    assert agreement_of(scene, path).host_signed_at is None
    assert agreement_of(scene, path).starts_on.isoformat() == "2030-06-01"


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"title": "", "starts_on": "2030-06-11"}, ["title", "starts_on"]),
        ({"places-0": "0", "notice_days": "x"}, ["places-0", "notice_days"]),
        ({"places-7": "501", "release_hours-0": "-1"}, ["places-7", "release_hours-0"]),
        ({"places-1": "3"}, ["windows-1"]),
        ({"places-0": "", "places-1": "3"}, ["windows-1"]),
        ({"windows-0": str(uuid4())}, ["windows-0"]),
        ({"services-0": str(uuid4())}, ["services-0"]),
        ({"ends_on": "2030-06-01"}, ["ends_on"]),
        ({"surprise": "1"}, []),
    ],
)
def test_every_mistake_is_said_beside_its_field(
    scene: Scene, in_force: str, typed: dict[str, str], wrong: list[str]
) -> None:
    before = len(agreements(scene))

    refused = send(scene, in_force, asked(scene, in_force, **typed))

    assert refused.status_code == 422
    for field in wrong:
        assert f'id="{field}-error"' in refused.text
    assert len(agreements(scene)) == before


def test_more_numbers_than_an_agreement_has_are_refused(scene: Scene, in_force: str) -> None:
    for at, status in ((20, 422), (19, 303)):
        more = {f"places-{at}": "1", f"windows-{at}": str(scene.window)}
        assert send(scene, in_force, asked(scene, in_force, **more)).status_code == status


def test_terms_that_somebody_changed_meanwhile_are_looked_at_again(scene: Scene) -> None:
    path = propose(scene)
    fields = asked(scene, path, title="Mine")
    send(scene, path, asked(scene, path, title="Theirs"))

    refused = send(scene, path, fields)

    assert refused.status_code == 409
    assert "Somebody changed this after you read it." in refused.text
    assert agreement_of(scene, path).title == "Theirs"


def test_what_has_ended_has_no_other_terms(scene: Scene) -> None:
    path = propose(scene)
    fields = asked(scene, path)
    press(scene, path, "end")

    assert scene.client.get(f"{path}/terms").status_code == 409
    assert send(scene, path, fields).status_code == 409


def test_only_publishers_of_the_two_propose(scene: Scene, in_force: str) -> None:
    fields = asked(scene, in_force)
    scene.sign_in(scene.host, Role.COORDINATOR)
    assert "Propose new terms" not in scene.client.get(in_force).text
    assert scene.client.get(f"{in_force}/terms").status_code == 403
    assert send(scene, in_force, fields).status_code == 403

    scene.sign_in(scene.partner, Role.PUBLISHER)

    assert scene.client.get(f"{in_force}/terms").status_code == 404
    assert send(scene, in_force, fields).status_code == 404


# ------------------------------------------------------------------------ proposed by a partner


def ask_to_book(scene: Scene) -> str:
    scene.sign_in(scene.stranger, Role.PUBLISHER)
    fields = fields_of(scene.client.get("/agreements/new?side=partner").text)
    fields |= {"other_id": str(scene.host), "title": "Please"}
    done = post_form(scene.client, "/agreements/new", **fields)
    assert done.status_code == 303
    path: str = done.headers["location"]
    return path


def offered(scene: Scene, path: str) -> set[str]:
    return set(
        re.findall(r'name="windows-0" value="([^"]+)"', scene.client.get(f"{path}/terms").text)
    )


def make_more_windows(session: Session, scene: Scene) -> dict[str, str]:
    place = session.get_one(ServiceAtLocation, scene.offer)
    return {
        "public": str(make_window(session, place, bookable_by=BookableBy.PUBLIC).id),
        "partners": str(make_window(session, place, bookable_by=BookableBy.PARTNERS).id),
        "own": str(make_window(session, place, bookable_by=BookableBy.OWN).id),
    }


def test_partner_asks_to_book_and_the_host_signs(scene: Scene) -> None:
    path = ask_to_book(scene)

    agreement = agreement_of(scene, path)
    assert agreement.host_organization_id == scene.host
    assert agreement.partner_organization_id == scene.stranger
    assert press(scene, path, "sign") == 303
    scene.sign_in(scene.host, Role.PUBLISHER)
    assert "they book with you" in scene.client.get(path).text
    assert press(scene, path, "sign") == 303
    assert agreement_of(scene, path).status is AgreementStatus.ACTIVE


def test_partner_that_asks_names_a_number_for_a_service(scene: Scene) -> None:
    path = ask_to_book(scene)
    with scene.database.reading() as session:
        service = str(session.get_one(ServiceAtLocation, scene.offer).service_id)

    send(scene, path, asked(scene, path, **{"places-0": "3", "services-0": service}))

    (number,) = allotments_of(scene, path)
    assert (number["places"], str(number["services"][0]["id"])) == (3, service)


def test_partner_is_shown_no_window_that_it_could_not_see(scene: Scene, in_force: str) -> None:
    """The scene's window is for another partner; the agreement in force names it all the same."""
    with scene.database.transaction() as session:
        made = make_more_windows(session, scene)
    named = str(scene.window)
    assert offered(scene, in_force) == {made["public"], made["partners"], named}

    scene.sign_in(scene.stranger, Role.PUBLISHER)

    assert offered(scene, in_force) == {made["public"], made["partners"], named}
    assert offered(scene, ask_to_book(scene)) == {made["public"]}


def test_windows_that_have_ended_are_not_offered(scene: Scene, in_force: str) -> None:
    with scene.database.transaction() as session:
        made = make_more_windows(session, scene)
        table = TABLES["availability_window"]
        session.connection().execute(
            sa.update(table).where(table.c.id == UUID(made["public"])).values(status="ended")
        )
        assert find_rows(session, sa.select(table).where(table.c.status == "ended"))

    assert offered(scene, in_force) == {made["partners"], str(scene.window)}
