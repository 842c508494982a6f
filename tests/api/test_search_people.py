"""The search for somebody over HTTP: facts come in the body and are told nowhere else."""

from datetime import timedelta
from uuid import uuid4

import pytest

from api.schemas.search import FactsRequest
from directory.database import Database
from directory.eligibility_facts import FACTS
from directory.models.accounts import Role
from scheduling.models.windows import BookableBy
from tests.api.conftest import Client, MakeKey, assert_problem, paths_of
from tests.conftest import NOON
from tests.factories import make_agreement, make_offer, make_organization, make_window

TUESDAY = (NOON + timedelta(days=1)).date()


@pytest.fixture
def county(database: Database) -> None:
    """A place for adults, one for older people with little money, and one for everybody."""
    with database.transaction() as session:
        make_offer(session, name="Adults", minimum_age=18)
        make_offer(
            session,
            name="Older",
            eligibility_rule={
                "any": [
                    {"fact": "age", "at_least": 60},
                    {"fact": "income_poverty_percent", "at_most": 200},
                ]
            },
            point=(42.75, -84.6),
        )
        make_offer(session, name="Everybody", point=(42.76, -84.6))


def search(client: Client, **asked: object) -> dict[str, object]:
    response = client.post("/api/v1/search", json={"near": "48933", **asked})
    assert response.status_code == 200, response.text
    found: dict[str, object] = response.json()
    return found


def test_the_facts_of_a_request_are_those_that_rules_know() -> None:
    assert FactsRequest.__struct_fields__ == tuple(FACTS)


@pytest.mark.usefixtures("county")
def test_each_result_says_whether_it_is_for_the_person(client: Client) -> None:
    answer = client.post(
        "/api/v1/search", json={"near": "48933", "facts": {"age": 30, "household_size": 3}}
    ).json()

    adults, older, everybody = answer["results"]
    assert adults["eligibility"] == {
        "verdict": "eligible",
        "because": [{"fact": "age", "limit": "Age 18 and older", "told": "30"}],
        "ask": [],
        "words": "Fits what you told us",
    }
    assert older["eligibility"] == {
        "verdict": "needs_more",
        "because": [],
        "ask": ["income_month"],
        "words": "That depends on: your income",
    }
    assert everybody["eligibility"] is None
    assert answer["facets"]["eligibility"] == {"eligible": 1, "needs_more": 1, "not_stated": 1}


@pytest.mark.usefixtures("county")
def test_a_nearer_place_that_is_for_others_is_told_with_the_reason(client: Client) -> None:
    answer = client.post(
        "/api/v1/search",
        json={"near": "48933", "facts": {"age": 17, "income_month": 9000, "household_size": 3}},
    ).json()

    assert [hit["service"]["name"] for hit in answer["results"]] == ["Everybody"]
    adults, older = answer["excluded_nearer"]
    assert adults["name"] == "Adults"
    assert adults["reason"] == {
        "code": "not_eligible",
        "words": "Not for you: Age 18 and older",
    }
    # 2030 has the lines of 2026, the newest that are known: 27,320 dollars for three.
    assert older["reason"]["words"] == (
        "Not for you. It takes one of these: Age 60 and older; Income up to "
        "200% of the poverty line ($4,553 a month for your household)"
    )


@pytest.mark.usefixtures("county")
def test_nothing_is_said_before_something_was_told(client: Client) -> None:
    answer = client.get("/api/v1/search?near=48933").json()

    assert answer["facets"]["eligibility"] is None
    assert [hit["eligibility"] and hit["eligibility"]["verdict"] for hit in answer["results"]] == [
        "needs_more",
        "needs_more",
        None,
    ]
    assert answer["excluded_nearer"] == []


@pytest.mark.usefixtures("county")
def test_reasons_are_in_the_language_that_was_asked_for(client: Client) -> None:
    answer = client.post(
        "/api/v1/search",
        json={"near": "48933", "facts": {"age": 17}},
        headers={"accept-language": "es"},
    ).json()

    assert answer["excluded_nearer"][0]["reason"]["words"] == (
        "No es para usted: De 18 años en adelante"
    )


def test_every_mistake_about_somebody_is_named_with_the_others_and_nothing_is_repeated(
    client: Client,
) -> None:
    told = "their-own-words"
    refused = client.post(
        "/api/v1/search",
        json={
            "near": "nowhere-at-all",
            "facts": {"age": 200, "housing": told, "zip": told},
            "documents": ["photo-id", told],
            "bookable_for": str(uuid4()),
        },
    )

    problem = assert_problem(refused, 422, "invalid-input")
    assert paths_of(problem) == {
        "near",
        "facts.age",
        "facts.housing",
        "facts.zip",
        "documents.1",
        "bookable_for",
    }
    assert told not in refused.text


def test_papers_are_given_once(client: Client) -> None:
    body = {"facts": {"documents": []}, "documents": ["lease"]}
    refused = client.post("/api/v1/search", json=body)

    assert paths_of(assert_problem(refused, 422, "invalid-input")) == {"documents"}


@pytest.mark.parametrize("name", ["facts", "documents", "facts.age"])
def test_what_is_personal_is_refused_in_an_address(client: Client, name: str) -> None:
    refused = assert_problem(client.get(f"/api/v1/search?{name}=x"), 422, "invalid-input")

    assert paths_of(refused) == {name}
    assert "body of a POST" in refused["errors"][0]["message"]


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("cost_at_most=-1", "cost_at_most", "at least 0"),
        ("cost_at_most=cheap", "cost_at_most", "Give a number"),
        ("step_free=perhaps", "step_free", "true or false"),
        ("remote=2", "remote", "true or false"),
        ("bookable_within_days=0", "bookable_within_days", "at least 1"),
        ("bookable_within_days=367", "bookable_within_days", "at most 366"),
        ("bookable_within_days=1.5", "bookable_within_days", "whole number"),
        ("bookable_for=me", "bookable_for", "your own organization"),
    ],
)
def test_a_bad_value_is_named_and_told_what_is_right(
    client: Client, query: str, field: str, words: str
) -> None:
    refused = assert_problem(client.get(f"/api/v1/search?{query}"), 422, "invalid-input")

    assert paths_of(refused) == {field}
    assert words in refused["errors"][0]["message"]


def test_what_can_be_booked_soon_is_what_the_caller_may_book(
    client: Client, database: Database, make_key: MakeKey
) -> None:
    with database.transaction() as session:
        host = make_organization(session, "Host")
        partner = make_organization(session, "Partner").id
        open_to_all = make_offer(session, name="Public", organization=host)
        for_partners = make_offer(session, name="Partners", organization=host)
        make_offer(session, name="None", organization=host)
        make_window(session, open_to_all, starts_on=TUESDAY)
        make_window(session, for_partners, starts_on=TUESDAY, bookable_by=BookableBy.PARTNERS)
        make_agreement(session, host.id, partner)
    theirs = make_key(Role.COORDINATOR, partner)

    def found(asked: str, headers: dict[str, str] | None = None) -> list[str]:
        answer = client.get(f"/api/v1/search?near=48933&{asked}", headers=headers or {}).json()
        return sorted(hit["service"]["name"] for hit in answer["results"])

    assert found("bookable_within_days=7") == ["Public"]
    assert found("bookable_within_days=7", theirs) == ["Partners", "Public"]
    assert found(f"bookable_within_days=7&bookable_for={partner}", theirs) == ["Partners", "Public"]
    assert found("bookable_within_days=7&bookable_for=public", theirs) == ["Public"]
    # The first slot is 25 hours from now: the day that begins with this moment ends before it.
    assert found("bookable_within_days=1", theirs) == []


@pytest.mark.usefixtures("county")
def test_what_was_told_is_in_no_log(
    server: Client, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    facts = {"age": 33.125, "county": "MI:Quince County", "income_month": 7654.25}
    answer = server.post("/api/v1/search", json={"near": "48933", "facts": facts})
    refused = server.post("/api/v1/search", json={"facts": {**facts, "zip": "quince"}})

    assert (answer.status_code, refused.status_code) == (200, 422)
    said = caplog.text + "".join(capfd.readouterr()) + refused.text
    assert not any(told in said for told in ("33.125", "Quince", "quince", "7654"))
