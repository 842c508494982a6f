"""The page of somebody who booked for themselves: the link is all they need."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_404_NOT_FOUND, HTTP_409_CONFLICT
from sqlmodel import Session

from api.authentication import anyone
from api.dependencies import InjectedDatabase, InjectedSettings, Now
from api.handlers.calendars import calendar_entry
from api.pages.appointments import STATUS_WORDS
from api.pages.forms import FormTexts, read_typed
from api.pages.rendering import AnyRequest, language_of, page, see_other
from api.pages.times import grouped
from api.schemas.shapes import Request
from api.throttle import address_of
from directory.errors import ConflictError
from directory.tokens import hash_token, read_code
from scheduling.commands.appointments import cancel_own_appointment, reschedule_own_appointment
from scheduling.ical import write_calendar
from scheduling.models.bookings import CAN_BE_CANCELLED, AppointmentStatus
from scheduling.queries.appointments import find_time_of_code, get_appointment_by_token
from scheduling.queries.slot_details import find_documents
from scheduling.queries.slots import find_times_to_move

_open: Any = {"guards": [anyone], "include_in_schema": False, "sync_to_thread": True}


#: How many codes one address may try in an hour; a code has 40 random bits.
CODES_AN_HOUR = 10
LONGEST_CODE = 20


class ChosenTime(Request):
    """The form: which time."""

    slot_id: UUID


@get("/my/{token:str}", **_open)
def show_my(
    request: AnyRequest, token: FromPath[str], database: InjectedDatabase, now: Now
) -> Response[Any]:
    """Show the appointment."""
    with database.reading() as session:
        return _my_page(request, session, token, now=now)


@get("/my/{token:str}/calendar.ics", **_open)
def get_my_calendar(
    request: AnyRequest,
    token: FromPath[str],
    database: InjectedDatabase,
    settings: InjectedSettings,
) -> Response[bytes]:
    """Return the appointment as a calendar file. It names no service: others see calendars too."""
    translate = language_of(request).translate
    with database.reading() as session:
        row = get_appointment_by_token(session, hash_token(token))
    entry = calendar_entry(
        row,
        summary=translate("Appointment {code}").format(code=row["code"]),
        url=settings.public_url,
        location=row["address"] or "",
    )
    return Response(
        write_calendar([entry], name=translate("Appointment")),
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="appointment.ics"'},
    )


@post("/my/{token:str}/cancel", status_code=HTTP_200_OK, **_open)
def post_my_cancel(
    request: AnyRequest, token: FromPath[str], database: InjectedDatabase, now: Now
) -> Response[Any]:
    """Cancel. The place is free for somebody else at once."""
    try:
        with database.transaction() as session:
            cancel_own_appointment(session, token, now=now)
    except ConflictError as refusal:
        with database.reading() as session:
            return _my_page(request, session, token, now=now, refusal=refusal)
    return see_other(f"/my/{token}")


@get("/my/{token:str}/times", **_open)
def show_my_times(
    request: AnyRequest, token: FromPath[str], database: InjectedDatabase, now: Now
) -> Response[Any]:
    """Show the times of the same service to which the appointment can be moved."""
    with database.reading() as session:
        row = get_appointment_by_token(session, hash_token(token))
        found = find_times_to_move(session, row, now=now)
    days = grouped(found, lambda slot: slot["local_date"])
    return page(request, "my-times.html", token=token, row=row, days=list(days.items()), now=now)


@post("/my/{token:str}/reschedule", status_code=HTTP_200_OK, **_open)
def post_my_reschedule(
    request: AnyRequest,
    token: FromPath[str],
    data: FormTexts,
    database: InjectedDatabase,
    now: Now,
) -> Response[Any]:
    """Move to another time, in one step; the code and this page stay. Twice is once."""
    form = read_typed(ChosenTime, data)
    try:
        with database.transaction() as session:
            reschedule_own_appointment(session, token, form.slot_id, now=now)
    except ConflictError as refusal:
        with database.reading() as session:
            return _my_page(request, session, token, now=now, refusal=refusal)
    return see_other(f"/my/{token}")


@get("/my", guards=[anyone], include_in_schema=False, sync_to_thread=False)
def show_code_form(request: AnyRequest) -> Response[Any]:
    """Ask for a code."""
    return page(request, "my-code.html", code="", found=None, error=None)


@post("/my", status_code=HTTP_200_OK, **_open)
def post_code(
    request: AnyRequest, data: FormTexts, database: InjectedDatabase, now: Now
) -> Response[Any]:
    """Say when an appointment is. A code is said aloud at desks: it finds, and proves nothing.

    So it shows neither what for nor where, and changes nothing.
    """
    request.app.state.throttles.codes.count(address_of(request), CODES_AN_HOUR, now=now)
    typed = data.get("code", "")[:LONGEST_CODE]
    code = read_code(typed)
    with database.reading() as session:
        found = find_time_of_code(session, code) if code else None
    error = None if found else language_of(request).translate("No appointment has this code.")
    return page(
        request,
        "my-code.html",
        status_code=HTTP_200_OK if found else HTTP_404_NOT_FOUND,
        code=typed,
        found=found,
        statuses=STATUS_WORDS,
        error=error,
        now=now,
    )


def _my_page(
    request: AnyRequest,
    session: Session,
    token: str,
    *,
    now: datetime,
    refusal: ConflictError | None = None,
) -> Response[Any]:
    row = get_appointment_by_token(session, hash_token(token))
    cutoff = row["starts_at"] - timedelta(minutes=row["cancel_cutoff_minutes"])
    return page(
        request,
        "my.html",
        status_code=HTTP_409_CONFLICT if refusal else HTTP_200_OK,
        token=token,
        row=row,
        documents=find_documents(session, row),
        pending=row["status"] == AppointmentStatus.PENDING,
        cancelled=row["status"] == AppointmentStatus.CANCELLED,
        can_cancel=row["status"] in CAN_BE_CANCELLED and now < row["starts_at"] and now <= cutoff,
        cutoff=cutoff,
        refusal=str(refusal) if refusal else None,
        now=now,
    )


HANDLERS = [
    show_my,
    get_my_calendar,
    post_my_cancel,
    show_my_times,
    post_my_reschedule,
    show_code_form,
    post_code,
]
