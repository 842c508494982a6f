"""Notes that staff write by hand: sealed before the database sees them, opened for their readers.

They may name a client, so nobody who only has the database can read them.
"""

from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import Session

from api.sealing import Sealer
from directory.database import Row
from directory.viewer import Viewer
from scheduling.commands.ticklers import add_tickler


def write_note(
    session: Session,
    sealer: Sealer,
    note: str,
    *,
    viewer: Viewer,
    account_id: UUID | None,
    due_at: datetime,
    now: datetime,
) -> Row:
    """Write a reminder with a note that only this installation can read."""
    tickler_id = uuid4()
    return add_tickler(
        session,
        tickler_id,
        viewer=viewer,
        account_id=account_id,
        sealed_note=sealer.seal(note, _belongs_to(tickler_id)),
        due_at=due_at,
        now=now,
    )


def read_note(sealer: Sealer, row: Row) -> str | None:
    """Return what somebody wrote; reminders of the clock have no note."""
    if row["sealed_note"] is None:
        return None
    return sealer.open(row["sealed_note"], _belongs_to(row["id"]))


def _belongs_to(tickler_id: UUID) -> str:
    return f"tickler {tickler_id}"
