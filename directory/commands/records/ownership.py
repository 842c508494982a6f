"""Whose a record is. Publishers change those of their organization, administrators all."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.history import ROOTS
from directory.database import Row, find_row
from directory.errors import NotFoundError
from directory.kinds import SPECS
from directory.models import TABLES
from directory.models.accounts import Role
from directory.offers import at_locations, services
from directory.viewer import Viewer

#: In which order rows are locked, so that two changes do not wait for each other.
LOCK_ORDER: Final = ROOTS


def may_edit(viewer: Viewer, organization_id: UUID | None) -> bool:
    """Say whether the viewer may change what belongs to an organization."""
    if viewer.role is Role.ADMINISTRATOR:
        return True
    return viewer.role is Role.PUBLISHER and viewer.organization_id == organization_id is not None


def owner_of(session: Session, table: str, row: Mapping[str, Any]) -> UUID | None:
    """Return the organization whose record a root is, or None where it is no single one's.

    A place without an organization is that of the one that alone offers services there.
    """
    if table == "organization":
        own: UUID = row["id"]
        return own
    if table == "service_at_location":
        of_service = sa.select(services.c.organization_id).where(services.c.id == row["service_id"])
        offering: UUID = session.connection().execute(of_service).scalar_one()
        return offering
    if row["organization_id"] is not None or table != "location":
        owner: UUID | None = row["organization_id"]
        return owner
    there = session.connection().execute(
        sa.select(services.c.organization_id)
        .join(at_locations, at_locations.c.service_id == services.c.id)
        .where(at_locations.c.location_id == row["id"])
        .distinct()
    )
    owners = there.scalars().all()
    return owners[0] if len(owners) == 1 else None


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
