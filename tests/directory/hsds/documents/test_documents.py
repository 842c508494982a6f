"""Records as the standard's JSON objects: whole, without nulls, and silent about hidden places."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from directory.hsds.documents import Form, find_documents
from directory.hsds.documents.build import nested_in
from directory.hsds.profile import EXTENSIONS
from directory.hsds.standard import HSDS_TABLES
from directory.models.accounts import Role
from directory.models.history import Metadata
from directory.models.locations import Location
from directory.models.organizations import Organization
from directory.models.services import Service, ServiceAtLocation
from directory.models.verifications import Verification, VerificationMethod, VitalField
from tests.conftest import NOON
from tests.directory.hsds.documents.listings import (
    CANARY,
    Listings,
    add_listings,
    report,
)
from tests.factories import make_account, make_organization


@pytest.fixture
def listings(session: Session) -> Listings:
    return add_listings(session)


def service_of(session: Session, listings: Listings, **more: Any) -> dict[str, Any]:
    (document,) = find_documents(session, "service", [listings.service], **more)
    return document


def offer_of(document: dict[str, Any], id_: UUID) -> dict[str, Any]:
    found = [each for each in document["service_at_locations"] if each["id"] == str(id_)]
    offer: dict[str, Any] = found[0]
    return offer


def desk_of(document: dict[str, Any]) -> dict[str, Any]:
    desk: dict[str, Any] = next(c for c in document["contacts"] if c["name"] == "The desk")
    return desk


def test_a_service_has_all_that_belongs_to_it(session: Session, listings: Listings) -> None:
    found = service_of(session, listings)

    nested = {each.name for each in nested_in("service")}
    assert nested - found.keys() == {"metadata", "capacities", "schedules", "additional_urls"}
    assert found["organization"]["website"] == "http://www.lanternfish.example"
    assert found["organization"]["additional_websites"][0]["label"] == "English"
    assert found["cost_options"][0]["amount"] == 12.5
    assert desk_of(found)["phones"][0]["languages"][0]["code"] == "fr"
    assert found["attributes"][0]["taxonomy_term"]["taxonomy_detail"]["id"]
    assert found["openings"]["eligibility_rule"] == {"all": ["adult"]}


def test_what_cannot_be_said_by_the_rules_of_the_standard_is_left_out(
    session: Session, listings: Listings
) -> None:
    found = service_of(session, listings)
    lines = {each["number"]: each for each in found["phones"]}
    contact = desk_of(found)["phones"][0]

    assert "email" not in found["organization"]
    assert found["organization"]["description"] == ""  # required
    assert lines["(517) 555-0102"]["extension"] == 12
    assert "extension" not in contact
    assert contact["openings"] == {"extension": "0207"}


def parts(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from parts(each)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("table", ["service", "organization", "service_at_location", "location"])
def test_nothing_is_null_or_empty_but_what_is_required(
    session: Session, listings: Listings, table: str, form: Form
) -> None:
    ids = {
        "service": listings.service,
        "organization": listings.organization,
        "service_at_location": listings.public,
        "location": listings.public_place,
    }
    (document,) = find_documents(session, table, [ids[table]], form)

    assert all(part not in (None, [], {}) for part in parts(document) if part != 0)
    assert json.loads(json.dumps(document)) == document


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize(
    ("table", "which"),
    [
        ("service", "service"),
        ("organization", "organization"),
        ("service_at_location", "hidden"),
        ("location", "hidden_place"),
    ],
)
def test_no_document_gives_a_hidden_place_away(
    session: Session, listings: Listings, table: str, which: str, form: Form
) -> None:
    (document,) = find_documents(session, table, [getattr(listings, which)], form)
    text = json.dumps(document)

    for word in (CANARY, CANARY.lower(), "Troll"):
        assert word not in text


def test_of_a_hidden_place_is_told_that_there_is_one(session: Session, listings: Listings) -> None:
    offer = offer_of(service_of(session, listings), listings.hidden)

    assert offer["location"] == {
        "id": str(listings.hidden_place),
        "location_type": "physical",
        "openings": {"address_visibility": "hidden"},
    }
    assert offer["phones"][0]["number"] == "(517) 555-0103"
    assert offer["schedules"][0]["byday"] == "MO"
    assert offer["service_areas"][0]["extent"] == "MI:Ingham_County"
    assert not {"description", "attributes", "metadata"} & offer.keys()


def test_an_organization_does_not_list_its_hidden_places(
    session: Session, listings: Listings
) -> None:
    (document,) = find_documents(session, "organization", [listings.organization])

    assert [each["id"] for each in document["locations"]] == [str(listings.public_place)]
    assert document["services"] == [
        {"id": str(listings.service), "name": "Food parcels", "status": "active"}
    ]


def test_of_a_public_place_everything_is_told(session: Session, listings: Listings) -> None:
    place = offer_of(service_of(session, listings), listings.public)["location"]

    nested = {each.name for each in nested_in("location")}
    assert nested <= place.keys()
    assert place["openings"] == {"timezone": "America/Detroit", "address_visibility": "public"}
    assert place["metadata"][0]["last_action_date"] == "2030-06-03"
    assert place["metadata"][0]["previous_value"] == ""  # required


def test_history_names_an_organization_and_no_person(session: Session, listings: Listings) -> None:
    session.add(
        Metadata(
            resource_id=listings.service,
            resource_type="service",
            last_action_at=NOON,
            last_action_type="update",
            field_name="name",
            updated_by="Said by the source",
        )
    )
    service = service_of(session, listings)
    place = offer_of(service, listings.public)["location"]

    assert place["metadata"][0]["updated_by"] == ""
    assert service["metadata"][0]["updated_by"] == "Said by the source"


def test_lists_tell_a_records_own_fields_and_whose_it_is(
    session: Session, listings: Listings
) -> None:
    listed = service_of(session, listings, form=Form.LISTED)
    (offer,) = find_documents(session, "service_at_location", [listings.public], Form.LISTED)
    (agency,) = find_documents(session, "organization", [listings.organization], Form.LISTED)

    assert {key for key, value in listed.items() if isinstance(value, dict)} == {
        "organization",
        "program",
        "openings",
    }
    assert not any(isinstance(value, list) for value in listed.values())
    assert offer["service"]["organization"]["name"] == "Lanternfish Pantry"
    assert offer["location"]["latitude"] == 42.5
    assert not any(isinstance(value, dict | list) for value in agency.values())


def test_the_shortest_form_is_what_it_is_called_and_when_it_changed(
    session: Session, listings: Listings
) -> None:
    assert service_of(session, listings, form=Form.MINIMAL) == {
        "id": str(listings.service),
        "name": "Food parcels",
        "status": "active",
        "last_modified": "2030-06-03T12:00:00.000Z",
    }


def test_the_newest_report_of_each_place_and_population_counts(
    session: Session, listings: Listings
) -> None:
    hour = timedelta(hours=1)
    report(session, listings, 9, NOON - hour)
    report(session, listings, 4, NOON)
    report(session, listings, 2, NOON - hour, "families")
    report(session, listings, 3, NOON - hour, place=listings.hidden)
    found = service_of(session, listings)["capacities"]

    assert sorted(each["available"] for each in found) == [2, 3, 4]
    assert found[0]["unit"]["name"] == "beds"
    assert {each["openings"].get("population") for each in found} == {None, "families"}


def test_a_newest_report_without_a_number_leaves_none(session: Session, listings: Listings) -> None:
    report(session, listings, 9, NOON - timedelta(hours=1))
    report(session, listings, None, NOON)

    assert "capacities" not in service_of(session, listings)


def test_a_report_that_is_over_is_told_only_where_no_time_is_given(
    session: Session, listings: Listings
) -> None:
    report(session, listings, 9, NOON - timedelta(days=1))

    assert "capacities" not in service_of(session, listings, now=NOON)
    assert service_of(session, listings)["capacities"][0]["available"] == 9


def test_what_was_verified_is_told_with_the_organization_that_did(
    session: Session, listings: Listings
) -> None:
    account = make_account(session, session.get_one(Organization, listings.organization))
    for days, place, method, by in (
        (9, None, VerificationMethod.SOURCE, "county-211"),
        (5, None, VerificationMethod.PHONE, "A Person"),
        (3, listings.public, VerificationMethod.LINK, "a.person@lanternfish.example"),
    ):
        session.add(
            Verification(
                service_id=listings.service,
                service_at_location_id=place,
                field=VitalField.HOURS,
                method=method,
                verified_at=NOON - timedelta(days=days),
                said_by=by,
                account_id=None if place or days == 9 else account.id,
            )
        )
    found = service_of(session, listings)

    assert found["openings"]["verified"] == [
        {
            "field": "hours",
            "method": "phone",
            "verified_at": "2030-05-29T12:00:00.000Z",
            "said_by": "Lanternfish Pantry",
        }
    ]
    assert offer_of(found, listings.public)["openings"]["verified"] == [
        {"field": "hours", "method": "link", "verified_at": "2030-05-31T12:00:00.000Z"}
    ]
    assert "Person" not in json.dumps(found)


def test_merged_records_are_nowhere(session: Session, listings: Listings) -> None:
    service = session.get_one(Service, listings.service)
    kept = Service(organization_id=service.organization_id, name="Kept")
    session.add(kept)
    session.flush()
    service.merged_into_id = kept.id
    organization = find_documents(session, "organization", [listings.organization])

    assert find_documents(session, "service", [listings.service]) == []
    assert [each["name"] for each in organization[0]["services"]] == ["Kept"]


def test_a_service_is_not_at_a_place_that_was_merged_into_another(
    session: Session, listings: Listings
) -> None:
    session.get_one(Location, listings.public_place).merged_into_id = listings.hidden_place

    at = service_of(session, listings)["service_at_locations"]
    assert [each["id"] for each in at] == [str(listings.hidden)]
    assert find_documents(session, "service_at_location", [listings.public], Form.LISTED) == []


def test_a_batch_costs_no_more_queries_than_one_record(
    session: Session, listings: Listings
) -> None:
    agency = make_organization(session, "Another")
    make_account(session, agency, Role.PUBLISHER)
    ids = [listings.service]
    for number in range(20):
        service = Service(organization_id=agency.id, name=f"Service {number}")
        session.add(service)
        session.flush()
        session.add(ServiceAtLocation(service_id=service.id, location_id=listings.public_place))
        ids.append(service.id)
    session.flush()
    asked: list[str] = []
    engine = session.get_bind()
    sa.event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    counts = []
    for some in (ids[:1], ids):
        asked.clear()
        find_documents(session, "service", some)
        counts.append(len(asked))

    assert counts[0] == counts[1] < 50


def test_the_order_is_that_of_the_ids(session: Session, listings: Listings) -> None:
    ids = [listings.public, listings.hidden]
    for order in (ids, ids[::-1], [UUID(int=1), *ids]):
        found = find_documents(session, "service_at_location", order)
        assert [each["id"] for each in found] == [str(id_) for id_ in order if id_.int != 1]


def test_documents_have_only_fields_of_the_standard_and_of_the_profile(
    session: Session, listings: Listings
) -> None:
    report(session, listings, 9, NOON)

    def check(table: str, document: dict[str, Any]) -> None:
        nested = {each.name: each for each in nested_in(table)}
        fields = {field.name for field in HSDS_TABLES[table].fields}
        assert document.keys() <= fields | nested.keys() | {"openings"}
        ours = {field.name for field in EXTENSIONS.get(table, ())}
        assert document.get("openings", {}).keys() <= ours | {"extension", "verified"}
        for name, value in document.items():
            for each in value if isinstance(value, list) else [value]:
                if name in nested:
                    check(nested[name].table, each)

    check("service", service_of(session, listings))


def test_dates_are_dates(session: Session, listings: Listings) -> None:
    assert service_of(session, listings)["assured_date"] == date(2030, 6, 1).isoformat()
