"""The records of the directory, to read."""

from typing import Any
from uuid import UUID

from litestar import get
from litestar.params import FromPath
from sqlmodel import Session

from api.authentication import anyone
from api.cursors import Next, page_of, read_cursor
from api.dependencies import InjectedDatabase
from api.problems import problem_responses
from api.schemas.directory import (
    LocationReply,
    OrganizationReply,
    ServiceAtLocationReply,
    ServiceReply,
)
from api.schemas.search import NamedReply
from api.schemas.shapes import Page
from directory.models.locations import Location
from directory.models.organizations import Organization
from directory.models.services import Service, ServiceAtLocation
from directory.queries.records import find_records, get_record, is_public

PAGE_SIZE = 100

_list: Any = {
    "tags": ["Directory"],
    "guards": [anyone],
    "sync_to_thread": True,
    "responses": problem_responses(422),
}
_one: Any = {**_list, "responses": problem_responses(404, 422)}


def _page(session: Session, kind: Any, next_: str | None, reply: Any) -> Page[Any]:
    records = find_records(session, kind, after=read_cursor(next_, UUID), limit=PAGE_SIZE + 1)
    return page_of(
        records,
        PAGE_SIZE,
        reply=lambda record: reply(session, record),
        position=lambda record: record.id,
    )


def _organization(_session: Session, record: Organization) -> OrganizationReply:
    return OrganizationReply.of(record)


def _service(_session: Session, record: Service) -> ServiceReply:
    return ServiceReply.of(record)


def _location(_session: Session, record: Location) -> LocationReply:
    reply = LocationReply.of(record)
    if not is_public(record):
        reply.name = reply.description = reply.latitude = reply.longitude = None
    return reply


def _service_at_location(session: Session, record: ServiceAtLocation) -> ServiceAtLocationReply:
    service = session.get_one(Service, record.service_id)
    organization = session.get_one(Organization, service.organization_id)
    location = session.get_one(Location, record.location_id)
    return ServiceAtLocationReply(
        id=record.id,
        service=NamedReply.of(service),
        organization=NamedReply.of(organization),
        location=_location(session, location),
        # It says how to find the service in this place.
        description=record.description if is_public(location) else None,
        version=record.version,
    )


@get("/organizations", operation_id="list_organizations", **_list)
def list_organizations(database: InjectedDatabase, next_: Next = None) -> Page[OrganizationReply]:
    """List the organizations."""
    with database.reading() as session:
        return _page(session, Organization, next_, _organization)


@get("/organizations/{record_id:uuid}", operation_id="get_organization", **_one)
def get_organization(record_id: FromPath[UUID], database: InjectedDatabase) -> OrganizationReply:
    """Return one organization."""
    with database.reading() as session:
        return _organization(session, get_record(session, Organization, record_id))


@get("/services", operation_id="list_services", **_list)
def list_services(database: InjectedDatabase, next_: Next = None) -> Page[ServiceReply]:
    """List the services."""
    with database.reading() as session:
        return _page(session, Service, next_, _service)


@get("/services/{record_id:uuid}", operation_id="get_service", **_one)
def get_service(record_id: FromPath[UUID], database: InjectedDatabase) -> ServiceReply:
    """Return one service."""
    with database.reading() as session:
        return _service(session, get_record(session, Service, record_id))


@get("/locations", operation_id="list_locations", **_list)
def list_locations(database: InjectedDatabase, next_: Next = None) -> Page[LocationReply]:
    """List the locations. Places that are not public have no point and no name."""
    with database.reading() as session:
        return _page(session, Location, next_, _location)


@get("/locations/{record_id:uuid}", operation_id="get_location", **_one)
def get_location(record_id: FromPath[UUID], database: InjectedDatabase) -> LocationReply:
    """Return one location."""
    with database.reading() as session:
        return _location(session, get_record(session, Location, record_id))


@get("/service-at-locations", operation_id="list_service_at_locations", **_list)
def list_service_at_locations(
    database: InjectedDatabase, next_: Next = None
) -> Page[ServiceAtLocationReply]:
    """List the services as offered in each place."""
    with database.reading() as session:
        return _page(session, ServiceAtLocation, next_, _service_at_location)


@get("/service-at-locations/{record_id:uuid}", operation_id="get_service_at_location", **_one)
def get_service_at_location(
    record_id: FromPath[UUID], database: InjectedDatabase
) -> ServiceAtLocationReply:
    """Return one service as offered in one place."""
    with database.reading() as session:
        return _service_at_location(session, get_record(session, ServiceAtLocation, record_id))


HANDLERS = [
    list_organizations,
    get_organization,
    list_services,
    get_service,
    list_locations,
    get_location,
    list_service_at_locations,
    get_service_at_location,
]
