"""Changing windows over HTTP: versions, dry runs, decisions; days; closures."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.conftest import Client, assert_problem, paths_of
from tests.api.test_booking import Agencies, agencies, book, first_slot, publish

__all__ = ["agencies"]  # the fixture

V1 = {"if-match": '"1"'}


def change(
    client: Client, agencies: Agencies, window: str, version: int = 1, query: str = "", **body: Any
) -> Any:
    return client.patch(
        f"/api/v1/windows/{window}{query}",
        json=body,
        headers={**agencies.host, "if-match": f'"{version}"'},
    )


@pytest.fixture
def booked(client: Client, agencies: Agencies) -> dict[str, Any]:
    """The first time of a new window, on Tuesday at 13:00, is booked by the partner."""
    return book(client, agencies)


@pytest.fixture
def window(client: Client, agencies: Agencies, booked: dict[str, Any]) -> str:
    assert booked["status"] == "booked"
    listed = client.get("/api/v1/windows", headers=agencies.host).json()["items"]
    return str(listed[0]["id"])


def test_a_change_needs_the_version_it_is_a_change_of(
    client: Client, agencies: Agencies, window: str
) -> None:
    path = f"/api/v1/windows/{window}"
    for method, where, body in (
        ("PATCH", path, {"title": "Talk"}),
        ("DELETE", path, None),
        ("PUT", f"{path}/exceptions/2030-06-04", {"kind": "closed"}),
        ("DELETE", f"{path}/exceptions/2030-06-04", None),
    ):
        for query in ("", "?dry_run=true"):
            without = client.request(method, where + query, json=body, headers=agencies.host)
            assert_problem(without, 428, "version-needed")
            headers = {**agencies.host, "if-match": '"7"'}
            stale = client.request(method, where + query, json=body, headers=headers)
            assert assert_problem(stale, 412, "stale")["version"] == 1
            strangers = {**agencies.stranger, **V1}
            refused = client.request(method, where + query, json=body, headers=strangers)
            assert refused.status_code == 403
            nowhere = where.replace(window, str(uuid4()))
            missing = client.request(
                method, nowhere + query, json=body, headers={**agencies.host, **V1}
            )
            assert_problem(missing, 404, "not-found")


def test_what_a_change_leaves_out_stays(client: Client, agencies: Agencies, window: str) -> None:
    before = client.get(f"/api/v1/windows/{window}", headers=agencies.host).json()

    changed = change(client, agencies, window, title="Talk", closed_on=["2030-06-18"])

    assert changed.status_code == 200
    assert changed.headers["etag"] == '"2"'
    after = changed.json()
    assert after["exceptions"][0]["date"] == "2030-06-18"
    same = {**before, "title": "Talk", "version": 2, "exceptions": after["exceptions"]}
    assert after == same


def test_a_dry_run_names_bookings_and_no_client_and_changes_nothing(
    client: Client, agencies: Agencies, window: str, booked: dict[str, Any]
) -> None:
    tried = change(client, agencies, window, query="?dry_run=true", opens_at="13:30")

    assert tried.status_code == 200
    assert tried.json() == {
        "slots_made": 0,
        "slots_ended": 8,
        "affected": [
            {
                "appointment_id": booked["id"],
                "sequence": 0,
                "code": booked["code"],
                "places": 1,
                "slot": booked["slot"],
                "organization_id": str(agencies.partner_id),
                "booked_by": "Heron House",
                "why": "ends",
            }
        ],
    }
    assert booked["client_handle"] not in tried.text
    assert client.get(f"/api/v1/windows/{window}", headers=agencies.host).json()["version"] == 1


def test_a_change_without_decisions_is_refused_with_the_list(
    client: Client, agencies: Agencies, window: str, booked: dict[str, Any]
) -> None:
    refused = assert_problem(
        change(client, agencies, window, opens_at="13:30"), 409, "decisions-needed"
    )
    assert [each["appointment_id"] for each in refused["affected"]] == [booked["id"]]

    decision = {"appointment_id": booked["id"], "sequence": 0, "decision": "move",
                "starts_at": "2030-06-04T17:30:00Z"}  # fmt: skip
    stale = {**decision, "sequence": 1}
    again = change(client, agencies, window, opens_at="13:30", decisions=[stale])
    assert_problem(again, 409, "decisions-needed")
    assert change(
        client, agencies, window, opens_at="13:30", decisions=[decision]
    ).status_code == 200  # fmt: skip

    moved = client.get(f"/api/v1/appointments/{booked['id']}", headers=agencies.partner).json()
    assert (moved["slot"]["starts_at"], moved["sequence"]) == ("2030-06-04T17:30:00Z", 1)
    assert moved["code"] == booked["code"]


def test_a_booking_that_comes_between_the_dry_run_and_the_change_is_found(
    client: Client, agencies: Agencies, window: str
) -> None:
    tried = change(client, agencies, window, query="?dry_run=true", opens_at="14:00").json()
    decisions = [
        {"appointment_id": each["appointment_id"], "sequence": each["sequence"],
         "decision": "cancel"}
        for each in tried["affected"]
    ]  # fmt: skip
    slots = client.get("/api/v1/slots", headers=agencies.partner).json()["items"]
    second = next(slot["id"] for slot in slots if slot["starts_at"] == "2030-06-04T17:30:00Z")
    hold = client.post(f"/api/v1/slots/{second}/holds", headers=agencies.partner).json()["id"]
    client.post(f"/api/v1/holds/{hold}/confirm", headers=agencies.partner)

    refused = change(client, agencies, window, opens_at="14:00", decisions=decisions)

    assert len(assert_problem(refused, 409, "decisions-needed")["affected"]) == 2


def test_a_window_pauses_and_comes_back(client: Client, agencies: Agencies, window: str) -> None:
    mixed = change(client, agencies, window, status="paused", title="x")
    assert paths_of(assert_problem(mixed, 422, "invalid-input")) == {"status"}

    assert change(client, agencies, window, status="paused").json()["status"] == "paused"
    assert client.get("/api/v1/slots", headers=agencies.partner).json()["items"] == []
    back = change(client, agencies, window, version=2, status="published")
    assert (back.json()["status"], back.json()["version"]) == ("published", 3)
    assert len(client.get("/api/v1/slots", headers=agencies.partner).json()["items"]) == 32


def test_a_window_ends_with_a_decision_for_each_booking(
    client: Client, agencies: Agencies, window: str, booked: dict[str, Any]
) -> None:
    path, headers = f"/api/v1/windows/{window}", {**agencies.host, **V1}
    tried = client.delete(f"{path}?dry_run=true", headers=headers)
    assert tried.json()["slots_ended"] == 32
    assert_problem(client.delete(path, headers=headers), 409, "decisions-needed")

    keep = {"appointment_id": booked["id"], "sequence": 0, "decision": "keep"}
    done = client.request("DELETE", path, json={"decisions": [keep]}, headers=headers)

    assert (done.status_code, done.json()["status"]) == (200, "ended")
    kept = client.get(f"/api/v1/appointments/{booked['id']}", headers=agencies.partner).json()
    assert kept["status"] == "booked"
    assert_problem(change(client, agencies, window, version=2, title="x"), 409, "window-ended")


def test_days_are_closed_added_and_as_usual_again(
    client: Client, agencies: Agencies, window: str
) -> None:
    path = f"/api/v1/windows/{window}/exceptions"

    def put(day: str, version: int, **body: Any) -> Any:
        headers = {**agencies.host, "if-match": f'"{version}"'}
        return client.put(f"{path}/{day}", json=body, headers=headers)

    closed = put("2030-06-06", 1, kind="closed", reason="Training")
    assert closed.json()["exceptions"] == [
        {"date": "2030-06-06", "kind": "closed", "opens_at": None, "closes_at": None,
         "reason": "Training"}
    ]  # fmt: skip
    added = put("2030-06-08", 2, kind="added", opens_at="09:00", closes_at="10:00")
    assert [day["kind"] for day in added.json()["exceptions"]] == ["closed", "added"]
    hours = put("2030-06-09", 3, kind="closed", opens_at="09:00")
    assert paths_of(assert_problem(hours, 422, "invalid-input")) == {"opens_at"}
    starts = [
        slot["starts_at"][:13]
        for slot in client.get("/api/v1/slots", headers=agencies.partner).json()["items"]
    ]
    assert starts[3:7] == ["2030-06-04T18", "2030-06-08T13", "2030-06-08T13", "2030-06-11T17"]

    headers = {**agencies.host, "if-match": '"3"'}
    usual = client.delete(f"{path}/2030-06-06", headers=headers)
    assert [day["date"] for day in usual.json()["exceptions"]] == ["2030-06-08"]


def test_a_snow_day_is_declared_once_and_lifted(
    client: Client, agencies: Agencies, booked: dict[str, Any]
) -> None:
    snow = {"starts_on": "2030-06-04", "ends_on": "2030-06-04", "reason": "Snow"}
    tried = client.post("/api/v1/closures?dry_run=true", json=snow, headers=agencies.host)
    assert (tried.status_code, tried.json()["slots_ended"]) == (200, 4)
    assert [each["appointment_id"] for each in tried.json()["affected"]] == [booked["id"]]

    key = {**agencies.host, "idempotency-key": str(uuid4())}
    declared = [client.post("/api/v1/closures", json=snow, headers=key) for _ in range(2)]

    assert [reply.status_code for reply in declared] == [201, 201]
    assert declared[0].json() == declared[1].json()
    listed = client.get("/api/v1/closures", headers=agencies.host).json()["items"]
    assert listed == [declared[0].json()]
    gone = client.get(f"/api/v1/appointments/{booked['id']}", headers=agencies.partner).json()
    assert (gone["status"], gone["cancel_reason"]) == ("cancelled", "host-closed")
    assert first_slot(client, agencies, agencies.partner) != booked["slot"]["id"]

    path = f"/api/v1/closures/{listed[0]['id']}/lift"
    lifted = client.post(path, headers=agencies.host)

    assert lifted.json()["lifted_at"] == "2030-06-03T12:00:00Z"
    assert first_slot(client, agencies, agencies.partner) == booked["slot"]["id"]
    assert client.get("/api/v1/closures", headers=agencies.partner).json()["items"] == []


def test_a_window_published_by_hand_may_be_a_list_of_dates(
    client: Client, agencies: Agencies
) -> None:
    days = [{"date": f"2030-06-{day:02}"} for day in (9, 21)]

    published = publish(client, agencies, pattern=None, added_on=days)

    assert published.status_code == 201
    slots = client.get("/api/v1/slots", headers=agencies.partner).json()["items"]
    assert sorted({slot["starts_at"][:10] for slot in slots}) == [
        "2030-06-04", "2030-06-09", "2030-06-21",
    ]  # fmt: skip
