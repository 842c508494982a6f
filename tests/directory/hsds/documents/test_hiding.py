"""What belongs to something that a document does not tell of, and may not be told itself."""

import json
from typing import Any

import pytest
from sqlmodel import Session

from directory.models.contacts import Contact, Language, Phone
from directory.models.locations import Location
from directory.models.organizations import Organization
from directory.models.services import Service, ServiceAtLocation
from tests.directory.hsds.documents.listings import CANARY, Listings, add_listings
from tests.directory.hsds.documents.test_documents import offer_of, service_of
from tests.factories import make_organization


@pytest.fixture
def listings(session: Session) -> Listings:
    return add_listings(session)


def add_shelter(session: Session, listings: Listings) -> dict[str, Any]:
    """Add a hidden place with a contact, where another agency has a service."""
    agency = make_organization(session, "Shelter")
    service = Service(organization_id=agency.id, name="Shelter")
    session.add(service)
    session.flush()
    offer = ServiceAtLocation(service_id=service.id, location_id=listings.hidden_place)
    contact = Contact(location_id=listings.hidden_place, name=CANARY)
    session.add_all([offer, contact])
    session.flush()
    return {
        "location_id": listings.hidden_place,
        "contact_id": contact.id,
        "service_at_location_id": offer.id,
    }


@pytest.mark.parametrize("owner", ["location_id", "contact_id", "service_at_location_id"])
def test_what_names_something_that_is_left_out_is_left_out(
    session: Session, listings: Listings, owner: str
) -> None:
    """None of it is read with a public place, so it is looked up."""
    shelter = add_shelter(session, listings)
    phone = Phone(number="517-555-0199", **{owner: shelter[owner]})
    session.add(phone)
    session.flush()
    language = Language(location_id=listings.public_place, phone_id=phone.id, name="Twi")
    session.add(language)
    place = offer_of(service_of(session, listings), listings.public)["location"]

    told = str(phone.id) in json.dumps(place)
    assert told is (owner == "service_at_location_id")  # of which the number is told
    assert ("Twi" in json.dumps(place)) is told


def test_words_about_a_service_at_a_hidden_place_are_told_nowhere(
    session: Session, listings: Listings
) -> None:
    shelter = add_shelter(session, listings)
    session.add(
        Phone(
            service_id=listings.service,
            service_at_location_id=shelter["service_at_location_id"],
            number="517-555-0188",
            description=CANARY,
        )
    )
    phones = service_of(session, listings)["phones"]

    assert "517-555-0188" in {each["number"] for each in phones}
    assert CANARY not in json.dumps(phones)


def test_what_a_record_refers_to_is_not_named_where_it_is_not_there(
    session: Session, listings: Listings
) -> None:
    merged = Organization(name="Merged", merged_into_id=listings.organization)
    session.add(merged)
    session.flush()
    session.get_one(Organization, listings.organization).parent_organization_id = merged.id
    session.get_one(Location, listings.public_place).organization_id = merged.id
    found = service_of(session, listings)

    assert str(merged.id) not in json.dumps(found)
