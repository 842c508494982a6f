"""Slots, and holding places in them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from api.authentication import anyone, public_or_booking_staff
from api.cursors import Next, TimeAndId, page_of, read_cursor
from api.dependencies import (
    InjectedDatabase,
    InjectedSealer,
    InjectedSettings,
    InjectedViewer,
    Now,
)
from api.handlers.windows import Key
from api.idempotency import answer_once
from api.parsing import Body, instant_in
from api.problems import problem_responses
from api.schemas.scheduling import (
    BookedReply,
    BookedSlot,
    ConfirmHold,
    HoldReply,
    PlaceHold,
    SlotReply,
)
from api.schemas.shapes import Page
from api.settings import Settings
from api.throttle import count_public_hold
from directory.errors import InvalidError
from directory.viewer import Viewer
from scheduling.commands.appointments import Booked, confirm_hold
from scheduling.commands.holds import place_hold, release_hold
from scheduling.queries.slots import find_bookable_slots

PAGE_SIZE = 200

From = Annotated[str | None, QueryParameter(name="from", description="Not before this time.")]
To = Annotated[str | None, QueryParameter(name="to", description="Before this time.")]


@get(
    "/slots",
    operation_id="list_slots",
    tags=["Booking"],
    guards=[anyone],
    sync_to_thread=True,
    responses=problem_responses(422),
)
def list_slots(
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    service_at_location_id: Annotated[
        UUID | None, QueryParameter(description="Only at this place.")
    ] = None,
    starts_from: From = None,
    starts_before: To = None,
    next_: Next = None,
) -> Page[SlotReply]:
    """List the times that this caller may book now, soonest first.

    What is listed can be booked, and what can be booked is listed.
    """
    with database.reading() as session:
        rows = find_bookable_slots(
            session,
            viewer,
            now=now,
            service_at_location_ids=[service_at_location_id] if service_at_location_id else None,
            starts_from=read_instant("from", starts_from),
            starts_before=read_instant("to", starts_before),
            after=read_cursor(next_, TimeAndId),
            limit=PAGE_SIZE + 1,
        )
        return page_of(
            rows, PAGE_SIZE, reply=SlotReply.of, position=lambda row: (row["starts_at"], row["id"])
        )


def read_instant(path: str, text: str | None) -> datetime | None:
    """Read a time with its offset. Raises ``InvalidError`` naming the parameter."""
    if not text:
        return None
    at = instant_in(text)
    if at is None or not 2000 <= at.year < 2100:  # noqa: PLR2004  (years)
        raise InvalidError.of(path, "Give a time with its offset: 2030-06-03T17:00:00Z.")
    return at


@post(
    "/slots/{slot_id:uuid}/holds",
    operation_id="place_hold",
    tags=["Booking"],
    guards=[public_or_booking_staff],
    sync_to_thread=True,
    dto=Body[PlaceHold],
    return_dto=None,
    responses=problem_responses(401, 403, 404, 409, 422, 429, 503),
)
def post_hold(
    request: Request[Viewer, Any, Any],
    slot_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    sealer: InjectedSealer,
    now: Now,
    data: JSONBody[PlaceHold | None] = None,
    key: Key = None,
) -> Response[HoldReply]:
    """Keep places in a slot for ten minutes."""
    wanted = data.places if data else 1
    count_public_hold(request, now)
    return answer_once(
        database,
        sealer,
        key=key,
        viewer=viewer,
        operation=f"place_hold {slot_id}",
        data=PlaceHold(places=wanted),
        now=now,
        work=lambda session: HoldReply.of(
            place_hold(session, slot_id, viewer=viewer, now=now, wanted=wanted)
        ),
    )


@delete(
    "/holds/{hold_id:uuid}",
    operation_id="release_hold",
    tags=["Booking"],
    guards=[public_or_booking_staff],
    sync_to_thread=True,
    status_code=HTTP_204_NO_CONTENT,
    responses=problem_responses(401, 403, 404, 503),
)
def delete_hold(
    hold_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer, now: Now
) -> None:
    """Let a hold go; its places are free at once."""
    with database.transaction() as session:
        release_hold(session, hold_id, viewer=viewer, now=now)


@post(
    "/holds/{hold_id:uuid}/confirm",
    operation_id="confirm_hold",
    tags=["Booking"],
    guards=[public_or_booking_staff],
    sync_to_thread=True,
    dto=Body[ConfirmHold],
    return_dto=None,
    responses=problem_responses(401, 403, 404, 409, 422, 503),
)
def post_confirm(
    hold_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    sealer: InjectedSealer,
    now: Now,
    data: JSONBody[ConfirmHold | None] = None,
    key: Key = None,
) -> Response[BookedReply]:
    """Book the places that a hold keeps. When this answers, it is on disk."""
    handle = data.client_handle if data else None
    return answer_once(
        database,
        sealer,
        key=key,
        viewer=viewer,
        operation=f"confirm_hold {hold_id}",
        data=ConfirmHold(client_handle=handle),
        now=now,
        work=lambda session: booked_reply(
            confirm_hold(session, hold_id, viewer=viewer, now=now, client_handle=handle), settings
        ),
    )


def booked_reply(booked: Booked, settings: Settings) -> BookedReply:
    """Shape a new appointment; a person who booked for themselves gets a link to it."""
    row: Any = booked.appointment
    token = booked.manage_token
    return BookedReply.of(
        row,
        slot=BookedSlot(id=row["slot_id"], starts_at=row["starts_at"], ends_at=row["ends_at"]),
        manage_url=f"{settings.public_url}/my/{token}" if token else None,
    )
