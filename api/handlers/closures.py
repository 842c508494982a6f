"""Closures: days on which nothing of an organization happens."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK

from api.authentication import PUBLISHING_STAFF, STAFF
from api.cursors import Next, page_of, read_cursor
from api.dependencies import (
    InjectedDatabase,
    InjectedSealer,
    InjectedSettings,
    InjectedViewer,
    Now,
)
from api.handlers.window_changes import DryRun, decisions_of, effects_reply
from api.handlers.windows import Key
from api.idempotency import answer_once
from api.letters import notice_writer
from api.parsing import Body
from api.problems import problem_responses
from api.schemas.shapes import Page
from api.schemas.window_changes import ClosureReply, DeclareClosure, WindowEffects
from scheduling.commands.closures import declare_closure, lift_closure, preview_closure
from scheduling.decisions import DecisionKind
from scheduling.queries.closures import find_own_closures
from scheduling.schedule import Closed

PAGE_SIZE = 100

_all: Any = {"tags": ["Windows"], "sync_to_thread": True}


@post(
    "/closures",
    operation_id="declare_closure",
    guards=[PUBLISHING_STAFF],
    dto=Body[DeclareClosure],
    return_dto=None,
    responses=problem_responses(401, 403, 404, 409, 422, 503),
    **_all,
)
def post_closure(
    data: JSONBody[DeclareClosure],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    sealer: InjectedSealer,
    now: Now,
    key: Key = None,
    *,
    dry_run: DryRun = False,
) -> Response[ClosureReply | WindowEffects]:
    """Close your whole organization, for a snow day say: every window, and everyone is told.

    Bookings are cancelled with notice, or kept (`otherwise`), but for `decisions` of their own.
    A dry run answers 200.
    """
    days = Closed(data.starts_on, data.ends_on)
    if dry_run:
        with database.reading() as session:
            plans = preview_closure(session, days, viewer=viewer, now=now)
            return Response(effects_reply(plans), status_code=HTTP_200_OK)
    reply: Response[Any] = answer_once(
        database,
        sealer,
        key=key,
        viewer=viewer,
        operation="declare_closure",
        data=data,
        now=now,
        work=lambda session: ClosureReply.of(
            declare_closure(
                session,
                days,
                data.reason,
                viewer=viewer,
                now=now,
                otherwise=DecisionKind(data.otherwise),
                decisions=decisions_of(data.decisions),
                write=notice_writer(settings),
            )
        ),
    )
    return reply


@get(
    "/closures",
    operation_id="list_closures",
    guards=[STAFF],
    responses=problem_responses(401, 403, 422),
    **_all,
)
def list_closures(
    database: InjectedDatabase, viewer: InjectedViewer, next_: Next = None
) -> Page[ClosureReply]:
    """List the closures of your organization, lifted ones too."""
    with database.reading() as session:
        rows = find_own_closures(
            session, viewer, after=read_cursor(next_, UUID), limit=PAGE_SIZE + 1
        )
        return page_of(rows, PAGE_SIZE, reply=ClosureReply.of, position=lambda row: row.id)


@post(
    "/closures/{closure_id:uuid}/lift",
    operation_id="lift_closure",
    guards=[PUBLISHING_STAFF],
    status_code=HTTP_200_OK,
    responses=problem_responses(401, 403, 404, 503),
    **_all,
)
def post_lift(
    closure_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer, now: Now
) -> ClosureReply:
    """Open again: the slots come back. Bookings that were cancelled stay so. Twice is once."""
    with database.transaction() as session:
        return ClosureReply.of(lift_closure(session, closure_id, viewer=viewer, now=now))


HANDLERS = [post_closure, list_closures, post_lift]
