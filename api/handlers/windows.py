"""Availability windows."""

from collections.abc import Iterator
from datetime import time
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, HeaderParameter, JSONBody
from sqlmodel import Session

from api.authentication import PUBLISHING_STAFF, STAFF
from api.cursors import Next, page_of, read_cursor
from api.dependencies import InjectedDatabase, InjectedSealer, InjectedViewer, Now
from api.idempotency import answer_once
from api.parsing import Body
from api.problems import problem_responses
from api.schemas.scheduling import (
    AddedDayShape,
    ExceptionReply,
    PatternShape,
    PublishWindow,
    WindowDetail,
    WindowReply,
)
from api.schemas.shapes import Page
from api.versions import etag
from scheduling.commands.windows import publish_window
from scheduling.drafts import WindowDraft
from scheduling.models.windows import AvailabilityWindow
from scheduling.queries.window_terms import draft_of
from scheduling.queries.windows import find_windows, get_window
from scheduling.schedule import AddedDay

PAGE_SIZE = 100

Key = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key", description="A fresh UUID; the same again has one effect."
    ),
]


def requested(data: PublishWindow) -> WindowDraft:
    """Return the draft that a request describes."""
    terms: dict[str, Any] = msgspec.structs.asdict(data)
    pattern = terms.pop("pattern")
    terms["partner_organization_ids"] = list(dict.fromkeys(data.partner_organization_ids))
    terms["added_on"] = [added_day_of(added) for added in data.added_on]
    clock: dict[str, Any] = {
        name: time.fromisoformat(terms.pop(name)) for name in ("opens_at", "closes_at")
    }
    return WindowDraft(**terms, **clock, **(msgspec.structs.asdict(pattern) if pattern else {}))


def added_day_of(added: AddedDayShape) -> AddedDay:
    """Return the added day that a request describes."""
    opens_at, closes_at = (
        time.fromisoformat(at) if at is not None else None
        for at in (added.opens_at, added.closes_at)
    )
    return AddedDay(added.date, opens_at, closes_at, added.reason)


def window_detail(session: Session, window: AvailabilityWindow) -> WindowDetail:
    """Shape a window with its days and partners."""
    draft = draft_of(session, window)
    return WindowDetail.of(
        msgspec.structs.asdict(window_reply(window)),
        exceptions=sorted([*_closed(draft), *_added(draft)], key=lambda day: day.date),
        partner_organization_ids=list(draft.partner_organization_ids),
    )


def _closed(draft: WindowDraft) -> Iterator[ExceptionReply]:
    for day in draft.closed_on:
        reason = draft.closed_because.get(day)
        yield ExceptionReply(date=day, kind="closed", opens_at=None, closes_at=None, reason=reason)


def _added(draft: WindowDraft) -> Iterator[ExceptionReply]:
    for day in draft.added_on:
        opens_at, closes_at = (
            f"{at:%H:%M}" if at is not None else None for at in (day.opens_at, day.closes_at)
        )
        yield ExceptionReply(
            date=day.day, kind="added", opens_at=opens_at, closes_at=closes_at, reason=day.reason
        )


def window_reply(window: AvailabilityWindow) -> WindowReply:
    """Shape a window."""
    pattern = None
    if window.freq is not None:
        pattern = PatternShape(
            freq=window.freq,
            interval=window.repeat_interval,
            byday=window.byday.split(",") if window.byday else [],
            until=window.until,
            count=window.repeat_count,
        )
    return WindowReply.of(
        window,
        pattern=pattern,
        opens_at=f"{window.opens_at:%H:%M}",
        closes_at=f"{window.closes_at:%H:%M}",
    )


@post(
    "/windows",
    operation_id="publish_window",
    tags=["Windows"],
    guards=[PUBLISHING_STAFF],
    sync_to_thread=True,
    dto=Body[PublishWindow],
    return_dto=None,
    responses=problem_responses(401, 403, 404, 422, 503),
)
def post_window(
    data: JSONBody[PublishWindow],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    sealer: InjectedSealer,
    now: Now,
    key: Key = None,
) -> Response[WindowDetail]:
    """Publish a window of your organization; its slots exist when this answers."""
    return answer_once(
        database,
        sealer,
        key=key,
        viewer=viewer,
        operation="publish_window",
        data=data,
        now=now,
        work=lambda session: window_detail(
            session, publish_window(session, requested(data), viewer=viewer, now=now)
        ),
    )


@get(
    "/windows",
    operation_id="list_windows",
    tags=["Windows"],
    guards=[STAFF],
    sync_to_thread=True,
    responses=problem_responses(401, 403, 422),
)
def list_windows(
    database: InjectedDatabase, viewer: InjectedViewer, next_: Next = None
) -> Page[WindowReply]:
    """List the windows of your organization."""
    with database.reading() as session:
        rows = find_windows(session, viewer, after=read_cursor(next_, UUID), limit=PAGE_SIZE + 1)
        return page_of(rows, PAGE_SIZE, reply=window_reply, position=lambda row: row.id)


@get(
    "/windows/{window_id:uuid}",
    operation_id="get_window",
    tags=["Windows"],
    guards=[STAFF],
    sync_to_thread=True,
    responses=problem_responses(401, 403, 404),
)
def show_window(
    window_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer
) -> Response[WindowDetail]:
    """Return one window of your organization; its version is in the ETag."""
    with database.reading() as session:
        window = get_window(session, window_id, viewer)
        return Response(window_detail(session, window), headers={"ETag": etag(window.version)})
