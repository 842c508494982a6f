"""Changing, pausing and ending a window: nobody loses a booking unless it was decided so.

A change is first tried (``preview_change``): that lists each booking that it affects. It is then
made with a decision for each of them (invariant I9). A booking that came, went or moved in
between has no decision, or a stale one, and nothing is changed.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.records.errors import StaleError
from directory.errors import FieldError, InvalidError
from directory.viewer import Viewer
from scheduling.bookable import slots
from scheduling.commands.allotments import cover_slots
from scheduling.commands.appointments import cancel_appointment, reschedule_appointment
from scheduling.commands.notices import WriteNotice, tell_agencies
from scheduling.commands.offers import pass_on_opened
from scheduling.commands.slot_changes import (
    WindowPlan,
    close_slots,
    delete_unused,
    fit_slots,
    lock_coming_slots,
    lock_window,
    open_slots,
    plan_window,
)
from scheduling.commands.windows import (
    refuse_mistakes,
    roll_window,
    terms_of,
    write_lists,
)
from scheduling.decisions import Decision, DecisionKind, is_decided
from scheduling.drafts import WindowDraft
from scheduling.errors import DecisionsNeededError, WindowEndedError
from scheduling.models.ticklers import TicklerKind
from scheduling.models.windows import AvailabilityWindow, WindowStatus
from scheduling.queries.window_terms import draft_of, find_closures
from scheduling.queries.windows import get_window
from scheduling.schedule import AddedDay

#: From the window as it is to the window as it is to be; None ends it.
Change = Callable[[WindowDraft], WindowDraft | None]


def preview_change(
    session: Session,
    window_id: UUID,
    change: Change,
    *,
    expected: int,
    viewer: Viewer,
    now: datetime,
) -> WindowPlan:
    """Say what a change would do to the slots and bookings of a window; nothing is changed.

    Raises what ``change_window`` raises, but for missing decisions.
    """
    window = get_window(session, window_id, viewer)
    return _plan(session, window, change, expected=expected, now=now)


def change_window(
    session: Session,
    window_id: UUID,
    change: Change,
    *,
    expected: int,
    viewer: Viewer,
    now: datetime,
    decisions: Sequence[Decision] = (),
    write: WriteNotice | None = None,
) -> AvailabilityWindow:
    """Change a window of the viewer's organization, or end it, with its slots and bookings.

    Raises ``StaleError`` for another version than ``expected``, ``WindowEndedError`` for one
    that has ended, ``InvalidError`` naming every bad field, and ``DecisionsNeededError`` where
    a booking has no decision, or one that is about how it was earlier.
    """
    window = lock_window(session, window_id, viewer)
    also = {decision.slot_id for decision in decisions if decision.slot_id is not None}
    lock_coming_slots(session, [window.id], now=now, also=also)
    plan = _plan(session, window, change, expected=expected, now=now)
    if not is_decided(plan.affected, decisions):
        raise DecisionsNeededError(plan.affected)
    _write(session, plan)
    session.flush()
    make_changes(session, [plan], decisions, viewer=viewer, now=now, write=write)
    cover_slots(session, window.id)  # it may be for others now
    if window.status is WindowStatus.PUBLISHED:
        roll_window(session, window, now=now)
        pass_on_opened(session, [window.id], now=now)
    return window


def pause_window(
    session: Session, window_id: UUID, *, expected: int, viewer: Viewer
) -> AvailabilityWindow:
    """Stop offering a window's slots for now. All bookings stay."""
    window = lock_window(session, window_id, viewer)
    _refuse_stale(window, expected)
    window.status = WindowStatus.PAUSED
    window.version += 1
    session.flush()
    return window


def resume_window(
    session: Session, window_id: UUID, *, expected: int, viewer: Viewer, now: datetime
) -> AvailabilityWindow:
    """Offer a paused window's slots again, those too that have come within its horizon."""
    window = lock_window(session, window_id, viewer)
    _refuse_stale(window, expected)
    window.status = WindowStatus.PUBLISHED
    window.version += 1
    session.flush()
    roll_window(session, window, now=now)
    pass_on_opened(session, [window.id], now=now)
    return window


def ended(_: WindowDraft) -> None:
    """End a window: no slot of it is wanted any more."""


def closed_on(day: date, reason: str | None) -> Change:
    """Close a window on one day."""

    def change(draft: WindowDraft) -> WindowDraft:
        usual = as_usual_on(day)(draft)
        because = {**usual.closed_because, day: reason} if reason else usual.closed_because
        return replace(usual, closed_on=[*usual.closed_on, day], closed_because=because)

    return change


def added_on(added: AddedDay) -> Change:
    """Let a window happen on one more day, or at other hours on one of its days."""

    def change(draft: WindowDraft) -> WindowDraft:
        usual = as_usual_on(added.day)(draft)
        return replace(usual, added_on=[*usual.added_on, added])

    return change


def as_usual_on(day: date) -> Callable[[WindowDraft], WindowDraft]:
    """Let a window happen on a day as its pattern says."""

    def change(draft: WindowDraft) -> WindowDraft:
        return replace(
            draft,
            closed_on=[closed for closed in draft.closed_on if closed != day],
            closed_because={at: why for at, why in draft.closed_because.items() if at != day},
            added_on=[added for added in draft.added_on if added.day != day],
        )

    return change


def make_changes(
    session: Session,
    plans: Sequence[WindowPlan],
    decisions: Sequence[Decision],
    *,
    viewer: Viewer,
    now: datetime,
    write: WriteNotice | None,
    keep_rows: bool = False,
) -> None:
    """Carry out plans and decisions, on locked windows and slots, and tell who booked.

    New times come first, so that bookings can move to them; then the old ones close, so that
    nobody is offered what a booking leaves behind there; slots shrink when bookings have left.
    ``keep_rows`` keeps the slots that nobody had to do with, for they may come back.
    """
    for plan in plans:
        open_slots(session, plan)
        close_slots(session, plan, now=now)
    session.flush()
    for appointment_id in _decided(decisions, DecisionKind.CANCEL):
        cancel_appointment(session, appointment_id, viewer=viewer, now=now, reason="host-closed")
    _move(session, plans, decisions, viewer=viewer, now=now)
    for plan in plans:
        fit_slots(session, plan, now=now)
        if not keep_rows:
            delete_unused(session, plan)
    for kind, ticklers in (
        (DecisionKind.CANCEL, TicklerKind.HOST_CANCELLED),
        (DecisionKind.MOVE, TicklerKind.HOST_MOVED),
    ):
        tell_agencies(session, _decided(decisions, kind), ticklers, now=now, write=write)


def _plan(
    session: Session, window: AvailabilityWindow, change: Change, *, expected: int, now: datetime
) -> WindowPlan:
    _refuse_stale(window, expected)
    draft = change(draft_of(session, window))
    if draft is not None:
        refuse_mistakes(session, draft, window.organization_id)
    closures = find_closures(session, window.organization_id)
    return plan_window(session, window, draft, closures, now=now)


def _refuse_stale(window: AvailabilityWindow, expected: int) -> None:
    if window.version != expected:
        raise StaleError(window.version)
    if window.status is WindowStatus.ENDED:
        raise WindowEndedError


def _write(session: Session, plan: WindowPlan) -> None:
    """Write the window as it is to be; a new version, so that others who change it look again."""
    window = plan.window
    window.version += 1
    if plan.draft is None:
        window.status = WindowStatus.ENDED
        return
    for name, value in terms_of(plan.draft).items():
        setattr(window, name, value)
    write_lists(session, window.id, plan.draft)


def _decided(decisions: Sequence[Decision], kind: DecisionKind) -> Collection[UUID]:
    return [decision.appointment_id for decision in decisions if decision.kind is kind]


def _move(
    session: Session,
    plans: Sequence[WindowPlan],
    decisions: Sequence[Decision],
    *,
    viewer: Viewer,
    now: datetime,
) -> None:
    moves = [decision for decision in decisions if decision.kind is DecisionKind.MOVE]
    targets = [_target(session, plans, move) for move in moves]
    if None in targets:
        raise InvalidError(
            [
                FieldError(f"decisions.{decisions.index(move)}", "Give a time to move to.")
                for move, target in zip(moves, targets, strict=True)
                if target is None
            ]
        )
    for move, target in zip(moves, targets, strict=True):
        if target is not None:
            reschedule_appointment(
                session, move.appointment_id, target, viewer=viewer, now=now, reason="host-changed"
            )


def _target(session: Session, plans: Sequence[WindowPlan], move: Decision) -> UUID | None:
    """Find the slot that a booking moves to, which the change itself may just have made."""
    if move.slot_id is not None or move.starts_at is None:
        return move.slot_id
    found = session.connection().execute(
        sa.select(slots.c.id)
        .where(
            slots.c.window_id.in_([plan.window.id for plan in plans]),
            slots.c.starts_at == move.starts_at,
            slots.c.withdrawn_at.is_(None),
        )
        .order_by(slots.c.id)
    )
    return found.scalars().first()
