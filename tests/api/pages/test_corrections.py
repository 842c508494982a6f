"""Readers report, staff decide; administrators merge what is the same."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from directory.commands.suggestions import KEPT_FOR, MOST_OPEN, forget_old_suggestions
from directory.database import Database
from directory.index import refresh_services
from directory.models.accounts import Role
from directory.models.history import Suggestion
from directory.models.locations import AddressVisibility, Location
from directory.models.organizations import Organization
from directory.models.services import Service, ServiceAtLocation
from tests.api.conftest import Client, MakeKey, assert_problem
from tests.api.pages.browsing import goes_to, send
from tests.conftest import NOON
from tests.factories import make_offer, make_organization, sign_in


@pytest.fixture
def agency(database: Database) -> UUID:
    with database.transaction() as session:
        return make_organization(session).id


@pytest.fixture
def listing(database: Database, agency: UUID) -> UUID:
    with database.transaction() as session:
        organization = make_organization(session, "Others")
        make_offer(session, organization=organization)

        return make_offer(session, organization=session.get_one(Organization, agency)).id


def report(client: Client, listing: UUID, words: str = "They close at noon on Fridays") -> str:
    path = f"/services/{listing}/problem"
    return goes_to(send(client, client.get(path), path, about="hours", words=words))


def suggestions(database: Database) -> list[Suggestion]:
    with database.reading() as session:
        return list(session.exec(select(Suggestion)).all())


def test_a_reader_reports_and_staff_settle_it(
    client: Client, database: Database, listing: UUID, agency: UUID
) -> None:
    assert f"/services/{listing}/problem" in client.get(f"/services/{listing}").text
    assert "Thank you" in client.get(report(client, listing)).text

    sign_in(client, agency, Role.PUBLISHER)
    assert "What readers say (1)" in client.get("/front-desk").text
    page = client.get("/suggestions")
    assert "They close at noon on Fridays" in page.text
    (waiting,) = suggestions(database)
    done = send(client, page, f"/suggestions/{waiting.id}", do="accept", answer="New hours typed.")
    assert goes_to(done) == "/suggestions"
    (settled,) = suggestions(database)
    assert (settled.state, settled.answer) == ("accepted", "New hours typed.")
    again = send(client, page, f"/suggestions/{waiting.id}", do="decline")
    assert again.status_code == 409


def test_what_cannot_be_kept_is_said_beside_the_field(client: Client, listing: UUID) -> None:
    path = f"/services/{listing}/problem"

    refused = send(client, client.get(path), path, about="hours", words="no")

    assert refused.status_code == 422
    assert "Say in 5 to 1000 letters what is wrong." in refused.text
    assert send(client, client.get(path), path, about="", words="Nothing chosen").status_code == 422


def test_others_cannot_see_or_settle_it(client: Client, database: Database, listing: UUID) -> None:
    report(client, listing)
    with database.transaction() as session:
        stranger = make_organization(session, "Strangers").id
    sign_in(client, stranger, Role.PUBLISHER)
    (waiting,) = suggestions(database)

    page = client.get("/suggestions")
    assert "Fridays" not in page.text
    token = client.cookies.get("openings-csrf") or ""
    sent = client.post(f"/suggestions/{waiting.id}", data={"_csrf_token": token, "do": "accept"})
    assert sent.status_code == 404


def test_enough_is_enough(client: Client, listing: UUID) -> None:
    for n in range(MOST_OPEN):
        report(client, listing, f"This is wrong, number {n}")
    path = f"/services/{listing}/problem"

    refused = send(client, client.get(path), path, about="other", words="One more of them")

    assert refused.status_code == 409
    assert "Others have told us too" in refused.text


def test_a_hidden_places_name_is_not_on_the_form(
    client: Client, database: Database, listing: UUID
) -> None:
    with database.transaction() as session:
        offer = session.get_one(ServiceAtLocation, listing)
        place = session.get_one(Location, offer.location_id)
        place.latitude = place.longitude = None
        place.address_visibility = AddressVisibility.HIDDEN
        refresh_services(session, [offer.service_id], now=NOON)

    assert "The Hall" not in client.get(f"/services/{listing}/problem").text


def test_what_was_settled_is_forgotten_after_half_a_year(
    client: Client, database: Database, listing: UUID, make_key: MakeKey
) -> None:
    report(client, listing)
    (waiting,) = suggestions(database)
    key = make_key()
    client.post(f"/api/v1/suggestions/{waiting.id}/decline", json={}, headers=key)

    for now, left in ((NOON + KEPT_FOR - timedelta(seconds=1), 1), (NOON + KEPT_FOR, 0)):
        with database.transaction() as session:
            forget_old_suggestions(session, now=now)
        assert len(suggestions(database)) == left


def test_the_same_over_the_api(
    client: Client, listing: UUID, make_key: MakeKey, agency: UUID
) -> None:
    body = {"listing_id": str(listing), "about": "phone", "words": "The line is dead"}
    kept = client.post("/api/v1/suggestions", json=body)
    assert (kept.status_code, kept.json()) == (201, {"state": "open"})
    key = make_key(Role.PUBLISHER, agency)

    (item,) = client.get("/api/v1/suggestions", headers=key).json()["items"]
    assert (item["about"], item["words"]) == ("phone", "The line is dead")
    done = client.post(
        f"/api/v1/suggestions/{item['id']}/accept", json={"answer": "New number"}, headers=key
    )
    assert done.json()["state"] == "accepted"
    declined = client.post(f"/api/v1/suggestions/{item['id']}/decline", json={}, headers=key)
    assert_problem(declined, 409, "suggestion-decided")
    assert client.get("/api/v1/suggestions", headers=key).json()["items"] == []
    (old,) = client.get("/api/v1/suggestions?state=accepted", headers=key).json()["items"]
    assert old["answer"] == "New number"


@pytest.mark.usefixtures("listing")
def test_likely_duplicates_are_told_before_something_is_written(
    client: Client, make_key: MakeKey
) -> None:
    asked = {"name": "Food Parcel", "latitude": 42.7335, "longitude": -84.5555}

    answer = client.post("/api/v1/duplicates", json=asked, headers=make_key(Role.PUBLISHER))

    assert answer.status_code == 200
    best = answer.json()["items"][0]
    assert best["name"] == "Food parcels"
    assert best["signs"] == ["name", "near"]
    half = client.post(
        "/api/v1/duplicates", json={"name": "A", "latitude": 1.0}, headers=make_key()
    )
    assert_problem(half, 422, "invalid-input")


def test_an_administrator_merges_two_and_undoes_it(
    client: Client, database: Database, agency: UUID
) -> None:
    with database.transaction() as session:
        twin = make_organization(session, "Lanternfish Pantry").id
        moved = make_offer(session, organization=session.get_one(Organization, twin)).id
    sign_in(client, agency, Role.ADMINISTRATOR)
    page = client.get("/network/duplicates")
    assert page.text.count("Keep this one") == 2

    done = send(
        client, page, "/network/duplicates",
        kind="organization", kept_id=str(agency), merged_id=str(twin),
    )  # fmt: skip

    assert goes_to(done) == "/network/duplicates"
    page = client.get("/network/duplicates")
    assert "Keep this one" not in page.text
    assert "became part of" in page.text
    assert client.get(f"/services/{moved}").status_code == 200
    (undo,) = [line for line in page.text.split('"') if line.endswith("/undo")]
    assert goes_to(send(client, page, undo)) == "/network/duplicates"
    assert "Keep this one" in client.get("/network/duplicates").text


def test_what_cannot_be_merged_is_said_where_it_was_asked(
    client: Client, database: Database, agency: UUID
) -> None:
    with database.transaction() as session:
        twin = make_organization(session, "Lanternfish Pantry").id
    sign_in(client, agency, Role.ADMINISTRATOR)
    page = client.get("/network/duplicates", headers={"accept-language": "es"})
    both = {"kind": "organization", "kept_id": str(agency)}

    refused = send(client, page, "/network/duplicates", **both, merged_id=str(agency))

    assert refused.status_code == 409
    assert "cannot be merged with itself" in refused.text
    assert "Keep this one" in refused.text
    send(client, page, "/network/duplicates", **both, merged_id=str(twin))
    page = client.get("/network/duplicates")
    (undo,) = [line for line in page.text.split('"') if line.endswith("/undo")]
    assert send(client, page, undo).status_code == 303
    again = send(client, page, undo)
    assert again.status_code == 409
    assert "Undo the newest merge first" in again.text


def test_an_old_address_leads_to_what_took_its_place(
    client: Client, database: Database, make_key: MakeKey, agency: UUID
) -> None:

    with database.transaction() as session:
        organization = session.get_one(Organization, agency)
        kept = make_offer(session, organization=organization)
        twin = Service(organization_id=agency, name="Parcels")
        session.add(twin)
        session.flush()
        old = ServiceAtLocation(service_id=twin.id, location_id=kept.location_id)
        session.add(old)
        session.flush()
        ids = {"kept_id": str(kept.service_id), "merged_id": str(twin.id)}
        kept_id, old_id = kept.id, old.id

    merged = client.post("/api/v1/merges", json={"kind": "service", **ids}, headers=make_key())

    assert merged.status_code == 201
    led = client.get(f"/services/{old_id}", follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (303, f"/services/{kept_id}")
    undone = client.post(f"/api/v1/merges/{merged.json()['id']}/undo", headers=make_key())
    assert undone.json()["undone_at"] is not None
    again = client.post(f"/api/v1/merges/{merged.json()['id']}/undo", headers=make_key())
    assert_problem(again, 409, "merge-changed")


@pytest.mark.usefixtures("listing")
def test_a_new_listing_that_may_be_there_already_is_asked_about_before_it_is_saved(
    client: Client, database: Database, agency: UUID
) -> None:
    sign_in(client, agency, Role.PUBLISHER)
    path = "/listings/services/new"

    asked = send(client, client.get(path), path, name="Food Parcel", do="save")

    assert asked.status_code == 200
    assert "This may be there already:" in asked.text
    assert "Food parcels" in asked.text
    with database.reading() as session:
        assert session.exec(select(Service).where(Service.name == "Food Parcel")).all() == []
    saved = send(client, asked, path, name="Food Parcel", do="save")
    assert goes_to(saved).startswith("/listings/services/")


def test_a_new_listing_like_no_other_is_saved_at_once(client: Client, agency: UUID) -> None:
    sign_in(client, agency, Role.PUBLISHER)
    path = "/listings/services/new"

    saved = send(client, client.get(path), path, name="Swimming lessons", do="save")

    assert goes_to(saved).startswith("/listings/services/")
