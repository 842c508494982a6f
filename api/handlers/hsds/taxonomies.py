"""Taxonomies, by the HSDS API."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, RawBody

from api.dependencies import InjectedDatabase, Now
from api.handlers.hsds.answers import Listed, answer_list, answer_record
from api.handlers.hsds.reading import read
from api.handlers.hsds.routes import POSTED, READ
from api.schemas.hsds import RecordRequest, TaxonomiesRequest
from directory.hsds.documents import Form

AnyRequest = Request[Any, Any, Any]


def _form(_asked: TaxonomiesRequest) -> Form:
    return Form.FULL


TAXONOMIES = Listed("taxonomy", TaxonomiesRequest, _form)


@get("/taxonomies", **READ)
def list_taxonomies(request: AnyRequest, database: InjectedDatabase, now: Now) -> Response[Any]:
    """List taxonomies."""
    return answer_list(TAXONOMIES, request, database, now)


@post("/taxonomies", **POSTED)
def list_taxonomies_privately(
    request: AnyRequest, body: RawBody, database: InjectedDatabase, now: Now
) -> Response[Any]:
    """List taxonomies, with what is asked in the body instead of the URL."""
    return answer_list(TAXONOMIES, request, database, now, body)


@get("/taxonomies/{record_id:uuid}", **READ)
def get_taxonomy(
    record_id: FromPath[UUID], request: AnyRequest, database: InjectedDatabase, now: Now
) -> Response[Any]:
    """Return one taxonomy."""
    read(RecordRequest, request)
    return answer_record("taxonomy", record_id, request, database, now)


HANDLERS = [list_taxonomies, list_taxonomies_privately, get_taxonomy]
