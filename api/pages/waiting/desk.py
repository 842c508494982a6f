"""The coordinator's desk: the clients who wait, and what they are offered."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_409_CONFLICT
from sqlmodel import Session

from api.authentication import BOOKING_STAFF
from api.dependencies import InjectedDatabase, InjectedSettings, InjectedViewer, Now
from api.pages.rendering import AnyRequest, page
from api.pages.waiting.both_desks import (
    STAFF_PAGE,
    STAFF_POST,
    accept,
    decline,
    do_or_say_why_not,
    say_entries,
)
from api.settings import Settings
from directory.errors import ConflictError
from directory.viewer import Viewer
from scheduling.commands.waitlists import leave_waitlist
from scheduling.queries.waitlists import find_entries, get_entry


@get("/desk/waiting", guards=[BOOKING_STAFF], **STAFF_PAGE)
def show_clients(
    request: AnyRequest,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Show the clients who wait, and the offers to answer."""
    with database.reading() as session:
        return _clients_page(request, session, viewer, settings, now=now)


def _clients_page(
    request: AnyRequest,
    session: Session,
    viewer: Viewer,
    settings: Settings,
    *,
    now: datetime,
    refusal: ConflictError | None = None,
) -> Response[Any]:
    rows = find_entries(session, viewer, hosted=False)
    return page(
        request,
        "desk-waiting.html",
        status_code=HTTP_409_CONFLICT if refusal else HTTP_200_OK,
        refusal=str(refusal) if refusal else None,
        **say_entries(request, session, rows, viewer, settings, now=now),
    )


@post("/desk/waiting/{entry_id:uuid}/leave", guards=[BOOKING_STAFF], **STAFF_POST)
def post_leave(
    request: AnyRequest,
    entry_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Take a client out of the line."""

    def leave(session: Session) -> None:
        get_entry(session, entry_id, viewer)
        leave_waitlist(session, entry_id, now=now)

    return do_or_say_why_not(
        request, database, settings, viewer, leave, _clients_page, "/desk/waiting", now=now
    )


@post("/desk/offers/{offer_id:uuid}/accept", guards=[BOOKING_STAFF], **STAFF_POST)
def post_accept(
    request: AnyRequest,
    offer_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Book what was offered to a client."""
    work = partial(accept, offer_id=offer_id, viewer=viewer, now=now)
    return do_or_say_why_not(
        request, database, settings, viewer, work, _clients_page, "/desk/waiting", now=now
    )


@post("/desk/offers/{offer_id:uuid}/decline", guards=[BOOKING_STAFF], **STAFF_POST)
def post_decline(
    request: AnyRequest,
    offer_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Say no for a client."""
    work = partial(decline, offer_id=offer_id, viewer=viewer, now=now)
    return do_or_say_why_not(
        request, database, settings, viewer, work, _clients_page, "/desk/waiting", now=now
    )


HANDLERS = [show_clients, post_leave, post_accept, post_decline]
