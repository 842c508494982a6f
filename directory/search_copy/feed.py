"""What changed in search rows and calendars since: exactly, however writers overlapped."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.models import TABLES

#: After so many changes it is quicker to read all rows anew than those that changed.
MOST_CHANGES = 50_000

#: So many changes are kept; then they are forgotten, and whoever is behind reads all rows anew.
MOST_KEPT = 1_000_000

changes = TABLES["search_change"]

#: SQLite gives out numbers as writers end, because there is one at a time.
_SQLITE_NOW = "SELECT COALESCE(MAX(seq), 0) FROM search_change"
_SQLITE_SINCE = """SELECT seq, entry_id, in_calendar FROM search_change WHERE seq >= ?
    ORDER BY seq LIMIT ?"""

#: PostgreSQL gives them out as writers begin. What a snapshot does not see is not before its
#: oldest writer that was still at work, and one can be asked which it sees.
_POSTGRESQL_NOW = "SELECT pg_current_snapshot()::text, pg_current_xact_id_if_assigned()::text"
_POSTGRESQL_SINCE = f"""{_POSTGRESQL_NOW}, seq, entry_id, in_calendar
    FROM (VALUES (1)) AS always LEFT JOIN (
        SELECT seq, entry_id, in_calendar FROM search_change
        WHERE transaction >= pg_snapshot_xmin(%(seen)s::pg_snapshot)::text::bigint
            AND NOT pg_visible_in_snapshot(transaction::text::xid8, %(seen)s::pg_snapshot)
        LIMIT %(most)s
    ) AS change ON TRUE"""  # noqa: S608  (nothing that anybody typed)

#: How far a session sees: on SQLite the last number, on PostgreSQL a snapshot.
Seen = int | str


class News(NamedTuple):
    """How far a session sees, and the rows and the calendars that changed.

    ``rows`` is None where all may have.
    """

    seen: Seen
    rows: Sequence[UUID] | None
    calendars: Sequence[UUID]


def seen_now(session: Session) -> Seen:
    """Return how far this session sees."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        seen: int = connection.exec_driver_sql(_SQLITE_NOW).scalar_one()
        return seen
    return _seen(*connection.exec_driver_sql(_POSTGRESQL_NOW).one())


def news_since(session: Session, seen: Seen) -> News | None:
    """Return what changed since somebody saw so far; None where this session sees less.

    A row may be told twice, and none is left out.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(_SQLITE_SINCE, (seen, MOST_CHANGES + 2)).all()
        if seen and not rows:
            return None
        if seen and rows[0][0] != seen:  # the last change that was seen is forgotten
            return News(rows[-1][0], None, ())
        return _news(
            rows[-1][0] if rows else seen,
            [
                (UUID(id_) if id_ else None, in_calendar)
                for _, id_, in_calendar in (rows[1:] if seen else rows)
            ],
        )
    rows = connection.exec_driver_sql(
        _POSTGRESQL_SINCE, {"seen": seen, "most": MOST_CHANGES + 1}
    ).all()
    sees = _seen(*rows[0][:2])
    if not _sees_all_of(sees, str(seen)):
        return None
    return _news(sees, [row[3:] for row in rows if row[2] is not None])


def _news(seen: Seen, changed: Sequence[tuple[UUID | None, bool]]) -> News:
    rows = [id_ for id_, in_calendar in changed if not in_calendar]
    if len(changed) > MOST_CHANGES or None in rows:
        return News(seen, None, ())
    calendars = [id_ for id_, in_calendar in changed if in_calendar and id_ is not None]
    return News(seen, [id_ for id_ in rows if id_ is not None], calendars)


def _seen(snapshot: str, own: str | None) -> str:
    """Return what a session has seen for good: not yet what its own transaction may undo."""
    if own is None:
        return snapshot
    oldest, to_come, at_work = snapshot.split(":")
    others = {int(each) for each in at_work.split(",") if each} | {int(own)}
    listed = ",".join(str(each) for each in sorted(others) if each < int(to_come))
    return f"{min(int(oldest), int(own))}:{to_come}:{listed}"


def _sees_all_of(snapshot: str, other: str) -> bool:
    """Say whether one snapshot of PostgreSQL sees every transaction that another sees.

    Written as "oldest at work:first to come:those at work between them".
    """
    if snapshot == other:
        return True
    to_come, at_work = _parts(snapshot)
    other_to_come, other_at_work = _parts(other)
    return to_come >= other_to_come and all(
        each in other_at_work for each in at_work if each < other_to_come
    )


def _parts(snapshot: str) -> tuple[int, set[int]]:
    _, to_come, at_work = snapshot.split(":")
    return int(to_come), {int(each) for each in at_work.split(",") if each}


def forget_old_changes(session: Session, *, now: datetime, most: int = MOST_KEPT) -> int:
    """Forget all changes where there are more than ``most``; return how many there were.

    Whoever has not seen them reads all rows anew.
    """
    del now  # how many there are counts, not how old they are
    connection = session.connection()
    counted = connection.scalar(sa.select(sa.func.count()).select_from(changes)) or 0
    if counted <= most:
        return 0
    connection.execute(sa.delete(changes))
    connection.execute(sa.insert(changes).values(entry_id=None))
    return counted
