"""From a hold to an appointment, and out of it again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row
from directory.errors import InvalidError
from directory.tokens import hash_token, new_code, new_token, read_code
from directory.viewer import Viewer
from scheduling.bookable import places
from scheduling.commands.holds import OPEN_SLOT, get_hold, holds
from scheduling.commands.offers import pass_on
from scheduling.commands.places import give_back
from scheduling.errors import (
    AgreementEndedError,
    AppointmentFinalError,
    CancelTooLateError,
    HoldExpiredError,
    SlotClosedError,
)
from scheduling.models import TABLES
from scheduling.models.bookings import CAN_BE_CANCELLED, AppointmentStatus
from scheduling.queries.appointments import appointments, get_appointment, get_appointment_by_token
from scheduling.queries.slots import lock_slot
from scheduling.rules import MINUTE

changes = TABLES["appointment_change"]

# Built once: that costs more than running them.
_INSERT_APPOINTMENT = sa.insert(appointments)
_INSERT_CHANGE = sa.insert(changes)
_TAKE_OVER = (
    sa.update(places)
    .where(places.c.hold_id == sa.bindparam("its_hold"), places.c.expires_at > sa.bindparam("now"))
    .values(appointment_id=sa.bindparam("appointment_id"), hold_id=None, expires_at=None)
)
_DELETE_HOLD = sa.delete(holds).where(holds.c.id == sa.bindparam("hold_id"))

#: Why somebody cancels: fixed words, because a free text would end up telling somebody's story.
CANCEL_REASONS = ("client-asked", "client-unwell", "found-elsewhere", "host-closed", "mistake")


@dataclass(frozen=True, slots=True)
class Booked:
    """A new appointment, and the secret of its manage link where the public booked."""

    appointment: Row
    manage_token: str | None


def confirm_hold(
    session: Session,
    hold_id: UUID,
    *,
    viewer: Viewer,
    now: datetime,
    client_handle: str | None = None,
) -> Booked:
    """Book the places that a hold keeps; the hold is used up.

    Everything is checked again under the lock: the hold's own places, the agreement, the
    window and the clock (invariant I10). Staff may leave the handle out and get a new one; the
    public has none and gets a link instead.
    """
    handle = _handle_for(viewer, client_handle)
    hold = get_hold(session, hold_id, viewer)
    lock_slot(session, hold["slot_id"])
    slot = _still_open(session, hold["slot_id"], viewer, now=now)
    token = new_token() if viewer.is_public else None
    appointment = {
        "id": uuid4(),
        "slot_id": hold["slot_id"],
        "host_organization_id": slot["host_organization_id"],
        "organization_id": viewer.organization_id,
        "account_id": viewer.account_id,
        "agreement_id": slot["agreement_id"],
        "status": AppointmentStatus.BOOKED,
        "places": hold["places"],
        "client_handle": handle,
        "code": new_code(),
        "manage_token_hash": hash_token(token) if token else None,
        "sequence": 0,
        "booked_at": now,
        "changed_at": now,
    }
    session.connection().execute(_INSERT_APPOINTMENT, appointment)
    _take_over_places(session, hold, appointment["id"], now=now)
    _note_change(session, appointment["id"], 0, AppointmentStatus.BOOKED, viewer, now)
    return Booked({**slot, **appointment}, token)


def cancel_appointment(
    session: Session, appointment_id: UUID, *, viewer: Viewer, now: datetime, reason: str
) -> Row:
    """Cancel for the organization that booked or the one that hosts; the places are free at once.

    Cancelling twice is the same as once. Who booked may cancel up to the window's cut-off, the
    host at any time before the start.
    """
    row = get_appointment(session, appointment_id, viewer)
    hosts = row["host_organization_id"] == viewer.organization_id
    _cancel(session, row, viewer, now, reason, by="host" if hosts else "partner")
    return get_appointment(session, appointment_id, viewer)


def cancel_own_appointment(
    session: Session, token: str, *, now: datetime, reason: str = "client-asked"
) -> Row:
    """Cancel for the person who booked it and has the link."""
    row = get_appointment_by_token(session, hash_token(token))
    _cancel(session, row, Viewer(), now, reason, by="person")
    return get_appointment_by_token(session, hash_token(token))


def _handle_for(viewer: Viewer, client_handle: str | None) -> str | None:
    if viewer.is_public:
        if client_handle is not None:
            raise InvalidError.of("client_handle", "Leave it out: only agencies have handles.")
        return None
    if client_handle is None:
        return new_code()
    handle = read_code(client_handle)
    if handle is None:
        raise InvalidError.of(
            "client_handle", 'Give a handle such as "7K2M-QX4P", or leave it out for a new one.'
        )
    return handle


def _still_open(session: Session, slot_id: UUID, viewer: Viewer, *, now: datetime) -> Row:
    slot = find_row(session, *OPEN_SLOT.asked_by(viewer, now=now, slot_id=slot_id))
    if slot is None:
        raise AgreementEndedError
    if slot["starts_at"] <= now:
        raise SlotClosedError
    return slot


def _take_over_places(session: Session, hold: Row, appointment_id: UUID, *, now: datetime) -> None:
    """Make the hold's places the appointment's.

    A hold that lapsed keeps none, and one whose places went to another while we waited for the
    lock has lost its rows: either way the count is short.
    """
    taken = session.connection().execute(
        _TAKE_OVER, {"its_hold": hold["id"], "now": now, "appointment_id": appointment_id}
    )
    if taken.rowcount != hold["places"]:
        raise HoldExpiredError
    session.connection().execute(_DELETE_HOLD, {"hold_id": hold["id"]})


def _cancel(
    session: Session,
    row: Row,
    viewer: Viewer,
    now: datetime,
    reason: str,
    *,
    by: str,
) -> None:
    if reason not in CANCEL_REASONS:
        raise InvalidError.of("reason", f"Give one of: {', '.join(CANCEL_REASONS)}.")
    if row["status"] == AppointmentStatus.CANCELLED:
        return
    _refuse_late_cancelling(row, now, by=by)
    lock_slot(session, row["slot_id"])  # before the appointment: its place is passed on
    cancelled = session.connection().execute(
        sa.update(appointments)
        .where(appointments.c.id == row["id"], appointments.c.status.in_(CAN_BE_CANCELLED))
        .values(
            status=AppointmentStatus.CANCELLED,
            sequence=appointments.c.sequence + 1,
            changed_at=now,
            cancelled_at=now,
            cancelled_by=by,
            cancel_reason=reason,
        )
        .returning(appointments.c.sequence)
    )
    sequence = cancelled.scalar_one_or_none()
    if sequence is None:  # somebody else was quicker
        return
    give_back(session, appointment_id=row["id"])
    _note_change(
        session, row["id"], sequence, AppointmentStatus.CANCELLED, viewer, now, reason=reason
    )
    pass_on(session, [row["slot_id"]], now=now)


def _refuse_late_cancelling(row: Row, now: datetime, *, by: str) -> None:
    if row["status"] not in CAN_BE_CANCELLED or row["starts_at"] <= now:
        raise AppointmentFinalError
    if by != "host" and row["starts_at"] - row["cancel_cutoff_minutes"] * MINUTE < now:
        raise CancelTooLateError


def _note_change(
    session: Session,
    appointment_id: UUID,
    sequence: int,
    status: AppointmentStatus,
    viewer: Viewer,
    now: datetime,
    *,
    reason: str | None = None,
) -> None:
    """Write the step into the appointment's history, in the same transaction."""
    session.connection().execute(
        _INSERT_CHANGE,
        {
            "appointment_id": appointment_id,
            "sequence": sequence,
            "status": status,
            "at": now,
            "organization_id": viewer.organization_id,
            "account_id": viewer.account_id,
            "reason": reason,
        },
    )
