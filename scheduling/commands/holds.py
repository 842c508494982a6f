"""Keeping places while somebody decides. The hot path: Core statements, few round trips."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row
from directory.errors import InvalidError, NotFoundError
from directory.quick import QuickStatement
from directory.viewer import Viewer
from scheduling.bookable import places, slots
from scheduling.commands.hold_limits import DEFAULT_LIMITS, HoldLimits, refuse_hoarding
from scheduling.commands.offers import pass_on
from scheduling.commands.places import give_back, lock_bookable, take_places
from scheduling.models import TABLES

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
_INSERT_HOLD = QuickStatement(sa.insert(holds))
_DELETE_HOLD = QuickStatement(sa.delete(holds).where(holds.c.id == sa.bindparam("hold_id")))


def _held_by(*whose: str) -> sa.Select[Any]:
    return sa.select(holds).where(
        holds.c.id == sa.bindparam("hold_id"),
        *(
            holds.c[name].is_not_distinct_from(sa.bindparam(name, type_=holds.c[name].type))
            for name in whose
        ),
    )


_OWN_HOLD = QuickStatement(_held_by("organization_id", "account_id"))
_LOCK_OWN_HOLD = QuickStatement(
    _held_by("organization_id", "account_id")
    .join(slots, slots.c.id == holds.c.slot_id)
    .with_for_update(of=slots)
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
    _INSERT_HOLD.change(session, hold)
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
    hold = lock_hold(session, hold_id, viewer)
    give_back(session, hold_id=hold_id)
    if not delete_hold(session, hold_id):  # it was confirmed in the meantime
        raise NotFoundError("hold")
    pass_on(session, [hold["slot_id"]], now=now)


def get_hold(session: Session, hold_id: UUID, viewer: Viewer) -> Row:
    """Return the viewer's own hold; to anybody else it does not exist (invariant I5)."""
    return _find_hold(session, _OWN_HOLD, hold_id, viewer)


def lock_hold(session: Session, hold_id: UUID, viewer: Viewer) -> Row:
    """Lock the slot of the viewer's own hold, and return the hold as it was before.

    Whoever had the lock until now may have used the hold up.
    """
    return _find_hold(session, _LOCK_OWN_HOLD, hold_id, viewer)


def delete_hold(session: Session, hold_id: UUID) -> bool:
    """Delete a hold whose places are another's, or free; say whether it was still there."""
    return _DELETE_HOLD.change(session, {"hold_id": hold_id}) > 0


def _find_hold(session: Session, asked: QuickStatement, hold_id: UUID, viewer: Viewer) -> Row:
    mine = {"organization_id": viewer.organization_id, "account_id": viewer.account_id}
    row = asked.row(session, {"hold_id": hold_id, **mine})
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
