"""The questions in a real browser: with and without scripts, and at a kiosk."""

import pytest
from playwright.sync_api import expect

from directory.database import Database
from tests.browser.conftest import Visitor
from tests.factories import make_offer

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def town(browser_database: Database) -> None:
    with browser_database.transaction() as session:
        for number in range(3):
            make_offer(session, name=f"Adults {number}", minimum_age=18)
        make_offer(
            session, name="Warm beds", eligibility_rule={"fact": "documents", "has": "photo-id"}
        )
        make_offer(session, name="Everybody")


def answer_all(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/screen")
    page.get_by_label("Where are you?").fill("48933")
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("How old are you?").fill("17")
    page.keyboard.press("Enter")
    page.get_by_label("Photo ID").check()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("That is all we need to ask.")).to_be_visible()
    expect(page.get_by_role("link", name="Warm beds")).to_be_visible()
    expect(page.get_by_role("link", name="Adults 0")).to_have_count(0)


def test_person_answers_and_sees_what_fits(visitor: Visitor) -> None:
    visitor.go("/screen")
    visitor.check()
    answer_all(visitor)
    visitor.check()

    assert visitor.page.url == visitor.server + "/screen"
    assert visitor.context.cookies() == [
        cookie for cookie in visitor.context.cookies() if "csrf" in cookie["name"].lower()
    ]
    assert visitor.page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_a_question_is_in_order_and_says_why(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/screen")
    page.get_by_label("Where are you?").fill("48933")
    page.get_by_role("button", name="Begin").click()
    page.get_by_text("Why do you ask?").click()

    expect(page.get_by_text("Some kinds of help are only for children")).to_be_visible()
    visitor.check()

    page.get_by_role("button", name="Skip this question").click()
    expect(page.get_by_role("heading", name="Which of these papers can you show?")).to_be_visible()
    visitor.check()


def test_person_answers_without_scripts(scriptless: Visitor) -> None:
    answer_all(scriptless)


def test_a_kiosk_clears_itself_for_the_next_person(visitor: Visitor) -> None:
    page = visitor.page
    page.clock.install()
    visitor.go("/screen?kiosk=yes")
    page.get_by_label("Where are you?").fill("48933")
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("How old are you?").fill("17")

    page.clock.run_for(71_000)
    expect(page.get_by_text("Are you still here?")).to_be_visible()
    page.mouse.down()
    expect(page.get_by_text("Are you still here?")).to_be_hidden()

    page.clock.run_for(91_000)
    expect(page.get_by_label("Where are you?")).to_have_value("")
    page.go_back()
    expect(page.get_by_text("17")).to_have_count(0)


def token_of(visitor: Visitor) -> str:
    (token,) = (
        cookie["value"] for cookie in visitor.context.cookies() if cookie["name"] == "openings-csrf"
    )
    return token


def test_a_kiosk_clears_a_page_that_the_questions_led_to(visitor: Visitor) -> None:
    page = visitor.page
    page.clock.install()
    visitor.go("/screen?kiosk=yes")
    page.get_by_label("Where are you?").fill("48933")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("link", name="Warm beds").click()
    page.wait_for_load_state("networkidle")
    visitor.check()
    before = token_of(visitor)

    page.clock.run_for(91_000)

    expect(page.get_by_label("Where are you?")).to_have_value("")
    assert token_of(visitor) != before


def test_who_leaves_quickly_cannot_be_asked_again(visitor: Visitor) -> None:
    page = visitor.page
    page.route("https://www.weather.gov/**", lambda route: route.fulfill(body="Sunny"))
    visitor.go("/screen")
    page.get_by_label("Where are you?").fill("48933")
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("How old are you?").fill("17")

    with page.expect_request("**/screen/end") as ended:
        page.get_by_role("link", name="Exit this page").click()
    ended.value.response()

    expect(page.get_by_text("Sunny")).to_be_visible()
    assert "openings-csrf" not in {cookie["name"] for cookie in visitor.context.cookies()}
