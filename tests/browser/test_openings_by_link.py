"""The night desk at a phone: a link, a thumb, and no account."""

from datetime import timedelta

import pytest
from playwright.sync_api import Locator, expect
from sqlmodel import select

from api.pages.rendering import LANGUAGE_COOKIE
from directory.commands.openings import OpeningReport, report_openings
from directory.commands.openings_links import make_openings_link
from directory.database import Database
from directory.models.accounts import Role
from directory.models.openings import ServiceCapacity
from directory.viewer import Viewer
from tests.browser.conftest import Visitor
from tests.conftest import NOON
from tests.factories import (
    PASSWORD,
    make_account,
    make_offer,
    make_organization,
    make_slot,
    password_hash,
)

pytestmark = pytest.mark.browser

EARLIER = NOON - timedelta(minutes=10, seconds=30)
EMAIL = "front-desk@tests.example"
COUNTS = (("women with children", 2, 10), ("men", 0, 20))


@pytest.fixture
def path(browser_database: Database) -> str:
    """The address of a link to a shelter that counts beds for two kinds of people."""
    with browser_database.transaction() as session:
        organization = make_organization(session, "Lanternfish Pantry")
        make_account(session, organization, Role.PUBLISHER, EMAIL, password_hash())
        host = Viewer(organization.id, Role.PUBLISHER)
        place = make_offer(session, name="Warm beds", organization=organization)
        make_slot(session, offer=place)
        for population, available, maximum in COUNTS:
            said = OpeningReport(
                unit="beds", population=population, available=available, maximum=maximum
            )
            report_openings(session, place.id, said, viewer=host, now=EARLIER)
        link = make_openings_link(
            session, place.id, label="night desk", days=30, viewer=host, now=NOON
        )
        return f"/openings/{link[1]}"


def count_of(visitor: Visitor, population: str) -> Locator:
    return visitor.page.get_by_role("form", name=f"beds ({population})")


def test_thumb_on_plus_adds_one(visitor: Visitor, browser_database: Database, path: str) -> None:
    visitor.go(path)
    visitor.check()
    men = count_of(visitor, "men")
    for name in ("One more: beds (men)", "One fewer: beds (men)", "Full today"):
        box = men.get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44

    men.get_by_role("button", name="One more").click()

    expect(men.locator(".tally strong")).to_have_text("1")
    expect(men).to_contain_text("Said just now.")
    expect(count_of(visitor, "women with children").locator(".tally strong")).to_have_text("2")
    visitor.check()
    with browser_database.reading() as session:
        counts = session.exec(select(ServiceCapacity.population, ServiceCapacity.available)).all()
    assert sorted(counts) == [("men", 0), ("men", 1), ("women with children", 2)]


def test_slip_is_undone(visitor: Visitor, path: str) -> None:
    visitor.go(path)
    men = count_of(visitor, "men")
    men.get_by_role("button", name="One more").click()
    expect(men.locator(".tally strong")).to_have_text("1")

    men.get_by_role("button", name="Undo: back to “Full”, said 10 min ago").click()

    expect(men.locator(".tally strong")).to_have_text("0")
    expect(men).to_contain_text("Said 10 min ago.")
    visitor.check()


def test_number_is_typed_with_a_keyboard_alone(visitor: Visitor, path: str) -> None:
    visitor.go(path)
    women = count_of(visitor, "women with children")
    women.get_by_text("Type the number").press("Enter")
    women.get_by_label("Free now").fill("7")
    women.get_by_label("Free now").press("Enter")

    expect(women.locator(".tally strong")).to_have_text("7")


def test_number_that_cannot_be_is_said_beside_its_field(visitor: Visitor, path: str) -> None:
    visitor.go(path)
    women = count_of(visitor, "women with children")
    women.get_by_text("Type the number").click()
    women.get_by_label("Free now").fill("11")
    women.get_by_role("button", name="Save").last.click()

    expect(women).to_contain_text("There cannot be more free than there are.")
    visitor.complaints = [each for each in visitor.complaints if "422" not in each]
    visitor.check()


def test_page_needs_no_scripts(scriptless: Visitor, path: str) -> None:
    scriptless.page.goto(scriptless.server + path)
    women = count_of(scriptless, "women with children")
    women.get_by_role("button", name="One more").click()
    expect(women.locator(".tally strong")).to_have_text("3")
    women.get_by_role("button", name="Full today").click()
    expect(women.locator(".tally strong")).to_have_text("0")
    assert scriptless.elsewhere == []


def test_page_is_in_order_in_longer_words(visitor: Visitor, path: str) -> None:
    cookie = {"name": LANGUAGE_COOKIE, "value": "es", "url": visitor.server}
    visitor.context.add_cookies([cookie])  # type: ignore[list-item]  # a dict is one
    visitor.go(path)

    expect(visitor.page.locator("html")).to_have_attribute("lang", "es")
    visitor.check()


@pytest.mark.usefixtures("path")
def test_pages_of_the_front_desk_are_in_order(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/sign-in")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/front-desk")

    page.get_by_text("Count something else here").click()
    visitor.check()
    page.get_by_role("link", name="All that was said here").click()
    expect(page.get_by_text("Full (men)")).to_be_visible()
    visitor.check()
    visitor.go("/front-desk/links")
    page.get_by_label("Who will have it").fill("day desk")
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_label("The link for “day desk”")).to_be_visible()
    visitor.check()
