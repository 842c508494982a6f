"""What became of an appointment on its day: they came, it took place, or they did not come."""

from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from directory.database import Row
from directory.errors import NothingToUndoError
from directory.viewer import Viewer
from scheduling.commands.overlaps import refuse_busy_client
from scheduling.commands.steps import check_reason, lock_appointment, refuse_others, take_step
from scheduling.errors import AppointmentFinalError, TooEarlyError
from scheduling.models.bookings import AppointmentStatus
from scheduling.queries.appointments import get_appointment

BOOKED, ARRIVED = AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED
FULFILLED, NOSHOW = AppointmentStatus.FULFILLED, AppointmentStatus.NOSHOW

#: What came of it: fixed words, because a free text would end up telling somebody's story.
OUTCOMES = ("served", "partly-served", "come-again", "referred-on", "not-for-them", "left-early")

#: What the front desk may take back on the same day.
CAN_BE_UNDONE = frozenset({ARRIVED, NOSHOW})


def check_in(session: Session, appointment_id: UUID, *, viewer: Viewer, now: datetime) -> Row:
    """Say that they are here: on the appointment's day, by the host's clock, or later."""
    return _step(session, appointment_id, viewer, now, ARRIVED, {BOOKED}, early=_before_its_day)


def mark_no_show(session: Session, appointment_id: UUID, *, viewer: Viewer, now: datetime) -> Row:
    """Say that nobody came. Raises ``TooEarlyError`` before the start."""
    return _step(session, appointment_id, viewer, now, NOSHOW, {BOOKED}, early=_before_its_start)


def fulfill_appointment(
    session: Session,
    appointment_id: UUID,
    *,
    viewer: Viewer,
    now: datetime,
    outcome: str = "served",
) -> Row:
    """Say that it took place and what came of it: of those who came, or after the start."""
    check_reason(outcome, OUTCOMES, field="outcome")
    return _step(
        session,
        appointment_id,
        viewer,
        now,
        FULFILLED,
        {BOOKED, ARRIVED},
        early=lambda row, now: row["status"] == BOOKED and _before_its_start(row, now),
        outcome=outcome,
    )


def undo_visit(session: Session, appointment_id: UUID, *, viewer: Viewer, now: datetime) -> Row:
    """Take back a mistaken check-in or no-show, on the day it was said.

    Raises ``NothingToUndoError`` where there is none, or it is older.
    """
    read = partial(get_appointment, session, appointment_id, viewer)
    row = lock_appointment(session, read)
    refuse_others(row, viewer)
    zone = ZoneInfo(row["timezone"])
    said_on = row["changed_at"].astimezone(zone).date()
    if row["status"] not in CAN_BE_UNDONE or said_on != now.astimezone(zone).date():
        raise NothingToUndoError
    refuse_busy_client(
        session,
        row["organization_id"],
        row["client_handle"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        but=row["id"],
    )
    take_step(session, row, BOOKED, viewer=viewer, now=now, reason="mistake")
    return read()


def _step(
    session: Session,
    appointment_id: UUID,
    viewer: Viewer,
    now: datetime,
    status: AppointmentStatus,
    possible: set[AppointmentStatus],
    *,
    early: Any,
    **columns: Any,
) -> Row:
    """Take a step of the host's from one of the ``possible`` states; twice is once."""
    read = partial(get_appointment, session, appointment_id, viewer)
    row = lock_appointment(session, read)
    refuse_others(row, viewer)
    if row["status"] == status:
        return row
    if row["status"] not in possible:
        raise AppointmentFinalError
    if early(row, now):
        raise TooEarlyError
    take_step(session, row, status, viewer=viewer, now=now, **columns)
    return read()


def _before_its_start(row: Row, now: datetime) -> bool:
    return bool(now < row["starts_at"])


def _before_its_day(row: Row, now: datetime) -> bool:
    zone = ZoneInfo(row["timezone"])
    day: date = row["starts_at"].astimezone(zone).date()
    return now.astimezone(zone).date() < day
