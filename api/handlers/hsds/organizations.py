"""Organizations, by the HSDS API."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, RawBody

from api.dependencies import InjectedDatabase, Now
from api.handlers.hsds.answers import Listed, answer_list, answer_record
from api.handlers.hsds.reading import read
from api.handlers.hsds.routes import POSTED, READ
from api.schemas.hsds import OrganizationRequest, OrganizationsRequest
from directory.hsds.documents import Form

AnyRequest = Request[Any, Any, Any]


def _form(asked: OrganizationsRequest) -> Form:
    if asked.full_service:
        return Form.WITH_SERVICES
    return Form.FULL if asked.full else Form.LISTED


ORGANIZATIONS = Listed("organization", OrganizationsRequest, _form)


@get("/organizations", **READ)
def list_organizations(request: AnyRequest, database: InjectedDatabase, now: Now) -> Response[Any]:
    """List organizations."""
    return answer_list(ORGANIZATIONS, request, database, now)


@post("/organizations", **POSTED)
def list_organizations_privately(
    request: AnyRequest, body: RawBody, database: InjectedDatabase, now: Now
) -> Response[Any]:
    """List organizations, with what is asked in the body instead of the URL."""
    return answer_list(ORGANIZATIONS, request, database, now, body)


@get("/organizations/{record_id:uuid}", **READ)
def get_organization(
    record_id: FromPath[UUID], request: AnyRequest, database: InjectedDatabase, now: Now
) -> Response[Any]:
    """Return one organization with all that belongs to it."""
    asked = read(OrganizationRequest, request)
    form = Form.WITH_SERVICES if asked.full_service else Form.FULL
    return answer_record("organization", record_id, request, database, now, form)


HANDLERS = [list_organizations, list_organizations_privately, get_organization]
