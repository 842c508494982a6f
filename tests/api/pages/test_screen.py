"""The questions, without JavaScript: answers go round in the form and stay nowhere."""

from html.parser import HTMLParser
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from directory.database import Database
from tests.factories import make_offer

Client = TestClient[Litestar]

POOR = {"fact": "income_poverty_percent", "at_most": 200}


class Fields(HTMLParser):
    """What the form of a page sends if nothing is filled in, names as often as they stand."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values: dict[str, Any] = dict(attrs)
        if tag == "form":
            self._inside = values["action"] == "/screen"
        elif tag == "input" and self._inside and values.get("type") not in ("radio", "checkbox"):
            self.found.setdefault(values["name"], []).append(values.get("value") or "")


@pytest.fixture(autouse=True)
def county(database: Database) -> None:
    with database.transaction() as session:
        for number in range(4):
            make_offer(session, name=f"Adults {number}", minimum_age=18)
        for number in range(6):
            make_offer(session, name=f"Poor {number}", eligibility_rule=POOR)
        make_offer(session, name="Everybody")


def press(client: Client, page: str, button: str, **filled: str | list[str]) -> Any:
    fields = {**Fields(page).found, **filled, "do": button}
    return client.post("/screen", data=fields)


def begin(client: Client, **filled: str | list[str]) -> Any:
    return press(client, client.get("/screen").text, "begin", **{"near": "48933", **filled})


def test_questions_follow_one_another_until_all_is_decided(client: Client) -> None:
    page = begin(client)
    assert "How old are you?" in page.text
    assert "10 that depend on more answers" in page.text

    page = press(client, page.text, "answer:age", age="17")
    assert "How many people live in your home, with you?" in page.text
    assert "4 not for you" in page.text

    page = press(client, page.text, "answer:household_size", household_size="1")
    page = press(client, page.text, "answer:income_month", income_month="$9,000")

    assert "That is all we need to ask." in page.text
    assert "10 not for you" in page.text
    assert "Your age: <strong>17</strong>" in page.text
    assert "Everybody" in page.text
    assert 'href="/services/' in page.text
    assert page.url.path == "/screen"
    assert not page.url.query


def test_a_question_can_be_skipped_and_answered_later(client: Client) -> None:
    page = press(client, begin(client).text, "skip:age")
    assert "How many people live in your home" in page.text

    page = press(client, page.text, "change:age")
    assert "How old are you?" in page.text

    page = press(client, page.text, "answer:age", age="40")
    assert "4 for you" in page.text


def test_an_answer_can_be_changed(client: Client) -> None:
    page = press(client, begin(client).text, "answer:age", age="17")
    page = press(client, page.text, "change:age")
    assert 'value="17"' in page.text

    page = press(client, page.text, "answer:age", age="40")
    assert "4 for you" in page.text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("old", "Give a number."),
        ("", "Give an answer, or skip the question."),
        ("200", "Give a number from 0 to 150."),
    ],
)
def test_a_wrong_answer_is_asked_for_again_with_what_was_typed(
    client: Client, typed: str, words: str
) -> None:
    page = press(client, begin(client).text, "answer:age", age=typed)

    assert page.status_code == 422
    assert words in page.text
    assert "How old are you?" in page.text
    assert f'value="{typed}"' in page.text


def test_a_wrong_answer_loses_none_of_the_others(client: Client) -> None:
    page = press(client, begin(client).text, "answer:age", age="17")
    page = press(client, page.text, "answer:household_size", household_size="many")
    assert "Give a number." in page.text

    page = press(client, page.text, "answer:household_size", household_size="2")
    assert "Your age: <strong>17</strong>" in page.text
    assert "How much money does your household get" in page.text


def test_a_place_that_we_do_not_know_is_asked_for_again(client: Client) -> None:
    unknown = begin(client, near="nowhere-at-all")
    twice = begin(client, near="Springfield")

    assert unknown.status_code == twice.status_code == 422
    assert "We do not know that place." in unknown.text
    assert "Which one?" in twice.text
    assert "Springfield, IL" in twice.text


def test_strange_fields_break_nothing(client: Client) -> None:
    for data in (
        {"do": "answer:shoe size"},
        {"do": "change:"},
        {"told": ["nothing", "age"], "do": "x"},
        {"skip": "nothing", "near": "48933"},
        {"need": "no-such-need"},
        {"near": "\x00"},
    ):
        fields = {**Fields(client.get("/screen").text).found, **data}
        assert client.post("/screen", data=fields).status_code in (200, 422)


def test_nothing_is_left_behind(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    page = press(client, begin(client).text, "answer:age", age="33.125")

    assert page.headers["cache-control"] == "no-store"
    assert "set-cookie" not in page.headers
    assert "33.125" not in caplog.text


def test_ending_makes_the_browser_forget(client: Client) -> None:
    ended = client.get("/screen/end", follow_redirects=False)
    at_kiosk = client.get("/screen/end?kiosk=yes", follow_redirects=False)

    assert ended.headers["clear-site-data"] == '"cache", "storage"'
    assert ended.headers["location"] == "/screen"
    assert at_kiosk.headers["location"] == "/screen?kiosk=yes"


def test_a_kiosk_stays_one_and_only_a_kiosk_clears_itself(client: Client) -> None:
    kiosk = press(client, client.get("/screen?kiosk=yes").text, "begin", near="48933")

    assert 'data-idle="/screen/end?kiosk=yes"' in kiosk.text
    assert "idle.js" in kiosk.text
    assert "idle.js" not in begin(client).text


def test_a_page_asks_in_spanish_too(client: Client) -> None:
    spanish = {"accept-language": "es"}
    start = client.get("/screen", headers=spanish)
    fields = {**Fields(start.text).found, "near": "48933", "do": "begin"}
    page = client.post("/screen", data=fields, headers=spanish)

    assert "No guardamos nada de lo que nos dice." in start.text
    assert "¿Cuántos años tiene?" in page.text
