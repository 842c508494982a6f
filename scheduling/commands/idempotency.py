"""The same request sent twice has one effect (invariant I7)."""

from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from directory.database import find_row
from scheduling.errors import KeyReusedError
from scheduling.models import TABLES

keys = TABLES["idempotency_key"]

#: How long a reply is kept: long enough for a client that was offline for days.
KEPT_FOR = timedelta(days=7)


# Built once: that costs more than running them.
_KEEP = (
    sa.update(keys)
    .where(keys.c.scope == sa.bindparam("its_scope"), keys.c.key == sa.bindparam("its_key"))
    .values(status=sa.bindparam("status"), body=sa.bindparam("body"))
)


@cache
def _claim(dialect: str) -> sa.Executable:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    inserted = insert(keys).on_conflict_do_nothing(index_elements=["scope", "key"])
    return inserted.returning(keys.c.key)


class StoredReply(NamedTuple):
    """What was answered the first time."""

    status: int
    body: str


def claim_key(
    session: Session, scope: str, key: str, *, fingerprint: str, now: datetime
) -> StoredReply | None:
    """Claim a key for this transaction, or return the reply that it already has.

    A second request under the same key waits here until the first has ended. Raises
    ``KeyReusedError`` when the first request was a different one.
    """
    claimed = session.connection().execute(
        _claim(session.get_bind().dialect.name),
        {"scope": scope, "key": key, "fingerprint": fingerprint, "created_at": now},
    )
    if claimed.first() is not None:
        return None
    row = find_row(session, sa.select(keys).where(keys.c.scope == scope, keys.c.key == key))
    if row is None or row["fingerprint"] != fingerprint:
        raise KeyReusedError
    return StoredReply(row["status"], row["body"])


def keep_reply(session: Session, scope: str, key: str, reply: StoredReply) -> None:
    """Keep the reply under the key, in the transaction of the change itself."""
    session.connection().execute(
        _KEEP, {"its_scope": scope, "its_key": key, "status": reply.status, "body": reply.body}
    )


def forget_old_keys(session: Session, *, now: datetime) -> int:
    """Delete replies that are older than they are kept for."""
    result = session.connection().execute(
        sa.delete(keys).where(keys.c.created_at <= now - KEPT_FOR)
    )
    return result.rowcount
