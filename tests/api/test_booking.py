"""From a published window to a cancelled appointment over HTTP, for the public and agencies."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from icalendar import Calendar
from sqlmodel import select

from directory.commands.accounts import create_account, renew_calendar_feed
from directory.database import Database
from directory.models.accounts import Account, CalendarFeed, Role
from directory.viewer import Viewer
from scheduling.commands.appointments import cancel_appointment, confirm_hold
from scheduling.commands.holds import place_hold
from scheduling.queries.slots import find_bookable_slots
from tests.api.conftest import Client, MakeKey, assert_problem, paths_of
from tests.conftest import NOON
from tests.factories import make_agreement, make_offer, make_organization

WINDOW: dict[str, Any] = {
    "title": "Assessments",
    "timezone": "America/Detroit",
    "starts_on": "2030-06-04",
    "pattern": {"freq": "WEEKLY", "byday": ["TU", "TH"], "until": "2030-06-30"},
    "opens_at": "13:00",
    "closes_at": "15:00",
    "slot_minutes": 30,
    "capacity": 2,
}


@dataclass
class Agencies:
    """A host with a service, its partner, and somebody who is neither."""

    offer_id: UUID
    host: dict[str, str]
    partner: dict[str, str]
    partner_id: UUID
    stranger: dict[str, str]
    auditor: dict[str, str]


@pytest.fixture
def agencies(database: Database, make_key: MakeKey) -> Agencies:
    with database.transaction() as session:
        host = make_organization(session, "Canary Clinic")
        partner = make_organization(session, "Heron House")
        stranger = make_organization(session, "Stoat Street")
        make_agreement(session, host.id, partner.id)
        offer = make_offer(session, name="Canary Checkup", organization=host)
        ids = offer.id, host.id, partner.id, stranger.id
    return Agencies(
        ids[0],
        make_key(Role.PUBLISHER, ids[1]),
        make_key(Role.COORDINATOR, ids[2]),
        ids[2],
        make_key(Role.COORDINATOR, ids[3]),
        make_key(Role.AUDITOR, ids[1]),
    )


def publish(client: Client, agencies: Agencies, **terms: Any) -> Any:
    body = {**WINDOW, "service_at_location_id": str(agencies.offer_id), **terms}
    return client.post("/api/v1/windows", json=body, headers=agencies.host)


def first_slot(client: Client, agencies: Agencies, key: dict[str, str]) -> str:
    listed = client.get(f"/api/v1/slots?service_at_location_id={agencies.offer_id}", headers=key)
    return str(listed.json()["items"][0]["id"])


def book(client: Client, agencies: Agencies, handle: str = "7K2M-QX4P") -> dict[str, Any]:
    publish(client, agencies)
    slot = first_slot(client, agencies, agencies.partner)
    hold = client.post(f"/api/v1/slots/{slot}/holds", headers=agencies.partner).json()["id"]
    booked = client.post(
        f"/api/v1/holds/{hold}/confirm", json={"client_handle": handle}, headers=agencies.partner
    )
    assert booked.status_code == 201
    appointment: dict[str, Any] = booked.json()
    return appointment


# ------------------------------------------------------------------------------------ windows


def test_a_window_is_published_and_its_slots_exist(client: Client, agencies: Agencies) -> None:
    published = publish(client, agencies)

    assert published.status_code == 201
    assert published.json()["pattern"]["byday"] == ["TU", "TH"]
    assert published.json()["opens_at"].startswith("13:00")
    slots = client.get("/api/v1/slots", headers=agencies.partner).json()["items"]
    assert slots[0]["starts_at"] == "2030-06-04T17:00:00Z"
    assert slots[0]["places_left"] == 2
    assert len(slots) == 4 * 8  # half hours, on eight days


def test_a_window_is_shown_to_its_host_and_to_nobody_else(
    client: Client, agencies: Agencies
) -> None:
    window = publish(client, agencies).json()["id"]

    assert client.get(f"/api/v1/windows/{window}", headers=agencies.host).status_code == 200
    assert client.get("/api/v1/windows", headers=agencies.partner).json()["items"] == []


def test_only_publishers_publish(client: Client, agencies: Agencies) -> None:
    body = {**WINDOW, "service_at_location_id": str(agencies.offer_id)}

    refused = client.post("/api/v1/windows", json=body, headers=agencies.partner)
    assert_problem(refused, 403, "forbidden")
    assert_problem(client.post("/api/v1/windows", json=body), 401, "sign-in-needed")


def test_every_mistake_in_a_window_is_named(client: Client, agencies: Agencies) -> None:
    refused = publish(
        client, agencies, timezone="Mars/Base", slot_minutes=1, opens_at="1 pm", titel="x",
        starts_on="1999-01-01", pattern={"freq": "YEARLY", "byday": ["XX"], "count": 0},
    )  # fmt: skip

    assert paths_of(assert_problem(refused, 422, "invalid-input")) >= {
        "slot_minutes", "opens_at", "titel", "pattern.freq", "pattern.count",
    }  # fmt: skip


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_at_the_ends_of_the_calendar_are_refused(
    client: Client, agencies: Agencies, day: str
) -> None:
    assert_problem(publish(client, agencies, starts_on=day), 422, "invalid-input")
    assert publish(client, agencies, closed_on=[day, day]).status_code == 201
    late = publish(client, agencies, pattern={"freq": "DAILY", "until": day})
    assert_problem(late, 422, "invalid-input")


def test_a_partner_named_twice_is_named_once(client: Client, agencies: Agencies) -> None:
    twice = [str(agencies.partner_id)] * 2

    assert publish(client, agencies, partner_organization_ids=twice).status_code == 201


def test_days_are_added_and_closed_and_told_again(client: Client, agencies: Agencies) -> None:
    added = [{"date": "2030-06-08", "opens_at": "09:00", "closes_at": "10:00", "reason": "Fair"}]
    window = publish(client, agencies, closed_on=["2030-06-06"], added_on=added)

    assert window.json()["exceptions"] == [
        {"date": "2030-06-06", "kind": "closed", "opens_at": None, "closes_at": None,
         "reason": None},
        {"date": "2030-06-08", "kind": "added", "opens_at": "09:00", "closes_at": "10:00",
         "reason": "Fair"},
    ]  # fmt: skip
    shown = client.get(f"/api/v1/windows/{window.json()['id']}", headers=agencies.host)
    assert (shown.json(), shown.headers["etag"]) == (window.json(), '"1"')
    slots = client.get("/api/v1/slots", headers=agencies.partner).json()["items"]
    assert [slot["starts_at"] for slot in slots][4:6] == [
        "2030-06-08T13:00:00Z",
        "2030-06-08T13:30:00Z",
    ]
    wrong = publish(client, agencies, added_on=[{"date": "2030-05-01"}])
    assert paths_of(assert_problem(wrong, 422, "invalid-input")) == {"added_on.0.date"}


# --------------------------------------------------------------------- holding and confirming


def test_the_public_books_and_gets_a_link_and_no_handle(client: Client, slot_id: UUID) -> None:
    held = client.post(f"/api/v1/slots/{slot_id}/holds", json={"places": 1})
    assert held.status_code == 201
    assert held.json()["expires_at"] == "2030-06-03T12:10:00Z"

    booked = client.post(f"/api/v1/holds/{held.json()['id']}/confirm").json()

    assert booked["status"] == "booked"
    assert booked["client_handle"] is None
    assert "/my/" in booked["manage_url"]


def test_the_public_has_no_handle_to_give(client: Client, slot_id: UUID) -> None:
    hold = client.post(f"/api/v1/slots/{slot_id}/holds").json()["id"]

    refused = client.post(f"/api/v1/holds/{hold}/confirm", json={"client_handle": "7K2M-QX4P"})

    assert paths_of(assert_problem(refused, 422, "invalid-input")) == {"client_handle"}


def test_a_hold_that_is_let_go_frees_its_place(client: Client, slot_id: UUID) -> None:
    hold = client.post(f"/api/v1/slots/{slot_id}/holds").json()["id"]
    assert_problem(client.post(f"/api/v1/slots/{slot_id}/holds"), 409, "slot-full")

    assert client.delete(f"/api/v1/holds/{hold}").status_code == 204

    assert client.post(f"/api/v1/slots/{slot_id}/holds").status_code == 201


def test_the_same_request_sent_twice_books_once(client: Client, agencies: Agencies) -> None:
    publish(client, agencies)
    slot = first_slot(client, agencies, agencies.partner)
    key = {**agencies.partner, "idempotency-key": str(uuid4())}

    first = client.post(f"/api/v1/slots/{slot}/holds", headers=key)
    again = client.post(f"/api/v1/slots/{slot}/holds", headers=key)
    other = client.post(f"/api/v1/slots/{slot}/holds", json={"places": 2}, headers=key)

    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert_problem(other, 422, "idempotency-key-reused")


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\x7fb", "\t"])
def test_odd_idempotency_keys_are_refused(client: Client, agencies: Agencies, key: str) -> None:
    publish(client, agencies)
    slot = first_slot(client, agencies, agencies.partner)
    headers = [(b"idempotency-key", key.encode("latin-1")), *raw(agencies.partner)]

    refused = client.post(f"/api/v1/slots/{slot}/holds", headers=headers)

    assert paths_of(assert_problem(refused, 422, "invalid-input")) == {"Idempotency-Key"}


def raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def test_the_public_needs_a_key_that_nobody_guesses(client: Client, slot_id: UUID) -> None:
    refused = client.post(f"/api/v1/slots/{slot_id}/holds", headers={"idempotency-key": "1"})

    assert_problem(refused, 422, "invalid-input")


def test_ids_may_be_in_capitals(client: Client, slot_id: UUID) -> None:
    assert client.post(f"/api/v1/slots/{str(slot_id).upper()}/holds").status_code == 201


# ------------------------------------------------------------------------------- appointments


def test_both_agencies_see_the_appointment_and_either_may_cancel(
    client: Client, agencies: Agencies
) -> None:
    booked = book(client, agencies)

    for key in (agencies.partner, agencies.host):
        listed = client.get("/api/v1/appointments", headers=key).json()["items"]
        assert [each["id"] for each in listed] == [booked["id"]]
    cancelled = client.post(
        f"/api/v1/appointments/{booked['id']}/cancel",
        json={"reason": "mistake"},
        headers=agencies.partner,
    ).json()
    assert (cancelled["status"], cancelled["cancelled_by"]) == ("cancelled", "partner")
    assert cancelled["sequence"] == booked["sequence"] + 1


def test_cancelling_twice_is_the_same_as_once(client: Client, agencies: Agencies) -> None:
    path = f"/api/v1/appointments/{book(client, agencies)['id']}/cancel"

    first = client.post(path, headers=agencies.host)
    second = client.post(path, headers=agencies.host)

    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()


def test_only_fixed_words_are_taken_as_a_reason(client: Client, agencies: Agencies) -> None:
    path = f"/api/v1/appointments/{book(client, agencies)['id']}/cancel"

    refused = client.post(path, json={"reason": "her story"}, headers=agencies.host)

    assert paths_of(assert_problem(refused, 422, "invalid-input")) == {"reason"}


def test_what_belongs_to_others_looks_exactly_like_what_does_not_exist(
    client: Client, agencies: Agencies
) -> None:
    booked = book(client, agencies)
    window = client.get("/api/v1/windows", headers=agencies.host).json()["items"][0]["id"]
    hold = client.post(
        f"/api/v1/slots/{booked['slot']['id']}/holds", headers=agencies.partner
    ).json()["id"]
    agreement = client.get("/api/v1/agreements", headers=agencies.host).json()["items"][0]["id"]
    calls = [
        ("GET", "/api/v1/appointments/{}", booked["id"]),
        ("POST", "/api/v1/appointments/{}/cancel", booked["id"]),
        ("GET", "/api/v1/windows/{}", window),
        ("GET", "/api/v1/agreements/{}", agreement),
        ("DELETE", "/api/v1/holds/{}", hold),
        ("POST", "/api/v1/holds/{}/confirm", hold),
        ("POST", "/api/v1/slots/{}/holds", booked["slot"]["id"]),
    ]
    for method, path, known in calls:
        theirs = client.request(method, path.format(known), headers=agencies.stranger)
        nothing = client.request(method, path.format(uuid4()), headers=agencies.stranger)
        assert_problem(theirs, 404, "not-found")
        assert theirs.content == nothing.content, path
        assert dict(theirs.headers) == dict(nothing.headers)


def test_publishing_at_a_strangers_place_looks_like_no_place(
    client: Client, agencies: Agencies, make_key: MakeKey
) -> None:
    other = make_key(Role.PUBLISHER)
    answers = [
        client.post(
            "/api/v1/windows", json={**WINDOW, "service_at_location_id": id_}, headers=other
        )
        for id_ in (str(agencies.offer_id), str(uuid4()))
    ]

    assert_problem(answers[0], 404, "not-found")
    assert answers[0].content == answers[1].content


# ---------------------------------------------------------------------------------- calendars

CANARIES = ["7K2M", "QX4P", "Checkup", "Clinic", "Hall", "Canary", "Heron", "Assessments", "@heron"]


@dataclass
class Feed:
    path: str
    viewer: Viewer


@pytest.fixture
def feed(database: Database, agencies: Agencies) -> Feed:
    """The calendar of the partner's coordinator, with one appointment in it."""
    with database.transaction() as session:
        account = create_account(
            session,
            organization_id=agencies.partner_id,
            email="wren@heron-house.example",
            name="Canary Wren",
            role=Role.COORDINATOR,
            password="correct horse battery",  # noqa: S106  (of a test)
            now=NOON,
        )
        session.flush()
        viewer = Viewer(agencies.partner_id, Role.COORDINATOR, account.id)
        token = renew_calendar_feed(session, account.id, now=NOON)
    return Feed(f"/calendars/{token}.ics", viewer)


def book_as(database: Database, agencies: Agencies, viewer: Viewer) -> UUID:
    with database.transaction() as session:
        slot = find_bookable_slots(
            session, viewer, now=NOON, service_at_location_ids=[agencies.offer_id], limit=1
        )[0]["id"]
        hold = place_hold(session, slot, viewer=viewer, now=NOON)["id"]
        booked = confirm_hold(session, hold, viewer=viewer, now=NOON, client_handle="7K2M-QX4P")
        id_: UUID = booked.appointment["id"]
        return id_


def events(client: Client, feed: Feed) -> list[Any]:
    answer = client.get(feed.path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def test_a_feed_has_the_times_and_names_nobody_and_nothing(
    client: Client, database: Database, agencies: Agencies, feed: Feed
) -> None:
    publish(client, agencies)
    book_as(database, agencies, feed.viewer)

    (event,) = events(client, feed)

    assert str(event["STATUS"]) == "CONFIRMED"
    assert event["DTSTART"].dt.isoformat() == "2030-06-04T17:00:00+00:00"
    text = client.get(feed.path).text
    assert [canary for canary in CANARIES if canary.lower() in text.lower()] == []
    for absent in ("LOCATION", "DESCRIPTION", "ATTENDEE", "ORGANIZER", "GEO"):
        assert absent not in event


def test_a_cancelled_appointment_stays_the_same_event_and_says_so(
    client: Client, database: Database, agencies: Agencies, feed: Feed
) -> None:
    publish(client, agencies)
    appointment = book_as(database, agencies, feed.viewer)
    (before,) = events(client, feed)
    with database.transaction() as session:
        cancel_appointment(
            session, appointment, viewer=feed.viewer, now=NOON, reason="client-asked"
        )

    (after,) = events(client, feed)

    assert after["UID"] == before["UID"]
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert str(after["STATUS"]) == "CANCELLED"


def test_a_feed_holds_no_colleagues_appointments(
    client: Client, database: Database, agencies: Agencies, feed: Feed
) -> None:
    publish(client, agencies)
    book_as(database, agencies, Viewer(agencies.partner_id, Role.COORDINATOR))

    assert events(client, feed) == []


def test_a_renewed_feed_kills_the_old_address(
    client: Client, database: Database, feed: Feed
) -> None:
    assert feed.viewer.account_id is not None
    with database.transaction() as session:
        fresh = renew_calendar_feed(session, feed.viewer.account_id, now=NOON)

    gone = client.get(feed.path)
    assert_problem(gone, 404, "not-found")
    assert gone.content == client.get("/calendars/never-was.ics").content
    assert client.get(f"/calendars/{fresh}.ics").status_code == 200


def test_a_feed_ends_with_its_account(client: Client, database: Database, feed: Feed) -> None:
    with database.transaction() as session:
        session.get_one(Account, feed.viewer.account_id).disabled_at = NOON

    assert_problem(client.get(feed.path), 404, "not-found")


def test_the_address_of_a_feed_is_kept_as_a_hash(database: Database, feed: Feed) -> None:
    with database.reading() as session:
        kept = session.exec(select(CalendarFeed)).one()

    assert kept.token_hash not in feed.path
    assert len(kept.token_hash) == 64
