"""What the coordinator's desk and the front desk share about those who wait."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from litestar import Response
from litestar.status_codes import HTTP_200_OK
from sqlmodel import Session

from api.pages.rendering import AnyRequest, see_other
from api.pages.times import times_for
from api.settings import Settings
from api.waiting_words import REASON_WORDS, target_words, wait_words
from directory.database import Database, Row
from directory.errors import ConflictError
from directory.viewer import Viewer
from scheduling.commands.answers import accept_offer, decline_offer
from scheduling.queries.standings import find_standings
from scheduling.queries.waitlists import find_offers, find_skips, get_offer

STAFF_PAGE: Any = {"include_in_schema": False, "sync_to_thread": True}
STAFF_POST: Any = {**STAFF_PAGE, "status_code": HTTP_200_OK}


class ShowDesk(Protocol):
    """How a desk makes its page."""

    def __call__(
        self,
        request: AnyRequest,
        session: Session,
        viewer: Viewer,
        settings: Settings,
        *,
        now: datetime,
        refusal: ConflictError | None = None,
    ) -> Response[Any]:
        """Make it; ``refusal`` is what stood in the way of what was asked, if anything did."""
        ...


def say_entries(
    request: AnyRequest,
    session: Session,
    rows: Sequence[Row],
    viewer: Viewer,
    settings: Settings,
    *,
    now: datetime,
) -> dict[str, Any]:
    """Return entries, for a page, with all that is said of each."""
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


def accept(session: Session, *, offer_id: UUID, viewer: Viewer, now: datetime) -> None:
    """Book what was offered to somebody."""
    accept_offer(session, get_offer(session, offer_id, viewer), viewer=viewer, now=now)


def decline(session: Session, *, offer_id: UUID, viewer: Viewer, now: datetime) -> None:
    """Say no to it."""
    decline_offer(session, get_offer(session, offer_id, viewer), now=now)


def do_or_say_why_not(
    request: AnyRequest,
    database: Database,
    settings: Settings,
    viewer: Viewer,
    work: Callable[[Session], None],
    show: ShowDesk,
    then: str,
    *,
    now: datetime,
) -> Response[Any]:
    """Do the work and go on to ``then``, or show the desk again with what stood in the way."""
    try:
        with database.transaction() as session:
            work(session)
    except ConflictError as refusal:
        with database.reading() as session:
            return show(request, session, viewer, settings, now=now, refusal=refusal)
    return see_other(then)
