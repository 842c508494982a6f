"""How much the calendars of places have left today."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows
from directory.intervals import local_instant
from directory.viewer import Viewer
from scheduling.bookable import slots, slots_open_to
from scheduling.comparison import FreeToday

MIDNIGHT = time(0)
DAY = timedelta(days=1)


def find_free_today(
    session: Session, viewer: Viewer, zones: Mapping[UUID, str], *, now: datetime
) -> dict[UUID, FreeToday]:
    """Return what the viewer's agency could still book today at each place, in one question.

    ``zones`` has the time zone of each place: its day ends at midnight there. A place without a
    slot that is still to come today is left out; one whose slots are all taken has none free.
    """
    if not zones:
        return {}
    todays = sa.or_(
        *(
            sa.and_(
                slots.c.service_at_location_id.in_([id_ for id_ in zones if zones[id_] == zone]),
                slots.c.starts_at < midnight_after(now, zone),
            )
            for zone in sorted(set(zones.values()))
        )
    )
    today = slots_open_to(viewer, now=now).where(slots.c.starts_at > now, todays).subquery()
    free = sa.and_(
        today.c.bookable_from <= now, today.c.bookable_until > now, today.c.places_left > 0
    )
    found = find_rows(
        session,
        sa.select(
            today.c.service_at_location_id,
            sa.func.sum(sa.case((free, 1), else_=0)).label("times"),
            sa.func.sum(sa.case((free, today.c.places_left), else_=0)).label("places"),
        ).group_by(today.c.service_at_location_id),
    )
    return {
        row["service_at_location_id"]: FreeToday(int(row["times"]), int(row["places"]))
        for row in found
    }


def midnight_after(now: datetime, zone: str) -> datetime:
    """Return the instant at which the present day ends by the clocks of a zone."""
    tomorrow = now.astimezone(ZoneInfo(zone)).date() + DAY
    return local_instant(tomorrow, MIDNIGHT, ZoneInfo(zone))
