"""Questions about reminders."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.viewer import Viewer
from scheduling.bookable import slots
from scheduling.models import TABLES
from scheduling.models.ticklers import TicklerKind

ticklers = TABLES["tickler"]
appointments = TABLES["appointment"]
agreements = TABLES["agreement"]
accounts = TABLES["account"]


def is_for(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Say whether a reminder is the viewer's: their own, their agency's, or written by them."""
    return sa.and_(
        ticklers.c.organization_id == viewer.organization_id,
        ticklers.c.account_id.is_(None)
        | (ticklers.c.account_id == viewer.account_id)
        | (ticklers.c.made_by == viewer.account_id),
    )


def open_ticklers() -> sa.Select[Any]:
    """Select the reminders that are not done, with the state of what they are about."""
    return (
        sa.select(
            ticklers,
            appointments.c.code,
            slots.c.starts_at,
            agreements.c.title.label("agreement_title"),
            agreements.c.ends_on,
        )
        .outerjoin(appointments, appointments.c.id == ticklers.c.appointment_id)
        .outerjoin(slots, slots.c.id == appointments.c.slot_id)
        .outerjoin(agreements, agreements.c.id == ticklers.c.agreement_id)
        .where(ticklers.c.done_at.is_(None))
    )


def says(about_state: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Say whether a reminder's ``about``, an id and the number of a state, is of that state."""
    return ticklers.c.about.like(sa.literal("% ") + sa.cast(about_state, sa.String))


def is_stale(now: datetime) -> sa.ColumnElement[bool]:
    """Say whether what a reminder of the clock's is about has changed since, or is over."""
    return sa.case(
        (
            (ticklers.c.kind == TicklerKind.DOCUMENTS_DUE) & (slots.c.starts_at <= now),
            sa.true(),
        ),
        (ticklers.c.kind.in_(_OF_APPOINTMENTS), ~says(appointments.c.sequence)),
        (ticklers.c.kind == TicklerKind.AGREEMENT_ENDING, ~says(agreements.c.version)),
        else_=sa.false(),
    )


#: Those whose ``about`` ends with the sequence of an appointment.
_OF_APPOINTMENTS = (TicklerKind.DOCUMENTS_DUE, TicklerKind.NO_OUTCOME, TicklerKind.TO_APPROVE)


def find_ticklers(
    session: Session,
    viewer: Viewer,
    *,
    now: datetime,
    due_before: datetime | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 100,
) -> Sequence[Row]:
    """Return the viewer's open reminders, soonest due first; stale ones are none any more."""
    mine = open_ticklers().where(is_for(viewer), sa.not_(is_stale(now)))
    found = mine.order_by(ticklers.c.due_at, ticklers.c.id)
    if due_before is not None:
        found = found.where(ticklers.c.due_at < due_before)
    if after is not None:
        found = found.where(
            sa.tuple_(ticklers.c.due_at, ticklers.c.id)
            > sa.tuple_(
                sa.literal(after[0], ticklers.c.due_at.type),
                sa.literal(after[1], ticklers.c.id.type),
            )
        )
    return find_rows(session, found.limit(limit))


def find_colleagues(session: Session, viewer: Viewer) -> Sequence[Row]:
    """Return the ids and names of the people of the viewer's agency, by name."""
    return find_rows(
        session,
        sa.select(accounts.c.id, accounts.c.name)
        .where(accounts.c.organization_id == viewer.organization_id)
        .order_by(accounts.c.name, accounts.c.id),
    )
