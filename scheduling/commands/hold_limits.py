"""Nobody keeps so many times that nothing is left for others (T01).

Agencies are known; the public is not, and is limited where its address is known.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import lock_name
from directory.quick import QuickStatement
from directory.viewer import Viewer
from scheduling.bookable import slots
from scheduling.errors import HeldBeforeError, TooManyHoldsError
from scheduling.models import TABLES

holds = TABLES["hold"]
at_locations = TABLES["service_at_location"]
offers = TABLES["offer"]

#: How long whoever let a hold of a slot lapse waits before keeping that slot again.
WAIT_AFTER_LAPSE = timedelta(minutes=10)


class HoldLimits(NamedTuple):
    """How many holds that have not lapsed there may be for one service; 0: any number."""

    per_account: int = 3
    per_organization: int = 10


DEFAULT_LIMITS = HoldLimits()
NO_LIMITS = HoldLimits(0, 0)

_mine = holds.c.account_id.is_not_distinct_from(
    sa.bindparam("account_id", type_=holds.c.account_id.type)
)
_service_of_slot = (
    sa.select(at_locations.c.service_id)
    .join(slots, slots.c.service_at_location_id == at_locations.c.id)
    .where(slots.c.id == sa.bindparam("slot_id"))
    .scalar_subquery()
)

# What is offered from a waiting list is kept by a hold too, and nobody asked for it: it does not
# count.
_not_offered = ~sa.exists().where(offers.c.hold_id == holds.c.id)
_lapsed_just_now = (
    sa.select(holds.c.id)
    .where(
        holds.c.slot_id == sa.bindparam("slot_id"),
        holds.c.organization_id == sa.bindparam("organization_id"),
        _mine,
        holds.c.expires_at <= sa.bindparam("now"),
        holds.c.expires_at > sa.bindparam("lapsed_after"),
        _not_offered,
    )
    .correlate(None)
    .exists()
)
_HOLDS = QuickStatement(
    sa.select(
        sa.func.count().label("of_organization"),
        sa.func.count().filter(_mine).label("of_account"),
        _lapsed_just_now.label("lapsed_just_now"),
    )
    .select_from(holds)
    .join(slots, slots.c.id == holds.c.slot_id)
    .join(at_locations, at_locations.c.id == slots.c.service_at_location_id)
    .where(
        holds.c.organization_id == sa.bindparam("organization_id"),
        holds.c.expires_at > sa.bindparam("now"),
        at_locations.c.service_id == _service_of_slot,
        _not_offered,
    )
)


def refuse_hoarding(
    session: Session, slot_id: UUID, viewer: Viewer, limits: HoldLimits, *, now: datetime
) -> None:
    """Refuse one hold more than an account or its organization may have, or a time once more.

    Who asks for the same organization at the same moment waits until this transaction ends, so
    that no number of requests at once passes the limit (T05). Software counts for the
    organization alone. A hold that was let go, or used, does not count.
    """
    if viewer.organization_id is None or not any(limits):
        return
    lock_name(session, "holds", viewer.organization_id)
    asked = {
        "slot_id": slot_id,
        "organization_id": viewer.organization_id,
        "account_id": viewer.account_id,
        "now": now,
        "lapsed_after": now - WAIT_AFTER_LAPSE,
    }
    kept = _HOLDS.row(session, asked) or {}
    if _is_over(kept["of_organization"], limits.per_organization) or (
        viewer.account_id is not None and _is_over(kept["of_account"], limits.per_account)
    ):
        raise TooManyHoldsError
    if kept["lapsed_just_now"]:
        raise HeldBeforeError


def _is_over(count: int, limit: int) -> bool:
    return 0 < limit <= count
