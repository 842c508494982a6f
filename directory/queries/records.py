"""Single records and plain lists of the directory."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import Session, col, select

from directory.errors import NotFoundError
from directory.models.locations import Location
from directory.models.organizations import Organization
from directory.models.services import LISTED, Service, ServiceAtLocation
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
