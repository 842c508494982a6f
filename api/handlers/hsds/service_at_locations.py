"""Services at locations, by the HSDS API."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, RawBody

from api.dependencies import InjectedDatabase, Now
from api.handlers.hsds.answers import Listed, answer_list, answer_record
from api.handlers.hsds.reading import read
from api.handlers.hsds.routes import POSTED, READ
from api.schemas.hsds import RecordRequest, ServiceAtLocationsRequest
from directory.hsds.documents import Form

AnyRequest = Request[Any, Any, Any]


def _form(asked: ServiceAtLocationsRequest) -> Form:
    return Form.FULL if asked.full else Form.LISTED


SERVICE_AT_LOCATIONS = Listed("service_at_location", ServiceAtLocationsRequest, _form)


@get("/service_at_locations", **READ)
def list_service_at_locations(
    request: AnyRequest, database: InjectedDatabase, now: Now
) -> Response[Any]:
    """List services at locations, each with its place and its service."""
    return answer_list(SERVICE_AT_LOCATIONS, request, database, now)


@post("/service_at_locations", **POSTED)
def list_service_at_locations_privately(
    request: AnyRequest, body: RawBody, database: InjectedDatabase, now: Now
) -> Response[Any]:
    """List services at locations, with what is asked in the body instead of the URL."""
    return answer_list(SERVICE_AT_LOCATIONS, request, database, now, body)


@get("/service_at_locations/{record_id:uuid}", **READ)
def get_service_at_location(
    record_id: FromPath[UUID], request: AnyRequest, database: InjectedDatabase, now: Now
) -> Response[Any]:
    """Return one service at one location with all that belongs to it."""
    read(RecordRequest, request)
    return answer_record("service_at_location", record_id, request, database, now)


HANDLERS = [list_service_at_locations, list_service_at_locations_privately, get_service_at_location]
