"""Slots with a free place that fits somebody who waits: newly made, or left by a lapsed hold."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from scheduling.bookable import bookable_slots, slots, windows
from scheduling.lines import (
    WINDOW_WITH_LINE,
    listed,
    offers,
    slots_of_line,
    waiting,
    waits_for_any,
)
from scheduling.models.waitlists import TARGET_OF_KIND, OfferStatus, WaitlistStatus
from scheduling.queries.in_line import HAD, is_busy, viewer_of, why_not_at_all

_TARGETS = tuple(dict.fromkeys(name for names in TARGET_OF_KIND.values() for name in names))


def find_slots_to_pass_on(
    session: Session,
    *,
    now: datetime,
    window_ids: Collection[UUID] | None = None,
    limit: int = 200,
) -> Sequence[UUID]:
    """Return slots, soonest first for each, that those who wait could be offered at this moment.

    Of some windows only, if they are given: where nobody waits for these, that costs two short
    queries. Only a look ahead, without locks: ``pass_on`` decides who gets them.
    """
    found: dict[UUID, None] = {}
    bookable: dict[tuple[object, ...], Sequence[Row]] = {}
    theirs = sa.true() if window_ids is None else slots.c.window_id.in_(window_ids)
    for entry in _who_wait_without_offer(session, window_ids):
        line = (*(entry[name] for name in _TARGETS), entry["organization_id"], entry["places"])
        if line not in bookable:
            bookable[line] = _bookable_in_line(session, entry, theirs, now=now)
        slot_id = _first_that_fits(session, entry, bookable[line], taken=found)
        if slot_id is not None:
            found[slot_id] = None
        if len(found) >= limit:
            break
    return list(found)


def _who_wait_without_offer(session: Session, window_ids: Collection[UUID] | None) -> Sequence[Row]:
    offered = sa.select(offers.c.entry_id).where(offers.c.status == OfferStatus.OPEN)
    found = (
        sa.select(waiting)
        .where(waiting.c.status == WaitlistStatus.WAITING, waiting.c.id.not_in(offered))
        .order_by(waiting.c.priority.desc(), waiting.c.arrived_at, waiting.c.id)
    )
    if window_ids is not None:
        named = WINDOW_WITH_LINE.where(windows.c.id.in_(window_ids))
        found = found.where(waits_for_any(find_rows(session, named)))
    return find_rows(session, found)


def _bookable_in_line(
    session: Session, entry: Row, theirs: sa.ColumnElement[bool], *, now: datetime
) -> Sequence[Row]:
    found = bookable_slots(viewer_of(entry), now=now, wanted=entry["places"])
    return find_rows(
        session,
        found.add_columns(windows.c.timezone, listed.c.latitude, listed.c.longitude)
        .outerjoin(listed, listed.c.service_at_location_id == slots.c.service_at_location_id)
        .where(slots_of_line(entry), theirs)
        .order_by(slots.c.starts_at, slots.c.id),
    )


def _first_that_fits(
    session: Session, entry: Row, bookable: Sequence[Row], *, taken: dict[UUID, None]
) -> UUID | None:
    """Return the first slot that does; one that is on the list already may serve them both."""
    had = set(
        session.connection()
        .execute(
            sa.select(offers.c.slot_id).where(
                offers.c.entry_id == entry["id"], offers.c.status.in_(HAD)
            )
        )
        .scalars()
    )
    for slot in bookable:
        if slot["id"] in had or slot["id"] in taken:
            continue
        if why_not_at_all(entry, slot) is None and not is_busy(session, entry, slot):
            slot_id: UUID = slot["id"]
            return slot_id
    return None
