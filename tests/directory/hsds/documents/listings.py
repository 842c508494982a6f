"""A service with everything that the directory can say, at a public and at a hidden place.

Whatever may not be known of the hidden place has the word ``CANARY`` in it.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session

from directory.commands.needs import ensure_needs
from directory.index import refresh_services
from directory.models.contacts import Contact, Language, Phone
from directory.models.history import Metadata
from directory.models.locations import Accessibility, Address, AddressVisibility, Location
from directory.models.openings import OpeningStatus, ServiceCapacity, Unit
from directory.models.organizations import (
    Funding,
    Organization,
    OrganizationIdentifier,
    Program,
    Url,
)
from directory.models.schedules import Schedule
from directory.models.services import (
    CostOption,
    RequiredDocument,
    Service,
    ServiceArea,
    ServiceAtLocation,
)
from directory.models.taxonomies import Attribute
from tests.conftest import NOON

CANARY = "CANARY"


@dataclass(frozen=True)
class Listings:
    organization: UUID
    service: UUID
    public: UUID
    hidden: UUID
    public_place: UUID
    hidden_place: UUID


def add_listings(session: Session) -> Listings:
    """Add one agency with one service at two places, one of which is hidden."""

    def add(row: Any) -> Any:
        session.add(row)
        session.flush()
        return row

    term = ensure_needs(session)["food"]
    agency = add(
        Organization(
            name="Lanternfish Pantry",
            website="www.lanternfish.example",
            year_incorporated=1987,
            email="not an address",
        )
    )
    program = add(Program(organization_id=agency.id, name="Winter"))
    service = add(
        Service(
            organization_id=agency.id,
            program_id=program.id,
            name="Food parcels",
            minimum_age=18.0,
            last_modified=NOON,
            eligibility_rule={"all": ["adult"]},
            assured_date=date(2030, 6, 1),
        )
    )
    add(Url(organization_id=agency.id, url="https://lanternfish.example/en", label="English"))
    add(Url(service_id=service.id, url="no web address at all"))
    add(OrganizationIdentifier(organization_id=agency.id, identifier_type="EIN", identifier="1"))
    add(Funding(service_id=service.id, source_of_funds="A bequest"))
    add(RequiredDocument(service_id=service.id, document="A letter"))
    add(CostOption(service_id=service.id, amount_cents=1250, currency="USD"))
    add(ServiceArea(service_id=service.id, extent="MI", extent_type="text"))
    add(Language(service_id=service.id, code="es", name="Spanish"))
    add(Attribute(link_entity="service", link_id=service.id, taxonomy_term_id=term))
    contact = add(Contact(service_id=service.id, name="The desk"))
    phone = add(Phone(contact_id=contact.id, number="(517) 555-0101", extension="0207"))
    add(Language(phone_id=phone.id, code="fr"))
    add(Phone(service_id=service.id, number="(517) 555-0102", extension="12"))
    public = _add_place(add, service.id, agency.id, term, AddressVisibility.PUBLIC, "open")
    hidden = _add_place(add, service.id, agency.id, term, AddressVisibility.HIDDEN, CANARY)
    refresh_services(session, [service.id], now=NOON)
    return Listings(agency.id, service.id, public[0], hidden[0], public[1], hidden[1])


def _add_place(
    add: Any, service: UUID, agency: UUID, term: UUID, visibility: AddressVisibility, word: str
) -> tuple[UUID, UUID]:
    """Add a place with all that may belong to one, with ``word`` in all of its words."""
    is_public = visibility is AddressVisibility.PUBLIC
    place = add(
        Location(
            organization_id=agency,
            address_visibility=visibility,
            latitude=42.5 if is_public else None,
            longitude=-84.5 if is_public else None,
            timezone="America/Detroit" if is_public else "Antarctica/Troll",
            url=f"https://{word.lower()}.example/",
            name=word,
            alternate_name=word,
            description=word,
            transportation=word,
            external_identifier=word,
        )
    )
    add(Address(location_id=place.id, address_1=word, city=word, postal_code="48933"))
    add(Accessibility(location_id=place.id, description=word))
    add(Language(location_id=place.id, name=word))
    add(Schedule(location_id=place.id, description=word, opens_at=time(9), closes_at=time(17)))
    add(Phone(location_id=place.id, service_id=service, organization_id=agency, number=word))
    desk = add(Contact(location_id=place.id, service_id=service, name=word))
    add(Phone(contact_id=desk.id, service_id=service, number=word))
    offer = add(ServiceAtLocation(service_id=service, location_id=place.id, description=word))
    at = {"service_at_location_id": offer.id}
    add(Schedule(**at, notes=word, description=word, freq="WEEKLY", byday="MO", opens_at=time(9)))
    line = add(Phone(**at, number="(517) 555-0103", description=word))
    add(Contact(**at, title="Intake"))
    add(ServiceArea(**at, extent="MI:Ingham_County", description=word))
    for entity, id_ in (("location", place.id), ("service_at_location", offer.id)):
        add(Attribute(link_entity=entity, link_id=id_, taxonomy_term_id=term, label=word))
    for entity, id_ in (
        ("location", place.id),
        ("service_at_location", offer.id),
        ("phone", line.id),
    ):
        add(_change(entity, id_, word))
    return offer.id, place.id


def _change(entity: str, id_: UUID, word: str) -> Metadata:
    return Metadata(
        resource_id=id_,
        resource_type=entity,
        last_action_at=NOON,
        last_action_type="update",
        field_name="description",
        replacement_value=word,
        updated_by="A Person",
        change_id=uuid4(),
    )


def report(
    session: Session,
    listings: Listings,
    available: int | None,
    at: datetime,
    population: str = "",
    place: UUID | None = None,
) -> None:
    """Add a report of openings that counts for a day."""
    unit = session.get(Unit, UUID(int=7)) or Unit(id=UUID(int=7), name="beds")
    session.add(unit)
    session.flush()
    session.add(
        ServiceCapacity(
            service_id=listings.service,
            service_at_location_id=place or listings.public,
            unit_id=unit.id,
            status=OpeningStatus.OPEN,
            available=available,
            updated=at,
            expires_at=at + timedelta(days=1),
            said_by="Lanternfish Pantry",
            population=population,
        )
    )
    session.flush()
