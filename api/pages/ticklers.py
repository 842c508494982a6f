"""Reminders on the desks: what to think of today, and a note for another day."""

from datetime import date, datetime, time
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK
from msgspec import Meta
from sqlmodel import Session

from api.authentication import STAFF
from api.dependencies import (
    InjectedDatabase,
    InjectedNoteSealer,
    InjectedSealer,
    InjectedSettings,
    InjectedViewer,
    Now,
)
from api.languages import marked as _
from api.notes import read_note, write_note
from api.pages.forms import FormData, errors_by_field, read_typed
from api.pages.once import go_once
from api.pages.rendering import AnyRequest, page, see_other
from api.pages.times import DAY, Times, times_for
from api.schemas.shapes import ClockTime, Request
from api.schemas.ticklers import Note
from api.sealing import Sealer
from directory.errors import InvalidError
from directory.intervals import local_instant
from directory.models.accounts import Role
from directory.viewer import Viewer
from scheduling.commands.ticklers import finish_tickler
from scheduling.queries.ticklers import find_colleagues, find_ticklers

#: What the clock reminds of.
TICKLER_WORDS = {
    "documents-due": _("The client brings papers to this appointment. Do they have them?"),
    "no-outcome": _("Nobody has said yet what came of this appointment."),
    "to-approve": _("Somebody waits for your answer."),
    "agreement-ending": _("This agreement ends soon."),
    "offer-lapsing": _("A place from a waiting list is offered, and the offer ends soon."),
    "host-cancelled": _("The agency that hosts has cancelled this appointment."),
    "host-moved": _("The agency that hosts has moved this appointment."),
}

#: At what time of the day a note is due that names none.
MORNING = time(8)
MOST_SHOWN = 50


class NewTickler(Request):
    """The form."""

    note: Note
    due_on: date
    due_time: ClockTime | None = None
    account_id: UUID | None = None
    key: Annotated[str, Meta(max_length=255)] | None = None


def ticklers_said(
    session: Session, viewer: Viewer, times: Times, note_sealer: Sealer
) -> dict[str, Any]:
    """Return what a desk shows of reminders: what is due by the end of the day, and the form's."""
    due_before = times.start_of(times.today + DAY)
    rows = find_ticklers(session, viewer, now=times.now, due_before=due_before, limit=MOST_SHOWN)
    return {
        "ticklers": [(row, read_note(note_sealer, row)) for row in rows],
        "tickler_words": TICKLER_WORDS,
        "colleagues": find_colleagues(session, viewer),
        "tomorrow": times.today + DAY,
    }


@post(
    "/ticklers",
    guards=[STAFF],
    include_in_schema=False,
    sync_to_thread=True,
    status_code=HTTP_200_OK,
)
def post_tickler(
    request: AnyRequest,
    data: FormData,
    database: InjectedDatabase,
    settings: InjectedSettings,
    sealer: InjectedSealer,
    note_sealer: InjectedNoteSealer,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Write a note; sent twice, it is one."""
    try:
        form = read_typed(NewTickler, data)
        with database.reading() as session:
            due_at = _due_at(form, times_for(request, session, viewer, settings, now).usual)

        def write(session: Session) -> str:
            write_note(
                session,
                note_sealer,
                form.note,
                viewer=viewer,
                account_id=form.account_id,
                due_at=due_at,
                now=now,
            )
            return f"{_desk_of(viewer)}#reminders"

        return go_once(
            database,
            sealer,
            key=form.key,
            viewer=viewer,
            operation="add_tickler",
            data=form,
            now=now,
            work=write,
        )
    except InvalidError as refusal:
        with database.reading() as session:
            return page(
                request,
                "tickler-new.html",
                status_code=422,
                typed=data,
                key=data.get("key"),
                errors=errors_by_field(refusal),
                colleagues=find_colleagues(session, viewer),
                tomorrow=None,
            )


def _due_at(form: NewTickler, zone: ZoneInfo) -> datetime:
    at = time.fromisoformat(form.due_time) if form.due_time else MORNING
    return local_instant(form.due_on, at, zone)


def _desk_of(viewer: Viewer) -> str:
    return "/desk" if viewer.role is Role.COORDINATOR else "/front-desk"


@post(
    "/ticklers/{tickler_id:uuid}/done",
    guards=[STAFF],
    include_in_schema=False,
    sync_to_thread=True,
    status_code=HTTP_200_OK,
)
def post_done(
    tickler_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer, now: Now
) -> Response[Any]:
    """Say that it is done with."""
    with database.transaction() as session:
        finish_tickler(session, tickler_id, viewer=viewer, now=now)
    return see_other(f"{_desk_of(viewer)}#reminders")


HANDLERS = [post_tickler, post_done]
