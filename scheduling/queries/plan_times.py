"""The free times that a plan is made of: what ``bookable_slots`` says, and nothing else."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows, is_one_of
from directory.search_query import FirstTime
from directory.viewer import Viewer
from scheduling.bookable import bookable_slots, slots
from scheduling.queries.appointments import client_has


class Wanted(NamedTuple):
    """As of ``now``: ``places`` in times that begin from ``starts_from``, before another.

    With a ``client_handle`` of the viewer's agency, none that overlaps what that client has.
    """

    now: datetime
    starts_from: datetime
    starts_before: datetime
    places: int = 1
    client_handle: str | None = None


def find_times(
    session: Session, viewer: Viewer, at: Collection[UUID], wanted: Wanted
) -> Sequence[Row]:
    """Return the times that the viewer may book at some places, soonest first."""
    chosen = (slots.c.id, slots.c.service_at_location_id, slots.c.starts_at, slots.c.ends_at)
    return find_rows(
        session,
        _times(viewer, wanted)
        .with_only_columns(*chosen)
        .where(is_one_of(session, slots.c.service_at_location_id, list(at)))
        .order_by(slots.c.starts_at, slots.c.id),
    )


def first_time(viewer: Viewer, wanted: Wanted) -> FirstTime:
    """Return how a search finds the first time that ``find_times`` would have at a place."""
    first = (
        _times(viewer, wanted)
        .with_only_columns(slots.c.starts_at)
        .order_by(slots.c.starts_at)
        .limit(1)
    )

    def at(place: sa.ColumnElement[UUID]) -> sa.ColumnElement[datetime]:
        mine = first.where(slots.c.service_at_location_id == place)
        return mine.correlate(place.table).scalar_subquery()

    return at


def _times(viewer: Viewer, wanted: Wanted) -> sa.Select[Any]:
    found = bookable_slots(viewer, now=wanted.now, wanted=wanted.places).where(
        slots.c.starts_at >= wanted.starts_from, slots.c.starts_at < wanted.starts_before
    )
    if wanted.client_handle is None:
        return found
    client = (viewer.organization_id, wanted.client_handle)
    has = client_has(*client, slots.c.starts_at, slots.c.ends_at).correlate(slots)
    return found.where(~has.exists())
