"""What a person who waits sees by their link: where they stand, and what they are offered."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_409_CONFLICT
from sqlmodel import Session

from api.authentication import anyone
from api.dependencies import InjectedDatabase, Now
from api.pages.forms import FormData, read_typed
from api.pages.rendering import AnyRequest, language_of, page, see_other
from api.schemas.shapes import Request
from api.waiting_words import ENTRY_WORDS, position_words, target_words, wait_words
from api.words import day_words
from directory.database import Database, Row
from directory.errors import ConflictError
from directory.tokens import hash_token
from directory.viewer import PUBLIC
from scheduling.commands.answers import accept_offer, decline_offer
from scheduling.commands.waitlists import leave_waitlist
from scheduling.models.waitlists import WaitlistStatus
from scheduling.queries.slot_details import find_documents
from scheduling.queries.standings import find_standings
from scheduling.queries.waitlists import find_offers, get_entry_by_token, get_offer_of_entry

_person: Any = {"guards": [anyone], "include_in_schema": False, "sync_to_thread": True}
_post: Any = {"status_code": HTTP_200_OK}


class WhichOffer(Request):
    """The offer that a page showed when its button was pressed; no other is answered."""

    offer: UUID


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


HANDLERS = [show_waiting, post_own_accept, post_own_decline, post_own_leave]
