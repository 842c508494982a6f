"""One service: what it is, for whom, when, and the times to book."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get
from litestar.params import FromPath
from sqlmodel import Session

from api.authentication import anyone
from api.check_words import field_checks, unclaimed_words
from api.dependencies import InjectedDatabase, InjectedViewer, Now
from api.found import hit_reply, usual_hours
from api.pages.rendering import AnyRequest, language_of, page, see_other
from api.words import week_words
from directory.database import Row
from directory.errors import NotFoundError
from directory.models.accounts import Role
from directory.queries.duplicates import find_successor
from directory.queries.listing import Listing, get_listing
from directory.search_page import tells_hours
from directory.search_query import Hit, SearchQuery
from directory.truth import is_claimed
from directory.viewer import Viewer
from scheduling.queries.slots import find_bookable_slots
from scheduling.queries.waitlists import find_events

#: How many coming times a page shows, and how far ahead.
MOST_TIMES = 60
DAYS_AHEAD = timedelta(days=21)

SlotsOfDay = tuple[str, list[Row]]


@get("/services/{listing_id:uuid}", guards=[anyone], include_in_schema=False, sync_to_thread=True)
def show_service(
    request: AnyRequest,
    listing_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Tell all about one service."""
    language = language_of(request)
    with database.reading() as session:
        try:
            listing = get_listing(session, listing_id, now=now)
        except NotFoundError:
            return _moved(session, listing_id)
        place_id = listing.entry["service_at_location_id"]
        days = times_to_book(session, viewer, place_id, now=now)
        may_wait = _may_wait(session, viewer, place_id, now=now)
    return page(
        request,
        "service.html",
        listing=listing,
        hit=hit_reply(_as_hit(listing, now), None, language, now),
        usual=usual_hours(listing.summary, language) if listing.summary else None,
        week=week_words(listing.week, language=language.tag, translate=language.translate),
        today=now.astimezone(ZoneInfo(listing.entry["timezone"])).weekday(),
        days=days,
        may_wait=may_wait,
        now=now,
        checked=field_checks(listing.entry, listing.checks, now, language),
        claimed=is_claimed(listing.entry, now),
        unclaimed_words=unclaimed_words(listing.entry, language, now),
    )


def _may_wait(session: Session, viewer: Viewer, place_id: UUID | None, *, now: datetime) -> bool:
    """Say whether there is anything to wait for: times that the viewer may book, full or not."""
    if place_id is None or not (viewer.is_public or viewer.has_role(Role.COORDINATOR)):
        return False
    return bool(find_events(session, viewer, place_id, now=now, limit=1))


def _moved(session: Session, listing_id: UUID) -> Response[Any]:
    """Lead an old address to the record that a merge put in its place."""
    successor = find_successor(session, [listing_id]).get(listing_id)
    if successor is None:
        raise NotFoundError("service")
    return see_other(f"/services/{successor}")


def _as_hit(listing: Listing, now: datetime) -> Hit:
    """Put the listing into the form of a search result, to be said in the same words."""
    rules = listing.rules if tells_hours(listing.entry) else None
    return Hit(
        entry=listing.entry,
        rank=0,
        placeless=True,
        chord_squared=0,
        is_near=False,
        query=SearchQuery(),
        here=None,
        now=now,
        rules=rules,
    )


def times_to_book(
    session: Session, viewer: Viewer, service_at_location_id: UUID | None, *, now: datetime
) -> list[SlotsOfDay]:
    """Return the coming times that the viewer may book, by local day."""
    if service_at_location_id is None:
        return []
    slots = find_bookable_slots(
        session,
        viewer,
        now=now,
        service_at_location_ids=[service_at_location_id],
        starts_before=now + DAYS_AHEAD,
        limit=MOST_TIMES,
    )
    return by_day(slots)


def by_day(slots: Sequence[Row]) -> list[SlotsOfDay]:
    """Group slots by the local date that each of them carries."""
    return [
        (day.isoformat(), list(group))
        for day, group in groupby(slots, lambda slot: slot["local_date"])
    ]
