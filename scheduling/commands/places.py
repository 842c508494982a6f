"""Taking numbered places in a locked slot, and giving them back.

Whatever takes a place comes through here, whether for a hold or for an appointment. The caller
has locked the slot (``lock_slot``) and has looked whether there is room; the numbers themselves
are the database's own guard.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from scheduling.bookable import places

# Built once: that costs more than running them.
_DELETE_LAPSED = sa.delete(places).where(
    places.c.slot_id == sa.bindparam("slot_id"), places.c.expires_at <= sa.bindparam("now")
)
_TAKEN = sa.select(places.c.place).where(places.c.slot_id == sa.bindparam("slot_id"))
_INSERT_PLACE = sa.insert(places)


def take_places(
    session: Session,
    slot_id: UUID,
    capacity: int,
    wanted: int,
    *,
    now: datetime,
    holder: Mapping[str, object],
) -> None:
    """Give ``wanted`` free numbers of a locked slot to ``holder``.

    ``holder`` is ``{"hold_id": ..., "expires_at": ...}`` or ``{"appointment_id": ...}``.
    """
    session.connection().execute(
        _INSERT_PLACE,
        [
            {"slot_id": slot_id, "place": number, "slot_capacity": capacity, **holder}
            for number in _free_numbers(session, slot_id, capacity, now=now)[:wanted]
        ],
    )


def give_back(
    session: Session, *, hold_id: UUID | None = None, appointment_id: UUID | None = None
) -> None:
    """Free the places that a hold or an appointment has. That needs no lock on the slot."""
    mine = places.c.hold_id == hold_id if hold_id else places.c.appointment_id == appointment_id
    session.connection().execute(sa.delete(places).where(mine))


def _free_numbers(session: Session, slot_id: UUID, capacity: int, *, now: datetime) -> list[int]:
    """Clear away the places of lapsed holds, and return the numbers nobody has."""
    connection = session.connection()
    connection.execute(_DELETE_LAPSED, {"slot_id": slot_id, "now": now})
    taken = set(connection.execute(_TAKEN, {"slot_id": slot_id}).scalars())
    return [number for number in range(1, capacity + 1) if number not in taken]
