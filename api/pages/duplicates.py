"""Records that look the same: an administrator merges them, and can undo it."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_409_CONFLICT

from api.authentication import ADMINISTRATORS
from api.dependencies import InjectedDatabase, InjectedViewer, Now
from api.languages import marked as _
from api.pages.forms import FormData, read_typed
from api.pages.rendering import AnyRequest, page, see_other
from api.schemas.shapes import Request
from directory.commands.merges import merge_records, undo_merge
from directory.database import Database
from directory.duplicates import Sign
from directory.errors import ConflictError
from directory.queries.duplicates import find_likely_pairs, find_merges

KIND_WORDS = {
    "organization": _("Agencies"),
    "service": _("Services of one agency"),
    "location": _("Places"),
}
SIGN_WORDS = {
    Sign.NAME: _("the names are alike"),
    Sign.PHONE: _("the same telephone"),
    Sign.ADDRESS: _("the same address"),
    Sign.NEAR: _("at the same spot"),
}


class Merge(Request):
    """Which of two is to stay."""

    kind: Literal["organization", "service", "location"]
    kept_id: UUID
    merged_id: UUID


@get("/network/duplicates", guards=[ADMINISTRATORS], include_in_schema=False, sync_to_thread=True)
def show_duplicates(request: AnyRequest, database: InjectedDatabase, now: Now) -> Response[Any]:
    """Show the pairs that look the same, and the last merges."""
    return _duplicates(request, database, now)


def _duplicates(
    request: AnyRequest, database: Database, now: datetime, refusal: ConflictError | None = None
) -> Response[Any]:
    with database.reading() as session:
        return page(
            request,
            "duplicates.html",
            status_code=HTTP_409_CONFLICT if refusal else HTTP_200_OK,
            refusal=refusal,
            pairs=find_likely_pairs(session),
            merges=find_merges(session),
            kinds=KIND_WORDS,
            signs=SIGN_WORDS,
            now=now,
        )


@post(
    "/network/duplicates",
    guards=[ADMINISTRATORS],
    include_in_schema=False,
    sync_to_thread=True,
    status_code=HTTP_200_OK,
)
def post_merge(
    request: AnyRequest,
    data: FormData,
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Make one of two."""
    form = read_typed(Merge, data)
    try:
        with database.transaction() as session:
            merge_records(session, form.kind, form.kept_id, form.merged_id, viewer=viewer, now=now)
    except ConflictError as refusal:
        return _duplicates(request, database, now, refusal)
    return see_other("/network/duplicates")


@post(
    "/network/merges/{merge_id:uuid}/undo",
    guards=[ADMINISTRATORS],
    include_in_schema=False,
    sync_to_thread=True,
    status_code=HTTP_200_OK,
)
def post_undo(
    request: AnyRequest,
    merge_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Make two of one again."""
    try:
        with database.transaction() as session:
            undo_merge(session, merge_id, viewer=viewer, now=now)
    except ConflictError as refusal:
        return _duplicates(request, database, now, refusal)
    return see_other("/network/duplicates")


HANDLERS = [show_duplicates, post_merge, post_undo]
