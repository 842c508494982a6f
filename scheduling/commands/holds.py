"""Keeping places while somebody decides. The hot path: Core statements, few round trips."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from directory.database import Row, find_row
from directory.errors import InvalidError, NotFoundError
from directory.viewer import Viewer
from scheduling.bookable import bookable_slots, places, slots, slots_open_to
from scheduling.errors import SlotClosedError, SlotFullError
from scheduling.queries.slots import lock_slot

HOLD_LASTS = timedelta(minutes=10)
MAXIMUM_PLACES = 20

holds = SQLModel.metadata.tables["hold"]


def place_hold(
    session: Session, slot_id: UUID, *, viewer: Viewer, now: datetime, wanted: int = 1
) -> Row:
    """Keep ``wanted`` places of a slot for ten minutes; return the hold's columns.

    Raises ``NotFoundError`` for a slot the viewer may not book into, ``SlotClosedError``
    outside its time and ``SlotFullError`` when there are too few places.
    """
    if not 1 <= wanted <= MAXIMUM_PLACES:
        raise InvalidError.of("places", f"Give a number from 1 to {MAXIMUM_PLACES}.")
    lock_slot(session, slot_id)
    capacity = _get_bookable(session, slot_id, viewer, now=now, wanted=wanted)["capacity"]
    hold = {
        "id": uuid4(),
        "slot_id": slot_id,
        "organization_id": viewer.organization_id,
        "account_id": viewer.account_id,
        "places": wanted,
        "created_at": now,
        "expires_at": now + HOLD_LASTS,
    }
    numbers = _free_places(session, slot_id, capacity, now=now)[:wanted]
    session.connection().execute(sa.insert(holds), hold)
    session.connection().execute(
        sa.insert(places),
        [
            {
                "slot_id": slot_id,
                "place": number,
                "slot_capacity": capacity,
                "hold_id": hold["id"],
                "expires_at": hold["expires_at"],
            }
            for number in numbers
        ],
    )
    return hold


def release_hold(session: Session, hold_id: UUID, *, viewer: Viewer) -> None:
    """Let a hold go; its places are free at once. Giving back needs no lock."""
    get_hold(session, hold_id, viewer)
    session.connection().execute(sa.delete(holds).where(holds.c.id == hold_id))


def get_hold(session: Session, hold_id: UUID, viewer: Viewer) -> Row:
    """Return the viewer's own hold; to anybody else it does not exist (invariant I5)."""
    row = find_row(
        session,
        sa.select(holds).where(
            holds.c.id == hold_id,
            holds.c.organization_id.is_not_distinct_from(viewer.organization_id),
            holds.c.account_id.is_not_distinct_from(viewer.account_id),
        ),
    )
    if row is None:
        raise NotFoundError("hold")
    return row


def forget_lapsed_holds(session: Session, *, now: datetime) -> int:
    """Delete holds that count for nothing any more. Only tidies: no rule depends on it."""
    result = session.connection().execute(sa.delete(holds).where(holds.c.expires_at <= now))
    return result.rowcount


def _get_bookable(
    session: Session, slot_id: UUID, viewer: Viewer, *, now: datetime, wanted: int
) -> Row:
    """Return the locked slot if it can be booked, else say what stands in the way."""
    bookable = bookable_slots(viewer, now=now, wanted=wanted).where(slots.c.id == slot_id)
    row = find_row(session, bookable)
    if row is not None:
        return row
    open_to = slots_open_to(viewer, now=now).where(slots.c.id == slot_id)
    row = find_row(session, open_to)
    if row is None:
        raise NotFoundError("time")
    if row["places_left"] < wanted:
        raise SlotFullError
    raise SlotClosedError


def _free_places(session: Session, slot_id: UUID, capacity: int, *, now: datetime) -> list[int]:
    """Clear away the places of lapsed holds, and return the numbers nobody has."""
    connection = session.connection()
    connection.execute(
        sa.delete(places).where(places.c.slot_id == slot_id, places.c.expires_at <= now)
    )
    taken = set(
        connection.execute(sa.select(places.c.place).where(places.c.slot_id == slot_id)).scalars()
    )
    return [number for number in range(1, capacity + 1) if number not in taken]
