"""An administrator reads what is missing, at a phone and at a desk."""

import pytest
from playwright.sync_api import expect

from directory.database import Database
from directory.models.accounts import Role
from tests.browser.conftest import Visitor
from tests.factories import PASSWORD, make_account, make_organization, make_report, password_hash

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def network(browser_database: Database) -> None:
    with browser_database.transaction() as session:
        office = make_organization(session, "County Network")
        for role in (Role.ADMINISTRATOR, Role.COORDINATOR):
            make_account(session, office, role, f"{role}@tests.example", password_hash())
        make_report(session)


def sign_in(visitor: Visitor, role: Role) -> None:
    visitor.go("/sign-in")
    visitor.page.get_by_label("E-mail").fill(f"{role}@tests.example")
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url(lambda url: "/sign-in" not in url)


def test_administrator_reads_it_from_the_network_page(visitor: Visitor) -> None:
    sign_in(visitor, Role.ADMINISTRATOR)
    visitor.go("/network")
    visitor.page.get_by_role("link", name="What is missing").click()

    expect(visitor.page.get_by_role("heading", name="January to March 2030")).to_be_visible()
    dentist = visitor.page.get_by_role("row", name="Dentist")
    expect(dentist).to_contain_text("Costs too much: 45")
    visitor.check()

    with visitor.page.expect_download() as kept:
        visitor.page.get_by_role("link", name="As a file for a spreadsheet").click()
    assert kept.value.suggested_filename == "unmet-need-2030-Q1.csv"


def test_coordinator_is_told_that_it_is_not_for_them(visitor: Visitor) -> None:
    sign_in(visitor, Role.COORDINATOR)
    visitor.page.goto(f"{visitor.server}/network/unmet-need")

    expect(visitor.page.get_by_text("Your role does not include this.")).to_be_visible()
    expect(visitor.page.get_by_role("table")).to_have_count(0)
