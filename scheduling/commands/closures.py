"""Closing a whole organization for a day or more, such as a snow day, in one action."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from directory.errors import FieldError, InvalidError, NotFoundError
from directory.viewer import Viewer
from scheduling.commands.notices import WriteNotice
from scheduling.commands.offers import pass_on_opened
from scheduling.commands.slot_changes import (
    WindowPlan,
    lock_coming_slots,
    lock_windows,
    plan_window,
)
from scheduling.commands.window_changes import make_changes
from scheduling.commands.windows import lock_host
from scheduling.decisions import Decision, DecisionKind, decide_all, is_decided
from scheduling.errors import DecisionsNeededError
from scheduling.models.windows import AvailabilityWindow, Closure, WindowStatus
from scheduling.queries.window_terms import draft_of, find_closures
from scheduling.schedule import Closed

MOST_DAYS = 366
LONGEST_REASON = 200


def preview_closure(
    session: Session, days: Closed, *, viewer: Viewer, now: datetime
) -> Sequence[WindowPlan]:
    """Say what a closure would do to the slots and bookings of each window; nothing is changed."""
    _refuse_mistakes(days, None)
    mine = select(AvailabilityWindow).where(
        AvailabilityWindow.organization_id == viewer.organization_id
    )
    windows = session.exec(mine.order_by(col(AvailabilityWindow.id))).all()
    closures = [*find_closures(session, viewer.organization_id), days]
    return _plans(session, windows, closures, now=now)


def declare_closure(
    session: Session,
    days: Closed,
    reason: str | None,
    *,
    viewer: Viewer,
    now: datetime,
    otherwise: DecisionKind = DecisionKind.CANCEL,
    decisions: Sequence[Decision] = (),
    write: WriteNotice | None = None,
) -> Closure:
    """Close the viewer's organization on these local days, and tell everyone who booked.

    ``otherwise`` decides about every booking without a decision of its own, those too that came
    a moment ago. Raises ``InvalidError`` for bad days, and ``DecisionsNeededError`` where a
    decision is about a booking as it was earlier, or one that is on another day.
    """
    _refuse_mistakes(days, reason)
    host_id = _host(viewer)
    windows = _lock(session, viewer, decisions, now=now)
    closures = [*find_closures(session, viewer.organization_id), days]
    plans = _plans(session, windows, closures, now=now)
    affected = [row for plan in plans for row in plan.affected]
    decided = decide_all(affected, decisions, otherwise)
    if not is_decided(affected, decided):
        raise DecisionsNeededError(affected)
    closure = Closure(
        organization_id=host_id,
        starts_on=days.first,
        ends_on=days.last,
        reason=reason,
        declared_at=now,
        account_id=viewer.account_id,
    )
    session.add(closure)
    session.flush()
    make_changes(session, plans, decided, viewer=viewer, now=now, write=write, keep_rows=True)
    return closure


def lift_closure(session: Session, closure_id: UUID, *, viewer: Viewer, now: datetime) -> Closure:
    """Open again: the slots come back, but for bookings that were cancelled. Twice is once."""
    closure = get_closure(session, closure_id, viewer)
    windows = _lock(session, viewer, (), now=now)
    session.refresh(closure)
    if closure.lifted_at is not None:
        return closure
    closure.lifted_at = now
    session.flush()
    plans = _plans(session, windows, find_closures(session, viewer.organization_id), now=now)
    affected = [row for plan in plans for row in plan.affected]
    kept = decide_all(affected, (), DecisionKind.KEEP)
    make_changes(session, plans, kept, viewer=viewer, now=now, write=None, keep_rows=True)
    pass_on_opened(session, [window.id for window in windows], now=now)
    return closure


def get_closure(session: Session, closure_id: UUID, viewer: Viewer) -> Closure:
    """Return a closure of the viewer's organization. Raises ``NotFoundError`` for any other."""
    closure = session.get(Closure, closure_id)
    if closure is None or closure.organization_id != viewer.organization_id:
        raise NotFoundError("closure")
    return closure


def _lock(
    session: Session, viewer: Viewer, decisions: Sequence[Decision], *, now: datetime
) -> Sequence[AvailabilityWindow]:
    """Lock the organization for others who publish or close, then its windows, then its slots."""
    lock_host(session, _host(viewer))
    windows = lock_windows(session, viewer)
    also = {decision.slot_id for decision in decisions if decision.slot_id is not None}
    lock_coming_slots(session, [window.id for window in windows], now=now, also=also)
    return windows


def _host(viewer: Viewer) -> UUID:
    if viewer.organization_id is None:
        raise NotFoundError("organization")
    return viewer.organization_id


def _plans(
    session: Session,
    windows: Sequence[AvailabilityWindow],
    closures: Sequence[Closed],
    *,
    now: datetime,
) -> Sequence[WindowPlan]:
    return [
        plan_window(session, window, draft_of(session, window), closures, now=now)
        for window in windows
        if window.status is not WindowStatus.ENDED
    ]


def _refuse_mistakes(days: Closed, reason: str | None) -> None:
    mistakes = list(_mistakes(days, reason))
    if mistakes:
        raise InvalidError(mistakes)


def _mistakes(days: Closed, reason: str | None) -> Iterator[FieldError]:
    if days.first.year not in range(2000, 2100):
        yield FieldError("starts_on", "Give a day between the years 2000 and 2099.")
    if days.last < days.first:
        yield FieldError("ends_on", "The last day comes before the first.")
    if (days.last - days.first).days >= MOST_DAYS:
        yield FieldError("ends_on", "Close for at most a year at a time.")
    if reason is not None and len(reason) > LONGEST_REASON:
        yield FieldError("reason", "Use at most 200 letters.")
