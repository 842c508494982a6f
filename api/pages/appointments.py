"""One appointment, as the agency that booked it and the one that hosts it see it."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK
from msgspec import Meta
from sqlmodel import Session

from api.authentication import STAFF
from api.dependencies import InjectedDatabase, InjectedSettings, InjectedViewer, Now
from api.languages import marked as _
from api.pages.forms import FormData, errors_by_field, read_typed
from api.pages.rendering import AnyRequest, page, see_other
from api.pages.times import times_for
from api.problems import status_of
from api.schemas.shapes import Request
from api.settings import Settings
from directory.errors import ConflictError, DomainError, InvalidError
from directory.viewer import Viewer
from scheduling.commands.appointments import CANCEL_REASONS, cancel_appointment
from scheduling.models.bookings import CAN_BE_CANCELLED
from scheduling.queries.appointments import get_appointment
from scheduling.queries.desks import find_changes

STATUS_WORDS = {
    "pending": _("Waits for an answer"),
    "booked": _("Booked"),
    "arrived": _("Here"),
    "fulfilled": _("Took place"),
    "noshow": _("Did not come"),
    "cancelled": _("Cancelled"),
}
CANCEL_WORDS = {
    "client-asked": _("The client asked for it"),
    "client-unwell": _("The client is unwell"),
    "found-elsewhere": _("Found help elsewhere"),
    "host-closed": _("We are closed then"),
    "mistake": _("Booked by mistake"),
}
assert set(CANCEL_WORDS) == set(CANCEL_REASONS)  # noqa: S101  (each reason has its words)

AGREEMENT_WORDS = {
    "proposed": _("Proposed"),
    "active": _("In force"),
    "suspended": _("Paused"),
    "ended": _("Ended"),
}

#: Who cancelled, in words for either side.
CANCELLED_BY_WORDS = {
    "host": _("Cancelled by the agency that hosts"),
    "partner": _("Cancelled by the agency that booked"),
    "person": _("Cancelled by the person who booked"),
}

#: Where somebody goes on after cancelling.
PAGES = {"desk": "/desk", "front-desk": "/front-desk"}


class Cancel(Request):
    """The form: why, and which page it was on."""

    reason: Annotated[str, Meta(max_length=40)]
    back: Literal["desk", "front-desk", "appointment"] = "appointment"
    day: date | None = None


@get(
    "/appointments/{appointment_id:uuid}",
    guards=[STAFF],
    include_in_schema=False,
    sync_to_thread=True,
)
def show_appointment(
    request: AnyRequest,
    appointment_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Show everything about one appointment."""
    with database.reading() as session:
        return _appointment_page(request, session, settings, viewer, now, appointment_id)


@post(
    "/appointments/{appointment_id:uuid}/cancel",
    guards=[STAFF],
    include_in_schema=False,
    sync_to_thread=True,
    status_code=HTTP_200_OK,
)
def post_cancel(
    request: AnyRequest,
    appointment_id: FromPath[UUID],
    data: FormData,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Cancel, and go back to where the button was; a refusal is said on the appointment's page."""
    try:
        form = read_typed(Cancel, data)
        with database.transaction() as session:
            cancel_appointment(session, appointment_id, viewer=viewer, now=now, reason=form.reason)
    except (InvalidError, ConflictError) as refusal:
        with database.reading() as session:
            return _appointment_page(
                request, session, settings, viewer, now, appointment_id, refusal=refusal
            )
    return see_other(_way_back(form, appointment_id))


def _way_back(form: Cancel, appointment_id: UUID) -> str:
    if form.back == "appointment":
        return f"/appointments/{appointment_id}"
    return f"{PAGES[form.back]}?day={form.day}" if form.day else PAGES[form.back]


def _appointment_page(
    request: AnyRequest,
    session: Session,
    settings: Settings,
    viewer: Viewer,
    now: Any,
    appointment_id: UUID,
    *,
    refusal: DomainError | None = None,
) -> Response[Any]:
    row = get_appointment(session, appointment_id, viewer)
    return page(
        request,
        "appointment.html",
        status_code=status_of(refusal) if refusal else HTTP_200_OK,
        times=times_for(request, session, viewer, settings, now),
        row=row,
        hosts=row["host_organization_id"] == viewer.organization_id,
        changes=find_changes(session, appointment_id),
        can_cancel=row["status"] in CAN_BE_CANCELLED and row["starts_at"] > now,
        refusal=refusal,
        errors=errors_by_field(refusal),
        statuses=STATUS_WORDS,
        reasons=CANCEL_WORDS,
        cancelled_by=CANCELLED_BY_WORDS,
    )


HANDLERS = [show_appointment, post_cancel]
