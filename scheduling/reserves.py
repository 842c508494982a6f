"""What allotments keep of a slot, and what they grant in it: SQL, for ``bookable`` alone.

A slot is *covered* by an allotment where ``allotment_slot`` has a row for both. Until that row's
``released_at`` the places of the allotment's week that nobody uses yet are kept for its partner,
pooled over all the week's slots that are still to be had: others may take places only as long as
enough are left for what is kept. All functions are about the slot of the statement around them.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from scheduling.models import TABLES
from scheduling.models.agreements import AgreementStatus
from scheduling.models.windows import WindowStatus

slots = TABLES["slot"]
windows = TABLES["availability_window"]
agreements = TABLES["agreement"]
allotments = TABLES["allotment"]
covered = TABLES["allotment_slot"]
places = TABLES["slot_place"]
allotment_places = TABLES["allotment_place"]

#: Says whether an agreement lets somebody into the window of a slot.
IsParty = Callable[[Any], sa.ColumnElement[bool]]

#: Stands for "as many as there are": nothing is kept, or nothing is counted.
_NO_END = sa.literal_column("1000000", sa.Integer())


class least(sa.sql.functions.ReturnTypeFromArgs[int]):  # noqa: N801  (a function of SQL)
    """The smallest of its arguments, none of which is NULL."""

    inherit_cache = True


@compiles(least, "sqlite")
def _least_of_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"min{compiler.process(element.clause_expr, **options)}"


def in_force(agreement: Any, day: Any) -> sa.ColumnElement[bool]:
    """Say whether an agreement is active and covers a local day."""
    return sa.and_(
        agreement.c.status == AgreementStatus.ACTIVE,
        agreement.c.starts_on <= day,
        agreement.c.ends_on.is_(None) | (agreement.c.ends_on >= day),
    )


def is_covered() -> sa.ColumnElement[bool]:
    """Say whether any allotment was ever laid over the slot: seldom, and cheap to see."""
    return sa.exists().where(covered.c.slot_id == slots.c.id).correlate(slots)


def is_released(now: datetime) -> sa.ColumnElement[bool]:
    """Say whether an allotment in force has let go of the slot: what is left is for everybody."""
    return _covering(sa.literal(1)).where(covered.c.released_at <= now).exists()


def covers_for(is_party: IsParty) -> sa.ColumnElement[bool]:
    """Say whether an allotment of somebody's agreements covers the slot, released or not."""
    return _covering(sa.literal(1)).where(is_party(agreements)).exists()


class Ways:
    """The ways in which somebody may take places of a covered slot, with the room of each.

    One is each of their own allotments (``is_party``) that is not released yet, and one is to
    take what is kept for nobody, where ``may_book`` lets them. In each, the reserves of all other
    allotments stand: those of each by itself and those of all together.
    """

    def __init__(
        self, is_party: IsParty | None, may_book: sa.ColumnElement[bool], free: Any, now: datetime
    ) -> None:
        self._kept = _kept_places(is_party, now)
        self._near = _slots_of_the_week(self._kept, now)
        self._way = _ways(self._kept, is_party, may_book)
        rooms = sa.select(self._way, self._others_leave().label("left")).correlate(slots, windows)
        rooms = rooms.add_columns(free.label("free"))
        self._room = rooms.cte("room", nesting=True)

    def most(self) -> Any:
        """Select how many places may be taken in the best of the ways; 0 where there is none."""
        room = self._room.c
        most = sa.func.max(least(room.free, room.granted, room.left))
        return self._select(sa.cast(sa.func.coalesce(most, 0), sa.Integer())).scalar_subquery()

    def allotment(self, wanted: Any) -> Any:
        """Select the first allotment by which ``wanted`` places may be taken, or NULL."""
        room = self._room.c
        return self._first(least(room.free, room.granted, room.left) >= wanted)

    def used_up(self, wanted: Any) -> Any:
        """Select the first allotment that is itself all that stands in the way, or NULL."""
        room = self._room.c
        return self._first(sa.and_(room.granted < wanted, least(room.free, room.left) >= wanted))

    def _first(self, condition: sa.ColumnElement[bool]) -> Any:
        id_ = self._room.c.id
        own = self._select(id_).where(condition, id_.is_not(None))
        return own.order_by(id_).limit(1).scalar_subquery()

    def _select(self, column: Any) -> sa.Select[Any]:
        found = sa.select(column).select_from(self._room)
        for each in (self._kept, self._near, self._way, self._room):
            found = found.add_cte(each, nest_here=True)
        return found.correlate(slots, windows)

    def _others_leave(self) -> Any:
        """Count the places that are not needed for what is kept for others than the way's own."""
        kept, near = self._kept.c, self._near.c
        each = sa.select(sa.func.sum(near.free)).where(near.id == kept.id)
        ahead = sa.func.coalesce(each.correlate(self._kept).scalar_subquery(), 0)
        others = sa.select(near.slot_id, near.free).where(near.id.is_distinct_from(self._way.c.id))
        once = others.distinct().correlate(self._way).subquery()
        together = sa.select(sa.func.coalesce(sa.func.sum(once.c.free), 0)).scalar_subquery()
        unused = sa.func.coalesce(self._of_others(sa.func.sum(kept.unused)), -_NO_END)
        spare = sa.func.coalesce(self._of_others(sa.func.min(ahead - kept.unused)), _NO_END)
        return least(spare, together - unused)

    def _of_others(self, column: Any) -> Any:
        kept = sa.select(column).where(self._kept.c.id.is_distinct_from(self._way.c.id))
        return kept.correlate(self._way).scalar_subquery()


def _ways(kept: sa.CTE, is_party: IsParty | None, may_book: sa.ColumnElement[bool]) -> sa.CTE:
    """Select what somebody may use, each allotment or none (NULL), with what is granted."""
    none = sa.cast(sa.null(), allotments.c.id.type)
    shared = sa.select(none.label("id"), _NO_END.label("granted")).where(may_book)
    shared = shared.correlate(slots, windows)
    own = sa.select(kept.c.id, kept.c.unused.label("granted")).where(kept.c.is_own)
    ways: Any = sa.union_all(shared, own) if is_party else shared
    way: sa.CTE = ways.cte("way", nesting=True)
    return way


def _covering(*columns: Any) -> sa.Select[Any]:
    """Select from the allotments that cover the slot and are in force on its day."""
    return (
        sa.select(*columns)
        .select_from(covered)
        .join(allotments, allotments.c.id == covered.c.allotment_id)
        .join(agreements, agreements.c.id == allotments.c.agreement_id)
        .where(covered.c.slot_id == slots.c.id, in_force(agreements, slots.c.local_date))
        .correlate(slots, windows)
    )


def _kept_places(is_party: IsParty | None, now: datetime) -> sa.CTE:
    """Select the allotments that keep places of the slot, with what nobody has or holds of each."""
    used = (
        sa.select(sa.func.count())
        .where(
            allotment_places.c.allotment_id == covered.c.allotment_id,
            allotment_places.c.week_on == covered.c.week_on,
            allotment_places.c.expires_at.is_(None) | (allotment_places.c.expires_at > now),
        )
        .correlate(covered)
        .scalar_subquery()
    )
    kept = _covering(
        covered.c.allotment_id.label("id"),
        covered.c.week_on,
        agreements.c.starts_on,
        agreements.c.ends_on,
        (allotments.c.places - used).label("unused"),
        (is_party(agreements) if is_party else sa.false()).label("is_own"),
    )
    return kept.where(covered.c.released_at > now).cte("kept", nesting=True)


def _slots_of_the_week(kept: sa.CTE, now: datetime) -> sa.CTE:
    """Select the slots of each allotment's week that are kept and can still be booked."""
    other, window, beside = slots.alias("other"), windows.alias("its_window"), covered.alias()
    taken = (
        sa.select(sa.func.count())
        .where(
            places.c.slot_id == other.c.id,
            places.c.expires_at.is_(None) | (places.c.expires_at > now),
        )
        .correlate(other)
        .scalar_subquery()
    )
    near = (
        sa.select(kept.c.id, other.c.id.label("slot_id"), (other.c.capacity - taken).label("free"))
        .select_from(kept)
        .join(beside, (beside.c.allotment_id == kept.c.id) & (beside.c.week_on == kept.c.week_on))
        .join(other, other.c.id == beside.c.slot_id)
        .join(window, window.c.id == other.c.window_id)
        .where(
            beside.c.released_at > now,
            other.c.withdrawn_at.is_(None),
            other.c.bookable_until > now,
            window.c.status == WindowStatus.PUBLISHED,
            other.c.local_date >= kept.c.starts_on,
            kept.c.ends_on.is_(None) | (other.c.local_date <= kept.c.ends_on),
        )
    )
    return near.cte("near", nesting=True)
