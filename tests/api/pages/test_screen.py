"""The questions, without JavaScript: answers go round in the form and stay nowhere."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from directory.database import Database
from directory.models.accounts import Role
from tests.factories import make_offer, make_organization, sign_in

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


def test_an_answer_without_end_is_refused_and_not_read(client: Client) -> None:
    """Reading it took minutes: what stands between two ages was looked for at every space."""
    endless = "7" + " " * 200_000 + "x"
    page = press(client, begin(client).text, "answer:children_ages", children_ages=endless)

    assert page.status_code == 422
    assert "Use at most 200 letters." in page.text


def test_languages_that_rules_ask_for_are_there_to_be_ticked(
    client: Client, database: Database
) -> None:
    rule = {"any": [{"fact": "languages", "has": "es"}, {"fact": "languages", "has": "ase"}]}
    with database.transaction() as session:
        for number in range(3):
            make_offer(session, name=f"In Spanish {number}", eligibility_rule=rule)
    page = press(client, begin(client).text, "change:languages")
    assert 'name="languages" value="ase">American Sign Language<' in page.text
    assert 'name="languages" value="es">Spanish<' in page.text

    page = press(client, page.text, "answer:languages", languages="es")
    assert "3 for you" in page.text
    none = press(client, begin(client).text, "answer:languages")
    assert "3 not for you" in none.text


def test_a_county_is_chosen_and_never_the_first_by_a_slip(
    client: Client, database: Database
) -> None:
    rule = {"fact": "county", "one_of": ["MI:Ingham County"]}
    with database.transaction() as session:
        make_offer(session, name="Ingham only", eligibility_rule=rule)
    page = press(client, begin(client).text, "answer:county", county="")

    assert page.status_code == 422
    assert "Give an answer, or skip the question." in page.text
    choices = re.findall('<option value="([^"]*)"', page.text)
    assert choices[:2] == ["", "MI:Ingham County"]
    assert len(choices) > 80
    page = press(client, page.text, "answer:county", county="MI:Ingham County")
    assert "1 for you" in page.text


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
        {"told": "income_poverty_percent", "income_poverty_percent": "x", "near": "48933"},
        {"do": "change:income_poverty_percent", "near": "48933"},
        {"told": "household_size", "household_size": "9" * 400, "near": "48933"},
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

    assert ended.headers["clear-site-data"] == '"cache", "storage"'
    assert ended.headers["location"] == "/screen"


def test_what_the_history_still_has_cannot_be_sent_again_after_the_end(client: Client) -> None:
    page = begin(client)
    fields = {**Fields(page.text).found, "do": "answer:age", "age": "33.125"}
    assert "33.125" in client.post("/screen", data=fields).text

    client.get("/screen/end")
    again = client.post("/screen", data=fields)

    assert again.status_code == 403
    assert "33.125" not in again.text


def test_staff_who_end_keep_what_their_other_forms_need(client: Client, database: Database) -> None:
    with database.transaction() as session:
        agency = make_organization(session).id
    sign_in(client, agency, Role.COORDINATOR)
    fields = Fields(client.get("/screen").text).found

    client.get("/screen/end")

    assert client.post("/screen", data={**fields, "near": "48933"}).status_code == 200


def test_a_kiosk_clears_every_page_and_is_never_left_by_its_exit(client: Client) -> None:
    idle = 'data-idle="/screen/end"'
    assert idle not in begin(client).text

    kiosk = client.get("/screen?kiosk=yes")
    assert kiosk.headers["set-cookie"].startswith("openings-kiosk=yes; HttpOnly;")
    pages = [kiosk, press(client, kiosk.text, "begin", near="48933"), client.get("/?near=48933")]
    pages.append(client.get(re.findall('"(/services/[^"#]+)"', pages[1].text)[0]))
    for page in pages:
        assert idle in page.text
        assert "idle.js" in page.text
        assert "weather.gov" not in page.text

    assert idle in client.get("/screen/end").text
    assert idle not in client.get("/screen?kiosk=no").text
    assert "weather.gov" in begin(client).text


def test_the_next_person_at_a_kiosk_reads_the_language_of_the_browser(client: Client) -> None:
    fields = Fields(client.get("/screen?kiosk=yes").text).found
    client.post("/language", data={**fields, "language": "es"})
    assert "Encuentre ayuda para usted" in client.get("/screen").text

    assert "Find help that is for you" in client.get("/screen/end").text


def test_a_page_asks_in_spanish_too(client: Client) -> None:
    spanish = {"accept-language": "es"}
    start = client.get("/screen", headers=spanish)
    fields = {**Fields(start.text).found, "near": "48933", "do": "begin"}
    page = client.post("/screen", data=fields, headers=spanish)

    assert "No guardamos nada de lo que nos dice." in start.text
    assert "¿Cuántos años tiene?" in page.text
