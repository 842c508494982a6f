from uuid import uuid4

import pytest
from sqlmodel import Session

from directory.errors import NotFoundError
from directory.index import refresh_services
from directory.models.contacts import Language, Phone
from directory.models.locations import Accessibility, AddressVisibility, Location
from directory.queries.listing import get_listing
from tests.conftest import NOON
from tests.factories import make_offer


def test_nothing_of_a_hidden_place_is_in_its_listing(session: Session) -> None:
    offer = make_offer(session, point=None)
    offer.description = "Behind the blue gate"
    place = session.get_one(Location, offer.location_id)
    place.transportation = "Bus 9"
    place.address_visibility = AddressVisibility.HIDDEN
    session.add_all(
        [
            Accessibility(location_id=place.id, description="Ramp"),
            Language(location_id=place.id, code="es"),
            Phone(location_id=place.id, number="517-555-0199"),
        ]
    )
    refresh_services(session, [offer.service_id], now=NOON)

    listing = get_listing(session, offer.id, now=NOON)

    assert not [*listing.accessibility, *listing.languages, *listing.phones]
    assert listing.about["transportation"] is None
    assert listing.about["place_note"] is None
    assert listing.entry["location_id"] is None


def test_unknown_listing_is_not_found(session: Session) -> None:
    with pytest.raises(NotFoundError):
        get_listing(session, uuid4(), now=NOON)
