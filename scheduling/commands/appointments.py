"""From a hold to an appointment, and out of it again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, cast
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row
from directory.errors import InvalidError, NotFoundError
from directory.quick import QuickStatement
from directory.tokens import hash_token, new_code, new_token, read_code
from directory.viewer import PUBLIC, Viewer
from scheduling.bookable import Prepared, places, slots, slots_admitting
from scheduling.commands.approvals import first_status
from scheduling.commands.holds import delete_hold, holds, lock_hold
from scheduling.commands.offers import pass_on
from scheduling.commands.overlaps import refuse_busy_client
from scheduling.commands.places import give_back, lock_bookable, take_places
from scheduling.commands.steps import (
    cancel,
    check_reason,
    lock_appointment,
    note_step,
    refuse_late_change,
    take_step,
)
from scheduling.errors import (
    AgreementEndedError,
    HoldExpiredError,
    SlotClosedError,
    SlotWithdrawnError,
)
from scheduling.models import TABLES
from scheduling.models.bookings import AppointmentStatus
from scheduling.queries.appointments import appointments, get_appointment, get_appointment_by_token
from scheduling.queries.slots import is_withdrawn

allotment_places = TABLES["allotment_place"]

# Built once: that costs more than running them.
_INSERT_APPOINTMENT = QuickStatement(sa.insert(appointments))
_TAKE_OVER = QuickStatement(
    sa.update(places)
    .where(places.c.hold_id == sa.bindparam("its_hold"), places.c.expires_at > sa.bindparam("now"))
    .values(appointment_id=sa.bindparam("appointment_id"), hold_id=None, expires_at=None)
)
_TAKE_OVER_OF_WEEK = QuickStatement(
    sa.update(allotment_places)
    .where(
        allotment_places.c.hold_id == sa.bindparam("its_hold"),
        allotment_places.c.expires_at > sa.bindparam("now"),
    )
    .values(appointment_id=sa.bindparam("appointment_id"), hold_id=None, expires_at=None)
)
_ADMITTED = Prepared(
    lambda viewer, now: slots_admitting(viewer, None, now=now).where(
        slots.c.id == sa.bindparam("slot_id")
    )
)
_ADMITTED_UNDER = Prepared(
    lambda viewer, now: slots_admitting(
        viewer, cast("UUID", sa.bindparam("allotment_id", type_=holds.c.allotment_id.type)), now=now
    ).where(slots.c.id == sa.bindparam("slot_id"))
)

#: Why somebody cancels: fixed words, because a free text would end up telling somebody's story.
CANCEL_REASONS = ("client-asked", "client-unwell", "found-elsewhere", "host-closed", "mistake")

#: Why somebody moves an appointment. The last two are the host's.
MOVE_REASONS = ("client-asked", "client-unwell", "mistake", "host-closed", "host-changed")


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
    """Book the places that a hold keeps; the hold is used up. Some hosts have to agree first.

    Everything is checked again under the lock: the hold's own places, the agreement, the
    window and the clock (invariant I10). Staff may leave the handle out and get a new one; the
    public has none and gets a link instead.
    """
    handle = _handle_for(viewer, client_handle)
    hold = lock_hold(session, hold_id, viewer)
    slot = _still_open(session, hold, viewer, now=now)
    appointment_id = uuid4()
    if client_handle is not None:  # a new one is nobody's yet
        _refuse_overlap(session, viewer.organization_id, handle, slot, but=appointment_id)
    token = new_token() if viewer.is_public else None
    appointment = {
        "id": appointment_id,
        "slot_id": hold["slot_id"],
        "host_organization_id": slot["host_organization_id"],
        "organization_id": viewer.organization_id,
        "account_id": viewer.account_id,
        "agreement_id": slot["agreement_id"],
        "allotment_id": hold["allotment_id"],
        **first_status(slot, viewer, now=now),
        "places": hold["places"],
        "client_handle": handle,
        "code": new_code(),
        "manage_token_hash": hash_token(token) if token else None,
        "sequence": 0,
        "booked_at": now,
        "changed_at": now,
    }
    _INSERT_APPOINTMENT.change(session, appointment)
    _take_over_places(session, hold, appointment["id"], now=now)
    note_step(session, appointment, viewer=viewer, now=now)
    return Booked({**slot, **appointment}, token)


def cancel_appointment(
    session: Session, appointment_id: UUID, *, viewer: Viewer, now: datetime, reason: str
) -> Row:
    """Cancel for the organization that booked or the one that hosts; the places are free at once.

    Cancelling twice is the same as once. Who booked may cancel up to the window's cut-off, the
    host at any time before the start.
    """
    read = partial(get_appointment, session, appointment_id, viewer)
    return _cancel(session, read, viewer, now, reason, by=None)


def cancel_own_appointment(
    session: Session, token: str, *, now: datetime, reason: str = "client-asked"
) -> Row:
    """Cancel for the person who booked it and has the link."""
    read = partial(get_appointment_by_token, session, hash_token(token))
    return _cancel(session, read, PUBLIC, now, reason, by="person")


def reschedule_appointment(
    session: Session,
    appointment_id: UUID,
    slot_id: UUID,
    *,
    viewer: Viewer,
    now: datetime,
    reason: str = "client-asked",
) -> Row:
    """Move an appointment to another time of its host, in one step; the old places are free then.

    It keeps its id, its code and its place in calendars. The new time has to be one that whoever
    booked could book now, whoever moves it; who booked may move it up to the cut-off, the host
    at any time before the start. The same time again is no change. A refusal has to undo the
    transaction.
    """
    read = partial(get_appointment, session, appointment_id, viewer)
    return _reschedule(session, read, slot_id, viewer, now, reason, by=None)


def reschedule_own_appointment(
    session: Session, token: str, slot_id: UUID, *, now: datetime, reason: str = "client-asked"
) -> Row:
    """Move the appointment of the person who booked it and has the link."""
    read = partial(get_appointment_by_token, session, hash_token(token))
    return _reschedule(session, read, slot_id, PUBLIC, now, reason, by="person")


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


def _refuse_overlap(
    session: Session, organization_id: UUID | None, handle: str | None, slot: Row, *, but: UUID
) -> None:
    refuse_busy_client(
        session,
        organization_id,
        handle,
        starts_at=slot["starts_at"],
        ends_at=slot["ends_at"],
        but=but,
    )


def _still_open(session: Session, hold: Row, viewer: Viewer, *, now: datetime) -> Row:
    values = {"slot_id": hold["slot_id"]}
    admitted = _ADMITTED
    if hold["allotment_id"] is not None:
        admitted, values["allotment_id"] = _ADMITTED_UNDER, hold["allotment_id"]
    slot = admitted.row(session, viewer, now=now, **values)
    if slot is None:
        if is_withdrawn(session, hold["slot_id"]):
            raise SlotWithdrawnError
        raise AgreementEndedError(hold["id"], hold["slot_id"])
    if slot["starts_at"] <= now:
        raise SlotClosedError
    return slot


def _take_over_places(session: Session, hold: Row, appointment_id: UUID, *, now: datetime) -> None:
    """Make the hold's places the appointment's.

    A hold that lapsed keeps none, and one whose places went to another while we waited for the
    lock has lost its rows: either way the count is short.
    """
    its = {"its_hold": hold["id"], "now": now, "appointment_id": appointment_id}
    if _TAKE_OVER.change(session, its) != hold["places"]:
        raise HoldExpiredError
    if hold["allotment_id"] is not None and (
        _TAKE_OVER_OF_WEEK.change(session, its) != hold["places"]
    ):
        raise HoldExpiredError
    delete_hold(session, hold["id"])


def _cancel(
    session: Session,
    read: Callable[[], Row],
    viewer: Viewer,
    now: datetime,
    reason: str,
    *,
    by: str | None,
) -> Row:
    check_reason(reason, CANCEL_REASONS)
    row = lock_appointment(session, read)
    if row["status"] == AppointmentStatus.CANCELLED:
        return row
    by = by or _side_of(row, viewer)
    refuse_late_change(row, now, by=by)
    cancel(session, row, viewer, now, reason, by=by)
    return read()


def _reschedule(
    session: Session,
    read: Callable[[], Row],
    slot_id: UUID,
    viewer: Viewer,
    now: datetime,
    reason: str,
    *,
    by: str | None,
) -> Row:
    check_reason(reason, MOVE_REASONS)
    row = lock_appointment(session, read, slot_id)
    by = by or _side_of(row, viewer)
    refuse_late_change(row, now, by=by)
    if row["slot_id"] == slot_id:
        return row
    give_back(session, appointment_id=row["id"])  # before looking: they may be in the same week
    booker = Viewer(row["organization_id"], account_id=row["account_id"])
    slot = lock_bookable(session, slot_id, viewer=booker, now=now, wanted=row["places"])
    if slot["host_organization_id"] != row["host_organization_id"]:
        raise NotFoundError("time")
    _refuse_overlap(session, row["organization_id"], row["client_handle"], slot, but=row["id"])
    take_step(
        session,
        row,
        viewer=viewer,
        now=now,
        reason=reason,
        slot_id=slot_id,
        agreement_id=slot["agreement_id"],
        allotment_id=slot["allotment_id"],
        **(_kept_status(row, slot) if by == "host" else first_status(slot, booker, now=now)),
    )
    holder = {"appointment_id": row["id"]}
    take_places(session, slot, row["places"], now=now, holder=holder)
    pass_on(session, [row["slot_id"]], now=now)
    return read()


def _kept_status(row: Row, slot: Row) -> dict[str, Any]:
    """Return the state of one that the host itself moves: what it had."""
    decide_by = row["decide_by"] and min(row["decide_by"], slot["starts_at"])
    return {"status": row["status"], "decide_by": decide_by}


def _side_of(row: Row, viewer: Viewer) -> str:
    return "host" if row["host_organization_id"] == viewer.organization_id else "partner"
