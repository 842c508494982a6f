"""A publisher at a phone and at a desk keeps a listing true; a keyboard is enough."""

from dataclasses import dataclass
from datetime import time, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect

from directory.commands.history import PAGE
from directory.commands.records.editing import change_record
from directory.database import Database
from directory.kinds.services import ServiceDraft
from directory.models.accounts import Role
from directory.models.schedules import Schedule
from directory.models.services import Service
from directory.viewer import Viewer
from tests.browser.conftest import Visitor
from tests.conftest import NOON
from tests.factories import (
    PASSWORD,
    make_account,
    make_offer,
    make_organization,
    password_hash,
    weekly,
)

pytestmark = pytest.mark.browser

EMAIL = "publisher@tests.example"
ROUND = (
    b'{"type": "Polygon", "coordinates": '
    b"[[[-84.7, 42.6], [-84.4, 42.6], [-84.4, 42.8], [-84.7, 42.8], [-84.7, 42.6]]]}"
)


@dataclass(frozen=True)
class Agency:
    """One service in one place, with hours of every sort."""

    id: UUID
    service: UUID
    place: UUID
    offer: UUID


@pytest.fixture
def agency(browser_database: Database) -> Agency:
    with browser_database.transaction() as session:
        organization = make_organization(session, "Lanternfish Pantry")
        make_account(session, organization, Role.PUBLISHER, EMAIL, password_hash())
        hours = [weekly("MO,TU", time(9), time(12)), weekly("MO", time(13), time(17))]
        offer = make_offer(session, organization=organization, needs=["food"], hours=hours)
        session.add(
            Schedule(
                service_at_location_id=offer.id,
                freq="MONTHLY",
                byday="2TU",
                opens_at=time(18),
                closes_at=time(20),
            )
        )
        return Agency(organization.id, offer.service_id, offer.location_id, offer.id)


def sign_in(visitor: Visitor) -> None:
    visitor.go("/sign-in")
    visitor.page.get_by_label("E-mail").fill(EMAIL)
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.page.get_by_role("main").get_by_role("button", name="Sign in").click()
    visitor.page.wait_for_load_state("networkidle")


def somebody_renames(database: Database, agency: Agency, name: str) -> None:
    """A colleague saves meanwhile, a minute before NOON."""
    with database.transaction() as session:
        viewer = Viewer(agency.id, Role.PUBLISHER, name="Ann")
        seen = session.get_one(Service, agency.service).version
        change_record(
            session, "service", agency.service, ServiceDraft(name=name), expected=seen,
            viewer=viewer, now=NOON - timedelta(minutes=1), origin=PAGE,
        )  # fmt: skip


def check_refusal(visitor: Visitor) -> None:
    """Check a page that says no: the browser notes its status, and nothing else is wrong."""
    assert all("responded with a status of 4" in said for said in visitor.complaints)
    visitor.complaints.clear()
    visitor.check()


def test_every_page_is_in_order(visitor: Visitor, agency: Agency) -> None:
    sign_in(visitor)
    for path in (
        "/listings",
        "/listings/services/new",
        "/listings/places/new",
        f"/listings/services/{agency.service}",
        f"/listings/places/{agency.place}",
        f"/listings/offers/{agency.offer}",
        f"/listings/agencies/{agency.id}",
        f"/listings/services/{agency.service}/history",
    ):
        visitor.go(path)
        visitor.check()


def test_two_at_once_choose_and_undo(
    visitor: Visitor, browser_database: Database, agency: Agency
) -> None:
    sign_in(visitor)
    page = visitor.page
    visitor.go(f"/listings/services/{agency.service}")
    page.get_by_label("Name", exact=True).fill("Mine")
    page.get_by_label("Number").first.fill("12")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Give one phone number")
    check_refusal(visitor)

    page.get_by_label("Number").first.fill("517 555 0101")
    somebody_renames(browser_database, agency, "Theirs")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Somebody changed this while you were typing"
    )
    check_refusal(visitor)
    page.get_by_role("radio", name="Yours: Mine").check()
    page.get_by_role("button", name="Save both together").click()
    expect(page.get_by_role("status")).to_have_text("Saved. Searches show it now.")
    visitor.check()

    page.get_by_role("link", name="Who changed what").click()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_text("(517) 555-0101")).to_be_visible()
    visitor.check()
    page.get_by_role("button", name="Undo this change").first.click()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("alert")).to_have_count(0)
    visitor.check()


def test_enter_shows_the_hours_and_saves_nothing(
    scriptless: Visitor, browser_database: Database, agency: Agency
) -> None:
    sign_in(scriptless)
    page = scriptless.page
    scriptless.go(f"/listings/offers/{agency.offer}")
    note = page.get_by_label("How to find it in this place")
    note.fill("Side door")
    note.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("People will read these hours")
    expect(page.get_by_label("How to find it in this place")).to_have_value("Side door")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Saved. Searches show it now.")
    with browser_database.reading() as session:
        assert session.get_one(Service, agency.service).version == 1


def test_who_can_come_is_said_without_json_and_read_by_all(
    visitor: Visitor, agency: Agency
) -> None:
    sign_in(visitor)
    page = visitor.page
    visitor.go(f"/listings/services/{agency.service}")
    page.get_by_label("Who it is for").fill("Our neighbors first.")
    must = page.get_by_role("group", name="Everybody who comes must fit all of these")
    must.get_by_label("About").select_option("Income, against the poverty line")
    must.get_by_role("button", name="Add").click()
    row = page.get_by_role("group", name="Income, against the poverty line")
    row.get_by_label("To", exact=True).fill("twice")
    page.get_by_role("button", name="Say it in words").click()
    expect(page.get_by_role("alert")).to_contain_text("Give a percentage such as 200%.")
    check_refusal(visitor)

    row.get_by_label("To", exact=True).fill("200%")
    must.get_by_label("One more, about").select_option("Veterans")
    must.get_by_role("button", name="Add").click()
    expect(page.locator("#rule-said")).to_contain_text("Income up to 200% of the poverty line")
    page.get_by_text("Try it with a made-up person").click()
    page.locator("#rule-try").get_by_label("Veterans").select_option("no")
    visitor.check()
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#rule-try").get_by_role("status")).to_contain_text(
        "It is not for this person: People who have served in the armed forces"
    )
    visitor.check()

    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Saved. Searches show it now.")
    page.get_by_role("link", name="See the page that people see").click()
    page.wait_for_load_state("networkidle")
    who = page.get_by_role("region", name="Who can come")
    expect(who).to_contain_text("Our neighbors first.")
    expect(who.get_by_role("listitem")).to_have_text([
        "Income up to 200% of the poverty line", "People who have served in the armed forces",
    ])  # fmt: skip
    visitor.check()


def test_whom_it_serves_is_typed_drawn_read_back_and_removed(
    visitor: Visitor, agency: Agency
) -> None:
    sign_in(visitor)
    page = visitor.page
    visitor.go(f"/listings/services/{agency.service}")
    page.get_by_label("Areas to add").fill("Wayne County, MI\nWane County, MI")
    page.get_by_role("button", name="Read these areas back to me").click()
    expect(page.get_by_role("alert")).to_contain_text("Line 2, “Wane County, MI”")
    expect(page.locator("#areas-said")).to_contain_text("We read this as: Wayne County in Michigan")
    check_refusal(visitor)

    page.get_by_label("Areas to add").fill("Wayne County, MI\nOhio")
    page.get_by_text("Add an area drawn on a map").click()
    page.get_by_label("What people call it").fill("Our round")
    page.get_by_label("A GeoJSON file").set_input_files(
        {"name": "round.geojson", "mimeType": "application/geo+json", "buffer": ROUND}
    )
    page.get_by_role("button", name="Read these areas back to me").click()
    drawing = page.get_by_role("group", name="Our round")
    expect(drawing.get_by_role("status")).to_contain_text("A drawing of 4 corners, from near")
    visitor.check()

    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Our round: A drawing of 4 corners").first).to_be_visible()
    page.get_by_role("button", name="Remove : the whole of Ohio").click()
    expect(page.get_by_role("button", name="Remove : the whole of Ohio")).to_have_count(0)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="Remove : Wayne County in Michigan")).to_be_visible()
    visitor.check()
