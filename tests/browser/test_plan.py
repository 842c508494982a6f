"""Planning a client's day in a real browser, with and without scripts."""

import pytest
from playwright.sync_api import expect

from directory.database import Database
from directory.models.accounts import Role
from tests.api.test_plans import NORTH, offer_times
from tests.browser.conftest import Visitor
from tests.factories import PASSWORD, make_account, make_organization, password_hash

pytestmark = pytest.mark.browser

EMAIL = "coordinator@tests.example"


@pytest.fixture(autouse=True)
def town(browser_database: Database) -> None:
    with browser_database.transaction() as session:
        agency = make_organization(session, "Moonbeam Desk")
        make_account(session, agency, Role.COORDINATOR, EMAIL, password_hash())
        offer_times(session, "food", "13:00", name="Parcels", documents=("Photo ID",))
        offer_times(session, "dental", "14:00", name="Teeth", point=NORTH)


def plan(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/sign-in")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    visitor.go("/desk")
    page.get_by_role("link", name="Plan a client's day").click()
    page.get_by_label("Need 1").select_option("food")
    page.get_by_label("Need 2").select_option("dental")
    page.get_by_label("From where").fill("48933")
    page.get_by_label("How they get about").select_option("walk")
    page.get_by_role("button", name="Plan", exact=True).click()
    expect(page.get_by_text("All 2 needs in one day.")).to_be_visible()


def book(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Book all of it").click()
    expect(visitor.page.get_by_role("heading", name="Itinerary")).to_be_visible()
    expect(visitor.page.get_by_text("Walk 58 min to The Hall")).to_be_visible()


def test_coordinator_plans_a_day_and_books_it(visitor: Visitor) -> None:
    plan(visitor)
    visitor.check()
    assert visitor.page.url == visitor.server + "/desk/plan"
    book(visitor)
    visitor.check()


def test_coordinator_plans_and_books_without_scripts(scriptless: Visitor) -> None:
    plan(scriptless)
    book(scriptless)


def test_itinerary_is_made_to_print(visitor: Visitor) -> None:
    plan(visitor)
    book(visitor)
    visitor.page.emulate_media(media="print")

    expect(visitor.page.get_by_role("button", name="Cancel all of them")).to_be_hidden()
    expect(visitor.page.get_by_text("Photo ID").first).to_be_visible()
