"""Who changed what in the directory, and taking it back."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from api.authentication import PUBLISHING_STAFF, STAFF
from api.cursors import Next, TimeAndId, page_of, read_cursor
from api.dependencies import InjectedDatabase, InjectedSealer, InjectedViewer, Now
from api.handlers.windows import Key
from api.idempotency import answer_once
from api.parsing import Body
from api.problems import problem_responses
from api.records import change_reply
from api.schemas.directory import ChangeReply, UndoChange
from api.schemas.shapes import Page
from directory.commands.history import API
from directory.commands.undo import OneField, undo_change
from directory.database import Database
from directory.errors import InvalidError
from directory.queries.history import as_position, find_history_for, get_change
from directory.viewer import Viewer

PAGE_SIZE = 50

_history: Any = {
    "tags": ["Editing"],
    "guards": [STAFF],
    "sync_to_thread": True,
    "responses": problem_responses(401, 403, 404, 422),
}


def _page(
    database: Database, table: str, record_id: UUID, viewer: Viewer, next_: str | None
) -> Page[ChangeReply]:
    after = read_cursor(next_, TimeAndId)
    with database.reading() as session:
        changes = find_history_for(
            session, table, record_id, viewer, after=after, limit=PAGE_SIZE + 1
        )
        return page_of(changes, PAGE_SIZE, reply=change_reply, position=as_position)


@get("/organizations/{record_id:uuid}/history", operation_id="organization_history", **_history)
def list_organization_history(
    record_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    next_: Next = None,
) -> Page[ChangeReply]:
    """List the changes of your organization, newest first."""
    return _page(database, "organization", record_id, viewer, next_)


@get("/services/{record_id:uuid}/history", operation_id="service_history", **_history)
def list_service_history(
    record_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    next_: Next = None,
) -> Page[ChangeReply]:
    """List the changes of a service of yours, newest first."""
    return _page(database, "service", record_id, viewer, next_)


@get("/locations/{record_id:uuid}/history", operation_id="location_history", **_history)
def list_location_history(
    record_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    next_: Next = None,
) -> Page[ChangeReply]:
    """List the changes of a place of yours; of one that is not public, without its words."""
    return _page(database, "location", record_id, viewer, next_)


@get(
    "/service-at-locations/{record_id:uuid}/history",
    operation_id="service_at_location_history",
    **_history,
)
def list_service_at_location_history(
    record_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    next_: Next = None,
) -> Page[ChangeReply]:
    """List the changes of a service of yours in one place, newest first."""
    return _page(database, "service_at_location", record_id, viewer, next_)


@post(
    "/changes/{change_id:uuid}/undo",
    operation_id="undo_change",
    tags=["Editing"],
    guards=[PUBLISHING_STAFF],
    sync_to_thread=True,
    dto=Body[UndoChange],
    return_dto=None,
    responses=problem_responses(401, 403, 404, 409, 422, 503),
)
def post_undo(
    change_id: FromPath[UUID],
    data: JSONBody[UndoChange],
    database: InjectedDatabase,
    sealer: InjectedSealer,
    viewer: InjectedViewer,
    now: Now,
    key: Key = None,
) -> Response[ChangeReply]:
    """Undo a change, or one field of it: a new change that puts back what was there before."""
    only = one_field(data)
    return answer_once(
        database,
        sealer,
        key=key,
        viewer=viewer,
        operation=f"undo_change {change_id}",
        data=data,
        now=now,
        work=lambda session: change_reply(
            get_change(
                session,
                undo_change(session, change_id, viewer=viewer, now=now, origin=API, only=only).id,
            )
        ),
    )


def one_field(data: UndoChange) -> OneField | None:
    """Return the one field that is meant, or None for the whole change."""
    if data.resource_id is None and data.field is None:
        return None
    if data.resource_id is None or data.field is None:
        missing = "field" if data.field is None else "resource_id"
        raise InvalidError.of(missing, "Name both the record and the field, or neither.")
    return OneField(data.resource_id, data.field)


HANDLERS = [
    list_organization_history,
    list_service_history,
    list_location_history,
    list_service_at_location_history,
    post_undo,
]
