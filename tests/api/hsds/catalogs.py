"""Random small directories, as plain values and as rows."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from hypothesis import strategies as st
from sqlmodel import Session

from directory.index import refresh_services
from directory.models.locations import Address, AddressVisibility, Location
from directory.models.organizations import Organization
from directory.models.services import Service, ServiceArea, ServiceAtLocation, ServiceStatus
from directory.models.taxonomies import Attribute, Taxonomy, TaxonomyTerm
from geo.gazetteer import get_zip
from geo.points import Point
from tests.conftest import NOON

WORDS = ("apple", "Éclair", "bread", "breadth", "zebra")
ZIPS = ("48933", "48864", "49503")
TERM_NAMES = ("kiwi", "lemon", "mango", "nectarine")
DAYS = (1, 5, 9)


@dataclass
class Place:
    zip_code: str | None
    visibility: AddressVisibility
    name: str
    state: str
    id: UUID = field(init=False)

    @property
    def point(self) -> Point | None:
        if self.zip_code is None or self.visibility is not AddressVisibility.PUBLIC:
            return None
        found = get_zip(self.zip_code)
        assert found is not None
        return found.point


@dataclass
class Offered:
    place: int
    areas: list[str]
    terms: list[int]
    id: UUID = field(init=False)


@dataclass
class Served:
    name: str
    agency: int
    status: ServiceStatus
    modified: int | None
    merged: bool
    terms: list[int]
    areas: list[str]
    at: list[Offered]
    id: UUID = field(init=False)


@dataclass
class Agency:
    name: str
    description: str
    merged: bool
    terms: list[int]
    id: UUID = field(init=False)


@dataclass
class Term:
    taxonomy: int
    parent: int | None
    name: str
    id: UUID = field(init=False)


@dataclass
class Catalog:
    """A directory. References are numbers; ids are made from the kind and the number."""

    agencies: list[Agency]
    services: list[Served]
    places: list[Place]
    terms: list[Term]

    def __post_init__(self) -> None:
        for kind, records in (
            ("agency", self.agencies),
            ("service", self.services),
            ("place", self.places),
            ("term", self.terms),
        ):
            for number, record in enumerate(records):
                record.id = make_id(kind, number)  # type: ignore[attr-defined]
        for number, service in enumerate(self.services):
            for offered in service.at:
                offered.id = make_id("offered", number * 100 + offered.place)

    def taxonomy(self, number: int) -> UUID:
        return make_id("taxonomy", number)


def make_id(kind: str, number: int) -> UUID:
    return uuid5(UUID(int=0), f"{kind}{number}")


def days_ago(days: int) -> datetime:
    return NOON - timedelta(days=days)


def _some(strategy: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(strategy, max_size=most, unique=True)


_words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(" ".join)
_areas = _some(st.sampled_from(["48933", "48864", "MI", "OH", "MI:Ingham_County"]), 2)


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    agencies = draw(st.lists(_agencies(), min_size=1, max_size=3))
    places = draw(st.lists(_places(), min_size=1, max_size=3))
    terms = [
        Term(
            draw(st.integers(0, 1)),
            draw(st.none() | st.integers(0, len(TERM_NAMES) - 1)),
            name,
        )
        for name in TERM_NAMES
    ]
    services = draw(st.lists(_services(len(agencies), len(places)), min_size=2, max_size=6))
    return Catalog(agencies, services, places, terms)


_terms = _some(st.integers(0, len(TERM_NAMES) - 1), 2)


def _agencies() -> st.SearchStrategy[Agency]:
    return st.builds(Agency, _words, _words | st.just(""), _rarely(), _terms)


def _places() -> st.SearchStrategy[Place]:
    return st.builds(
        Place,
        st.sampled_from([*ZIPS, None]),
        st.sampled_from([AddressVisibility.PUBLIC, *AddressVisibility]),
        _words,
        st.sampled_from(["MI", "OH", ""]),
    )


def _rarely() -> st.SearchStrategy[bool]:
    return st.sampled_from([False, False, False, True])


def _services(agencies: int, places: int) -> st.SearchStrategy[Served]:
    at = st.lists(
        st.builds(Offered, st.integers(0, places - 1), _areas, _terms),
        min_size=1,
        max_size=3,
        unique_by=lambda offered: offered.place,
    )
    return st.builds(
        Served,
        _words,
        st.integers(0, agencies - 1),
        st.sampled_from([ServiceStatus.ACTIVE, *ServiceStatus]),
        st.sampled_from(DAYS) | st.none(),
        _rarely(),
        _terms,
        _areas,
        at | at | st.just([]),
    )


def write(session: Session, catalog: Catalog) -> None:
    """Write a catalog as rows, and what searches read."""
    kept = Organization(id=make_id("kept", 0), name="kept")
    session.add(kept)
    for number in (0, 1):
        session.add(Taxonomy(id=catalog.taxonomy(number), name=f"Fruit {number}"))
    session.flush()
    _write_terms(session, catalog)
    for agency in catalog.agencies:
        session.add(
            Organization(
                id=agency.id,
                name=agency.name,
                description=agency.description,
                merged_into_id=kept.id if agency.merged else None,
            )
        )
        _describe(session, catalog, "organization", agency.id, agency.terms)
    _write_places(session, catalog)
    for service in catalog.services:
        _write_service(session, catalog, service)
    refresh_services(session, [service.id for service in catalog.services], now=NOON)


def _write_terms(session: Session, catalog: Catalog) -> None:
    rows = [
        TaxonomyTerm(
            id=term.id, code=term.name, name=term.name, taxonomy_id=catalog.taxonomy(term.taxonomy)
        )
        for term in catalog.terms
    ]
    session.add_all(rows)
    session.flush()
    for row, term in zip(rows, catalog.terms, strict=True):
        row.parent_id = None if term.parent is None else catalog.terms[term.parent].id
    session.flush()


def _write_places(session: Session, catalog: Catalog) -> None:
    for place in catalog.places:
        session.add(
            Location(
                id=place.id,
                name=place.name,
                address_visibility=place.visibility,
                latitude=place.point.latitude if place.point else None,
                longitude=place.point.longitude if place.point else None,
            )
        )
    session.flush()
    session.add_all(
        Address(location_id=place.id, state_province=place.state) for place in catalog.places
    )


def _write_service(session: Session, catalog: Catalog, service: Served) -> None:
    agency = catalog.agencies[service.agency]
    row = Service(
        id=service.id,
        organization_id=agency.id,
        name=service.name,
        status=service.status,
        last_modified=None if service.modified is None else days_ago(service.modified),
    )
    session.add(row)
    session.flush()
    row.merged_into_id = service.id if service.merged else None
    _describe(session, catalog, "service", service.id, service.terms)
    if service.areas:
        session.add(ServiceArea(service_id=service.id, extent=" ".join(service.areas)))
    for offered in service.at:
        place = catalog.places[offered.place]
        session.add(ServiceAtLocation(id=offered.id, service_id=service.id, location_id=place.id))
        session.flush()
        _describe(session, catalog, "service_at_location", offered.id, offered.terms)
        if offered.areas:
            extent = " ".join(offered.areas)
            session.add(ServiceArea(service_at_location_id=offered.id, extent=extent))
    session.flush()


def _describe(session: Session, catalog: Catalog, entity: str, id_: UUID, terms: list[int]) -> None:
    session.add_all(
        Attribute(link_entity=entity, link_id=id_, taxonomy_term_id=catalog.terms[term].id)
        for term in terms
    )
