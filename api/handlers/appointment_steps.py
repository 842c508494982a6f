"""What agencies do with an appointment after it was booked."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK
from sqlmodel import Session

from api.authentication import STAFF
from api.dependencies import InjectedDatabase, InjectedViewer, Now
from api.handlers.appointments import appointment_reply
from api.parsing import Body
from api.problems import problem_responses
from api.schemas.appointments import (
    AppointmentStep,
    DeclineAppointment,
    FulfillAppointment,
    RescheduleAppointment,
)
from api.schemas.scheduling import AppointmentReply
from api.schemas.shapes import Page
from directory.database import Database, Row
from scheduling.commands.appointments import reschedule_appointment
from scheduling.commands.approvals import approve_appointment, decline_appointment
from scheduling.commands.visits import check_in, fulfill_appointment, mark_no_show, undo_visit
from scheduling.queries.appointments import get_appointment
from scheduling.queries.desks import find_changes

_post: Any = {
    "tags": ["Booking"],
    "guards": [STAFF],
    "sync_to_thread": True,
    "status_code": HTTP_200_OK,
    "responses": problem_responses(401, 403, 404, 409, 422, 503),
}


def _do(database: Database, command: Callable[[Session], Row]) -> AppointmentReply:
    with database.transaction() as session:
        return appointment_reply(command(session))


@get(
    "/appointments/{appointment_id:uuid}/history",
    operation_id="list_appointment_history",
    tags=["Booking"],
    guards=[STAFF],
    sync_to_thread=True,
    responses=problem_responses(401, 403, 404),
)
def list_appointment_history(
    appointment_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer
) -> Page[AppointmentStep]:
    """List the steps of an appointment, first to last: all that was ever done with it."""
    with database.reading() as session:
        get_appointment(session, appointment_id, viewer)
        steps = find_changes(session, appointment_id)
        return Page(items=[AppointmentStep.of(step) for step in steps], next=None)


@post(
    "/appointments/{appointment_id:uuid}/reschedule",
    operation_id="reschedule_appointment",
    dto=Body[RescheduleAppointment],
    return_dto=None,
    **_post,
)
def post_reschedule(
    appointment_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    data: JSONBody[RescheduleAppointment],
) -> AppointmentReply:
    """Move it to another time of the same agency, in one step. The same time is no change."""
    return _do(
        database,
        lambda session: reschedule_appointment(
            session, appointment_id, data.slot_id, viewer=viewer, now=now, reason=data.reason
        ),
    )


@post("/appointments/{appointment_id:uuid}/approve", operation_id="approve_appointment", **_post)
def post_approve(
    appointment_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer, now: Now
) -> AppointmentReply:
    """Say yes to a pending one, for the agency that hosts. Twice is the same as once."""
    return _do(
        database,
        lambda session: approve_appointment(session, appointment_id, viewer=viewer, now=now),
    )


@post(
    "/appointments/{appointment_id:uuid}/decline",
    operation_id="decline_appointment",
    dto=Body[DeclineAppointment],
    return_dto=None,
    **_post,
)
def post_decline(
    appointment_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    data: JSONBody[DeclineAppointment | None] = None,
) -> AppointmentReply:
    """Say no to a pending one, for the agency that hosts; the places are free at once."""
    reason = (data or DeclineAppointment()).reason
    return _do(
        database,
        lambda session: decline_appointment(
            session, appointment_id, viewer=viewer, now=now, reason=reason
        ),
    )


@post("/appointments/{appointment_id:uuid}/check-in", operation_id="check_in", **_post)
def post_check_in(
    appointment_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer, now: Now
) -> AppointmentReply:
    """Say that they are here; on the appointment's day or later."""
    return _do(database, lambda session: check_in(session, appointment_id, viewer=viewer, now=now))


@post("/appointments/{appointment_id:uuid}/no-show", operation_id="mark_no_show", **_post)
def post_no_show(
    appointment_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer, now: Now
) -> AppointmentReply:
    """Say that nobody came; only after the start."""
    return _do(
        database, lambda session: mark_no_show(session, appointment_id, viewer=viewer, now=now)
    )


@post(
    "/appointments/{appointment_id:uuid}/fulfill",
    operation_id="fulfill_appointment",
    dto=Body[FulfillAppointment],
    return_dto=None,
    **_post,
)
def post_fulfill(
    appointment_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    data: JSONBody[FulfillAppointment | None] = None,
) -> AppointmentReply:
    """Say that it took place, and what came of it."""
    outcome = (data or FulfillAppointment()).outcome
    return _do(
        database,
        lambda session: fulfill_appointment(
            session, appointment_id, viewer=viewer, now=now, outcome=outcome
        ),
    )


@post("/appointments/{appointment_id:uuid}/undo", operation_id="undo_visit", **_post)
def post_undo(
    appointment_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer, now: Now
) -> AppointmentReply:
    """Take back a mistaken check-in or no-show, on the day it was said."""
    return _do(
        database, lambda session: undo_visit(session, appointment_id, viewer=viewer, now=now)
    )


HANDLERS = [
    list_appointment_history,
    post_reschedule,
    post_approve,
    post_decline,
    post_check_in,
    post_no_show,
    post_fulfill,
    post_undo,
]
