"""All that was said about room at one place, for the agency's own people."""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from sqlmodel import Session

from api.authentication import PUBLISHING_STAFF
from api.cursors import TimeAndId, read_cursor, write_cursor
from api.dependencies import InjectedDatabase, InjectedSettings, InjectedViewer, Now
from api.pages.openings_forms import form_words
from api.pages.rendering import AnyRequest, page
from api.pages.times import times_for
from api.room_words import room_words
from directory.database import Row
from directory.errors import NotFoundError
from directory.openings import Opening
from directory.queries.agencies import find_own_offers
from directory.queries.openings import find_openings_history
from directory.queries.reliability import find_reliability
from directory.viewer import Viewer

PAGE_SIZE = 50


@get(
    "/front-desk/openings/{service_at_location_id:uuid}/history",
    guards=[PUBLISHING_STAFF],
    include_in_schema=False,
    sync_to_thread=True,
)
def show_openings_history(
    request: AnyRequest,
    service_at_location_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Show every report of a place, newest first: who, how, and what was taken back."""
    place = service_at_location_id
    after = read_cursor(request.query_params.get("next"), TimeAndId)
    with database.reading() as session:
        offer = _own_offer(session, place, viewer)
        times = times_for(request, session, viewer, settings, now)
        rows = find_openings_history(session, place, after=after, limit=PAGE_SIZE + 1)
        shown = rows[:PAGE_SIZE]
        return page(
            request,
            "openings-history.html",
            times=times,
            offer=offer,
            said=[(row, room_words(Opening.of_report(row), times.language)) for row in shown],
            share=_share(session, place, viewer, now),
            next=_next(shown) if len(rows) > PAGE_SIZE else None,
            **form_words(times.language),
        )


def _own_offer(session: Session, place: UUID, viewer: Viewer) -> Row:
    offers = find_own_offers(session, viewer.organization_id)
    found = next((offer for offer in offers if offer["id"] == place), None)
    if found is None:
        raise NotFoundError("service at a location")
    return found


def _next(shown: Any) -> str:
    return write_cursor((shown[-1]["updated"], shown[-1]["id"]))


def _share(session: Session, place: UUID, viewer: Viewer, now: Any) -> int | None:
    """Return the place's reliability in percent, or None where it never reported."""
    if viewer.organization_id is None:
        return None
    found = find_reliability(session, now=now, organization_id=viewer.organization_id)
    own = found.get(viewer.organization_id)
    share = own.places.get(place) if own else None
    return None if share is None else round(100 * share)


HANDLERS = [show_openings_history]
