"""Telling the agency that booked what its host has done with an appointment.

Its desk gets a tickler, and whoever booked gets an e-mail, in the transaction of the change. The
letter names nobody and no service: it says where to look. People who booked for themselves left
no address; the page of their link says what happened.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.asking import Letter
from directory.commands.outbox import queue_message
from directory.database import Row, find_rows, insert_new
from scheduling.models import TABLES
from scheduling.models.ticklers import TicklerKind
from scheduling.queries.appointments import appointments

ticklers = TABLES["tickler"]
accounts = TABLES["account"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a letter is about: what was done, to how many bookings of its reader.

    ``appointment_id`` is of the first of them.
    """

    kind: TicklerKind
    count: int
    appointment_id: UUID


#: Writes a letter: words are not the scheduler's business.
WriteNotice = Callable[[Notice], Letter]


def tell_agencies(
    session: Session,
    appointment_ids: Collection[UUID],
    kind: TicklerKind,
    *,
    now: datetime,
    write: WriteNotice | None = None,
) -> None:
    """Tell the agencies that booked that their host cancelled, or moved, these appointments.

    Call it after the change, in its transaction. Each version of an appointment is told of once.
    Without ``write`` nobody gets an e-mail. One account gets one letter, however many of its
    bookings it is about.
    """
    rows = _booked_by_agencies(session, appointment_ids)
    if not rows:
        return
    _note(session, rows, kind, now=now)
    if write is not None:
        for account_id, theirs in groupby(rows, key=lambda row: row["account_id"]):
            if account_id is not None:
                _send(session, list(theirs), kind, write, now=now)


def _booked_by_agencies(session: Session, ids: Collection[UUID]) -> Sequence[Row]:
    if not ids:
        return []
    return find_rows(
        session,
        sa.select(
            appointments.c.id,
            appointments.c.sequence,
            appointments.c.organization_id,
            accounts.c.id.label("account_id"),
            accounts.c.email,
        )
        .outerjoin(
            accounts,
            sa.and_(accounts.c.id == appointments.c.account_id, accounts.c.disabled_at.is_(None)),
        )
        .where(appointments.c.id.in_(ids), appointments.c.organization_id.is_not(None))
        .order_by(accounts.c.id, appointments.c.id),
    )


def _note(session: Session, rows: Sequence[Row], kind: TicklerKind, *, now: datetime) -> None:
    noted = [
        {
            "id": uuid4(),
            "organization_id": row["organization_id"],
            "account_id": row["account_id"],
            "kind": kind,
            "about": f"{row['id']} {row['sequence']}",
            "appointment_id": row["id"],
            "due_at": now,
            "made_at": now,
        }
        for row in rows
    ]
    insert_new(session, ticklers, noted, key=["organization_id", "kind", "about"])


def _send(
    session: Session, rows: Sequence[Row], kind: TicklerKind, write: WriteNotice, *, now: datetime
) -> None:
    letter = write(Notice(kind=kind, count=len(rows), appointment_id=rows[0]["id"]))
    versions = ",".join(f"{row['id']} {row['sequence']}" for row in rows)
    about = hashlib.sha256(versions.encode()).hexdigest()
    queue_message(
        session,
        recipient=rows[0]["email"],
        subject=letter.subject,
        body=letter.body,
        dedupe_key=f"{kind}:{about}",
        now=now,
    )
