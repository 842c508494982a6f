"""What waits in the outbox, without a word of what it says."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row, find_rows
from directory.models import TABLES

messages = TABLES["outgoing_message"]

_ENDED_NOT = sa.and_(messages.c.sent_at.is_(None), messages.c.failed_at.is_(None))

#: How far back messages count as lately sent or given up.
LATELY = timedelta(days=30)


def count_messages(session: Session, *, now: datetime) -> Row:
    """Count the messages that wait, and those that were lately sent or given up.

    ``waiting`` wait, of them ``tried`` were tried in vain, and the oldest was put in at
    ``waiting_since``; ``sent`` and ``failed`` are those of the last 30 days.
    """
    row = find_row(
        session,
        sa.select(
            sa.func.count().filter(_ENDED_NOT).label("waiting"),
            sa.func.count().filter(_ENDED_NOT, messages.c.attempts > 0).label("tried"),
            sa.func.count().filter(messages.c.sent_at > now - LATELY).label("sent"),
            sa.func.count().filter(messages.c.failed_at > now - LATELY).label("failed"),
            sa.func.min(messages.c.created_at).filter(_ENDED_NOT).label("waiting_since"),
        ),
    )
    return row or {}


def find_waiting_messages(session: Session, *, limit: int = 100) -> Sequence[Row]:
    """Return the messages that wait, oldest first, whole: for the terminal of who runs this."""
    return find_rows(
        session,
        sa.select(messages)
        .where(_ENDED_NOT)
        .order_by(messages.c.created_at, messages.c.id)
        .limit(limit),
    )
