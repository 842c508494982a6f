"""Plan my day at the desk: a form, proposals side by side, booked in one click, an itinerary."""

import re
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import func, select

from directory.database import Database
from directory.models.accounts import Role
from directory.viewer import PUBLIC
from scheduling.commands.holds import place_hold
from scheduling.models.bookings import Bundle
from tests.api.conftest import Client
from tests.api.pages.browsing import goes_to
from tests.api.test_plans import NORTH, offer_times
from tests.conftest import NOON
from tests.factories import make_organization, post_form, sign_in

ASKED = {"needs": ["food", "dental"], "near": "48933", "mode": "walk", "about_age": "30"}


@pytest.fixture
def desk(client: Client, database: Database) -> Client:
    """A coordinator has signed in, and there are times at two agencies."""
    with database.transaction() as session:
        agency = make_organization(session, "Moonbeam Desk").id
        offer_times(session, "food", "13:00", name="Parcels", documents=("Photo ID",))
        offer_times(session, "dental", "14:00", name="Teeth", point=NORTH)
    sign_in(client, agency, Role.COORDINATOR)
    client.get("/desk/plan")
    return client


def plan(client: Client, **more: Any) -> str:
    reply = post_form(client, "/desk/plan", **{**ASKED, **more})
    assert reply.status_code == 200, reply.text
    return reply.text


def fields(page: str) -> dict[str, Any]:
    """What the first proposal's form sends."""
    form = page.split('action="/desk/plan/book"')[1].split("</form>", maxsplit=1)[0]
    found: dict[str, Any] = {}
    for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(value)
    found.pop("_csrf_token", None)
    return found


def count_bundles(database: Database) -> int:
    with database.reading() as session:
        return session.exec(select(func.count()).select_from(Bundle)).one()


def test_desk_leads_to_the_form(desk: Client) -> None:
    assert 'href="/desk/plan"' in desk.get("/desk").text
    assert "Plan a client&#39;s day" in desk.get("/desk/plan").text


def test_proposal_is_told_as_a_timetable(desk: Client) -> None:
    shown = plan(desk)

    assert "All 2 needs in one day." in shown
    assert "Walk 58 min to The Hall" in shown
    assert "Wait 2 min" in shown
    assert "Parcels, until 1:30 pm" in shown
    assert "to where you began" in shown
    assert "Without “Dentist”" in shown


def test_plan_is_booked_in_one_click_and_its_itinerary_says_what_to_bring(
    desk: Client, database: Database
) -> None:
    sent = fields(plan(desk))

    path = goes_to(post_form(desk, "/desk/plan/book", **sent))
    again = goes_to(post_form(desk, "/desk/plan/book", **sent))

    assert path == again
    assert count_bundles(database) == 1
    shown = desk.get(path).text
    assert "Photo ID" in shown
    assert "Walk 58 min to The Hall" in shown
    assert shown.index("Parcels") < shown.index("Teeth")
    appointment = re.search(r'href="(/appointments/[^"]+)"', shown)
    assert appointment is not None
    assert path.split("?")[0] in desk.get(appointment[1]).text


def test_time_that_went_in_the_meantime_is_said_and_there_is_a_new_plan(
    desk: Client, database: Database
) -> None:
    sent = fields(plan(desk))
    with database.transaction() as session:
        place_hold(session, UUID(sent["slots"][0]), viewer=PUBLIC, now=NOON)

    shown = post_form(desk, "/desk/plan/book", **sent)

    assert shown.status_code == 409
    assert "Nothing was booked." in shown.text
    assert "This time has just been taken." in shown.text
    assert count_bundles(database) == 0


def test_mistyped_handle_is_said_and_the_plan_is_still_there(desk: Client) -> None:
    shown = post_form(
        desk, "/desk/plan/book", **{**fields(plan(desk)), "client_handle": "!!!!!!!!"}
    )

    assert shown.status_code == 422
    assert "Give a handle such as" in shown.text
    assert 'action="/desk/plan/book"' in shown.text


def test_bundle_is_cancelled_on_its_page(desk: Client) -> None:
    path = goes_to(post_form(desk, "/desk/plan/book", **fields(plan(desk)))).split("?")[0]

    goes_to(post_form(desk, f"{path}/cancel", reason="client-unwell"))

    shown = desk.get(path).text
    assert shown.count("Cancelled</span>") == 2
    assert f"{path}/cancel" not in shown


def test_cancelling_for_no_known_reason_is_refused(desk: Client) -> None:
    path = goes_to(post_form(desk, "/desk/plan/book", **fields(plan(desk)))).split("?")[0]

    assert post_form(desk, f"{path}/cancel", reason="because").status_code == 422


def test_host_has_no_itinerary(desk: Client, database: Database) -> None:
    path = goes_to(post_form(desk, "/desk/plan/book", **fields(plan(desk)))).split("?")[0]
    with database.transaction() as session:
        other = make_organization(session, "Host").id
    sign_in(desk, other, Role.COORDINATOR)

    assert desk.get(path).status_code == 404


def test_nothing_about_the_client_is_in_an_address(desk: Client) -> None:
    shown = plan(desk)

    assert 'name="about_age" value="30"' in shown
    assert not re.findall(r'(?:href|action)="[^"]*(?:about_|48933)', shown)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"needs": ["", ""]}, "Choose at least one need."),
        ({"near": ""}, "Say where the way begins"),
        ({"needs": ["food", "food"]}, "Name each need once."),
        ({"first_day": "2030-06-01"}, "This day is over."),
        ({"last_day": "2030-09-01"}, "Give at most 14 days."),
        ({"back_by": "07:00"}, "Give a time after the one of leaving."),
        ({"about_age": "old"}, "Give a number."),
    ],
)
def test_mistake_is_said_beside_its_field(desk: Client, wrong: dict[str, Any], said: str) -> None:
    shown = post_form(desk, "/desk/plan", **{**ASKED, **wrong})

    assert shown.status_code == 422
    assert said in shown.text


def test_what_cannot_be_met_is_said(desk: Client) -> None:
    shown = plan(desk, needs=["food", "vision"])

    assert "There is no service for this near here." in shown
    assert "1 of 2 needs in one day." in shown


@pytest.mark.parametrize("path", ["/desk/plan", "/bundles/6e3d4f0e-0000-4000-8000-000000000000"])
def test_public_is_sent_to_sign_in(client: Client, path: str) -> None:
    assert client.get(path, follow_redirects=False).headers["location"] == "/sign-in"


HANDLE = "7K2M-QX4P"


def test_plan_leaves_free_what_the_client_has_and_goes_on_with_the_handle(
    desk: Client, database: Database
) -> None:
    with database.transaction() as session:
        offer_times(session, "legal", "13:00", name="Rights")
    first = fields(plan(desk, needs=["food"], client_handle=HANDLE))
    kept = {**first, "client_handle": HANDLE}
    assert post_form(desk, "/desk/plan/book", **kept).status_code == 303

    page = plan(desk, needs=["legal"], client_handle=HANDLE)
    free = plan(desk, needs=["legal"])

    assert page.count(f'value="{HANDLE}"') == 1 + page.count('action="/desk/plan/book"')
    assert fields(page)["slots"] != fields(free)["slots"]
    refused = post_form(
        desk, "/desk/plan/book", **{**fields(free), "client_handle": HANDLE, "needs": ["legal"]}
    )
    assert refused.status_code == 409
    assert fields(refused.text)["slots"] == fields(page)["slots"]


def test_what_is_no_handle_is_said_beside_its_field(desk: Client) -> None:
    reply = post_form(desk, "/desk/plan", **{**ASKED, "client_handle": "!!!!-!!!!"})

    assert reply.status_code == 422
    assert "Give a handle such as" in reply.text
