"""The records of the directory, to read."""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from api.authentication import anyone
from api.cursors import Next, page_of, read_cursor
from api.dependencies import InjectedDatabase, InjectedViewer
from api.problems import problem_responses
from api.records import replies_of, reply_of
from api.schemas.directory import (
    LocationReply,
    OrganizationReply,
    ServiceAtLocationReply,
    ServiceReply,
)
from api.schemas.shapes import Page
from api.versions import etag
from directory.database import Database
from directory.models.locations import Location
from directory.models.organizations import Organization
from directory.models.services import Service, ServiceAtLocation
from directory.queries.records import find_records, get_visible
from directory.viewer import Viewer

PAGE_SIZE = 100

_list: Any = {
    "tags": ["Directory"],
    "guards": [anyone],
    "sync_to_thread": True,
    "responses": problem_responses(422),
}
_one: Any = {**_list, "responses": problem_responses(401, 404, 422)}


def _page(database: Database, kind: Any, next_: str | None) -> Page[Any]:
    with database.reading() as session:
        after = read_cursor(next_, UUID)
        ids = [row.id for row in find_records(session, kind, after=after, limit=PAGE_SIZE + 1)]
        rows = replies_of(session, kind.__tablename__, ids)
        return page_of(rows, PAGE_SIZE, reply=lambda row: row, position=lambda row: row.id)


def _record(database: Database, kind: Any, record_id: UUID, viewer: Viewer) -> Response[Any]:
    """Answer with a record and its version as an ETag."""
    with database.reading() as session:
        get_visible(session, kind, record_id, viewer)
        reply = reply_of(session, kind.__tablename__, record_id)
        return Response(reply, headers={"ETag": etag(reply.version)})


@get("/organizations", operation_id="list_organizations", **_list)
def list_organizations(database: InjectedDatabase, next_: Next = None) -> Page[OrganizationReply]:
    """List the organizations."""
    return _page(database, Organization, next_)


@get("/organizations/{record_id:uuid}", operation_id="get_organization", **_one)
def get_organization(
    record_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer
) -> Response[OrganizationReply]:
    """Return one organization. Its `ETag` is what a change of it needs as `If-Match`."""
    return _record(database, Organization, record_id, viewer)


@get("/services", operation_id="list_services", **_list)
def list_services(database: InjectedDatabase, next_: Next = None) -> Page[ServiceReply]:
    """List the services."""
    return _page(database, Service, next_)


@get("/services/{record_id:uuid}", operation_id="get_service", **_one)
def get_service(
    record_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer
) -> Response[ServiceReply]:
    """Return one service. Its publishers see it when it is not listed, too."""
    return _record(database, Service, record_id, viewer)


@get("/locations", operation_id="list_locations", **_list)
def list_locations(database: InjectedDatabase, next_: Next = None) -> Page[LocationReply]:
    """List the locations. Places that are not public have no point and no name."""
    return _page(database, Location, next_)


@get("/locations/{record_id:uuid}", operation_id="get_location", **_one)
def get_location(
    record_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer
) -> Response[LocationReply]:
    """Return one location."""
    return _record(database, Location, record_id, viewer)


@get("/service-at-locations", operation_id="list_service_at_locations", **_list)
def list_service_at_locations(
    database: InjectedDatabase, next_: Next = None
) -> Page[ServiceAtLocationReply]:
    """List the services as offered in each place."""
    return _page(database, ServiceAtLocation, next_)


@get("/service-at-locations/{record_id:uuid}", operation_id="get_service_at_location", **_one)
def get_service_at_location(
    record_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer
) -> Response[ServiceAtLocationReply]:
    """Return one service as offered in one place."""
    return _record(database, ServiceAtLocation, record_id, viewer)


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
