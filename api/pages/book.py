"""Booking: look at a time, keep it for ten minutes, confirm."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_409_CONFLICT
from msgspec import Meta
from sqlmodel import Session

from api.authentication import public_or_booking_staff
from api.dependencies import (
    InjectedDatabase,
    InjectedSealer,
    InjectedViewer,
    Now,
)
from api.pages.forms import FormTexts, read_typed
from api.pages.once import go_once
from api.pages.rendering import AnyRequest, page, see_other
from api.pages.service import times_to_book
from api.problems import status_of
from api.schemas.shapes import Request
from api.throttle import count_public_hold
from directory.database import Row
from directory.errors import DomainError, InvalidError
from directory.viewer import Viewer
from scheduling.commands.appointments import confirm_hold
from scheduling.commands.holds import MAXIMUM_PLACES, get_hold, place_hold, release_hold
from scheduling.errors import (
    AgreementEndedError,
    AllotmentUsedError,
    ClientBusyError,
    HeldBeforeError,
    HoldExpiredError,
    SlotClosedError,
    SlotFullError,
    TooManyHoldsError,
)
from scheduling.queries.slot_details import find_documents, get_slot_details, get_slot_of_hold

#: What may have happened to a time while somebody was thinking.
GONE = (
    AllotmentUsedError,
    SlotFullError,
    SlotClosedError,
    HoldExpiredError,
    AgreementEndedError,
)

#: Why somebody may not keep a time that is free.
NOT_YOU = (TooManyHoldsError, HeldBeforeError)


class Keep(Request):
    """The form: how many places, and a key, so that two clicks keep them once."""

    places: Annotated[int, Meta(ge=1, le=MAXIMUM_PLACES)] = 1
    key: Annotated[str, Meta(max_length=255)] | None = None


_get: Any = {
    "guards": [public_or_booking_staff],
    "include_in_schema": False,
    "sync_to_thread": True,
}
_post: Any = {**_get, "status_code": HTTP_200_OK}


@get("/book/{slot_id:uuid}", **_get)
def show_slot(
    request: AnyRequest,
    slot_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Show a time and what to know before taking it."""
    with database.reading() as session:
        slot = get_slot_details(session, slot_id, viewer, now=now)
        refusal = _why_not(slot, now)
        if refusal is not None:
            return _gone(request, session, slot, viewer, refusal, now=now)
        papers = find_documents(session, slot)
    return _book_page(request, slot, papers, now=now)


@post("/book/{slot_id:uuid}", **_post)
def post_slot(
    request: AnyRequest,
    slot_id: FromPath[UUID],
    data: FormTexts,
    database: InjectedDatabase,
    sealer: InjectedSealer,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Keep a place. The form carries a key, so that two clicks keep one."""
    count_public_hold(request, now)
    form = read_typed(Keep, data)

    def keep(session: Session) -> str:
        hold = place_hold(session, slot_id, viewer=viewer, now=now, wanted=form.places)
        return f"/book/holds/{hold['id']}"

    key = form.key and f"{form.key} {form.places}"
    try:
        return go_once(
            database,
            sealer,
            key=key,
            viewer=viewer,
            operation=f"keep {slot_id} {form.places}",
            now=now,
            work=keep,
        )
    except NOT_YOU as refusal:
        with database.reading() as session:
            slot = get_slot_details(session, slot_id, viewer, now=now)
            papers = find_documents(session, slot)
        return _book_page(request, slot, papers, now=now, refusal=refusal)
    except GONE as refusal:
        with database.reading() as session:
            slot = get_slot_details(session, slot_id, viewer, now=now)
            return _gone(request, session, slot, viewer, refusal, now=now)


@get("/book/holds/{hold_id:uuid}", **_get)
def show_hold(
    request: AnyRequest,
    hold_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Ask to confirm, and say until when the place is kept."""
    with database.reading() as session:
        return _hold_page(request, session, hold_id, viewer, now=now)


@post("/book/holds/{hold_id:uuid}", **_post)
def post_hold(
    request: AnyRequest,
    hold_id: FromPath[UUID],
    data: FormTexts,
    database: InjectedDatabase,
    sealer: InjectedSealer,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Book. Sent twice, it leads to the one appointment."""
    handle = data.get("client_handle", "").strip() or None

    def book(session: Session) -> str:
        booked = confirm_hold(session, hold_id, viewer=viewer, now=now, client_handle=handle)
        if booked.manage_token:
            return f"/my/{booked.manage_token}"
        return f"/appointments/{booked.appointment['id']}"

    key = f"confirm {hold_id}"
    try:
        return go_once(database, sealer, key=key, viewer=viewer, operation=key, now=now, work=book)
    except GONE as refusal:
        with database.reading() as session:
            if isinstance(refusal, AgreementEndedError) and refusal.slot_id:  # the hold is let go
                held = {"slot_id": refusal.slot_id}
                slot = get_slot_of_hold(session, held, viewer, now=now)
            else:
                slot = _slot_of(session, hold_id, viewer, now=now)
            return _gone(request, session, slot, viewer, refusal, now=now)
    except (InvalidError, ClientBusyError) as error:
        with database.reading() as session:
            return _hold_page(
                request, session, hold_id, viewer, now=now, error=error, handle=handle
            )


@post("/book/holds/{hold_id:uuid}/release", **_post)
def post_release(
    hold_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer, now: Now
) -> Response[Any]:
    """Let the time go, and choose again."""
    with database.transaction() as session:
        slot = _slot_of(session, hold_id, viewer, now=now)
        release_hold(session, hold_id, viewer=viewer, now=now)
    return see_other(f"/services/{slot['service_at_location_id']}#times")


def _book_page(
    request: AnyRequest,
    slot: Row,
    papers: list[str],
    *,
    now: datetime,
    refusal: DomainError | None = None,
) -> Response[Any]:
    return page(
        request,
        "book.html",
        status_code=status_of(refusal) if refusal else HTTP_200_OK,
        slot=slot,
        documents=papers,
        key=uuid4(),
        most_places=MAXIMUM_PLACES,
        refusal=str(refusal) if refusal else None,
        now=now,
    )


def _why_not(slot: Row, now: datetime) -> DomainError | None:
    """Say why a slot cannot be booked now, if so; the hold decides again."""
    if slot["places_left"] < 1:
        return SlotFullError()
    if not slot["bookable_from"] <= now < slot["bookable_until"]:
        return SlotClosedError()
    return None


def _slot_of(session: Session, hold_id: UUID, viewer: Viewer, *, now: datetime) -> Row:
    hold = get_hold(session, hold_id, viewer)
    return get_slot_of_hold(session, hold, viewer, now=now)


def _hold_page(
    request: AnyRequest,
    session: Session,
    hold_id: UUID,
    viewer: Viewer,
    *,
    now: datetime,
    error: DomainError | None = None,
    handle: str | None = None,
) -> Response[Any]:
    hold = get_hold(session, hold_id, viewer)
    slot = get_slot_of_hold(session, hold, viewer, now=now)
    if hold["expires_at"] <= now:
        return _gone(request, session, slot, viewer, HoldExpiredError(), now=now)
    return page(
        request,
        "hold.html",
        status_code=status_of(error) if error else HTTP_200_OK,
        hold=hold,
        slot=slot,
        documents=find_documents(session, slot),
        error=error.errors[0].message if isinstance(error, InvalidError) else error,
        handle=handle or "",
        now=now,
    )


def _gone(
    request: AnyRequest,
    session: Session,
    slot: Row,
    viewer: Viewer,
    refusal: DomainError,
    *,
    now: datetime,
) -> Response[Any]:
    """Say that the time is gone, and offer the next ones of the same service."""
    days = times_to_book(session, viewer, slot["service_at_location_id"], now=now)
    return page(
        request,
        "gone.html",
        status_code=HTTP_409_CONFLICT,
        slot=slot,
        reason=str(refusal),
        days=days,
        now=now,
    )
