"""The page of somebody who booked for themselves: the link is all they need."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_409_CONFLICT
from sqlmodel import Session

from api.authentication import anyone
from api.dependencies import InjectedDatabase, InjectedSettings, Now
from api.handlers.calendars import calendar_entry
from api.pages.rendering import AnyRequest, language_of, page, see_other
from directory.errors import ConflictError
from directory.tokens import hash_token
from scheduling.commands.appointments import cancel_own_appointment
from scheduling.ical import write_calendar
from scheduling.models.bookings import CAN_BE_CANCELLED, AppointmentStatus
from scheduling.queries.appointments import get_appointment_by_token
from scheduling.queries.slot_details import find_documents

_open: Any = {"guards": [anyone], "include_in_schema": False, "sync_to_thread": True}


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
        cancelled=row["status"] == AppointmentStatus.CANCELLED,
        can_cancel=row["status"] in CAN_BE_CANCELLED and now < row["starts_at"] and now <= cutoff,
        cutoff=cutoff,
        refusal=str(refusal) if refusal else None,
        now=now,
    )
