"""E-mails on their way out: put in with their cause, claimed, sent, marked.

Sending is not a matter of the database: whoever sends claims a message in one transaction, sends
it outside of any, and marks it in another. A message is sent **at least once**. A worker that
dies between sending and marking leaves a claim that runs out, and the message goes out a second
time, with the same Message-ID: a question that comes twice does less harm than one that is lost.
Two workers never send the same message at the same time, because a claim is a compare-and-swap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from directory.database import find_row
from directory.mail_addresses import check_address
from directory.models import TABLES

messages = TABLES["outgoing_message"]

#: When to try again after each failure, and how long a claim keeps others away. The last one
#: only keeps others away: after it, we give up.
TRY_AGAIN_AFTER: Final = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
    timedelta(hours=24),
)
MOST_ATTEMPTS: Final = len(TRY_AGAIN_AFTER)

LONGEST_SUBJECT = 200

_WAITS = sa.and_(messages.c.sent_at.is_(None), messages.c.failed_at.is_(None))


@dataclass(frozen=True, slots=True)
class Message:
    """A claimed e-mail. ``attempt`` counts from 1, and proves the claim when it is marked."""

    id: UUID
    recipient: str
    subject: str
    body: str
    attempt: int


@cache
def _put(dialect: str) -> sa.Executable:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return (
        insert(messages)
        .on_conflict_do_nothing(index_elements=["dedupe_key"])
        .returning(messages.c.id)
    )


def queue_message(
    session: Session, *, recipient: str, subject: str, body: str, dedupe_key: str, now: datetime
) -> bool:
    """Put an e-mail into the outbox, in the transaction of what causes it.

    Returns False, and does nothing, where a message with that ``dedupe_key`` was put in before.
    Raises ``InvalidError`` for a recipient that is no address; a subject is made one line.
    """
    values = {
        "id": uuid4(),
        "recipient": check_address(recipient),
        "subject": _one_line(subject),
        "body": body,
        "dedupe_key": dedupe_key,
        "created_at": now,
        "due_at": now,
        "attempts": 0,
    }
    put = session.connection().execute(_put(session.get_bind().dialect.name), values)
    return put.first() is not None


def _one_line(subject: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in subject)
    return " ".join(printable.split())[:LONGEST_SUBJECT]


def claim_message(session: Session, *, now: datetime) -> Message | None:
    """Claim the message that is due the longest, so that nobody else sends it; None if none is.

    A message that was claimed for the last time, and not marked, is given up here.
    """
    while True:
        row = find_row(
            session,
            sa.select(messages)
            .where(_WAITS, messages.c.due_at <= now)
            .order_by(messages.c.due_at, messages.c.id)
            .limit(1),
        )
        if row is None:
            return None
        attempt = row["attempts"] + 1
        if attempt > MOST_ATTEMPTS:
            _end(session, row["id"], row["attempts"], failed_at=now)
        elif _claim(session, row["id"], attempt, now):
            return Message(row["id"], row["recipient"], row["subject"], row["body"], attempt)


def _claim(session: Session, id_: UUID, attempt: int, now: datetime) -> bool:
    """Swap the number of attempts, if it is still what we saw; say whether it was."""
    claimed = session.connection().execute(
        sa.update(messages)
        .where(messages.c.id == id_, messages.c.attempts == attempt - 1, _WAITS)
        .values(attempts=attempt, due_at=now + TRY_AGAIN_AFTER[attempt - 1])
    )
    return claimed.rowcount == 1


def mark_sent(session: Session, message: Message, *, now: datetime) -> None:
    """Say that a server took the message; its words are forgotten."""
    _end(session, message.id, None, sent_at=now)


def mark_not_sent(session: Session, message: Message, *, forever: bool, now: datetime) -> None:
    """Say that a message could not be sent: it is tried again later, or given up.

    ``forever``: the server will not take it at any other time either. What somebody else has
    claimed since is left to them.
    """
    if forever or message.attempt >= MOST_ATTEMPTS:
        _end(session, message.id, message.attempt, failed_at=now)


def withdraw_messages(session: Session, dedupe_keys: Sequence[str]) -> None:
    """Take back the messages with these keys that have not gone out: they would come too late."""
    session.connection().execute(
        sa.delete(messages).where(_WAITS, messages.c.dedupe_key.in_(dedupe_keys))
    )


def _end(session: Session, id_: UUID, attempt: int | None, **ended: datetime) -> None:
    """End a message's life, unless somebody else has claimed it since ``attempt``.

    What it said goes: links in it are secrets.
    """
    mine = sa.true() if attempt is None else messages.c.attempts == attempt
    session.connection().execute(
        sa.update(messages)
        .where(messages.c.id == id_, _WAITS, mine)
        .values(subject="", body="", **ended)
    )
