"""Services, by the HSDS API."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, RawBody

from api.dependencies import InjectedDatabase, Now
from api.handlers.hsds.answers import Listed, answer_list, answer_record
from api.handlers.hsds.reading import read
from api.handlers.hsds.routes import POSTED, READ
from api.schemas.hsds import RecordRequest, ServicesRequest
from directory.hsds.documents import Form

AnyRequest = Request[Any, Any, Any]


def _form(asked: ServicesRequest) -> Form:
    if asked.minimal:
        return Form.MINIMAL
    return Form.FULL if asked.full else Form.LISTED


SERVICES = Listed("service", ServicesRequest, _form)


@get("/services", **READ)
def list_services(request: AnyRequest, database: InjectedDatabase, now: Now) -> Response[Any]:
    """List services, each with its organization and program."""
    return answer_list(SERVICES, request, database, now)


@post("/services", **POSTED)
def list_services_privately(
    request: AnyRequest, body: RawBody, database: InjectedDatabase, now: Now
) -> Response[Any]:
    """List services, with what is asked in the body instead of the URL."""
    return answer_list(SERVICES, request, database, now, body)


@get("/services/{record_id:uuid}", **READ)
def get_service(
    record_id: FromPath[UUID], request: AnyRequest, database: InjectedDatabase, now: Now
) -> Response[Any]:
    """Return one service with all that belongs to it."""
    read(RecordRequest, request)
    return answer_record("service", record_id, request, database, now)


HANDLERS = [list_services, list_services_privately, get_service]
