"""Those who wait: a person's own page, the coordinator's clients, and the host's lines."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_409_CONFLICT
from msgspec import Meta
from sqlmodel import Session

from api.authentication import BOOKING_STAFF, PUBLISHING_STAFF, STAFF, anyone
from api.dependencies import InjectedDatabase, InjectedSettings, InjectedViewer, Now
from api.pages.forms import FormData, read_typed
from api.pages.rendering import AnyRequest, language_of, page, see_other
from api.pages.times import times_for
from api.schemas.shapes import Request
from api.settings import Settings
from api.waiting_words import (
    ENTRY_WORDS,
    REASON_WORDS,
    position_words,
    target_words,
    wait_words,
)
from api.words import day_words
from directory.database import Database, Row
from directory.errors import ConflictError
from directory.models.accounts import Role
from directory.tokens import hash_token
from directory.viewer import PUBLIC, Viewer
from scheduling.commands.answers import accept_offer, decline_offer
from scheduling.commands.waitlists import leave_waitlist, set_priority
from scheduling.models.waitlists import WaitlistKind, WaitlistStatus
from scheduling.queries.slot_details import find_documents
from scheduling.queries.standings import find_standings
from scheduling.queries.waitlists import (
    find_entries,
    find_offers,
    find_skips,
    get_entry,
    get_entry_by_token,
    get_offer,
    get_offer_of_entry,
)

_person: Any = {"guards": [anyone], "include_in_schema": False, "sync_to_thread": True}
_staff: Any = {"include_in_schema": False, "sync_to_thread": True}
_post: Any = {"status_code": HTTP_200_OK}


class WhichOffer(Request):
    """The offer that a page showed when its button was pressed; no other is answered."""

    offer: UUID


class Priority(Request):
    """How far up the line."""

    priority: Annotated[int, Meta(ge=0, le=9)]


# ------------------------------------------------------------------------------ a person's own page


@get("/waiting/{token:str}", **_person)
def show_waiting(
    request: AnyRequest, token: FromPath[str], database: InjectedDatabase, now: Now
) -> Response[Any]:
    """Show where somebody stands, and what they are offered. Looking changes nothing."""
    with database.reading() as session:
        return _waiting_page(request, session, token, now=now)


@post("/waiting/{token:str}/accept", **_person, **_post)
def post_own_accept(
    request: AnyRequest,
    token: FromPath[str],
    data: FormData,
    database: InjectedDatabase,
    now: Now,
) -> Response[Any]:
    """Book what was offered; the same link opens the appointment."""
    which = read_typed(WhichOffer, data).offer

    def accept(session: Session, entry: Row) -> None:
        offer = get_offer_of_entry(session, entry, which)
        accept_offer(session, offer, viewer=PUBLIC, now=now)

    return _answer(request, database, token, accept, f"/my/{token}", now=now)


@post("/waiting/{token:str}/decline", **_person, **_post)
def post_own_decline(
    request: AnyRequest,
    token: FromPath[str],
    data: FormData,
    database: InjectedDatabase,
    now: Now,
) -> Response[Any]:
    """Say no: somebody else has the place, and the place in line stays."""
    which = read_typed(WhichOffer, data).offer

    def decline(session: Session, entry: Row) -> None:
        decline_offer(session, get_offer_of_entry(session, entry, which), now=now)

    return _answer(request, database, token, decline, f"/waiting/{token}", now=now)


@post("/waiting/{token:str}/leave", **_person, **_post)
def post_own_leave(
    request: AnyRequest, token: FromPath[str], database: InjectedDatabase, now: Now
) -> Response[Any]:
    """Leave the line."""

    def leave(session: Session, entry: Row) -> None:
        leave_waitlist(session, entry["id"], now=now)

    return _answer(request, database, token, leave, f"/waiting/{token}", now=now)


def _answer(
    request: AnyRequest,
    database: Database,
    token: str,
    work: Callable[[Session, Row], None],
    then: str,
    *,
    now: datetime,
) -> Response[Any]:
    try:
        with database.transaction() as session:
            work(session, get_entry_by_token(session, hash_token(token)))
    except ConflictError as refusal:
        with database.reading() as session:
            return _waiting_page(request, session, token, now=now, refusal=refusal)
    return see_other(then)


def _waiting_page(
    request: AnyRequest,
    session: Session,
    token: str,
    *,
    now: datetime,
    refusal: ConflictError | None = None,
) -> Response[Any]:
    entry = get_entry_by_token(session, hash_token(token))
    language = language_of(request)
    standing = find_standings(session, [entry], now=now).get(entry["id"])
    offer = next(
        (each for each in find_offers(session, [entry["id"]]) if each["expires_at"] > now), None
    )

    def day(on: date) -> str:
        return day_words(on, now.date(), language=language.tag, translate=language.translate)

    return page(
        request,
        "waiting.html",
        status_code=HTTP_409_CONFLICT if refusal else HTTP_200_OK,
        token=token,
        entry=entry,
        target=target_words(entry, language, day),
        status=ENTRY_WORDS[entry["status"]],
        waits=entry["status"] is WaitlistStatus.WAITING,
        booked=entry["status"] is WaitlistStatus.BOOKED,
        position=position_words(standing, language) if standing else None,
        wait=wait_words(standing, language) if standing else None,
        offer=offer,
        documents=find_documents(session, offer) if offer else [],
        refusal=str(refusal) if refusal else None,
        now=now,
    )


# --------------------------------------------------------------------------- the coordinator's desk


@get("/desk/waiting", guards=[BOOKING_STAFF], **_staff)
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
        **_said(request, session, rows, viewer, settings, now=now),
    )


def _said(
    request: AnyRequest,
    session: Session,
    rows: Sequence[Row],
    viewer: Viewer,
    settings: Settings,
    *,
    now: datetime,
) -> dict[str, Any]:
    """Return entries with all that is said of each."""
    times = times_for(request, session, viewer, settings, now)
    ids = [row["id"] for row in rows]
    standings = find_standings(session, rows, now=now)
    offered = {row["entry_id"]: row for row in find_offers(session, ids)}
    passed: dict[UUID, list[Row]] = defaultdict(list)
    for skip in find_skips(session, ids):
        passed[skip["entry_id"]].append(skip)
    return {
        "times": times,
        "reasons": REASON_WORDS,
        "entries": [
            {
                "row": row,
                "target": target_words(row, times.language, times.day),
                "position": standings[row["id"]].position,
                "wait": wait_words(standings[row["id"]], times.language),
                "offer": offered.get(row["id"]),
                "passed": passed[row["id"]],
            }
            for row in rows
        ],
    }


@post("/desk/waiting/{entry_id:uuid}/leave", guards=[BOOKING_STAFF], **_staff, **_post)
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

    return _do(request, database, settings, viewer, leave, "/desk/waiting", now=now)


@post("/desk/offers/{offer_id:uuid}/accept", guards=[BOOKING_STAFF], **_staff, **_post)
def post_accept(
    request: AnyRequest,
    offer_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Book what was offered to a client."""
    work = partial(_accept, offer_id=offer_id, viewer=viewer, now=now)
    return _do(request, database, settings, viewer, work, "/desk/waiting", now=now)


@post("/desk/offers/{offer_id:uuid}/decline", guards=[BOOKING_STAFF], **_staff, **_post)
def post_decline(
    request: AnyRequest,
    offer_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Say no for a client."""
    work = partial(_decline, offer_id=offer_id, viewer=viewer, now=now)
    return _do(request, database, settings, viewer, work, "/desk/waiting", now=now)


def _accept(session: Session, *, offer_id: UUID, viewer: Viewer, now: datetime) -> None:
    accept_offer(session, get_offer(session, offer_id, viewer), viewer=viewer, now=now)


def _decline(session: Session, *, offer_id: UUID, viewer: Viewer, now: datetime) -> None:
    decline_offer(session, get_offer(session, offer_id, viewer), now=now)


def _do(
    request: AnyRequest,
    database: Database,
    settings: Settings,
    viewer: Viewer,
    work: Callable[[Session], None],
    then: str,
    *,
    now: datetime,
) -> Response[Any]:
    try:
        with database.transaction() as session:
            work(session)
    except ConflictError as refusal:
        show = _lines_page if then.startswith("/front-desk") else _clients_page
        with database.reading() as session:
            return show(request, session, viewer, settings, now=now, refusal=refusal)
    return see_other(then)


# ----------------------------------------------------------------------------------- the front desk


@get("/front-desk/waiting", guards=[STAFF], **_staff)
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
    said = _said(request, session, rows, viewer, settings, now=now)
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


@post("/front-desk/waiting/{entry_id:uuid}/priority", guards=[BOOKING_STAFF], **_staff, **_post)
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

    return _do(request, database, settings, viewer, raise_, "/front-desk/waiting", now=now)


@post("/front-desk/offers/{offer_id:uuid}/here", guards=[PUBLISHING_STAFF], **_staff, **_post)
def post_here(
    request: AnyRequest,
    offer_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Somebody was called on the day, and is here: book them."""
    work = partial(_accept, offer_id=offer_id, viewer=viewer, now=now)
    return _do(request, database, settings, viewer, work, "/front-desk/waiting", now=now)


@post("/front-desk/offers/{offer_id:uuid}/not-here", guards=[PUBLISHING_STAFF], **_staff, **_post)
def post_not_here(
    request: AnyRequest,
    offer_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Somebody was called on the day, and is not here: the next in line is called."""
    work = partial(_decline, offer_id=offer_id, viewer=viewer, now=now)
    return _do(request, database, settings, viewer, work, "/front-desk/waiting", now=now)


HANDLERS = [
    show_waiting,
    post_own_accept,
    post_own_decline,
    post_own_leave,
    show_clients,
    post_leave,
    post_accept,
    post_decline,
    show_lines,
    post_priority,
    post_here,
    post_not_here,
]
