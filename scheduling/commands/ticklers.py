"""Reminders, by hand or made by the clock.

What the clock makes is made once, for its kind and for the state of things that it is about: the
appointment's id and sequence (invariant I13). When that state has passed, it closes itself.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row, find_rows, insert_new
from directory.errors import InvalidError, NotFoundError
from directory.viewer import Viewer
from scheduling.bookable import slots, windows
from scheduling.models import TABLES
from scheduling.models.agreements import AgreementStatus
from scheduling.models.bookings import AppointmentStatus
from scheduling.models.ticklers import TicklerKind
from scheduling.queries.appointments import appointments
from scheduling.queries.ticklers import is_for, is_stale, open_ticklers, says, ticklers

agreements = TABLES["agreement"]
accounts = TABLES["account"]

#: How long before an appointment its papers are asked for.
DOCUMENTS_AHEAD = timedelta(days=2)
#: How long after the end of an appointment what came of it is missed, and until when.
OUTCOME_AFTER = timedelta(days=1)
OUTCOME_UNTIL = timedelta(days=30)
#: How long before its end an agreement is brought up.
AGREEMENT_AHEAD = timedelta(days=14)

#: How many reminders of a kind one tick makes.
MOST_AT_ONCE = 500


def add_tickler(
    session: Session,
    tickler_id: UUID,
    *,
    viewer: Viewer,
    account_id: UUID | None,
    sealed_note: str,
    due_at: datetime,
    now: datetime,
) -> Row:
    """Write a note for oneself or a colleague, for a moment to come.

    The note comes sealed to the id. Nobody named is oneself; of software, everybody. Raises
    ``InvalidError`` for a colleague of another agency.
    """
    whose = account_id or viewer.account_id
    if whose is not None and whose != viewer.account_id:
        _refuse_strangers(session, whose, viewer)
    row = {
        "id": tickler_id,
        "organization_id": viewer.organization_id,
        "account_id": whose,
        "made_by": viewer.account_id,
        "kind": TicklerKind.BY_HAND,
        "about": None,
        "appointment_id": None,
        "agreement_id": None,
        "sealed_note": sealed_note,
        "due_at": due_at,
        "made_at": now,
        "done_at": None,
    }
    session.connection().execute(sa.insert(ticklers).values(row))
    return row


def finish_tickler(session: Session, tickler_id: UUID, *, viewer: Viewer, now: datetime) -> Row:
    """Say that it is done. Twice is the same as once."""
    mine = sa.and_(ticklers.c.id == tickler_id, is_for(viewer))
    session.connection().execute(
        sa.update(ticklers)
        .where(mine, ticklers.c.done_at.is_(None))
        .values(done_at=now, done_by=viewer.account_id)
    )
    row = find_row(session, sa.select(ticklers).where(mine))
    if row is None:
        raise NotFoundError("reminder")
    return row


def remind(session: Session, *, now: datetime) -> int:
    """Make the reminders that are due, and close those that are over; return how many. A tick."""
    closed = _close_stale(session, now)
    made = [
        *_documents_due(session, now),
        *_without_outcome(session, now),
        *_to_approve(session, now),
        *_agreements_ending(session, now),
    ]
    made.sort(key=lambda row: (row["organization_id"], row["kind"], row["about"]))
    before = _count(session)
    insert_new(session, ticklers, made, key=["organization_id", "kind", "about"])
    return closed + _count(session) - before


def _refuse_strangers(session: Session, account_id: UUID, viewer: Viewer) -> None:
    found = find_row(
        session,
        sa.select(accounts.c.id).where(
            accounts.c.id == account_id, accounts.c.organization_id == viewer.organization_id
        ),
    )
    if found is None:
        raise InvalidError.of("account_id", "Choose somebody of your own agency.")


def _documents_due(session: Session, now: datetime) -> Iterator[dict[str, Any]]:
    """For whoever booked, where the window asks for papers."""
    found = _appointments(TicklerKind.DOCUMENTS_DUE).where(
        appointments.c.organization_id.is_not(None),
        appointments.c.status.in_((AppointmentStatus.BOOKED, AppointmentStatus.PENDING)),
        slots.c.starts_at > now,
        slots.c.starts_at <= now + DOCUMENTS_AHEAD,
    )
    for row in find_rows(session, found):
        if row["documents"]:
            yield _about(
                row, TicklerKind.DOCUMENTS_DUE, row["organization_id"], row["account_id"], now
            )


def _without_outcome(session: Session, now: datetime) -> Iterator[dict[str, Any]]:
    """For the host, the day after."""
    found = _appointments(TicklerKind.NO_OUTCOME).where(
        appointments.c.status.in_((AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED)),
        slots.c.ends_at <= now - OUTCOME_AFTER,
        slots.c.ends_at > now - OUTCOME_UNTIL,
    )
    for row in find_rows(session, found):
        yield _about(row, TicklerKind.NO_OUTCOME, row["host_organization_id"], None, now)


def _to_approve(session: Session, now: datetime) -> Iterator[dict[str, Any]]:
    """For the host, as soon as somebody asks."""
    found = _appointments(TicklerKind.TO_APPROVE).where(
        appointments.c.status == AppointmentStatus.PENDING, slots.c.starts_at > now
    )
    for row in find_rows(session, found):
        yield _about(row, TicklerKind.TO_APPROVE, row["host_organization_id"], None, now)


def _agreements_ending(session: Session, now: datetime) -> Iterator[dict[str, Any]]:
    """For both parties."""
    today = now.date()
    found = sa.select(agreements).where(
        agreements.c.status == AgreementStatus.ACTIVE,
        agreements.c.ends_on.between(today, today + AGREEMENT_AHEAD),
    )
    for row in find_rows(session, found):
        for party in (row["host_organization_id"], row["partner_organization_id"]):
            kind, about = TicklerKind.AGREEMENT_ENDING, f"{row['id']} {row['version']}"
            yield _tickler(kind, party, about, now, agreement_id=row["id"])


def _appointments(kind: TicklerKind) -> sa.Select[Any]:
    """Select the appointments of which, as they are now, no such reminder was made yet."""
    made = sa.exists().where(
        ticklers.c.appointment_id == appointments.c.id,
        ticklers.c.kind == kind,
        says(appointments.c.sequence),
    )
    return (
        sa.select(
            appointments.c.id,
            appointments.c.sequence,
            appointments.c.organization_id,
            appointments.c.host_organization_id,
            appointments.c.account_id,
            windows.c.documents,
        )
        .join(slots, slots.c.id == appointments.c.slot_id)
        .join(windows, windows.c.id == slots.c.window_id)
        .where(~made)
        .order_by(slots.c.starts_at, appointments.c.id)
        .limit(MOST_AT_ONCE)
    )


def _about(
    row: Row, kind: TicklerKind, organization_id: UUID, account_id: UUID | None, now: datetime
) -> dict[str, Any]:
    about = f"{row['id']} {row['sequence']}"
    return _tickler(
        kind, organization_id, about, now, account_id=account_id, appointment_id=row["id"]
    )


def _tickler(
    kind: TicklerKind,
    organization_id: UUID,
    about: str,
    now: datetime,
    *,
    account_id: UUID | None = None,
    appointment_id: UUID | None = None,
    agreement_id: UUID | None = None,
) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "organization_id": organization_id,
        "account_id": account_id,
        "kind": kind,
        "about": about,
        "appointment_id": appointment_id,
        "agreement_id": agreement_id,
        "due_at": now,
        "made_at": now,
    }


def _close_stale(session: Session, now: datetime) -> int:
    over = open_ticklers().where(is_stale(now)).with_only_columns(ticklers.c.id)
    closed = session.connection().execute(
        sa.update(ticklers)
        .where(ticklers.c.id.in_(over), ticklers.c.done_at.is_(None))
        .values(done_at=now)
    )
    return closed.rowcount


def _count(session: Session) -> int:
    return session.connection().execute(sa.select(sa.func.count(ticklers.c.id))).scalar_one()
