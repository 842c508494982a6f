"""Appointments, as both agencies see them."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK

from api.authentication import STAFF
from api.cursors import Next, TimeAndId, page_of, read_cursor
from api.dependencies import InjectedDatabase, InjectedViewer, Now
from api.handlers.slots import From, To, read_instant
from api.parsing import Body
from api.problems import problem_responses
from api.schemas.scheduling import (
    AppointmentReply,
    BookedSlot,
    CancelAppointment,
)
from api.schemas.shapes import Page
from directory.database import Row
from scheduling.commands.appointments import cancel_appointment
from scheduling.queries.appointments import find_appointments, get_appointment

PAGE_SIZE = 200


def appointment_reply(row: Row) -> AppointmentReply:
    """Shape an appointment."""
    return AppointmentReply.of(
        row,
        slot=BookedSlot(id=row["slot_id"], starts_at=row["starts_at"], ends_at=row["ends_at"]),
    )


@get(
    "/appointments",
    operation_id="list_appointments",
    tags=["Booking"],
    guards=[STAFF],
    sync_to_thread=True,
    responses=problem_responses(401, 403, 422),
)
def list_appointments(
    database: InjectedDatabase,
    viewer: InjectedViewer,
    starts_from: From = None,
    starts_before: To = None,
    next_: Next = None,
) -> Page[AppointmentReply]:
    """List the appointments that your organization booked or hosts, soonest first."""
    with database.reading() as session:
        rows = find_appointments(
            session,
            viewer,
            starts_from=read_instant("from", starts_from),
            starts_before=read_instant("to", starts_before),
            after=read_cursor(next_, TimeAndId),
            limit=PAGE_SIZE + 1,
        )
        return page_of(
            rows,
            PAGE_SIZE,
            reply=appointment_reply,
            position=lambda row: (row["starts_at"], row["id"]),
        )


@get(
    "/appointments/{appointment_id:uuid}",
    operation_id="get_appointment",
    tags=["Booking"],
    guards=[STAFF],
    sync_to_thread=True,
    responses=problem_responses(401, 403, 404),
)
def show_appointment(
    appointment_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer
) -> AppointmentReply:
    """Return one appointment that your organization booked or hosts."""
    with database.reading() as session:
        return appointment_reply(get_appointment(session, appointment_id, viewer))


@post(
    "/appointments/{appointment_id:uuid}/cancel",
    operation_id="cancel_appointment",
    tags=["Booking"],
    guards=[STAFF],
    sync_to_thread=True,
    status_code=HTTP_200_OK,
    dto=Body[CancelAppointment],
    return_dto=None,
    responses=problem_responses(401, 403, 404, 409, 422, 503),
)
def post_cancel(
    appointment_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    data: JSONBody[CancelAppointment | None] = None,
) -> AppointmentReply:
    """Cancel; the places are free at once. Cancelling twice is the same as once."""
    reason = (data or CancelAppointment()).reason
    with database.transaction() as session:
        row = cancel_appointment(session, appointment_id, viewer=viewer, now=now, reason=reason)
        return appointment_reply(row)
