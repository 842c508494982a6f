"""Whose a record is. Publishers change those of their organization, administrators all."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.models.accounts import Role
from directory.offers import at_locations, services
from directory.viewer import Viewer


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


def may_read_history(viewer: Viewer, organization_id: UUID | None) -> bool:
    """Say whether the viewer is of the staff whose record it is, or an administrator."""
    if viewer.role is Role.ADMINISTRATOR:
        return True
    is_staff = viewer.role in (Role.PUBLISHER, Role.COORDINATOR)
    return is_staff and viewer.organization_id == organization_id is not None
