"""Single records and plain lists of the directory."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.database import Row, find_rows
from directory.errors import NotFoundError
from directory.models.locations import Location
from directory.models.organizations import Organization
from directory.models.services import LISTED, Service, ServiceAtLocation
from directory.offers import capacities, terms, units
from directory.queries.ownership import may_edit, owner_of
from directory.viewer import Viewer

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


def get_visible(session: Session, kind: type[R], record_id: UUID, viewer: Viewer) -> R:
    """Return one record that is listed, or that the viewer may change."""
    try:
        return get_record(session, kind, record_id)
    except NotFoundError:
        record = session.get(kind, record_id)
        table = str(kind.__tablename__)
        if record is None or not may_edit(viewer, owner_of(session, table, record.model_dump())):
            raise
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
    if kind is Service:
        return select(Service).where(col(Service.status).in_(LISTED))
    if kind is ServiceAtLocation:
        return (
            select(ServiceAtLocation)
            .join(Service, col(Service.id) == ServiceAtLocation.service_id)
            .where(col(Service.status).in_(LISTED))
        )
    return select(kind)


_TERM_NAMES = sa.select(terms.c.code, terms.c.name)


def find_need_names(session: Session) -> dict[str, str]:
    """Return the name of every taxonomy term in use or of our own, by its code."""
    found = find_rows(session, _TERM_NAMES)
    return {row["code"]: row["name"] for row in found}


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
