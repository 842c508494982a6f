"""Keeping places while somebody decides. The hot path: Core statements, few round trips."""

from datetime import datetime, timedelta
from typing import cast
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row
from directory.errors import InvalidError, NotFoundError
from directory.viewer import Viewer
from scheduling.bookable import Prepared, bookable_slots, slots, slots_open_to
from scheduling.commands.offers import pass_on
from scheduling.commands.places import give_back, take_places
from scheduling.errors import SlotClosedError, SlotFullError
from scheduling.models import TABLES
from scheduling.queries.slots import lock_slot

HOLD_LASTS = timedelta(minutes=10)
MAXIMUM_PLACES = 20

holds = TABLES["hold"]

# Built once: that costs more than running them.
OPEN_SLOT = Prepared(
    lambda viewer, now: slots_open_to(viewer, now=now).where(slots.c.id == sa.bindparam("slot_id"))
)
_BOOKABLE_SLOT = Prepared(
    lambda viewer, now: bookable_slots(
        viewer, now=now, wanted=cast("int", sa.bindparam("wanted", type_=sa.Integer()))
    ).where(slots.c.id == sa.bindparam("slot_id"))
)
_INSERT_HOLD = sa.insert(holds)
_OWN_HOLD = sa.select(holds).where(
    holds.c.id == sa.bindparam("hold_id"),
    *(
        holds.c[name].is_not_distinct_from(sa.bindparam(name, type_=holds.c[name].type))
        for name in ("organization_id", "account_id")
    ),
)


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
    session.connection().execute(_INSERT_HOLD, hold)
    take_places(
        session,
        slot_id,
        capacity,
        wanted,
        now=now,
        holder={"hold_id": hold["id"], "expires_at": hold["expires_at"]},
    )
    return hold


def release_hold(session: Session, hold_id: UUID, *, viewer: Viewer, now: datetime) -> None:
    """Let a hold go; its places are free at once, or offered to the first who waits for them.

    Places first, then the hold, as when confirming: the other way round the two could wait for
    each other.
    """
    hold = get_hold(session, hold_id, viewer)
    lock_slot(session, hold["slot_id"])
    give_back(session, hold_id=hold_id)
    released = session.connection().execute(sa.delete(holds).where(holds.c.id == hold_id))
    if released.rowcount == 0:  # it was confirmed in the meantime
        raise NotFoundError("hold")
    pass_on(session, [hold["slot_id"]], now=now)


def get_hold(session: Session, hold_id: UUID, viewer: Viewer) -> Row:
    """Return the viewer's own hold; to anybody else it does not exist (invariant I5)."""
    row = find_row(
        session,
        _OWN_HOLD,
        {
            "hold_id": hold_id,
            "organization_id": viewer.organization_id,
            "account_id": viewer.account_id,
        },
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
    row = find_row(
        session, *_BOOKABLE_SLOT.asked_by(viewer, now=now, slot_id=slot_id, wanted=wanted)
    )
    if row is not None:
        return row
    row = find_row(session, *OPEN_SLOT.asked_by(viewer, now=now, slot_id=slot_id))
    if row is None:
        raise NotFoundError("time")
    if row["places_left"] < wanted:
        raise SlotFullError
    raise SlotClosedError
