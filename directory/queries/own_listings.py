"""What an agency has in the directory, listed or not, for those who edit it."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row, find_rows
from directory.errors import NotFoundError
from directory.folding import fold
from directory.kinds import SPECS
from directory.models import TABLES
from directory.models.accounts import Role
from directory.offers import at_locations, locations, organizations, services
from directory.queries.ownership import may_edit, owner_of
from directory.queries.whole_records import Whole, find_whole
from directory.viewer import Viewer

#: What is folded is compared in the program: databases fold accents each in their own way.
MOST_READ = 20_000


def find_own_services(
    session: Session, viewer: Viewer, *, words: str = "", limit: int = 100
) -> Sequence[Row]:
    """Return the services that the viewer may edit, by name, with their organization's name.

    ``words`` have all to be in the two names.
    """
    found = find_rows(
        session,
        sa.select(
            services.c.id,
            services.c.name,
            services.c.status,
            organizations.c.name.label("organization_name"),
        )
        .join(organizations, organizations.c.id == services.c.organization_id)
        .where(_own(viewer, services.c.organization_id))
        .order_by(services.c.name, services.c.id)
        .limit(MOST_READ),
    )
    wanted = fold(words).split()
    matching = (
        row
        for row in found
        if all(word in fold(f"{row['name']} {row['organization_name']}") for word in wanted)
    )
    return [row for row, _ in zip(matching, range(limit), strict=False)]


def find_offers_of(session: Session, service_ids: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """Return where each service is offered: the offer's id and the place's own name and id."""
    found = find_rows(
        session,
        sa.select(
            at_locations.c.id,
            at_locations.c.service_id,
            at_locations.c.location_id,
            locations.c.name,
            locations.c.address_visibility,
        )
        .join(locations, locations.c.id == at_locations.c.location_id)
        .where(at_locations.c.service_id.in_(service_ids))
        .order_by(locations.c.name, at_locations.c.id),
    )
    offers: dict[UUID, list[Row]] = {each: [] for each in service_ids}
    for row in found:
        offers[row["service_id"]].append(row)
    return offers


def find_own_places(session: Session, viewer: Viewer, *, limit: int = 200) -> Sequence[Row]:
    """Return the places of the viewer's own organization, by name."""
    return find_rows(
        session,
        sa.select(locations.c.id, locations.c.name, locations.c.address_visibility)
        .where(_own_places(viewer.organization_id))
        .order_by(locations.c.name, locations.c.id)
        .limit(limit),
    )


def find_places_of(session: Session, organization_id: UUID) -> Sequence[Row]:
    """Return the places where an organization's services may be put, by name."""
    return find_rows(
        session,
        sa.select(locations.c.id, locations.c.name)
        .where(_own_places(organization_id))
        .order_by(locations.c.name, locations.c.id),
    )


def _own(viewer: Viewer, owner: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    if viewer.role is Role.ADMINISTRATOR:
        return sa.true()
    return owner == viewer.organization_id


def _own_places(organization_id: UUID | None) -> sa.ColumnElement[bool]:
    """Choose the places of an organization, and those without one where it offers something."""
    here = (
        sa.select(at_locations.c.location_id)
        .join(services, services.c.id == at_locations.c.service_id)
        .where(services.c.organization_id == organization_id)
    )
    nobodys = locations.c.organization_id.is_(None) & locations.c.id.in_(here)
    return (locations.c.organization_id == organization_id) | nobodys


def get_own_whole(session: Session, table: str, record_id: UUID, viewer: Viewer) -> Whole:
    """Return a record that the viewer may edit, with all that hangs on it; nothing left out."""
    rows = TABLES[table]
    row = find_row(session, sa.select(rows).where(rows.c.id == record_id))
    if row is None or not may_edit(viewer, owner_of(session, table, row)):
        raise NotFoundError(SPECS[table].words)
    (whole,) = find_whole(session, table, [record_id])
    return whole
