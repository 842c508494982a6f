"""Reminders: by hand, and those that the clock makes."""

from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK

from api.authentication import STAFF
from api.cursors import Next, TimeAndId, page_of, read_cursor
from api.dependencies import (
    InjectedDatabase,
    InjectedNoteSealer,
    InjectedSealer,
    InjectedViewer,
    Now,
)
from api.handlers.windows import Key
from api.idempotency import answer_once
from api.notes import read_note, write_note
from api.parsing import Body
from api.problems import problem_responses
from api.schemas.shapes import Page
from api.schemas.ticklers import AddTickler, TicklerReply
from api.sealing import Sealer
from directory.database import Row
from scheduling.commands.ticklers import finish_tickler
from scheduling.queries.ticklers import find_ticklers

PAGE_SIZE = 100


def _reply(row: Row, sealer: Sealer) -> TicklerReply:
    return TicklerReply.of(row, note=read_note(sealer, row))


@post(
    "/ticklers",
    operation_id="add_tickler",
    tags=["Reminders"],
    guards=[STAFF],
    sync_to_thread=True,
    dto=Body[AddTickler],
    return_dto=None,
    responses=problem_responses(401, 403, 409, 422, 503),
)
def post_tickler(
    database: InjectedDatabase,
    viewer: InjectedViewer,
    sealer: InjectedSealer,
    note_sealer: InjectedNoteSealer,
    now: Now,
    data: JSONBody[AddTickler],
    key: Key = None,
) -> Response[TicklerReply]:
    """Write a note for yourself or a colleague, for a moment to come. It is kept sealed."""
    return answer_once(
        database,
        sealer,
        key=key,
        viewer=viewer,
        operation="add_tickler",
        data=data,
        now=now,
        work=lambda session: _reply(
            write_note(
                session,
                note_sealer,
                data.note,
                viewer=viewer,
                account_id=data.account_id,
                due_at=data.due_at,
                now=now,
            ),
            note_sealer,
        ),
    )


@get(
    "/ticklers",
    operation_id="list_ticklers",
    tags=["Reminders"],
    guards=[STAFF],
    sync_to_thread=True,
    responses=problem_responses(401, 403, 409, 422),
)
def list_ticklers(
    database: InjectedDatabase,
    viewer: InjectedViewer,
    note_sealer: InjectedNoteSealer,
    now: Now,
    next_: Next = None,
) -> Page[TicklerReply]:
    """List your open reminders and your agency's, soonest due first."""
    with database.reading() as session:
        rows = find_ticklers(
            session,
            viewer,
            now=now,
            after=read_cursor(next_, TimeAndId),
            limit=PAGE_SIZE + 1,
        )
        return page_of(
            rows,
            PAGE_SIZE,
            reply=lambda row: _reply(row, note_sealer),
            position=lambda row: (row["due_at"], row["id"]),
        )


@post(
    "/ticklers/{tickler_id:uuid}/done",
    operation_id="finish_tickler",
    tags=["Reminders"],
    guards=[STAFF],
    sync_to_thread=True,
    status_code=HTTP_200_OK,
    responses=problem_responses(401, 403, 404, 409, 503),
)
def post_done(
    tickler_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    note_sealer: InjectedNoteSealer,
    now: Now,
) -> TicklerReply:
    """Say that a reminder is done with. Twice is the same as once."""
    with database.transaction() as session:
        row = finish_tickler(session, tickler_id, viewer=viewer, now=now)
        return _reply(row, note_sealer)


HANDLERS = [post_tickler, list_ticklers, post_done]
