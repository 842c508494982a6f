"""A host's answer to a booking that waits for one.

A pending appointment has its places from the start, so that saying yes can never overbook. Only
the first answer counts.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.viewer import Viewer
from scheduling.commands.steps import (
    cancel,
    check_reason,
    lock_appointment,
    refuse_others,
    take_step,
)
from scheduling.errors import AppointmentFinalError, NotPendingError
from scheduling.models.bookings import AppointmentStatus
from scheduling.models.windows import Approval
from scheduling.queries.appointments import appointments, get_appointment

#: How long a host has for its answer; never beyond the start.
ANSWER_WITHIN = timedelta(days=2)

#: Why a host says no: fixed words, as for cancelling.
DECLINE_REASONS = ("no-room", "not-for-them", "host-closed")

#: Why the clock said no.
NOT_ANSWERED = "not-answered"

#: How many unanswered ones one tick declines.
MOST_AT_ONCE = 200


def first_status(slot: Row, booker: Viewer, *, now: datetime) -> dict[str, Any]:
    """Return the columns of an appointment in a slot: booked, or pending until ``decide_by``.

    The host's own staff need not ask themselves.
    """
    ours = slot["host_organization_id"] == booker.organization_id
    if slot["approval"] != Approval.HOST or ours:
        return {"status": AppointmentStatus.BOOKED, "decide_by": None}
    decide_by = min(now + ANSWER_WITHIN, slot["starts_at"])
    return {"status": AppointmentStatus.PENDING, "decide_by": decide_by}


def approve_appointment(
    session: Session, appointment_id: UUID, *, viewer: Viewer, now: datetime
) -> Row:
    """Say yes. Twice is the same as once; after the start it is too late.

    Raises ``NotPendingError`` for one that was declined, cancelled or not answered in time.
    """
    read = partial(get_appointment, session, appointment_id, viewer)
    row = lock_appointment(session, read)
    refuse_others(row, viewer)
    if row["status"] == AppointmentStatus.BOOKED:
        return row
    if row["status"] != AppointmentStatus.PENDING:
        raise NotPendingError
    if row["starts_at"] <= now:
        raise AppointmentFinalError
    take_step(session, row, AppointmentStatus.BOOKED, viewer=viewer, now=now, decide_by=None)
    return read()


def decline_appointment(
    session: Session, appointment_id: UUID, *, viewer: Viewer, now: datetime, reason: str
) -> Row:
    """Say no; the places are free at once. Twice is the same as once.

    Raises ``NotPendingError`` for one that was approved: that can only be cancelled.
    """
    check_reason(reason, DECLINE_REASONS)
    read = partial(get_appointment, session, appointment_id, viewer)
    row = lock_appointment(session, read)
    refuse_others(row, viewer)
    if row["status"] == AppointmentStatus.CANCELLED:
        return row
    if row["status"] != AppointmentStatus.PENDING:
        raise NotPendingError
    cancel(session, row, viewer, now, reason, by="host", decide_by=None)
    return read()


def decline_unanswered(session: Session, *, now: datetime) -> int:
    """Decline what no host has answered in time; return how many. A tick."""
    due = find_rows(
        session,
        sa.select(appointments.c.id, appointments.c.host_organization_id)
        .where(appointments.c.status == AppointmentStatus.PENDING, appointments.c.decide_by <= now)
        .order_by(appointments.c.slot_id, appointments.c.id)  # as locks are taken
        .limit(MOST_AT_ONCE),
    )
    return sum(_decline_if_unanswered(session, row, now) for row in due)


def _decline_if_unanswered(session: Session, found: Row, now: datetime) -> bool:
    read = partial(get_appointment, session, found["id"], Viewer(found["host_organization_id"]))
    row = lock_appointment(session, read)
    if row["status"] != AppointmentStatus.PENDING or row["decide_by"] > now:
        return False  # answered, or moved, in the meantime
    cancel(session, row, Viewer(), now, NOT_ANSWERED, by="clock", decide_by=None)
    return True
