import os
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import expect

from api.pages.rendering import LANGUAGE_COOKIE
from directory.commands.openings import OpeningReport, report_openings
from directory.database import Database
from directory.models.accounts import Role
from directory.models.contacts import Phone
from directory.models.locations import Address
from directory.models.services import RequiredDocument
from directory.viewer import Viewer
from seed.county import seed_county
from tests.browser.conftest import Visitor
from tests.conftest import NOON
from tests.factories import make_offer, make_organization, make_slot, weekly

pytestmark = pytest.mark.browser

SCREENSHOT = Path(__file__).parents[2] / "docs" / "images" / "find.png"

HELP = (
    ("Bread basket", "food-pantry", (42.7335, -84.5555), 3, 10),
    ("Supper table", "meals", (42.7281, -84.4822), 0, 40),
    ("Warm beds", "shelter", (42.7466, -84.5462), 6, 24),
    ("Coat closet", "clothing", (42.6394, -84.5242), None, None),
)


@dataclass(frozen=True)
class Town:
    """What there is to find."""

    slot_id: UUID
    offer_id: UUID


@pytest.fixture
def town(browser_database: Database) -> Town:
    with browser_database.transaction() as session:
        organization = make_organization(session, "Lanternfish Pantry")
        host = Viewer(organization.id, Role.PUBLISHER)
        session.add(Phone(organization_id=organization.id, number="(517) 555-0100"))
        offers = []
        for name, need, point, available, maximum in HELP:
            offer = make_offer(
                session,
                name=name,
                organization=organization,
                point=point,
                needs=[need],
                hours=[weekly("MO,TU,WE,TH,FR", time(7), time(17))],
            )
            offers.append(offer)
            session.add(RequiredDocument(service_id=offer.service_id, document="A photo ID"))
            session.add(
                Address(
                    location_id=offer.location_id,
                    address_1="1 Lantern Way",
                    city="Lansing",
                    state_province="MI",
                )
            )
            if maximum is not None:
                said = OpeningReport(available=available, maximum=maximum)
                report_openings(session, offer.id, said, viewer=host, now=NOON)
        slot_id = make_slot(session, offer=offers[0], instructions="Ring twice.")
        return Town(slot_id, offers[0].id)


PAGES = (
    "/",
    "/?near=48933",
    "/?near=48933&q=zebra",
    "/?near=Springfield",
    "/sign-in",
    "/services/{offer_id}",
    "/book/{slot_id}",
)


@pytest.mark.parametrize("path", PAGES)
def test_page_is_in_order(visitor: Visitor, town: Town, path: str) -> None:
    visitor.go(path.format(offer_id=town.offer_id, slot_id=town.slot_id))

    # A refused search is answered 422, which a console counts among the failures.
    visitor.complaints = [each for each in visitor.complaints if "422" not in each]
    visitor.check()


@pytest.mark.parametrize("path", ["/?near=48933", "/services/{offer_id}"])
def test_page_is_in_order_in_longer_words(visitor: Visitor, town: Town, path: str) -> None:
    cookie = {"name": LANGUAGE_COOKIE, "value": "es", "url": visitor.server}
    visitor.context.add_cookies([cookie])  # type: ignore[list-item]  # a dict is one
    visitor.go(path.format(offer_id=town.offer_id))

    expect(visitor.page.locator("html")).to_have_attribute("lang", "es")
    visitor.check()


@pytest.mark.usefixtures("town")
def test_results_are_on_the_map_and_numbered_as_in_the_list(visitor: Visitor) -> None:
    visitor.go("/?near=48933")
    page = visitor.page
    if not page.locator("#map").is_visible():
        page.get_by_text("Map", exact=True).click()

    expect(page.locator(".pin")).to_have_count(len(HELP))
    expect(page.locator(".result .nth").first).to_have_text("1.")
    expect(page.locator("path.county-line").first).to_be_attached()
    expect(page.get_by_text("East Lansing", exact=True)).to_be_visible()
    visitor.check()


def test_map_where_we_have_no_lines_is_a_grid(visitor: Visitor, browser_database: Database) -> None:
    with browser_database.transaction() as session:
        make_offer(session, point=(41.8781, -87.6298))
    visitor.go("/?near=60601")
    page = visitor.page
    if not page.locator("#map").is_visible():
        page.get_by_text("Map", exact=True).click()

    expect(page.get_by_text("41.75", exact=True)).to_be_attached()
    visitor.check()


@pytest.mark.usefixtures("town")
def test_person_books_and_cancels(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/?near=48933&need=food")
    page.get_by_role("link", name="Book: Tomorrow, 1 pm").click()
    page.get_by_role("button", name="Keep this time for me").click()
    expect(page.get_by_text("Kept for you until 8:10 am.")).to_be_visible()
    visitor.check()

    page.get_by_role("button", name="Yes, book it").click()
    expect(page.get_by_role("heading", name="You are booked")).to_be_visible()
    visitor.check()

    page.get_by_role("button", name="Cancel this appointment").click()
    expect(page.get_by_role("heading", name="This appointment is cancelled")).to_be_visible()
    visitor.check()


@pytest.mark.usefixtures("town")
def test_person_books_without_scripts(scriptless: Visitor) -> None:
    page = scriptless.page
    page.goto(scriptless.server)
    page.get_by_label("Where are you?").fill("48933")
    page.get_by_role("button", name="Find help").click()
    expect(page.locator("#map")).to_be_hidden()
    expect(page.get_by_role("button", name="Use my location")).to_be_hidden()
    page.get_by_role("link", name="Bread basket").click()
    page.get_by_role("link", name="1:30 pm").first.click()
    page.get_by_role("button", name="Keep this time for me").click()
    page.get_by_role("button", name="Yes, book it").click()

    expect(page.get_by_role("heading", name="You are booked")).to_be_visible()
    assert scriptless.elsewhere == []


@pytest.mark.usefixtures("town")
def test_reader_changes_the_language_and_stays_on_the_page(visitor: Visitor) -> None:
    visitor.go("/?near=48933")
    visitor.page.get_by_role("button", name="Español").click()

    expect(visitor.page.locator("html")).to_have_attribute("lang", "es")
    assert visitor.page.url.endswith("/?near=48933")


@pytest.mark.usefixtures("town")
def test_shift_three_times_leaves_and_cannot_be_gone_back_on(visitor: Visitor) -> None:
    page = visitor.page
    page.route("https://www.weather.gov/**", lambda route: route.fulfill(body="Sunny."))
    visitor.go("/sign-in")
    visitor.go("/?near=48933")
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url("https://www.weather.gov/")

    page.go_back()

    assert page.url.endswith("/sign-in")


@pytest.mark.usefixtures("town")
def test_more_results_join_the_list(visitor: Visitor, browser_database: Database) -> None:
    with browser_database.transaction() as session:
        for number in range(20):
            make_offer(session, name=f"Meal {number:02}", point=(42.70, -84.55))
    visitor.go("/?near=48933")
    expect(visitor.page.locator(".result")).to_have_count(20)

    visitor.page.get_by_role("link", name="More results").click()

    expect(visitor.page.locator(".result")).to_have_count(24)
    expect(visitor.page.get_by_role("link", name="More results")).to_have_count(0)
    visitor.check()


@pytest.mark.parametrize("visitor", ["desktop"], indirect=True)
def test_demo_county_makes_the_readme_s_picture(
    visitor: Visitor, browser_database: Database, tmp_path: Path
) -> None:
    with browser_database.transaction() as session:
        seed_county(session, now=NOON)
    visitor.page.set_viewport_size({"width": 1200, "height": 1000})
    visitor.go("/?near=48933&need=food&openings=yes")
    expect(visitor.page.locator("path.county-line").first).to_be_attached()
    visitor.check()

    wanted = os.environ.get("OPENINGS_SCREENSHOTS") == "1"
    visitor.page.screenshot(path=SCREENSHOT if wanted else tmp_path / "find.png")
