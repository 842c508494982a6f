"""Questions about bundles: appointments of one client that were booked as one."""

from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row, find_rows
from directory.errors import NotFoundError
from directory.viewer import Viewer
from geo.points import Point
from scheduling.models import TABLES
from scheduling.queries.appointments import appointments, appointments_seen_by
from scheduling.ways import Spot

bundles = TABLES["bundle"]
entries = TABLES["search_entry"]


def get_bundle(session: Session, bundle_id: UUID, viewer: Viewer) -> Row:
    """Return a bundle of the organization that booked it; to a host it does not exist."""
    row = find_row(
        session,
        sa.select(bundles).where(
            bundles.c.id == bundle_id, bundles.c.organization_id == viewer.organization_id
        ),
    )
    if row is None:
        raise NotFoundError("bundle")
    return row


def find_bundles(
    session: Session, viewer: Viewer, *, after: UUID | None = None, limit: int = 100
) -> Sequence[Row]:
    """Return the bundles that the viewer's organization booked, in the order of their ids."""
    found = (
        sa.select(bundles)
        .where(bundles.c.organization_id == viewer.organization_id)
        .order_by(bundles.c.id)
        .limit(limit)
    )
    return find_rows(session, found if after is None else found.where(bundles.c.id > after))


def find_appointments_of(
    session: Session, bundle_ids: Collection[UUID], viewer: Viewer
) -> dict[UUID, list[Row]]:
    """Return the appointments of bundles of the viewer's organization, soonest first."""
    found: dict[UUID, list[Row]] = {each: [] for each in bundle_ids}
    rows = find_rows(
        session,
        appointments_seen_by(viewer).where(
            appointments.c.bundle_id.in_(list(bundle_ids)),
            appointments.c.organization_id == viewer.organization_id,
        ),
    )
    for row in rows:
        found[row["bundle_id"]].append(row)
    return found


def find_spots(session: Session, places: Collection[UUID]) -> dict[UUID, Spot]:
    """Return where services at locations are, as far as everybody may know it."""
    rows = find_rows(
        session, sa.select(entries).where(entries.c.service_at_location_id.in_(list(places)))
    )
    listed = {row["service_at_location_id"]: spot_of(row) for row in rows}
    return {each: listed.get(each, Spot(each, None)) for each in places}


def spot_of(row: Row) -> Spot:
    """Return where a search row is; a point that is not told is not known."""
    if row["remote"]:
        return Spot(None, None, remote=True)
    key = row["location_id"] or row["service_at_location_id"]
    latitude, longitude = row["latitude"], row["longitude"]
    return Spot(key, None if latitude is None else Point(latitude, longitude))
