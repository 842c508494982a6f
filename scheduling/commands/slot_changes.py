"""Changing the slots of a window whose rule has changed: whoever has a place keeps it.

Everything here is done under locks: of the window first, then of its coming slots, by id. A
booking locks its slot, so it comes either before all of this, and is seen, or after it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.database import Row, find_rows
from directory.errors import NotFoundError
from directory.viewer import Viewer
from scheduling.bookable import places, slots
from scheduling.commands.offers import decide
from scheduling.commands.places import give_back, lock_allotments_of
from scheduling.commands.windows import bookable_span, insert_slots
from scheduling.drafts import WindowDraft
from scheduling.models import TABLES
from scheduling.models.bookings import CAN_BE_CANCELLED
from scheduling.models.waitlists import OfferStatus
from scheduling.models.windows import AvailabilityWindow
from scheduling.queries.appointments import appointments, organizations
from scheduling.replanning import SlotPlan, plan_slots
from scheduling.rules import DAY
from scheduling.schedule import Closed

offers = TABLES["offer"]
holds = TABLES["hold"]

#: Whatever refers to a slot: somebody has, or had, to do with it.
_REFERRING = (
    appointments.c.slot_id,
    TABLES["appointment_change"].c.slot_id,
    holds.c.slot_id,
    offers.c.slot_id,
    TABLES["waitlist_skip"].c.slot_id,
    places.c.slot_id,
)

_FIT_SLOT = sa.update(slots).where(slots.c.id == sa.bindparam("its_id"))

#: More than a day has slots: a day of 24 hours in slots of five minutes has 288.
NUMBERS_OF_A_RULE = 300


@dataclass(frozen=True, slots=True)
class WindowPlan:
    """What a change makes of a window's slots, and the bookings that it affects.

    ``draft`` is the window as it will be, None where it ends. ``affected`` bookings are in slots
    that end, or in slots that keep fewer places than are booked (``why`` says which).
    """

    window: AvailabilityWindow
    draft: WindowDraft | None
    slots: SlotPlan
    affected: Sequence[Row]


def lock_window(session: Session, window_id: UUID, viewer: Viewer) -> AvailabilityWindow:
    """Return a window of the viewer's organization as it is now; others who change it wait.

    Raises ``NotFoundError`` for one that is not theirs.
    """
    found = lock_windows(session, viewer, only=window_id)
    if not found:
        raise NotFoundError("window")
    return found[0]


def lock_windows(
    session: Session, viewer: Viewer, *, only: UUID | None = None
) -> Sequence[AvailabilityWindow]:
    """Return all windows of the viewer's organization, locked in the order of their ids."""
    mine = (
        select(AvailabilityWindow)
        .where(AvailabilityWindow.organization_id == viewer.organization_id)
        .order_by(col(AvailabilityWindow.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if only is not None:
        mine = mine.where(AvailabilityWindow.id == only)
    return session.exec(mine).all()


def lock_coming_slots(
    session: Session,
    window_ids: Collection[UUID],
    *,
    now: datetime,
    also: Collection[UUID] = (),
) -> None:
    """Make bookings of the windows' coming slots, and of those in ``also``, wait.

    And of the allotments on them, or on slots that the windows may get, in the order that all
    take them: bookings may move, and who waits may be offered a place.
    """
    coming = sa.and_(slots.c.window_id.in_(window_ids), slots.c.starts_at > now)
    found = (
        sa.select(slots.c.id)
        .where(coming | slots.c.id.in_(also))
        .order_by(slots.c.id)
        .with_for_update()
    )
    locked = session.connection().execute(found).scalars().all()
    lock_allotments_of(session, window_ids, locked)


def plan_window(
    session: Session,
    window: AvailabilityWindow,
    draft: WindowDraft | None,
    closures: Sequence[Closed],
    *,
    now: datetime,
) -> WindowPlan:
    """Say what becomes of a window's coming slots; nothing is changed.

    Whatever begins at ``now`` or before is left as it is.
    """
    existing = find_rows(
        session, sa.select(slots).where(slots.c.window_id == window.id, slots.c.starts_at > now)
    )
    wanted = []
    if draft is not None and window.rolled_through is not None:
        schedule = draft.schedule(closures)
        yesterday = now.astimezone(ZoneInfo(draft.timezone)).date() - DAY  # whose night goes on
        first = max(yesterday, draft.starts_on)
        wanted = [
            slot
            for slot in schedule.slots(first, window.rolled_through)
            if slot.interval.starts_at > now
        ]
    plan = plan_slots(wanted, existing)
    is_cut = draft is not None and draft.capacity < window.capacity
    too_many = _overfull(session, plan, draft.capacity) if draft is not None and is_cut else []
    return WindowPlan(window, draft, plan, _affected(session, plan, too_many))


def _affected(session: Session, plan: SlotPlan, too_many: Sequence[UUID]) -> Sequence[Row]:
    gone = [row["id"] for row in plan.gone]
    rows = find_live_bookings(session, [*gone, *too_many])
    ending = set(gone)
    return [{**row, "why": "ends" if row["slot_id"] in ending else "too-many"} for row in rows]


def _overfull(session: Session, plan: SlotPlan, capacity: int) -> Sequence[UUID]:
    """Return the open slots in which more places are booked than there are to be."""
    shrinking = [row["id"] for row in (*plan.kept, *plan.revived) if row["capacity"] > capacity]
    if not shrinking:
        return []
    booked = (
        sa.select(places.c.slot_id)
        .where(places.c.slot_id.in_(shrinking), places.c.appointment_id.is_not(None))
        .group_by(places.c.slot_id)
        .having(sa.func.count() > capacity)
    )
    return session.connection().execute(booked).scalars().all()


def find_live_bookings(session: Session, slot_ids: Collection[UUID]) -> Sequence[Row]:
    """Return the bookings of slots that may still be cancelled, soonest first; no names."""
    if not slot_ids:
        return []
    return find_rows(
        session,
        sa.select(
            appointments.c.id.label("appointment_id"),
            appointments.c.sequence,
            appointments.c.code,
            appointments.c.places,
            appointments.c.slot_id,
            appointments.c.organization_id,
            organizations.c.name.label("booked_by_name"),
            slots.c.window_id,
            slots.c.starts_at,
            slots.c.ends_at,
        )
        .join(slots, slots.c.id == appointments.c.slot_id)
        .outerjoin(organizations, organizations.c.id == appointments.c.organization_id)
        .where(appointments.c.slot_id.in_(slot_ids), appointments.c.status.in_(CAN_BE_CANCELLED))
        .order_by(slots.c.starts_at, appointments.c.id),
    )


def open_slots(session: Session, plan: WindowPlan) -> None:
    """Make the new slots of a plan, and open again those that come back.

    New slots have new numbers, so that a number never means another time than it once did.
    """
    window = plan.window
    if plan.slots.made:
        window.first_number += NUMBERS_OF_A_RULE
        insert_slots(session, window, plan.slots.made)
    _update(session, (row["id"] for row in plan.slots.revived), withdrawn_at=None)


def close_slots(session: Session, plan: WindowPlan, *, now: datetime) -> None:
    """Withdraw the slots that end.

    Holds on them end: their places are given back, and whoever confirms one is told why. So do
    offers.
    """
    gone = [row["id"] for row in plan.slots.gone]
    if not gone:
        return
    held = sa.select(holds.c.id).where(holds.c.slot_id.in_(gone)).order_by(holds.c.id)
    _end_holds(session, session.connection().execute(held).scalars().all(), now=now)
    _update(session, gone, withdrawn_at=now)


def _end_holds(session: Session, hold_ids: Iterable[UUID], *, now: datetime) -> None:
    for hold_id in hold_ids:
        give_back(session, hold_id=hold_id)
        offered = sa.select(offers.c.id).where(
            offers.c.hold_id == hold_id, offers.c.status == OfferStatus.OPEN
        )
        for offer_id in session.connection().execute(offered).scalars().all():
            decide(session, offer_id, OfferStatus.WITHDRAWN, now=now)


def delete_unused(session: Session, plan: WindowPlan) -> None:
    """Delete the slots that ended, now or earlier, and that nobody ever had to do with."""
    ended = [row["id"] for row in (*plan.slots.gone, *plan.slots.stale)]
    if ended:
        used = [sa.exists().where(column == slots.c.id) for column in _REFERRING]
        session.connection().execute(sa.delete(slots).where(slots.c.id.in_(ended), ~sa.or_(*used)))


def _update(session: Session, slot_ids: Iterable[UUID], **values: object) -> None:
    ids = list(slot_ids)
    if ids:
        session.connection().execute(sa.update(slots).where(slots.c.id.in_(ids)).values(values))


def fit_slots(session: Session, plan: WindowPlan, *, now: datetime) -> None:
    """Give the slots that stay the capacity, notice and horizon of their window.

    One in which more places are taken than there are to be keeps as many: it is closed to new
    bookings. Places above the new capacity get lower numbers.
    """
    window = plan.window
    changed = []
    for row in (*plan.slots.kept, *plan.slots.revived):
        capacity = window.capacity
        if row["capacity"] > capacity:
            capacity = _shrink(session, row["id"], capacity, now=now)
        values = {"capacity": capacity, **bookable_span(window, row["starts_at"])}
        if any(row[name] != value for name, value in values.items()):
            changed.append({"its_id": row["id"], **values})
    if changed:
        session.connection().execute(_FIT_SLOT, changed)


def _shrink(session: Session, slot_id: UUID, capacity: int, *, now: datetime) -> int:
    """Renumber the places of a slot to fit into ``capacity``, or into what is booked if more.

    Holds end where they would not fit beside the bookings. Returns the new capacity.
    """
    connection = session.connection()
    mine = places.c.slot_id == slot_id
    connection.execute(sa.delete(places).where(mine, places.c.expires_at <= now))
    taken = find_rows(session, sa.select(places).where(mine).order_by(places.c.place))
    if len(taken) > capacity:
        held = {row["hold_id"] for row in taken if row["hold_id"] is not None}
        _end_holds(session, sorted(held), now=now)
        taken = [row for row in taken if row["hold_id"] is None]
    capacity = max(capacity, len(taken))
    numbers = {row["place"] for row in taken}
    free = iter(sorted(set(range(1, capacity + 1)) - numbers))
    for number in sorted(numbers):
        if number > capacity:
            connection.execute(
                sa.update(places).where(mine, places.c.place == number).values(place=next(free))
            )
    return capacity
