"""Bundles: several appointments of one client, booked and cancelled as one."""

from collections.abc import Sequence
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK

from api.authentication import BOOKING_STAFF, STAFF
from api.cursors import Next, page_of, read_cursor
from api.dependencies import InjectedDatabase, InjectedSealer, InjectedViewer, Now
from api.handlers.appointments import appointment_reply
from api.handlers.windows import Key
from api.idempotency import answer_once
from api.parsing import Body
from api.problems import problem_responses
from api.schemas.bundles import BookBundle, BundleReply
from api.schemas.scheduling import CancelAppointment
from api.schemas.shapes import Page
from directory.database import Row
from scheduling.commands.bundles import book_bundle, cancel_bundle
from scheduling.queries.bundles import find_appointments_of, find_bundles, get_bundle

PAGE_SIZE = 50


def bundle_reply(bundle: Row, appointments: Sequence[Row]) -> BundleReply:
    """Shape a bundle."""
    return BundleReply.of(bundle, appointments=[appointment_reply(row) for row in appointments])


@post(
    "/bundles",
    operation_id="book_bundle",
    tags=["Bundles"],
    guards=[BOOKING_STAFF],
    sync_to_thread=True,
    dto=Body[BookBundle],
    return_dto=None,
    responses=problem_responses(401, 403, 409, 422, 503),
)
def post_bundle(
    database: InjectedDatabase,
    viewer: InjectedViewer,
    sealer: InjectedSealer,
    now: Now,
    data: JSONBody[BookBundle],
    key: Key = None,
) -> Response[BundleReply]:
    """Book several times for one client, all or none, with time for the ways between them."""
    return answer_once(
        database,
        sealer,
        key=key,
        viewer=viewer,
        operation="book_bundle",
        data=data,
        now=now,
        work=lambda session: bundle_reply(
            *book_bundle(
                session,
                data.slots,
                viewer=viewer,
                now=now,
                client_handle=data.client_handle,
                places=data.places,
                mode=data.mode,
            )
        ),
    )


@get(
    "/bundles",
    operation_id="list_bundles",
    tags=["Bundles"],
    guards=[STAFF],
    sync_to_thread=True,
    responses=problem_responses(401, 403, 422),
)
def list_bundles(
    database: InjectedDatabase, viewer: InjectedViewer, next_: Next = None
) -> Page[BundleReply]:
    """List the bundles that your organization booked; who hosts a part of one sees only that."""
    with database.reading() as session:
        rows = find_bundles(session, viewer, after=read_cursor(next_, UUID), limit=PAGE_SIZE + 1)
        parts = find_appointments_of(session, [row["id"] for row in rows[:PAGE_SIZE]], viewer)
        return page_of(
            rows,
            PAGE_SIZE,
            reply=lambda row: bundle_reply(row, parts[row["id"]]),
            position=lambda row: row["id"],
        )


@get(
    "/bundles/{bundle_id:uuid}",
    operation_id="get_bundle",
    tags=["Bundles"],
    guards=[STAFF],
    sync_to_thread=True,
    responses=problem_responses(401, 403, 404),
)
def show_bundle(
    bundle_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer
) -> BundleReply:
    """Return one bundle that your organization booked."""
    with database.reading() as session:
        bundle = get_bundle(session, bundle_id, viewer)
        return bundle_reply(bundle, find_appointments_of(session, [bundle_id], viewer)[bundle_id])


@post(
    "/bundles/{bundle_id:uuid}/cancel",
    operation_id="cancel_bundle",
    tags=["Bundles"],
    guards=[BOOKING_STAFF],
    sync_to_thread=True,
    status_code=HTTP_200_OK,
    dto=Body[CancelAppointment],
    return_dto=None,
    responses=problem_responses(401, 403, 404, 409, 422, 503),
)
def post_cancel_bundle(
    bundle_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    data: JSONBody[CancelAppointment | None] = None,
) -> BundleReply:
    """Cancel all that is still ahead, or nothing; each can be cancelled by itself, too."""
    reason = (data or CancelAppointment()).reason
    with database.transaction() as session:
        cancelled = cancel_bundle(session, bundle_id, viewer=viewer, now=now, reason=reason)
        return bundle_reply(*cancelled)


HANDLERS: list[BaseRouteHandler] = [post_bundle, list_bundles, show_bundle, post_cancel_bundle]
