"""The front desk: who waits for the agency, list by list, and who is called on the day."""

from collections import defaultdict
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_409_CONFLICT
from msgspec import Meta
from sqlmodel import Session

from api.authentication import BOOKING_STAFF, PUBLISHING_STAFF, STAFF
from api.dependencies import InjectedDatabase, InjectedSettings, InjectedViewer, Now
from api.pages.forms import FormData, read_typed
from api.pages.rendering import AnyRequest, page
from api.pages.waiting.both_desks import (
    STAFF_PAGE,
    STAFF_POST,
    accept,
    decline,
    do_or_say_why_not,
    say_entries,
)
from api.schemas.shapes import Request
from api.settings import Settings
from directory.errors import ConflictError
from directory.models.accounts import Role
from directory.viewer import Viewer
from scheduling.commands.waitlists import set_priority
from scheduling.models.waitlists import WaitlistKind
from scheduling.queries.waitlists import find_entries


class Priority(Request):
    """How far up the line."""

    priority: Annotated[int, Meta(ge=0, le=9)]


@get("/front-desk/waiting", guards=[STAFF], **STAFF_PAGE)
def show_lines(
    request: AnyRequest,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Show who waits for the agency, list by list, in the order in which they are asked."""
    with database.reading() as session:
        return _lines_page(request, session, viewer, settings, now=now)


def _lines_page(
    request: AnyRequest,
    session: Session,
    viewer: Viewer,
    settings: Settings,
    *,
    now: datetime,
    refusal: ConflictError | None = None,
) -> Response[Any]:
    rows = find_entries(session, viewer, hosted=True)
    said = say_entries(request, session, rows, viewer, settings, now=now)
    lists: dict[str, list[Any]] = defaultdict(list)
    for entry in sorted(said["entries"], key=_order):
        lists[entry["target"]].append(entry)
    return page(
        request,
        "front-desk-waiting.html",
        status_code=HTTP_409_CONFLICT if refusal else HTTP_200_OK,
        refusal=str(refusal) if refusal else None,
        lists=lists,
        may_raise=viewer.has_role(Role.COORDINATOR),
        may_call=viewer.has_role(Role.PUBLISHER),
        **said,
    )


def _order(entry: Any) -> tuple[Any, ...]:
    """Sort one-day lists first, each list by its places in line."""
    row = entry["row"]
    is_event = row["kind"] is WaitlistKind.DATE
    return (not is_event, row["event_on"] or date.max, entry["target"], entry["position"])


@post("/front-desk/waiting/{entry_id:uuid}/priority", guards=[BOOKING_STAFF], **STAFF_POST)
def post_priority(
    request: AnyRequest,
    entry_id: FromPath[UUID],
    data: FormData,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Raise somebody in the agency's own line, or lower them again."""
    priority = read_typed(Priority, data).priority

    def raise_(session: Session) -> None:
        set_priority(session, entry_id, priority, viewer=viewer)

    return do_or_say_why_not(
        request, database, settings, viewer, raise_, _lines_page, "/front-desk/waiting", now=now
    )


@post("/front-desk/offers/{offer_id:uuid}/here", guards=[PUBLISHING_STAFF], **STAFF_POST)
def post_here(
    request: AnyRequest,
    offer_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Somebody was called on the day, and is here: book them."""
    work = partial(accept, offer_id=offer_id, viewer=viewer, now=now)
    return do_or_say_why_not(
        request, database, settings, viewer, work, _lines_page, "/front-desk/waiting", now=now
    )


@post("/front-desk/offers/{offer_id:uuid}/not-here", guards=[PUBLISHING_STAFF], **STAFF_POST)
def post_not_here(
    request: AnyRequest,
    offer_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Somebody was called on the day, and is not here: the next in line is called."""
    work = partial(decline, offer_id=offer_id, viewer=viewer, now=now)
    return do_or_say_why_not(
        request, database, settings, viewer, work, _lines_page, "/front-desk/waiting", now=now
    )


HANDLERS = [show_lines, post_priority, post_here, post_not_here]
