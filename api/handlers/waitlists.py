"""Waiting lists, and answering the offers that come of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT
from sqlmodel import Session

from api.authentication import BOOKING_STAFF, STAFF, public_or_booking_staff
from api.cursors import Next, TimeAndId, page_of, read_cursor
from api.dependencies import (
    InjectedDatabase,
    InjectedSealer,
    InjectedSettings,
    InjectedViewer,
    Now,
)
from api.handlers.slots import booked_reply
from api.handlers.windows import Key
from api.idempotency import answer_once
from api.parsing import Body
from api.problems import problem_responses
from api.schemas.scheduling import BookedReply
from api.schemas.shapes import Page
from api.schemas.waitlists import (
    EntryReply,
    JoinedReply,
    JoinWaitlist,
    OfferReply,
    SetPriority,
    SkipReply,
    SuitsShape,
)
from directory.database import Row
from scheduling.commands.answers import accept_offer, decline_offer
from scheduling.commands.waitlists import EntryDraft, join_waitlist, leave_waitlist, set_priority
from scheduling.queries.standings import find_standings
from scheduling.queries.waitlists import (
    find_entries,
    find_offers,
    find_skips,
    get_entry,
    get_offer,
)

PAGE_SIZE = 100


def draft_of_entry(data: JoinWaitlist) -> EntryDraft:
    """Return the entry that a request describes."""
    wish: dict[str, Any] = msgspec.structs.asdict(data)
    wish["host_organization_id"] = wish.pop("organization_id")
    wish["suits"] = [
        {name: value for name, value in msgspec.structs.asdict(each).items() if value}
        for each in data.suits
    ]
    return EntryDraft(**wish)


def entry_replies(
    session: Session, rows: Sequence[Row], *, now: datetime, with_skips: bool
) -> list[EntryReply]:
    """Shape entries, with where they stand and what they are offered."""
    standings = find_standings(session, rows, now=now)
    ids = [row["id"] for row in rows]
    offered = {offer["entry_id"]: offer for offer in find_offers(session, ids)}
    passed = find_skips(session, ids) if with_skips else []
    return [
        EntryReply.of(
            row,
            organization_id=row["host_organization_id"],
            entered_by=row["organization_id"],
            suits=[SuitsShape(**each) for each in row["suits"]],
            position=standing.position if standing else None,
            wait_weeks_from=standing.wait.from_weeks if standing and standing.wait else None,
            wait_weeks_to=standing.wait.to_weeks if standing and standing.wait else None,
            offer=OfferReply.of(offered[row["id"]]) if row["id"] in offered else None,
            skips=[SkipReply.of(skip) for skip in passed if skip["entry_id"] == row["id"]],
        )
        for row in rows
        for standing in [standings.get(row["id"])]
    ]


@post(
    "/waitlist-entries",
    operation_id="join_waitlist",
    tags=["Waiting lists"],
    guards=[public_or_booking_staff],
    sync_to_thread=True,
    dto=Body[JoinWaitlist],
    return_dto=None,
    responses=problem_responses(401, 403, 404, 409, 422, 503),
)
def post_entry(
    data: JSONBody[JoinWaitlist],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    sealer: InjectedSealer,
    now: Now,
    key: Key = None,
) -> Response[JoinedReply]:
    """Put somebody at the end of a line: a client of yours, or yourself."""

    def work(session: Session) -> JoinedReply:
        joined = join_waitlist(session, draft_of_entry(data), viewer=viewer, now=now)
        url = f"{settings.public_url}/waiting/{joined.token}" if joined.token else None
        return JoinedReply.of(joined, waiting_url=url)

    return answer_once(
        database,
        sealer,
        key=key,
        viewer=viewer,
        operation="join_waitlist",
        data=data,
        now=now,
        work=work,
    )


@get(
    "/waitlist-entries",
    operation_id="list_waitlist_entries",
    tags=["Waiting lists"],
    guards=[STAFF],
    sync_to_thread=True,
    responses=problem_responses(401, 403, 422),
)
def list_entries(
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    hosted: Annotated[
        bool | None,
        QueryParameter(description="True: who waits for you. False: your clients who wait."),
    ] = None,
    next_: Next = None,
) -> Page[EntryReply]:
    """List those who wait for your organization, or were entered by it, by arrival."""
    with database.reading() as session:
        rows = find_entries(
            session,
            viewer,
            hosted=hosted,
            after=read_cursor(next_, TimeAndId),
            limit=PAGE_SIZE + 1,
        )
        replies = entry_replies(session, rows, now=now, with_skips=False)
        return page_of(
            replies,
            PAGE_SIZE,
            reply=lambda entry: entry,
            position=lambda entry: (entry.arrived_at, entry.id),
        )


@get(
    "/waitlist-entries/{entry_id:uuid}",
    operation_id="get_waitlist_entry",
    tags=["Waiting lists"],
    guards=[STAFF],
    sync_to_thread=True,
    responses=problem_responses(401, 403, 404),
)
def show_entry(
    entry_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer, now: Now
) -> EntryReply:
    """Return one who waits, with why they were passed over."""
    with database.reading() as session:
        row = get_entry(session, entry_id, viewer)
        return entry_replies(session, [row], now=now, with_skips=True)[0]


@delete(
    "/waitlist-entries/{entry_id:uuid}",
    operation_id="leave_waitlist",
    tags=["Waiting lists"],
    guards=[BOOKING_STAFF],
    sync_to_thread=True,
    status_code=HTTP_204_NO_CONTENT,
    responses=problem_responses(401, 403, 404, 409, 503),
)
def delete_entry(
    entry_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer, now: Now
) -> None:
    """Take somebody out of the line; what they are offered passes on. Twice is once."""
    with database.transaction() as session:
        get_entry(session, entry_id, viewer)
        leave_waitlist(session, entry_id, now=now)


@post(
    "/waitlist-entries/{entry_id:uuid}/priority",
    operation_id="set_waitlist_priority",
    tags=["Waiting lists"],
    guards=[BOOKING_STAFF],
    sync_to_thread=True,
    status_code=HTTP_200_OK,
    dto=Body[SetPriority],
    return_dto=None,
    responses=problem_responses(401, 403, 404, 409, 422, 503),
)
def post_priority(
    entry_id: FromPath[UUID],
    data: JSONBody[SetPriority],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> EntryReply:
    """Raise somebody in your own organization's line, or lower them again."""
    with database.transaction() as session:
        set_priority(session, entry_id, data.priority, viewer=viewer)
        row = get_entry(session, entry_id, viewer)
        return entry_replies(session, [row], now=now, with_skips=True)[0]


@post(
    "/offers/{offer_id:uuid}/accept",
    operation_id="accept_offer",
    tags=["Waiting lists"],
    guards=[BOOKING_STAFF],
    sync_to_thread=True,
    responses=problem_responses(401, 403, 404, 409, 422, 503),
)
def post_accept(
    offer_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    sealer: InjectedSealer,
    viewer: InjectedViewer,
    now: Now,
    key: Key = None,
) -> Response[BookedReply]:
    """Book what was offered to a client who waits. Accepting twice is once."""
    return answer_once(
        database,
        sealer,
        key=key,
        viewer=viewer,
        operation=f"accept_offer {offer_id}",
        data=None,
        now=now,
        work=lambda session: booked_reply(
            accept_offer(session, get_offer(session, offer_id, viewer), viewer=viewer, now=now),
            settings,
        ),
    )


@post(
    "/offers/{offer_id:uuid}/decline",
    operation_id="decline_offer",
    tags=["Waiting lists"],
    guards=[BOOKING_STAFF],
    sync_to_thread=True,
    status_code=HTTP_204_NO_CONTENT,
    responses=problem_responses(401, 403, 404, 409, 503),
)
def post_decline(
    offer_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer, now: Now
) -> None:
    """Say no for a client who waits: the place passes on, and they keep theirs in line."""
    with database.transaction() as session:
        decline_offer(session, get_offer(session, offer_id, viewer), now=now)


HANDLERS = [
    post_entry,
    list_entries,
    show_entry,
    delete_entry,
    post_priority,
    post_accept,
    post_decline,
]
