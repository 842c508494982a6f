"""What is in the database after a crash, against what clients were told."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from directory.database import find_rows

tables = SQLModel.metadata.tables
appointments, changes = tables["appointment"], tables["appointment_change"]
places, holds, keys = tables["slot_place"], tables["hold"], tables["idempotency_key"]


def lost(session: Session, acknowledged: Iterable[str]) -> set[str]:
    """Return the ids of appointments that were acknowledged and are not there, or have no place."""
    stored = session.connection().execute(
        sa.select(appointments.c.id).where(
            appointments.c.id.in_(sa.select(places.c.appointment_id))
        )
    )
    return set(acknowledged) - {str(id_) for id_ in stored.scalars()}


def find_torn(session: Session, *, now: datetime) -> Sequence[str]:
    """Name everything that is there by half: each of these is one transaction's."""
    return [what for what, statement in _torn(now).items() if find_rows(session, statement)]


def _torn(now: datetime) -> dict[str, sa.Select[tuple[object]]]:
    places_of = sa.select(sa.func.count()).where(places.c.appointment_id == appointments.c.id)
    kept = sa.select(sa.func.count()).where(places.c.hold_id == holds.c.id)
    first_change = sa.select(changes.c.appointment_id).where(changes.c.sequence == 0)
    return {
        "an appointment without its places": sa.select(appointments.c.id).where(
            appointments.c.status != "cancelled",
            places_of.scalar_subquery() != appointments.c.places,
        ),
        "an appointment without history": sa.select(appointments.c.id).where(
            appointments.c.id.not_in(first_change)
        ),
        "a live hold without its places": sa.select(holds.c.id).where(
            holds.c.expires_at > now, kept.scalar_subquery() != holds.c.places
        ),
        "a key without its reply": sa.select(keys.c.key).where(keys.c.body.is_(None)),
    }
