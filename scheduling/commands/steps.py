"""The steps of an appointment's life: what every change of one has in common.

A step locks the slots first, by id, and then looks at the appointment as it is now. The change
itself is a compare-and-swap, so that a forgotten lock cannot make two changes of one
(invariant I5), and is written into the history in the same transaction.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row
from directory.errors import BusyError, ForbiddenError, InvalidError
from directory.quick import QuickStatement
from directory.viewer import Viewer
from scheduling.commands.offers import pass_on
from scheduling.commands.places import give_back, lock_slots
from scheduling.errors import AppointmentFinalError, CancelTooLateError
from scheduling.models import TABLES
from scheduling.models.bookings import CAN_BE_CANCELLED, AppointmentStatus
from scheduling.queries.appointments import appointments
from scheduling.rules import MINUTE

changes = TABLES["appointment_change"]

_INSERT_CHANGE = QuickStatement(sa.insert(changes))


def lock_appointment(session: Session, read: Callable[[], Row], *also: UUID) -> Row:
    """Lock the slot of an appointment, others in ``also``, and allotments on them; return it.

    ``read`` finds the appointment for its caller, and is asked again under the lock. Raises
    ``BusyError`` when it was moved in between: nothing has been changed, and the next try sees
    its new time.
    """
    before = read()
    lock_slots(session, {before["slot_id"], *also})
    row = read()
    if row["slot_id"] != before["slot_id"]:
        raise BusyError
    return row


def take_step(
    session: Session,
    row: Row,
    status: AppointmentStatus,
    *,
    viewer: Viewer,
    now: datetime,
    reason: str | None = None,
    **columns: Any,
) -> None:
    """Change an appointment that still is as ``row`` says, and write the step down.

    Raises ``AppointmentFinalError`` when somebody else was quicker.
    """
    sequence = row["sequence"] + 1
    changed = session.connection().execute(
        sa.update(appointments)
        .where(
            appointments.c.id == row["id"],
            appointments.c.status == row["status"],
            appointments.c.sequence == row["sequence"],
        )
        .values(status=status, sequence=sequence, changed_at=now, **columns)
    )
    if changed.rowcount == 0:
        raise AppointmentFinalError
    after = {**row, "status": status, "sequence": sequence, **columns}
    note_step(session, after, viewer=viewer, now=now, reason=reason)


def cancel(
    session: Session,
    row: Row,
    viewer: Viewer,
    now: datetime,
    reason: str,
    *,
    by: str,
    **columns: Any,
) -> None:
    """End a locked appointment; its places are free at once, or offered to those who wait."""
    take_step(
        session,
        row,
        AppointmentStatus.CANCELLED,
        viewer=viewer,
        now=now,
        reason=reason,
        cancelled_at=now,
        cancelled_by=by,
        cancel_reason=reason,
        **columns,
    )
    give_back(session, appointment_id=row["id"])
    pass_on(session, [row["slot_id"]], now=now)


def note_step(
    session: Session, after: Row, *, viewer: Viewer, now: datetime, reason: str | None = None
) -> None:
    """Write the step that made an appointment as it is into its history."""
    _INSERT_CHANGE.change(
        session,
        {
            "appointment_id": after["id"],
            "sequence": after["sequence"],
            "status": after["status"],
            "slot_id": after["slot_id"],
            "at": now,
            "organization_id": viewer.organization_id,
            "account_id": viewer.account_id,
            "reason": reason,
        },
    )


def refuse_late_change(row: Row, now: datetime, *, by: str) -> None:
    """Refuse to cancel or move what is over, or for all but the host what is too near."""
    if row["status"] not in CAN_BE_CANCELLED or row["starts_at"] <= now:
        raise AppointmentFinalError
    if by != "host" and row["starts_at"] - row["cancel_cutoff_minutes"] * MINUTE < now:
        raise CancelTooLateError


def refuse_others(row: Row, viewer: Viewer) -> None:
    """Refuse whoever is not of the agency that hosts the appointment."""
    if row["host_organization_id"] != viewer.organization_id:
        raise ForbiddenError("Only the agency that hosts this appointment can say that.")


def check_reason(reason: str, known: Sequence[str], *, field: str = "reason") -> None:
    """Refuse a word that is not one of those ``known``."""
    if reason not in known:
        raise InvalidError.of(field, f"Give one of: {', '.join(known)}.")
