"""An appointment's life over HTTP, for the agency that booked and the one that hosts."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from directory.database import Database
from directory.models.accounts import Role
from scheduling.models.windows import Approval, BookableBy
from tests.api.conftest import Client, MakeKey, assert_problem, paths_of
from tests.conftest import NOON
from tests.factories import make_agreement, make_offer, make_organization, make_window


@dataclass
class Desks:
    """A host that has to agree, a partner that books there, and somebody else."""

    client: Client
    slots: list[UUID]
    host: dict[str, str]
    partner: dict[str, str]
    stranger: dict[str, str]

    def post(self, path: str, headers: dict[str, str], body: Any = None) -> Any:
        return self.client.post(f"/api/v1/{path}", headers=headers, json=body)

    def book(self) -> str:
        hold = self.post(f"slots/{self.slots[0]}/holds", self.partner).json()["id"]
        booked = self.post(f"holds/{hold}/confirm", self.partner).json()
        assert booked["status"] == "pending"
        return f"appointments/{booked['id']}"


@pytest.fixture
def desks(client: Client, database: Database, make_key: MakeKey) -> Desks:
    with database.transaction() as session:
        host = make_organization(session, "Canary Clinic")
        partner = make_organization(session, "Heron House").id
        stranger = make_organization(session, "Stoat Street").id
        make_agreement(session, host.id, partner)
        offer = make_offer(session, organization=host)
        make_window(session, offer, bookable_by=BookableBy.PARTNERS, approval=Approval.HOST)
        host_id = host.id
    keys = (
        make_key(Role.PUBLISHER, host_id),
        make_key(Role.COORDINATOR, partner),
        make_key(Role.COORDINATOR, stranger),
    )
    rows = client.get("/api/v1/slots", headers=keys[1]).json()["items"]
    return Desks(client, [UUID(row["id"]) for row in rows], *keys)


def at(client: Client, hours: float) -> None:
    """Let it be so many hours after NOON; the first slot begins after 29 of them."""
    client.app.state.clock = lambda: NOON + timedelta(hours=hours)


def test_from_asking_to_what_came_of_it(desks: Desks) -> None:
    path = desks.book()

    approved = desks.post(f"{path}/approve", desks.host).json()
    moved = desks.post(
        f"{path}/reschedule", desks.host, {"slot_id": str(desks.slots[1]), "reason": "host-changed"}
    ).json()
    at(desks.client, 30)
    arrived = desks.post(f"{path}/check-in", desks.host).json()
    done = desks.post(f"{path}/fulfill", desks.host, {"outcome": "come-again"}).json()

    assert approved["code"] == moved["code"] == done["code"]
    assert [one["status"] for one in (approved, moved, arrived, done)] == [
        "booked",
        "booked",
        "arrived",
        "fulfilled",
    ]
    assert done["outcome"] == "come-again"
    assert done["slot"]["id"] == str(desks.slots[1])
    steps = desks.client.get(f"/api/v1/{path}/history", headers=desks.partner).json()["items"]
    assert [step["sequence"] for step in steps] == [0, 1, 2, 3, 4]
    assert steps[2]["reason"] == "host-changed"


def test_no_show_and_its_undoing(desks: Desks) -> None:
    path = desks.book()
    desks.post(f"{path}/approve", desks.host)
    assert_problem(desks.post(f"{path}/no-show", desks.host), 409, "too-early")
    at(desks.client, 29)

    assert desks.post(f"{path}/no-show", desks.host).json()["status"] == "noshow"
    assert desks.post(f"{path}/undo", desks.host).json()["status"] == "booked"
    assert_problem(desks.post(f"{path}/undo", desks.host), 409, "nothing-to-undo")


def test_declined_request_frees_its_place_and_cannot_be_approved(desks: Desks) -> None:
    path = desks.book()

    declined = desks.post(f"{path}/decline", desks.host, {"reason": "not-for-them"}).json()

    assert (declined["status"], declined["cancel_reason"]) == ("cancelled", "not-for-them")
    assert_problem(desks.post(f"{path}/approve", desks.host), 409, "not-pending")
    again = desks.post(f"slots/{desks.slots[0]}/holds", desks.partner)
    assert again.status_code == 201


STEPS: list[tuple[str, Any]] = [
    ("approve", None),
    ("decline", None),
    ("check-in", None),
    ("no-show", None),
    ("fulfill", None),
    ("undo", None),
]


@pytest.mark.parametrize(("step", "body"), STEPS)
def test_steps_of_the_host_are_the_hosts(desks: Desks, step: str, body: Any) -> None:
    path = desks.book()

    assert_problem(desks.post(f"{path}/{step}", desks.partner, body), 403, "forbidden")
    assert_problem(desks.post(f"{path}/{step}", desks.stranger, body), 404, "not-found")


def test_others_neither_move_it_nor_read_its_history(desks: Desks) -> None:
    path = desks.book()

    moved = desks.post(f"{path}/reschedule", desks.stranger, {"slot_id": str(desks.slots[1])})
    assert_problem(moved, 404, "not-found")
    read = desks.client.get(f"/api/v1/{path}/history", headers=desks.stranger)
    assert_problem(read, 404, "not-found")


@pytest.mark.parametrize(
    ("step", "field"), [("decline", "reason"), ("fulfill", "outcome"), ("reschedule", "reason")]
)
def test_no_story_goes_where_a_word_belongs(desks: Desks, step: str, field: str) -> None:
    path = desks.book()
    body = {field: "Ana was unwell"}
    if step == "reschedule":
        body["slot_id"] = str(desks.slots[1])

    refused = assert_problem(desks.post(f"{path}/{step}", desks.host, body), 422, "invalid-input")

    assert paths_of(refused) == {field}
    assert "Ana" not in str(refused)


def test_t16_only_the_servers_clock_decides(desks: Desks) -> None:
    """Whatever a client says the time is, in headers or in the body, changes nothing."""
    path = desks.book()
    desks.post(f"{path}/approve", desks.host)
    tomorrow = "Tue, 04 Jun 2030 18:00:00 GMT"
    headers = {**desks.host, "date": tomorrow, "x-date": tomorrow, "x-now": "2030-06-04T18:00Z"}

    assert_problem(desks.post(f"{path}/no-show", headers), 409, "too-early")
    refused = desks.post(f"{path}/fulfill", headers, {"now": "2030-06-04T18:00:00Z"})
    assert_problem(refused, 422, "invalid-input")
    hold = desks.post(f"slots/{desks.slots[2]}/holds", headers).json()
    assert hold["expires_at"] == "2030-06-03T12:10:00Z"


def test_t16_node_with_a_wrong_clock_sells_nothing_twice(desks: Desks) -> None:
    """Five minutes fast or slow: a hold counts for a little less or more, places never twice."""
    slot = desks.slots[3]
    at(desks.client, -5 / 60)
    hold = desks.post(f"slots/{slot}/holds", desks.partner).json()["id"]
    at(desks.client, 5 / 60 + 0.001)  # ten minutes on, for the node that is fast

    taken = desks.post(f"slots/{slot}/holds", desks.host)
    at(desks.client, -5 / 60)
    late = desks.post(f"holds/{hold}/confirm", desks.partner)

    assert taken.status_code == 201
    assert_problem(late, 409, "hold-expired")
