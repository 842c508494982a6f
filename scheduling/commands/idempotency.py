"""The same request sent twice has one effect (invariant I7)."""

from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from directory.database import find_row
from directory.quick import QuickStatement
from scheduling.errors import KeyReusedError
from scheduling.models import TABLES

keys = TABLES["idempotency_key"]

#: How long a reply is kept: long enough for a client that was offline for days.
KEPT_FOR = timedelta(days=7)


_KEEP = QuickStatement(
    sa.update(keys)
    .where(keys.c.scope == sa.bindparam("its_scope"), keys.c.key == sa.bindparam("its_key"))
    .values(status=sa.bindparam("status"), body=sa.bindparam("body"))
)


_CLAIM = {
    dialect.__name__.rpartition(".")[2]: QuickStatement(
        dialect.insert(keys).on_conflict_do_nothing(index_elements=["scope", "key"])
    )
    for dialect in (postgresql, sqlite)
}


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
    claim = _CLAIM[session.get_bind().dialect.name]
    row = {"scope": scope, "key": key, "fingerprint": fingerprint, "created_at": now}
    if claim.change(session, row):
        return None
    kept = find_row(session, sa.select(keys).where(keys.c.scope == scope, keys.c.key == key))
    if kept is None or kept["fingerprint"] != fingerprint:
        raise KeyReusedError
    return StoredReply(kept["status"], kept["body"])


def keep_reply(session: Session, scope: str, key: str, reply: StoredReply) -> None:
    """Keep the reply under the key, in the transaction of the change itself."""
    _KEEP.change(
        session, {"its_scope": scope, "its_key": key, "status": reply.status, "body": reply.body}
    )


def forget_old_keys(session: Session, *, now: datetime) -> int:
    """Delete replies that are older than they are kept for."""
    result = session.connection().execute(
        sa.delete(keys).where(keys.c.created_at <= now - KEPT_FOR)
    )
    return result.rowcount
