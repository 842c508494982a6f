"""Waiting over HTTP: who may enter whom, what is told to whom, and answering offers."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from api.settings import Settings
from api.waiting import move_lines_on, tell_of_offers
from directory.database import Database, find_rows
from directory.models.accounts import Role
from scheduling.commands.offers import pass_on
from scheduling.models import TABLES
from scheduling.queries.waitlists import find_offers
from tests.api.conftest import Client, MakeKey, assert_problem, paths_of
from tests.conftest import NOON
from tests.scheduling.lining_up import Scene, lay_out, line_up

MINUTE = timedelta(minutes=1)
ENTRIES = "/api/v1/waitlist-entries"


@dataclass
class Keys:
    host: dict[str, str]
    partner: dict[str, str]
    stranger: dict[str, str]


@pytest.fixture
def scene(database: Database) -> Scene:
    with database.transaction() as session:
        return lay_out(session)


@pytest.fixture
def keys(scene: Scene, make_key: MakeKey) -> Keys:
    def key(viewer: Any) -> dict[str, str]:
        return make_key(Role.COORDINATOR, viewer.organization_id)

    return Keys(key(scene.host), key(scene.partner), key(scene.stranger))


def here(scene: Scene, **more: Any) -> dict[str, Any]:
    return {"service_at_location_id": str(scene.offer_id), **more}


def join(client: Client, key: dict[str, str], **wish: Any) -> Any:
    reply = client.post(ENTRIES, json=wish, headers=key)
    assert reply.status_code == 201, reply.text
    return reply.json()


def offer_places(database: Database, scene: Scene) -> None:
    with database.transaction() as session:
        pass_on(session, scene.slots[:1], now=NOON)


def test_coordinator_enters_a_client_and_sees_where_they_stand(
    client: Client, scene: Scene, keys: Keys
) -> None:
    made = join(client, keys.stranger, **here(scene, client_handle="7k2m qx4p", places=2))

    assert made["client_handle"] == "7K2M-QX4P"
    assert made["waiting_url"] is None
    (entry,) = client.get(ENTRIES, headers=keys.stranger).json()["items"]
    assert (entry["id"], entry["position"], entry["places"]) == (made["id"], 1, 2)
    assert (entry["wait_weeks_from"], entry["wait_weeks_to"]) == (None, None)


def test_person_gets_a_link_and_a_code_and_nothing_is_known_about_them(
    client: Client, database: Database, scene: Scene
) -> None:
    made = join(client, {}, **here(scene))

    assert "/waiting/" in made["waiting_url"]
    with database.reading() as session:
        (row,) = find_rows(session, sa.select(TABLES["waitlist_entry"]))
    assert row["code"] == made["code"]
    assert [row[name] for name in ("organization_id", "account_id", "client_handle")] == [None] * 3
    assert made["waiting_url"].rsplit("/")[-1] not in str(dict(row))


def test_same_request_sent_twice_enters_once(client: Client, scene: Scene, keys: Keys) -> None:
    key = {**keys.host, "Idempotency-Key": str(uuid4())}

    first, again = join(client, key, **here(scene)), join(client, key, **here(scene))

    assert first == again
    assert len(client.get(ENTRIES, headers=keys.host).json()["items"]) == 1


@pytest.mark.parametrize(
    ("wish", "paths"),
    [
        ({"kind": "service"}, {"service_id", "service_at_location_id"}),
        ({"event_on": "2030-06-04"}, {"event_on"}),
        ({"kind": "need", "need": "nonsense", "service_at_location_id": None}, {"need"}),
        ({"within_km": 5}, {"near"}),
        ({"within_km": 5, "near": "48933"}, {"near"}),
        ({"earliest_on": "2030-06-05", "latest_on": "2030-06-04"}, {"latest_on"}),
        ({"suits": [{"byday": ["XX"]}]}, {"suits.0.byday"}),
        ({"client_handle": "UUUU-UUUU"}, {"client_handle"}),
    ],
)
def test_every_bad_field_is_named(
    client: Client, scene: Scene, keys: Keys, wish: dict[str, Any], paths: set[str]
) -> None:
    refused = client.post(ENTRIES, json=here(scene, **wish), headers=keys.partner)

    assert paths_of(assert_problem(refused, 422, "invalid-input")) == paths


def test_only_the_host_raises_somebody_in_its_line(
    client: Client, scene: Scene, keys: Keys
) -> None:
    refused = client.post(ENTRIES, json=here(scene, priority=1), headers=keys.stranger)
    assert paths_of(assert_problem(refused, 422, "invalid-input")) == {"priority"}

    first = join(client, keys.stranger, **here(scene))["id"]
    second = join(client, keys.host, **here(scene))["id"]
    path = f"{ENTRIES}/{second}/priority"
    assert client.post(path, json={"priority": 3}, headers=keys.host).json()["position"] == 1
    assert client.get(f"{ENTRIES}/{first}", headers=keys.stranger).json()["position"] == 2
    own = client.post(f"{ENTRIES}/{first}/priority", json={"priority": 9}, headers=keys.stranger)
    assert_problem(own, 422, "invalid-input")


def test_client_waits_once_in_the_same_line(client: Client, scene: Scene, keys: Keys) -> None:
    join(client, keys.partner, **here(scene, client_handle="7K2M-QX4P"))

    again = client.post(ENTRIES, json=here(scene, client_handle="7K2M-QX4P"), headers=keys.partner)

    assert_problem(again, 409, "already-waiting")
    join(client, keys.stranger, **here(scene, client_handle="7K2M-QX4P"))


def test_what_one_could_never_book_is_not_to_be_found(client: Client, keys: Keys) -> None:
    for wish in (
        {"service_at_location_id": str(uuid4())},
        {"kind": "window", "window_id": str(uuid4())},
        {"kind": "organization", "organization_id": str(uuid4())},
    ):
        refused = client.post(ENTRIES, json=wish, headers=keys.partner)
        assert_problem(refused, 404, "not-found")


def test_entries_are_seen_by_who_made_them_and_by_the_host(
    client: Client, scene: Scene, keys: Keys
) -> None:
    made = join(client, keys.partner, **here(scene))["id"]

    def seen(key: dict[str, str], **asked: Any) -> list[str]:
        items = client.get(ENTRIES, headers=key, params=asked).json()["items"]
        return [entry["id"] for entry in items]

    assert seen(keys.partner) == seen(keys.host) == seen(keys.host, hosted=True) == [made]
    assert seen(keys.stranger) == seen(keys.partner, hosted=True) == []
    assert_problem(client.get(f"{ENTRIES}/{made}", headers=keys.stranger), 404, "not-found")
    assert_problem(client.delete(f"{ENTRIES}/{made}", headers=keys.stranger), 404, "not-found")


def test_why_somebody_was_passed_over_is_told(
    client: Client, database: Database, scene: Scene, keys: Keys
) -> None:
    made = join(client, keys.partner, **here(scene, suits=[{"byday": ["FR"]}]))["id"]
    offer_places(database, scene)

    for key in (keys.partner, keys.host):
        (skip,) = client.get(f"{ENTRIES}/{made}", headers=key).json()["skips"]
        assert skip["reason"] == "does-not-suit"


def offer_of(client: Client, entry_id: str, key: dict[str, str]) -> Any:
    return client.get(f"{ENTRIES}/{entry_id}", headers=key).json()["offer"]


def test_offer_is_accepted_and_booked(
    client: Client, database: Database, scene: Scene, keys: Keys
) -> None:
    made = join(client, keys.partner, **here(scene, client_handle="7K2M-QX4P"))["id"]
    offer_places(database, scene)
    path = f"/api/v1/offers/{offer_of(client, made, keys.partner)['id']}"

    assert_problem(client.post(f"{path}/accept", headers=keys.stranger), 404, "not-found")
    booked = client.post(f"{path}/accept", headers=keys.partner)
    again = client.post(f"{path}/accept", headers=keys.partner)

    assert booked.status_code == 201
    assert booked.json()["client_handle"] == "7K2M-QX4P"
    assert again.json()["id"] == booked.json()["id"]
    assert_problem(client.post(f"{path}/decline", headers=keys.partner), 409, "offer-ended")
    entry = client.get(f"{ENTRIES}/{made}", headers=keys.partner).json()
    assert (entry["status"], entry["position"], entry["offer"]) == ("booked", None, None)
    assert_problem(client.delete(f"{ENTRIES}/{made}", headers=keys.partner), 409, "entry-ended")


def test_declined_offer_goes_to_the_next(
    client: Client, database: Database, scene: Scene, keys: Keys
) -> None:
    first = join(client, keys.partner, **here(scene))["id"]
    second = join(client, keys.stranger, **here(scene))["id"]
    offer_places(database, scene)
    offer = offer_of(client, first, keys.partner)["id"]

    assert client.post(f"/api/v1/offers/{offer}/decline", headers=keys.partner).status_code == 204

    assert offer_of(client, first, keys.partner) is None
    assert offer_of(client, second, keys.stranger)["slot_id"] == str(scene.slots[0])


def test_leaving_twice_is_once(client: Client, scene: Scene, keys: Keys) -> None:
    made = join(client, keys.partner, **here(scene))["id"]

    for _ in range(2):
        assert client.delete(f"{ENTRIES}/{made}", headers=keys.partner).status_code == 204
    assert client.get(f"{ENTRIES}/{made}", headers=keys.partner).json()["status"] == "left"


# ---------------------------------------------------------------------------------- by the clock


def test_worker_offers_what_is_free_and_passes_on_what_lapsed(
    database: Database, scene: Scene, settings: Settings
) -> None:
    with database.transaction() as session:
        first = line_up(session, scene, latest_on=NOON.date() + timedelta(days=1))
        second = line_up(session, scene, now=NOON + MINUTE)

    assert move_lines_on(database, settings, lambda: NOON + MINUTE) == 2
    assert move_lines_on(database, settings, lambda: NOON + MINUTE) == 0
    with database.reading() as session:
        taken = {row["entry_id"]: row for row in find_offers(session, [first.id, second.id])}
    assert set(taken) == {first.id, second.id}
    lapses = max(row["expires_at"] for row in taken.values())

    move_lines_on(database, settings, lambda: lapses)

    with database.reading() as session:
        again = find_offers(session, [first.id, second.id], open_only=False)
    assert sorted(str(row["status"]) for row in again) == ["lapsed", "lapsed", "open", "open"]
    assert len({(row["entry_id"], row["slot_id"]) for row in again}) == 4


def test_who_waits_until_a_day_that_has_passed_waits_no_more(
    database: Database, scene: Scene, settings: Settings
) -> None:
    with database.transaction() as session:
        line_up(session, scene, latest_on=NOON.date())
    late = NOON + timedelta(days=1)

    move_lines_on(database, settings, lambda: late - MINUTE)
    move_lines_on(database, settings, lambda: late)

    with database.reading() as session:
        (row,) = find_rows(session, sa.select(TABLES["waitlist_entry"]))
    assert (row["status"], row["ended_at"]) == ("expired", late)


def test_coordinator_is_told_once_by_mail_that_says_nothing(
    database: Database, scene: Scene, settings: Settings
) -> None:
    with database.transaction() as session:
        line_up(session, scene, scene.partner, client_handle="7K2M-QX4P")
        line_up(session, scene)
        pass_on(session, scene.slots[:2], now=NOON)
    told = Settings(**{**_plain(settings), "smtp_url": "smtp://localhost"})

    assert tell_of_offers(database, settings, lambda: NOON) == 0  # no mail server: none is queued
    assert tell_of_offers(database, told, lambda: NOON) == 1
    assert tell_of_offers(database, told, lambda: NOON) == 0

    with database.reading() as session:
        (letter,) = find_rows(session, sa.select(TABLES["outgoing_message"]))
    written = letter["subject"] + letter["body"]
    assert "/desk/waiting" in written
    for secret in ("7K2M", "Lanternfish", "Food", "Intake", "Moonbeam"):
        assert secret not in written


def test_letter_of_an_answered_offer_is_taken_back(
    client: Client, database: Database, scene: Scene, keys: Keys, settings: Settings
) -> None:
    with database.transaction() as session:
        entry: UUID = line_up(session, scene, scene.partner).id
        pass_on(session, scene.slots[:1], now=NOON)
    told = Settings(**{**_plain(settings), "smtp_url": "smtp://localhost"})
    tell_of_offers(database, told, lambda: NOON)

    offer = offer_of(client, str(entry), keys.partner)["id"]
    client.post(f"/api/v1/offers/{offer}/accept", headers=keys.partner)

    with database.reading() as session:
        assert find_rows(session, sa.select(TABLES["outgoing_message"])) == []


def _plain(settings: Settings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in settings.__dataclass_fields__}
