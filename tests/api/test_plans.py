"""Plan my day over HTTP: the best proposals, why, and what became of each need."""

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session

from directory.database import Database
from directory.models.accounts import Role
from scheduling.models.windows import BookableBy
from tests.api.conftest import Client, MakeKey, assert_problem, paths_of
from tests.factories import LANSING, make_offer, make_organization, make_window

PLANS = "/api/v1/plans"
NORTH = (LANSING[0] + 0.03, LANSING[1])


def offer_times(
    session: Session,
    need: str,
    opens: str = "13:00",
    *,
    name: str = "",
    point: tuple[float, float] | None = LANSING,
    day: date = date(2030, 6, 4),
    organization: Any = None,
    service: dict[str, Any] | None = None,
    **terms: Any,
) -> UUID:
    """An hour of half hours on one day."""
    offer = make_offer(
        session,
        name=name or f"Help with {need}",
        organization=organization,
        point=point,
        needs=(need,),
        **(service or {}),
    )
    begins = time.fromisoformat(opens)
    hours = {"opens_at": begins, "closes_at": begins.replace(hour=begins.hour + 1)}
    single = {"freq": None, "byday": (), "starts_on": day, "title": name or need}
    make_window(session, offer, **{**single, **hours, **terms})
    return offer.id


@pytest.fixture
def key(make_key: MakeKey) -> dict[str, str]:
    return make_key(Role.COORDINATOR)


def ask(client: Client, key: dict[str, str], *needs: str, **more: Any) -> Any:
    body = {"near": "48933", "needs": needs, "mode": "walk", **more}
    return client.post(PLANS, json=body, headers=key)


def plans(client: Client, key: dict[str, str], *needs: str, **more: Any) -> Any:
    reply = ask(client, key, *needs, **more)
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_proposal_is_a_timetable_with_reasons(
    client: Client, key: dict[str, str], database: Database
) -> None:
    with database.transaction() as session:
        offer_times(session, "food", "13:00")
        offer_times(session, "dental", "14:00", point=NORTH)

    reply = plans(client, key, "food", "dental")

    (proposal,) = reply["proposals"]
    assert [each["need"] for each in proposal["appointments"]] == [0, 1]
    (day,) = proposal["days"]
    assert [step["doing"] for step in day["steps"]] == [
        "travel", "appointment", "travel", "wait", "appointment", "back",
    ]  # fmt: skip
    assert proposal["missing"] == []
    assert proposal["because"][0] == "All 2 needs in one day."
    assert reply["timezone"] == "America/Detroit"
    assert [each["not_met"] for each in reply["needs"]] == [None, None]
    assert any(each.startswith("Without “Dentist”: back ") for each in reply["better"])


def test_proposal_is_booked_as_it_is(
    client: Client, key: dict[str, str], database: Database
) -> None:
    with database.transaction() as session:
        offer_times(session, "food", "13:00")
        offer_times(session, "dental", "14:00", point=NORTH)
    (proposal,) = plans(client, key, "food", "dental")["proposals"]

    body = {"slots": proposal["slots"], "mode": "walk"}
    booked = client.post("/api/v1/bundles", json=body, headers=key)

    assert booked.status_code == 201
    assert plans(client, key, "food", "dental")["proposals"] != [proposal]


def test_only_times_that_this_agency_may_book_are_planned(
    client: Client, key: dict[str, str], database: Database
) -> None:
    with database.transaction() as session:
        offer_times(session, "food", bookable_by=BookableBy.PARTNERS)

    reply = plans(client, key, "food")

    assert reply["proposals"] == []
    assert reply["needs"][0]["not_met"]["code"] == "no-booking"


def test_family_needs_times_with_so_many_places(
    client: Client, key: dict[str, str], database: Database
) -> None:
    with database.transaction() as session:
        offer_times(session, "food", capacity=2)

    assert plans(client, key, "food", places=2)["proposals"]
    assert plans(client, key, "food", places=3)["proposals"] == []


def test_need_without_a_service_is_said_and_the_rest_is_planned(
    client: Client, key: dict[str, str], database: Database
) -> None:
    with database.transaction() as session:
        offer_times(session, "food")

    reply = plans(client, key, "food", "dental")

    assert [each["missing"] for each in reply["proposals"]] == [[1]]
    assert reply["proposals"][0]["because"][0] == "1 of 2 needs in one day."
    assert reply["needs"][1]["not_met"]["code"] == "no-service"


def test_service_that_is_not_for_the_client_is_left_out(
    client: Client, key: dict[str, str], database: Database
) -> None:
    with database.transaction() as session:
        offer_times(session, "food", service={"minimum_age": 60})

    young = plans(client, key, "food", facts={"age": 30})
    unknown = plans(client, key, "food")

    assert young["proposals"] == []
    assert young["needs"][0]["not_met"]["code"] == "not-eligible"
    (proposal,) = unknown["proposals"]
    assert proposal["appointments"][0]["eligibility"]["ask"] == ["age"]


def test_nothing_free_in_these_days_names_the_next_time(
    client: Client, key: dict[str, str], database: Database
) -> None:
    with database.transaction() as session:
        offer_times(session, "food", name="Pantry", day=date(2030, 6, 14))

    reply = plans(client, key, "food")

    why = reply["needs"][0]["not_met"]
    assert why["code"] == "no-time"
    assert "Fri, Jun 14, 1 pm: Pantry, Lanternfish Pantry" in why["words"]


def test_times_that_do_not_go_together_are_said(
    client: Client, key: dict[str, str], database: Database
) -> None:
    with database.transaction() as session:
        offer_times(session, "food", "13:00")
        offer_times(session, "dental", "13:00", slot_minutes=60)

    reply = plans(client, key, "food", "dental")

    codes = [each["not_met"] and each["not_met"]["code"] for each in reply["needs"]]
    assert sorted(map(str, codes)) == ["None", "no-fit"]
    assert len(reply["proposals"][0]["slots"]) == 1


def test_hour_is_kept_for_a_way_that_nobody_knows(
    client: Client, key: dict[str, str], database: Database
) -> None:
    with database.transaction() as session:
        hidden = make_organization(session, "Hidden House")
        offer_times(session, "food", organization=hidden, point=None)
        # found without a place only where it says that it serves the area, or anywhere

    reply = plans(client, key, "food", leave_after="12:30")

    for proposal in reply["proposals"]:
        for day in proposal["days"]:
            assert [step["known"] for step in day["steps"]] == [False, True, False]


def test_every_mistake_is_named(client: Client, key: dict[str, str]) -> None:
    refused = ask(
        client, key, "food", "food", "flying carpets",
        first_day="2030-06-02", last_day="2030-06-30", leave_after="17:00", back_by="09:00",
        facts={"age": 400},
    )  # fmt: skip

    problem = assert_problem(refused, 422, "invalid-input")
    assert paths_of(problem) >= {"needs.1", "needs.2", "first_day", "last_day", "back_by"}


@pytest.mark.parametrize("near", ["", "Nowhere at all"])
def test_start_has_to_be_somewhere(client: Client, key: dict[str, str], near: str) -> None:
    problem = assert_problem(ask(client, key, "food", near=near), 422, "invalid-input")

    assert paths_of(problem) == {"near"}


def test_days_are_the_coming_seven_by_the_clock_there(client: Client, key: dict[str, str]) -> None:
    reply = plans(client, key, "food")

    assert (reply["first_day"], reply["last_day"]) == ("2030-06-03", "2030-06-09")
    assert date.fromisoformat(reply["last_day"]) - date(2030, 6, 3) == timedelta(6)


HANDLE = "7K2M-QX4P"


def test_times_that_overlap_what_the_client_has_are_left_out(
    client: Client, key: dict[str, str], make_key: MakeKey, database: Database
) -> None:
    with database.transaction() as session:
        offer_times(session, "food", "13:00")
        offer_times(session, "dental", "13:00", name="Teeth")
    (first,) = plans(client, key, "food", client_handle=HANDLE)["proposals"]
    body = {"slots": first["slots"], "mode": "walk", "client_handle": HANDLE}
    assert client.post("/api/v1/bundles", json=body, headers=key).status_code == 201

    [again] = plans(client, key, "dental", client_handle=HANDLE.lower())["proposals"]
    [other] = plans(client, key, "dental", client_handle="7K2M-QX4Q")["proposals"]
    [elsewhere] = plans(client, make_key(), "dental", client_handle=HANDLE)["proposals"]

    starts = first["appointments"][0]["starts_at"]
    assert again["appointments"][0]["starts_at"] >= first["appointments"][0]["ends_at"]
    assert other["appointments"][0]["starts_at"] == starts
    assert elsewhere["appointments"][0]["starts_at"] == starts


@pytest.mark.parametrize("handle", ["!!!!-!!!!", "short", "x" * 13, 7])
def test_what_is_no_handle_is_named(client: Client, key: dict[str, str], handle: Any) -> None:
    problem = assert_problem(ask(client, key, "food", client_handle=handle), 422, "invalid-input")

    assert paths_of(problem) == {"client_handle"}
