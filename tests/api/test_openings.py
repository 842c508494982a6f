"""Reports of openings over the API: several counts, what counts now, and undo."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import select

from directory.database import Database
from directory.models.accounts import Role
from directory.models.services import Service, ServiceStatus
from tests.api.conftest import MakeKey, assert_problem, paths_of
from tests.conftest import NOON
from tests.factories import make_offer, make_organization

Client = TestClient[Litestar]


class Desk:
    """A provider's software."""

    def __init__(self, client: Client, place: UUID, key: dict[str, str]) -> None:
        self.client, self.place, self.key = client, place, key

    @property
    def path(self) -> str:
        return f"/api/v1/service-at-locations/{self.place}/openings"

    def put(self, **body: Any) -> Any:
        return self.client.put(self.path, json=body, headers=self.key)

    def undo(self, **body: Any) -> Any:
        return self.client.post(f"{self.path}/undo", json=body, headers=self.key)

    def get(self, path: str = "", **query: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.client.get(self.path + path, params=query).json()[
            "items"
        ]
        return items

    def found(self) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = self.client.get(
            "/api/v1/search", params={"openings": "true"}
        ).json()["results"]
        return results


@pytest.fixture
def desk(client: Client, database: Database, make_key: MakeKey) -> Desk:
    with database.transaction() as session:
        organization = make_organization(session)
        place = make_offer(session, organization=organization).id
        owner = organization.id
    return Desk(client, place, make_key(Role.PUBLISHER, owner))


def test_counts_of_several_people_stand_side_by_side(desk: Desk) -> None:
    desk.put(unit="beds", available=0, maximum=20, population="men")
    reply = desk.put(unit="beds", available=2, maximum=10, population="women with children").json()

    assert reply["population"] == "women with children"
    assert reply["as_of"] == reply["reported_at"]
    assert reply["undoes_id"] is None
    (hit,) = desk.found()
    assert hit["opening"]["words"] == "2 of 10 beds free (women with children), just now"
    assert [each["words"] for each in hit["openings"]] == [
        "2 of 10 beds free (women with children), just now",
        "Full (men), just now",
    ]
    assert {each["population"] for each in desk.get("/current")} == {"men", "women with children"}


def test_place_is_found_while_any_count_has_room(desk: Desk) -> None:
    desk.put(unit="beds", available=5, population="men", valid_for_minutes=60)
    desk.put(unit="beds", available=1, population="women", valid_for_minutes=120)
    desk.put(unit="seats", available=0, valid_for_minutes=180)

    shown = []
    for minutes in (0, 59, 60, 119, 120, 179, 180):
        desk.client.app.state.clock = lambda minutes=minutes: NOON + timedelta(minutes=minutes)
        results = desk.client.get("/api/v1/search").json()["results"]
        opening = results[0]["opening"]
        shown.append((opening["status"], opening["available"], len(desk.found())))

    assert shown == [
        ("open", 5, 1),
        ("open", 5, 1),
        ("open", 1, 1),
        ("open", 1, 1),
        ("full", 0, 0),
        ("full", 0, 0),
        ("ask", None, 0),
    ]
    assert desk.get("/current") == []


def test_history_can_be_asked_by_unit_and_population(desk: Desk) -> None:
    desk.put(unit="beds", available=1)
    desk.put(unit="beds", available=2, population="men")
    desk.put(unit="seats", available=3)

    def counts(**query: str) -> list[int]:
        return [row["available"] for row in desk.get(**query)]

    assert counts() == [3, 2, 1]
    assert counts(unit="Beds") == [2, 1]
    assert counts(unit="beds", population="") == [1]
    assert counts(population="Men") == [2]
    assert counts(unit="boats") == []


@pytest.mark.parametrize("spelling", ["Beds", " beds ", "BEDS"])
def test_another_spelling_is_the_same_count(desk: Desk, spelling: str) -> None:
    desk.put(unit="beds", available=3, population="Women with  children")
    desk.put(unit=spelling, available=0, population="women with children")

    (current,) = desk.get("/current")
    assert (current["available"], current["unit"]) == (0, "beds")
    assert current["population"] == "Women with children"


def test_undo_says_again_what_was_said_before_and_is_as_old(desk: Desk) -> None:
    first = desk.put(unit="beds", available=3, valid_for_minutes=120).json()
    desk.client.app.state.clock = lambda: NOON + timedelta(hours=1)
    slip = desk.put(unit="beds", available=30).json()

    undone = desk.undo(unit="beds").json()

    assert undone["available"] == 3
    assert undone["undoes_id"] == slip["id"]
    assert undone["as_of"] == first["as_of"]
    assert undone["expires_at"] == first["expires_at"]
    assert desk.found()[0]["opening"]["words"] == "3 beds free, 1 h ago"


def test_undo_of_all_that_was_said_reads_ask(desk: Desk) -> None:
    desk.put(unit="beds", available=3)

    undone = desk.undo(unit="beds")

    assert undone.status_code == 200
    assert desk.found() == []
    assert desk.client.get("/api/v1/search").json()["results"][0]["opening"]["status"] == "ask"
    assert_problem(desk.undo(unit="beds"), 409, "nothing-to-undo")


def test_undo_of_a_report_that_is_not_the_last_word_is_refused(desk: Desk) -> None:
    first = desk.put(available=3).json()
    second = desk.put(available=4).json()

    assert_problem(desk.undo(report_id=first["id"]), 409, "said-since")
    assert_problem(desk.undo(report_id=str(uuid4())), 409, "said-since")
    assert desk.undo(report_id=second["id"]).json()["available"] == 3
    assert desk.undo(report_id=first["id"]).status_code == 200


def test_undo_is_for_a_day(desk: Desk) -> None:
    desk.put(available=3, valid_for_minutes=10_080)
    desk.client.app.state.clock = lambda: NOON + timedelta(days=1)
    assert_problem(desk.undo(), 409, "nothing-to-undo")

    desk.client.app.state.clock = lambda: NOON + timedelta(days=1, microseconds=-1)
    assert desk.undo().status_code == 200


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"unit": ""}, {"unit"}),
        ({"unit": "x" * 61, "population": "y" * 121}, {"unit", "population"}),
        ({"report_id": "no"}, {"report_id"}),
        ({"unknown": 1}, {"unknown"}),
    ],
)
def test_undo_names_every_bad_field(desk: Desk, body: dict[str, Any], wrong: set[str]) -> None:
    assert paths_of(assert_problem(desk.undo(**body), 422, "invalid-input")) >= wrong


def test_population_is_not_longer_than_its_column(desk: Desk) -> None:
    refused = assert_problem(desk.put(available=1, population="x" * 121), 422, "invalid-input")

    assert paths_of(refused) == {"population"}


def test_nobody_else_takes_back_what_was_said(desk: Desk, make_key: MakeKey) -> None:
    desk.put(available=3)

    desk.key = make_key(Role.PUBLISHER)
    assert_problem(desk.undo(), 404, "not-found")
    desk.key = make_key(Role.COORDINATOR)
    assert_problem(desk.undo(), 403, "forbidden")
    desk.key = {}
    assert_problem(desk.undo(), 401, "sign-in-needed")
    assert len(desk.found()) == 1


def test_unlisted_place_tells_nothing(desk: Desk, database: Database) -> None:
    desk.put(available=3)
    with database.transaction() as session:
        session.exec(select(Service)).one().status = ServiceStatus.DEFUNCT

    assert desk.client.get(desk.path + "/current").status_code == 404
    assert desk.client.get(f"/api/v1/service-at-locations/{uuid4()}/openings").status_code == 404


@pytest.mark.parametrize(
    "query",
    [{"unit": "a\x00b"}, {"population": "\x00"}, {"unit": "x" * 61}, {"next": "?"}, {"units": "x"}],
)
def test_nonsense_in_the_query_is_refused(desk: Desk, query: dict[str, str]) -> None:
    refused = desk.client.get(desk.path, params=query)

    assert paths_of(assert_problem(refused, 422, "invalid-input")) == set(query)


@pytest.mark.parametrize("field", ["unit", "population", "note"])
@pytest.mark.parametrize("text", ["a\x00b", "\u202eabc"])
def test_what_no_keyboard_types_is_refused(desk: Desk, field: str, text: str) -> None:
    refused = desk.put(available=1, **{field: text})

    assert paths_of(assert_problem(refused, 422, "invalid-input")) == {field}


def test_history_has_pages(desk: Desk) -> None:
    for number in range(101):
        desk.put(available=number)

    first = desk.client.get(desk.path).json()
    second = desk.client.get(desk.path, params={"next": first["next"], "unit": "places"}).json()

    counts = [row["available"] for row in first["items"] + second["items"]]
    assert counts == list(reversed(range(101)))
    assert second["next"] is None
