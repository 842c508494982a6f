"""Which search rows are open at a time: an instant, or "saturday 22:00" where each one is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows, is_one_of
from directory.hours import is_open
from directory.offers import entries
from directory.queries.schedules import find_opening_rules
from directory.week_times import WeekTime

Condition = sa.ColumnElement[bool]

#: What ``find_opening_rules`` needs to know of a row, and ``is_open``.
_UNSETTLED = sa.select(
    entries.c.id,
    entries.c.service_at_location_id,
    entries.c.service_id,
    entries.c.location_id,
    entries.c.timezone,
)


def open_at(
    session: Session, conditions: Sequence[Condition], at: datetime | WeekTime, *, now: datetime
) -> Condition:
    """Return the condition "is open at that time", as SQL, for the rows that are asked about.

    The stored interval settles it for most rows. Those whose interval is over by then are
    looked up in their published hours, and enter the condition by their ids. Hours that nobody
    stands by ``now`` are not open at any time.
    """
    instants = _instants(session, conditions, at, now)
    if not instants:
        return sa.false()
    then = _instant_of_row(instants)
    settled = sa.and_(entries.c.opens_at <= then, entries.c.closes_at > then)
    until = entries.c.hours_claimed_until
    claimed = sa.and_(~entries.c.temporarily_closed, sa.or_(until.is_(None), until > now))
    unsettled = sa.and_(
        entries.c.hours_known,
        claimed,
        entries.c.closes_at.is_(None) | (entries.c.closes_at <= then),
    )
    looked_up = _open_among(session, [*conditions, unsettled], instants)
    return sa.and_(
        claimed,
        sa.func.coalesce(settled, sa.false()) | is_one_of(session, entries.c.id, looked_up),
    )


def _instants(
    session: Session, conditions: Sequence[Condition], at: datetime | WeekTime, now: datetime
) -> Mapping[str | None, datetime]:
    """Return the instant that is meant in each time zone; under None, in all of them."""
    if isinstance(at, datetime):
        return {None: at}
    zones = session.connection().execute(
        sa.select(entries.c.timezone).where(*conditions).distinct()
    )
    return {zone: at.next_instant(ZoneInfo(zone), now) for zone in zones.scalars()}


def _instant_of_row(instants: Mapping[str | None, datetime]) -> sa.ColumnElement[datetime]:
    typed = {zone: sa.literal(at, entries.c.opens_at.type) for zone, at in instants.items()}
    if None in typed:
        return typed[None]
    return sa.case(*((entries.c.timezone == zone, at) for zone, at in typed.items()))


def _open_among(
    session: Session, conditions: Sequence[Condition], instants: Mapping[str | None, datetime]
) -> list[UUID]:
    rows = find_rows(session, _UNSETTLED.where(*conditions))
    rules = find_opening_rules(session, rows) if rows else {}
    return [
        row["id"]
        for row in rows
        if is_open(
            rules[row["id"]],
            ZoneInfo(row["timezone"]),
            instants[None if None in instants else row["timezone"]],
        )
    ]
