"""The life of an agreement over HTTP: proposed, signed, used, suspended, replaced, ended."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from directory.database import Database
from directory.models.accounts import Role
from scheduling.commands.agreements import end_overdue_agreements
from scheduling.models import TABLES
from scheduling.models.agreements import Agreement
from scheduling.models.windows import BookableBy
from tests.api.conftest import Client, MakeKey, assert_problem
from tests.conftest import NOON
from tests.factories import make_offer, make_organization, make_window

API = "/api/v1"


class Two:
    """A host with a window for partners, and a partner, each with a key."""

    def __init__(self, client: Client, database: Database, make_key: MakeKey) -> None:
        self.client = client
        with database.transaction() as session:
            host = make_organization(session, "Host")
            partner = make_organization(session, "Partner")
            offer = make_offer(session, organization=host)
            window = make_window(session, offer, bookable_by=BookableBy.PARTNERS, horizon_days=14)
            self.host_id, self.partner_id, self.window_id = host.id, partner.id, window.id
            self.service_id = offer.service_id
        self.host = make_key(Role.PUBLISHER, self.host_id)
        self.partner = make_key(Role.PUBLISHER, self.partner_id)
        self.version = 1

    def propose(self, who: Any = None, **terms: Any) -> Any:
        body = {
            "host_organization_id": str(self.host_id),
            "partner_organization_id": str(self.partner_id),
            "title": "Tuesdays",
            "starts_on": "2030-06-01",
            "allotments": [{"places": 2, "window_ids": [str(self.window_id)]}],
            **terms,
        }
        return self.client.post(f"{API}/agreements", headers=who or self.partner, json=body)

    def step(self, id_: str, step: str, who: Any, version: int, **body: Any) -> Any:
        headers = {**who, "If-Match": f'"{version}"'}
        url = f"{API}/agreements/{id_}/{step}"
        return self.client.post(url, headers=headers, json=body or None)

    def sign_both(self, id_: str, version: int = 1) -> Any:
        assert self.step(id_, "sign", self.partner, version).status_code == 200
        return self.step(id_, "sign", self.host, version + 1)

    def slots(self) -> list[Any]:
        items: list[Any] = self.client.get(f"{API}/slots", headers=self.partner).json()["items"]
        return items


@pytest.fixture
def two(client: Client, database: Database, make_key: MakeKey) -> Two:
    return Two(client, database, make_key)


def test_an_agreement_holds_when_both_have_signed(two: Two) -> None:
    proposed = two.propose()
    assert proposed.status_code == 201
    id_ = proposed.json()["id"]
    assert (proposed.json()["status"], two.slots()) == ("proposed", [])

    first = two.step(id_, "sign", two.partner, 1)
    assert first.json()["status"] == "proposed"
    assert_problem(two.step(id_, "sign", two.partner, 2), 409, "agreement-state")
    second = two.step(id_, "sign", two.host, 2)

    assert second.json()["status"] == "active"
    assert second.headers["ETag"] == '"3"'
    assert len(two.slots()) == 8
    assert second.json()["allotments"][0]["window_ids"] == [str(two.window_id)]


def test_every_step_names_the_version_that_was_read(two: Two) -> None:
    id_ = two.propose().json()["id"]
    for step in ("sign", "suspend", "resume", "end"):
        unnamed = two.client.post(f"{API}/agreements/{id_}/{step}", headers=two.host)
        assert_problem(unnamed, 428, "version-needed")
        assert_problem(two.step(id_, step, two.host, 7), 412, "stale")


def test_others_do_not_see_it(two: Two, make_key: MakeKey) -> None:
    id_ = two.propose().json()["id"]
    stranger = make_key(Role.PUBLISHER)
    assert_problem(two.client.get(f"{API}/agreements/{id_}", headers=stranger), 404, "not-found")
    account = two.client.get(f"{API}/agreements/{id_}/account", headers=stranger)
    assert_problem(account, 404, "not-found")
    for step in ("sign", "suspend", "resume", "end"):
        assert_problem(two.step(id_, step, stranger, 1), 404, "not-found")


@pytest.mark.parametrize(
    ("terms", "path"),
    [
        ({"partner_organization_id": str(uuid4())}, "host_organization_id"),
        ({"title": "  "}, "title"),
        ({"ends_on": "2030-05-01"}, "ends_on"),
        ({"starts_on": "1999-05-01"}, "starts_on"),
        ({"allotments": [{"places": 2}]}, "allotments.0"),
        ({"allotments": [{"places": 2, "window_ids": [str(uuid4())]}]}, "allotments.0.window_ids"),
        (
            {"allotments": [{"places": 2, "service_ids": [str(uuid4())]}]},
            "allotments.0.service_ids",
        ),
    ],
)
def test_what_is_wrong_in_a_proposal_is_named(two: Two, terms: dict[str, Any], path: str) -> None:
    refused = two.propose(**terms)

    assert_problem(refused, 422, "invalid-input")
    assert path in {error["path"] for error in refused.json()["errors"]}


def test_a_changed_proposal_is_signed_anew(two: Two) -> None:
    id_ = two.propose().json()["id"]
    two.step(id_, "sign", two.partner, 1)
    headers = {**two.host, "If-Match": '"2"'}

    changed = two.client.patch(f"{API}/agreements/{id_}", headers=headers, json={"notice_days": 7})

    assert changed.json()["partner_signed_at"] is None
    assert (changed.json()["notice_days"], changed.json()["version"]) == (7, 3)
    assert len(changed.json()["allotments"]) == 1
    assert two.sign_both(id_, 3).json()["status"] == "active"


def test_other_terms_begin_on_a_monday_when_both_have_signed(two: Two) -> None:
    id_ = two.propose().json()["id"]
    two.sign_both(id_)
    url, headers = f"{API}/agreements/{id_}", {**two.host, "If-Match": '"3"'}
    more = {"starts_on": "2030-06-03", "allotments": [
        {"places": 4, "service_ids": [str(two.service_id)]}
    ]}  # fmt: skip
    midweek = two.client.patch(url, headers=headers, json={**more, "starts_on": "2030-06-12"})
    assert_problem(midweek, 422, "invalid-input")

    proposed = two.client.patch(url, headers=headers, json=more).json()
    assert (proposed["status"], proposed["replaces_id"]) == ("proposed", id_)
    assert two.client.get(url, headers=two.host).json()["status"] == "active"
    signed = two.sign_both(proposed["id"]).json()

    assert signed["starts_on"] == "2030-06-10"
    assert two.client.get(url, headers=two.host).json()["ends_on"] == "2030-06-09"


def test_a_suspended_agreement_opens_nothing_until_it_is_resumed(two: Two) -> None:
    id_ = two.propose().json()["id"]
    two.sign_both(id_)
    assert two.step(id_, "suspend", two.host, 3).json()["status"] == "suspended"
    assert two.slots() == []
    assert_problem(two.step(id_, "suspend", two.host, 4), 409, "agreement-state")
    assert two.step(id_, "resume", two.partner, 4).json()["status"] == "active"
    assert len(two.slots()) == 8


def test_notice_ends_it_later_and_what_is_booked_stands(two: Two, database: Database) -> None:
    id_ = two.propose(notice_days=7).json()["id"]
    two.sign_both(id_)
    last = two.slots()[-1]["id"]
    hold = two.client.post(f"{API}/slots/{last}/holds", headers=two.partner).json()
    two.client.post(f"{API}/holds/{hold['id']}/confirm", headers=two.partner)

    ended = two.step(id_, "end", two.partner, 3).json()

    assert (ended["status"], ended["ends_on"], ended["still_booked"]) == (
        "active",
        "2030-06-10",
        1,
    )
    assert {slot["starts_at"][:10] for slot in two.slots()} == {"2030-06-04"}
    for days, number in ((7, 0), (8, 1), (9, 0)):
        with database.transaction() as session:
            now = NOON.replace(day=3 + days)
            assert end_overdue_agreements(session, now=now) == number
    with database.reading() as session:
        assert session.get_one(Agreement, UUID(id_)).status == "ended"
    appointments = two.client.get(f"{API}/appointments", headers=two.partner).json()["items"]
    assert [each["status"] for each in appointments] == ["booked"]


def test_at_once_it_ends_only_when_both_say_so(two: Two) -> None:
    id_ = two.propose().json()["id"]
    two.sign_both(id_)

    assert two.step(id_, "end", two.partner, 3, immediately=True).json()["status"] == "active"
    assert two.step(id_, "end", two.partner, 4, immediately=True).json()["status"] == "active"
    ended = two.step(id_, "end", two.host, 5, immediately=True).json()

    assert (ended["status"], ended["ends_on"]) == ("ended", "2030-06-03")
    assert two.slots() == []
    for step in ("sign", "suspend", "resume", "end"):
        assert_problem(two.step(id_, step, two.host, 6), 409, "agreement-state")


def test_a_proposal_can_be_withdrawn(two: Two) -> None:
    id_ = two.propose().json()["id"]
    assert two.step(id_, "end", two.host, 1).json()["status"] == "ended"


def test_each_step_is_written_down(two: Two, database: Database) -> None:
    id_ = two.propose().json()["id"]
    two.sign_both(id_)
    two.step(id_, "suspend", two.host, 3)
    with database.reading() as session:
        rows = session.connection().execute(
            sa.select(TABLES["agreement_change"]).order_by(sa.text("version"))
        )
        steps = [(row.version, row.step, row.status, row.organization_id) for row in rows]
    assert steps == [
        (1, "proposed", "proposed", two.partner_id),
        (2, "signed", "proposed", two.partner_id),
        (3, "signed", "active", two.host_id),
        (4, "suspended", "suspended", two.host_id),
    ]


def test_a_refusal_is_in_the_account_of_both(two: Two) -> None:
    id_ = two.propose().json()["id"]
    two.sign_both(id_)
    first, second, third = (slot["id"] for slot in two.slots()[:3])
    for slot in (first, second):
        hold = two.client.post(f"{API}/slots/{slot}/holds", headers=two.partner).json()
        two.client.post(f"{API}/holds/{hold['id']}/confirm", headers=two.partner)

    refused = two.client.post(f"{API}/slots/{third}/holds", headers=two.partner)

    assert_problem(refused, 409, "allotment-used")
    accounts = [
        two.client.get(f"{API}/agreements/{id_}/account", headers=who).json()
        for who in (two.host, two.partner)
    ]
    assert accounts[0] == accounts[1]
    week = accounts[0]["items"][0]
    assert week == {
        "allotment_id": week["allotment_id"],
        "week_on": str(date(2030, 6, 3)),
        "granted": 2,
        "published": 4,
        "used": 2,
        "released": 0,
        "refused": 1,
        "no_shows": 0,
        "cancelled_late": 0,
    }
    assert accounts[0]["words"] == "The host published 4 of the 4 promised."


def test_a_hold_is_let_go_when_its_agreement_has_gone(two: Two, database: Database) -> None:
    id_ = two.propose().json()["id"]
    two.sign_both(id_)
    slot = two.slots()[0]["id"]
    hold = two.client.post(f"{API}/slots/{slot}/holds", headers=two.partner).json()
    two.step(id_, "suspend", two.host, 3)

    url = f"{API}/holds/{hold['id']}/confirm"
    assert_problem(two.client.post(url, headers=two.partner), 409, "agreement-ended")

    with database.reading() as session:
        for table in ("hold", "slot_place", "allotment_place", "appointment"):
            left = session.connection().execute(sa.select(TABLES[table])).all()
            assert left == []


def test_a_consortium_is_joined_and_left(two: Two, database: Database, make_key: MakeKey) -> None:
    id_ = two.propose(covers_members=True).json()["id"]
    two.sign_both(id_)
    with database.transaction() as session:
        member_id = make_organization(session, "Member").id
    member = make_key(Role.PUBLISHER, member_id)
    members = f"{API}/consortium-members"

    invited = two.client.post(
        members, headers=two.partner, json={"organization_id": str(member_id)}
    )
    assert invited.json()["status"] == "invited"
    assert two.client.get(f"{API}/slots", headers=member).json()["items"] == []
    accept = f"{members}/{two.partner_id}/accept"
    assert_problem(two.client.post(accept, headers=two.host), 404, "not-found")
    assert two.client.post(accept, headers=member).status_code == 204
    assert len(two.client.get(f"{API}/slots", headers=member).json()["items"]) == 8
    assert len(two.client.get(members, headers=member).json()["items"]) == 1
    leave = f"{members}/{two.partner_id}/{member_id}"
    assert_problem(two.client.delete(leave, headers=two.host), 404, "not-found")
    assert two.client.delete(leave, headers=member).status_code == 204
    assert two.client.get(f"{API}/slots", headers=member).json()["items"] == []
    assert two.client.get(members, headers=member).json()["items"] == []
