"""Keeping places while somebody decides. The hot path: Core statements, few round trips."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row
from directory.errors import InvalidError, NotFoundError
from directory.viewer import Viewer
from scheduling.bookable import places
from scheduling.commands.hold_limits import DEFAULT_LIMITS, HoldLimits, refuse_hoarding
from scheduling.commands.offers import pass_on
from scheduling.commands.places import give_back, lock_bookable, take_places
from scheduling.models import TABLES
from scheduling.queries.slots import lock_slot

HOLD_LASTS = timedelta(minutes=10)
MAXIMUM_PLACES = 20

#: How long a lapsed hold is remembered: to see who keeps what they never book.
KEPT_LAPSED = timedelta(days=1)

holds = TABLES["hold"]

# Built once: that costs more than running them.
_FORGET_PLACES = [
    sa.delete(table).where(
        table.c.hold_id.in_(sa.select(holds.c.id).where(holds.c.expires_at <= sa.bindparam("now")))
    )
    for table in (places, TABLES["allotment_place"])
]
_INSERT_HOLD = sa.insert(holds)
_OWN_HOLD = sa.select(holds).where(
    holds.c.id == sa.bindparam("hold_id"),
    *(
        holds.c[name].is_not_distinct_from(sa.bindparam(name, type_=holds.c[name].type))
        for name in ("organization_id", "account_id")
    ),
)


def place_hold(
    session: Session,
    slot_id: UUID,
    *,
    viewer: Viewer,
    now: datetime,
    wanted: int = 1,
    limits: HoldLimits | None = None,
) -> Row:
    """Keep ``wanted`` places of a slot for ten minutes; return the hold's columns.

    Raises ``NotFoundError`` for a slot the viewer may not book into, ``SlotClosedError``
    outside its time, ``SlotFullError`` when there are too few places, ``AllotmentUsedError``
    when it is the agency's own allotment that is used up, ``TooManyHoldsError`` beyond the limits
    and ``HeldBeforeError`` for a time that they kept and let lapse just now. Without ``limits``
    those of the installation hold.
    """
    if not 1 <= wanted <= MAXIMUM_PLACES:
        raise InvalidError.of("places", f"Give a number from 1 to {MAXIMUM_PLACES}.")
    hold = {
        "id": uuid4(),
        "slot_id": slot_id,
        "organization_id": viewer.organization_id,
        "account_id": viewer.account_id,
        "places": wanted,
        "created_at": now,
        "expires_at": now + HOLD_LASTS,
    }
    slot = lock_bookable(session, slot_id, viewer=viewer, now=now, wanted=wanted)
    limits = limits or session.info.get("hold_limits", DEFAULT_LIMITS)
    refuse_hoarding(session, slot_id, viewer, limits, now=now)
    hold["allotment_id"] = slot["allotment_id"]
    session.connection().execute(_INSERT_HOLD, hold)
    take_places(
        session,
        slot,
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
    """Delete holds that lapsed a day ago, and the places of those that lapsed at all.

    Only tidies: no rule depends on it, but that who let a time lapse waits before keeping it
    again, which is long over then.
    """
    connection = session.connection()
    for forget in _FORGET_PLACES:
        connection.execute(forget, {"now": now})
    result = connection.execute(sa.delete(holds).where(holds.c.expires_at <= now - KEPT_LAPSED))
    return result.rowcount
