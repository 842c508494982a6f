"""Single records and plain lists of the directory."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.database import Row, find_rows
from directory.errors import NotFoundError
from directory.models.locations import AddressVisibility, Location
from directory.models.organizations import Organization
from directory.models.services import LISTED, Service, ServiceAtLocation
from directory.offers import capacities, units

R = TypeVar("R", Organization, Service, Location, ServiceAtLocation)

_WORDS = {
    Organization: "organization",
    Service: "service",
    Location: "location",
    ServiceAtLocation: "service at a location",
}


def get_record(session: Session, kind: type[R], record_id: UUID) -> R:
    """Return one record that is listed."""
    record: R | None = session.exec(_listed(kind).where(kind.id == record_id)).one_or_none()
    if record is None:
        raise NotFoundError(_WORDS[kind])
    return record


def find_records(
    session: Session, kind: type[R], *, after: UUID | None = None, limit: int = 100
) -> Sequence[R]:
    """Return the listed records in the order of their ids, from behind ``after``."""
    found = _listed(kind).order_by(col(kind.id)).limit(limit)
    if after is not None:
        found = found.where(col(kind.id) > after)
    records: Sequence[R] = session.exec(found).all()
    return records


def _listed(kind: type[R]) -> Any:
    """Select what is listed: not what nobody offers any more, and not what was merged."""
    if kind is Service:
        return select(Service).where(*_is_listed)
    if kind is ServiceAtLocation:
        return (
            select(ServiceAtLocation)
            .join(Service, col(Service.id) == ServiceAtLocation.service_id)
            .join(Location, col(Location.id) == ServiceAtLocation.location_id)
            .where(*_is_listed, col(Location.merged_into_id).is_(None))
        )
    return select(kind).where(col(kind.merged_into_id).is_(None))  # type: ignore[attr-defined]  # an organization or a location


_is_listed = (col(Service.status).in_(LISTED), col(Service.merged_into_id).is_(None))


def is_public(location: Location) -> bool:
    """Say whether everybody may know where a location is."""
    return location.address_visibility is AddressVisibility.PUBLIC


def find_openings_history(
    session: Session,
    service_at_location_id: UUID,
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 100,
) -> Sequence[Row]:
    """Return the reports of openings of a place, newest first."""
    found = (
        sa.select(
            capacities,
            units.c.name.label("unit"),
        )
        .join(units, units.c.id == capacities.c.unit_id)
        .where(capacities.c.service_at_location_id == service_at_location_id)
        .order_by(capacities.c.updated.desc(), capacities.c.id.desc())
        .limit(limit)
    )
    if after is not None:
        found = found.where(
            sa.tuple_(capacities.c.updated, capacities.c.id)
            < sa.tuple_(
                sa.literal(after[0], capacities.c.updated.type),
                sa.literal(after[1], capacities.c.id.type),
            )
        )
    return find_rows(session, found)
