"""The screening over HTTP: questions until nothing is worth one, and nothing kept."""

from typing import Any

import pytest

from api.screening_words import ASKING, HOUSING
from directory.database import Database
from directory.eligibility_facts import FACTS
from tests.api.conftest import Client, assert_problem, paths_of
from tests.factories import make_offer

POOR = {"fact": "income_poverty_percent", "at_most": 200}


@pytest.fixture(autouse=True)
def county(database: Database) -> None:
    with database.transaction() as session:
        for number in range(4):
            make_offer(session, name=f"Adults {number}", minimum_age=18)
        for number in range(6):
            make_offer(session, name=f"Poor {number}", eligibility_rule=POOR)
        make_offer(session, name="Everybody")


def ask(client: Client, **body: Any) -> dict[str, Any]:
    response = client.post("/api/v1/screenings", json={"near": "48933", **body})
    assert response.status_code == 200, response.text
    reply: dict[str, Any] = response.json()
    return reply


def test_questions_come_one_by_one_and_the_list_shrinks(client: Client) -> None:
    first = ask(client)
    second = ask(client, facts={"age": 17})
    third = ask(client, facts={"age": 17, "household_size": 1})
    last = ask(client, facts={"age": 17, "household_size": 1, "income_month": 9000})

    assert first["question"]["fact"] == "age"
    assert first["question"]["services"] == 4
    assert first["counts"] == {
        "eligible": 0, "not_eligible": 0, "needs_more": 10, "not_stated": 1
    }  # fmt: skip
    assert second["question"]["fact"] == "household_size"
    assert second["counts"]["not_eligible"] == 4
    assert second["search"]["total"] == 7
    assert third["question"]["fact"] == "income_month"
    assert last["question"] is None
    assert last["counts"] == {
        "eligible": 0, "not_eligible": 10, "needs_more": 0, "not_stated": 1
    }  # fmt: skip
    assert [hit["service"]["name"] for hit in last["search"]["results"]] == ["Everybody"]


def test_a_question_says_how_to_answer_and_why(client: Client) -> None:
    question = ask(client, facts={"age": 40})["question"]

    assert question == {
        "fact": "household_size",
        "kind": "whole number",
        "question": "How many people live in your home, with you?",
        "why": "Income limits depend on how many people live together.",
        "hint": "Count yourself too",
        "choices": [],
        "low": 1,
        "high": 50,
        "services": 6,
    }


def test_what_is_skipped_stays_unknown_and_is_not_asked_again(client: Client) -> None:
    reply = ask(client, skip=["age", "household_size"])

    assert reply["question"]["fact"] == "income_month"
    assert ask(client, skip=["age", "household_size", "income_month"])["question"] is None
    assert reply["counts"]["needs_more"] == 10


def test_questions_are_in_the_language_that_was_asked_for(client: Client) -> None:
    spanish = client.post(
        "/api/v1/screenings", json={"near": "48933"}, headers={"accept-language": "es"}
    ).json()

    assert spanish["question"]["question"] == "¿Cuántos años tiene?"


def test_a_county_can_be_chosen_those_of_the_rules_first(
    client: Client, database: Database
) -> None:
    rule = {"fact": "county", "one_of": ["MI:Ingham County", "OH:Lucas County"]}
    with database.transaction() as session:
        for number in range(20):
            make_offer(session, name=f"Neighbours {number}", eligibility_rule=rule)

    question = ask(client)["question"]
    codes = [choice["code"] for choice in question["choices"]]

    assert question["fact"] == "county"
    assert codes[:2] == ["MI:Ingham County", "OH:Lucas County"]
    assert codes[-1] == "ZZ:Elsewhere"
    assert "MI:Eaton County" in codes
    assert len(codes) == len(set(codes))
    elsewhere = ask(client, facts={"county": codes[-1]})
    assert elsewhere["counts"]["not_eligible"] == 20


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({"near": "nowhere-at-all", "facts": {"age": -1}}, {"near", "facts.age"}),
        ({"skip": ["shoe size"]}, {"skip"}),
        ({"skp": []}, {"skp"}),
    ],
)
def test_every_mistake_is_named(client: Client, body: dict[str, Any], paths: set[str]) -> None:
    refused = client.post("/api/v1/screenings", json=body)

    assert paths_of(assert_problem(refused, 422, "invalid-input")) == paths


def test_every_fact_that_people_are_asked_for_has_a_question() -> None:
    assert set(ASKING) == set(FACTS) - {"income_poverty_percent"}
    assert tuple(HOUSING) == FACTS["housing"].choices
