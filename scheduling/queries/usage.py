"""How much each service is used: counts, and nothing about who used it."""

from collections import Counter
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows
from scheduling.bookable import slots
from scheduling.models import TABLES

appointments = TABLES["appointment"]
waiting = TABLES["waitlist_entry"]
at_locations = TABLES["service_at_location"]


def count_uses(session: Session, *, since: datetime) -> Counter[UUID]:
    """Count the bookings made since then, and the people who joined a waiting list, by service.

    What was cancelled counts too: somebody turned to the listing.
    """
    booked = sa.select(slots.c.service_at_location_id.label("place")).join(
        appointments, appointments.c.slot_id == slots.c.id
    )
    joined = sa.select(waiting.c.service_at_location_id.label("place"))
    turned_to = sa.union_all(
        booked.where(appointments.c.booked_at >= since),
        joined.where(waiting.c.arrived_at >= since),
    ).subquery()
    found = find_rows(
        session,
        sa.select(at_locations.c.service_id, sa.func.count().label("uses"))
        .join(turned_to, turned_to.c.place == at_locations.c.id)
        .group_by(at_locations.c.service_id),
    )
    return Counter({row["service_id"]: row["uses"] for row in found})
