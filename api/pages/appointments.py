"""One appointment, as the agency that booked it and the one that hosts it see it."""

from collections.abc import Callable
from datetime import date, datetime
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
from directory.errors import ConflictError, DomainError, InvalidError, NotFoundError
from directory.viewer import Viewer
from scheduling.commands.appointments import (
    CANCEL_REASONS,
    MOVE_REASONS,
    cancel_appointment,
    reschedule_appointment,
)
from scheduling.commands.approvals import (
    DECLINE_REASONS,
    NOT_ANSWERED,
    approve_appointment,
    decline_appointment,
)
from scheduling.commands.visits import (
    CAN_BE_UNDONE,
    OUTCOMES,
    check_in,
    fulfill_appointment,
    mark_no_show,
    undo_visit,
)
from scheduling.models.bookings import CAN_BE_CANCELLED
from scheduling.queries.appointments import get_appointment
from scheduling.queries.desks import find_changes
from scheduling.queries.slots import find_times_to_move

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
DECLINE_WORDS = {
    "no-room": _("We have no room then"),
    "not-for-them": _("It is not for this client"),
    "host-closed": _("We are closed then"),
}
OUTCOME_WORDS = {
    "served": _("They got what they came for"),
    "partly-served": _("They got a part of it"),
    "come-again": _("They come again"),
    "referred-on": _("They were sent on to others"),
    "not-for-them": _("It was not for them"),
    "left-early": _("They left early"),
}
assert set(CANCEL_WORDS) == set(CANCEL_REASONS)  # noqa: S101  (each reason has its words)
assert set(DECLINE_WORDS) == set(DECLINE_REASONS)  # noqa: S101
assert set(OUTCOME_WORDS) == set(OUTCOMES)  # noqa: S101

#: Why a step was taken, whatever step it was.
REASON_WORDS = {
    **CANCEL_WORDS,
    **DECLINE_WORDS,
    "host-changed": _("The agency changed the time"),
    "not-answered": _("The agency did not answer in time"),
}
assert set(REASON_WORDS) >= {*MOVE_REASONS, NOT_ANSWERED}  # noqa: S101

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
    "clock": _("Not answered"),
}

#: Where somebody goes on after cancelling.
PAGES = {"desk": "/desk", "front-desk": "/front-desk"}


class StepForm(Request):
    """The form of a step: why, what came of it, or which time; and which page it was on."""

    reason: Annotated[str, Meta(max_length=40)] = ""
    outcome: Annotated[str, Meta(max_length=40)] = ""
    slot_id: UUID | None = None
    back: Literal["desk", "front-desk", "appointment"] = "appointment"
    day: date | None = None


Step = Callable[[Session, UUID, StepForm, Viewer, datetime], object]

#: What a button on the page does, by the end of its address.
STEPS: dict[str, Step] = {
    "cancel": lambda session, id_, form, viewer, now: cancel_appointment(
        session, id_, viewer=viewer, now=now, reason=form.reason
    ),
    "reschedule": lambda session, id_, form, viewer, now: reschedule_appointment(
        session,
        id_,
        _chosen(form),
        viewer=viewer,
        now=now,
        reason=form.reason or "client-asked",
    ),
    "approve": lambda session, id_, _form, viewer, now: approve_appointment(
        session, id_, viewer=viewer, now=now
    ),
    "decline": lambda session, id_, form, viewer, now: decline_appointment(
        session, id_, viewer=viewer, now=now, reason=form.reason
    ),
    "check-in": lambda session, id_, _form, viewer, now: check_in(
        session, id_, viewer=viewer, now=now
    ),
    "no-show": lambda session, id_, _form, viewer, now: mark_no_show(
        session, id_, viewer=viewer, now=now
    ),
    "fulfill": lambda session, id_, form, viewer, now: fulfill_appointment(
        session, id_, viewer=viewer, now=now, outcome=form.outcome
    ),
    "undo": lambda session, id_, _form, viewer, now: undo_visit(
        session, id_, viewer=viewer, now=now
    ),
}


def _chosen(form: StepForm) -> UUID:
    if form.slot_id is None:
        raise InvalidError.of("slot_id", "Choose a time.")
    return form.slot_id


def staff_words() -> dict[str, Any]:
    """Return the words that the staff's pages say about appointments."""
    return {
        "statuses": STATUS_WORDS,
        "reasons": CANCEL_WORDS,
        "declines": DECLINE_WORDS,
        "outcomes": OUTCOME_WORDS,
    }


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
    "/appointments/{appointment_id:uuid}/{step:str}",
    guards=[STAFF],
    include_in_schema=False,
    sync_to_thread=True,
    status_code=HTTP_200_OK,
)
def post_step(
    request: AnyRequest,
    appointment_id: FromPath[UUID],
    step: FromPath[str],
    data: FormData,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Take a step, and go back to where the button was; a refusal is said on the page.

    Sent twice, each is the same step once.
    """
    if step not in STEPS:
        raise NotFoundError("page")
    try:
        form = read_typed(StepForm, data)
        with database.transaction() as session:
            STEPS[step](session, appointment_id, form, viewer, now)
    except (InvalidError, ConflictError) as refusal:
        with database.reading() as session:
            return _appointment_page(
                request, session, settings, viewer, now, appointment_id, refusal=refusal
            )
    return see_other(_way_back(form, appointment_id))


@get(
    "/appointments/{appointment_id:uuid}/times",
    guards=[STAFF],
    include_in_schema=False,
    sync_to_thread=True,
)
def show_other_times(
    request: AnyRequest,
    appointment_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Show the times to which an appointment can be moved."""
    with database.reading() as session:
        row = get_appointment(session, appointment_id, viewer)
        times = times_for(request, session, viewer, settings, now)
        return page(
            request,
            "appointment-times.html",
            times=times,
            row=row,
            days=times.by_day(find_times_to_move(session, row, now=now)),
        )


def _way_back(form: StepForm, appointment_id: UUID) -> str:
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
        can_undo=row["status"] in CAN_BE_UNDONE,
        all_reasons=REASON_WORDS,
        cancelled_by=CANCELLED_BY_WORDS,
        **staff_words(),
    )


HANDLERS = [show_appointment, show_other_times, post_step]
