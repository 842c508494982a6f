"""Terms of taxonomies, by the HSDS API."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, RawBody

from api.dependencies import InjectedDatabase, Now
from api.handlers.hsds.answers import Listed, answer_list, answer_record
from api.handlers.hsds.reading import read
from api.handlers.hsds.routes import POSTED, READ
from api.schemas.hsds import RecordRequest, TaxonomyTermsRequest
from directory.hsds.documents import Form

AnyRequest = Request[Any, Any, Any]


def _form(_asked: TaxonomyTermsRequest) -> Form:
    return Form.FULL


TAXONOMY_TERMS = Listed("taxonomy_term", TaxonomyTermsRequest, _form)


@get("/taxonomy_terms", **READ)
def list_taxonomy_terms(request: AnyRequest, database: InjectedDatabase, now: Now) -> Response[Any]:
    """List terms, each with its taxonomy."""
    return answer_list(TAXONOMY_TERMS, request, database, now)


@post("/taxonomy_terms", **POSTED)
def list_taxonomy_terms_privately(
    request: AnyRequest, body: RawBody, database: InjectedDatabase, now: Now
) -> Response[Any]:
    """List terms of taxonomies, with what is asked in the body instead of the URL."""
    return answer_list(TAXONOMY_TERMS, request, database, now, body)


@get("/taxonomy_terms/{record_id:uuid}", **READ)
def get_taxonomy_term(
    record_id: FromPath[UUID], request: AnyRequest, database: InjectedDatabase, now: Now
) -> Response[Any]:
    """Return one term with its taxonomy."""
    read(RecordRequest, request)
    return answer_record("taxonomy_term", record_id, request, database, now)


HANDLERS = [list_taxonomy_terms, list_taxonomy_terms_privately, get_taxonomy_term]
