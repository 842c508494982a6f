"""Locking what is to be changed, once it is sure that it is the caller's."""

from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.history import ROOTS
from directory.database import Row, find_row
from directory.errors import NotFoundError
from directory.kinds import SPECS
from directory.models import TABLES
from directory.offers import services
from directory.queries.ownership import may_edit, owner_of
from directory.viewer import Viewer

#: In which order rows are locked, so that two changes do not wait for each other.
LOCK_ORDER: Final = ROOTS


def lock_own(session: Session, table: str, record_id: UUID, viewer: Viewer) -> Row:
    """Return a root that the viewer may change, and keep others from changing it meanwhile.

    Raises ``NotFoundError`` for one that is not theirs, as for one that is not there.
    """
    row = lock_row(session, table, record_id)
    if row is None or not may_edit(viewer, owner_of(session, table, row)):
        raise NotFoundError(SPECS[table].words)
    return row


def lock_row(session: Session, table: str, record_id: UUID) -> Row | None:
    """Return a row, locked until the transaction ends; others may still refer to it."""
    rows = TABLES[table]
    return find_row(
        session, sa.select(rows).where(rows.c.id == record_id).with_for_update(key_share=True)
    )


def lock_services(session: Session, service_ids: set[UUID]) -> None:
    """Lock services in one order: whoever makes search rows anew does it one after the other."""
    session.connection().execute(
        sa.select(services.c.id)
        .where(services.c.id.in_(service_ids))
        .order_by(services.c.id)
        .with_for_update(key_share=True)
    ).all()
