"""Writing down that somebody made sure of a listing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from directory.commands.asking import close_if_checked
from directory.errors import FieldError, InvalidError, NotFoundError
from directory.index import refresh_services
from directory.models.accounts import Role
from directory.models.organizations import Organization
from directory.models.services import LISTED, Service, ServiceAtLocation
from directory.models.verifications import (
    Verification,
    VerificationMethod,
    VitalField,
)
from directory.queries.verifications import find_entries_of_service, vital_fields_of
from directory.viewer import Viewer

#: How staff may say they made sure: links and sources speak for themselves.
BY_STAFF: Final = frozenset(VerificationMethod) - {
    VerificationMethod.LINK,
    VerificationMethod.SOURCE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeSure:
    """What somebody did: made sure of ``fields`` (none named: all that the listing has).

    ``changed``: it was not as listed, and has been put right.
    """

    method: VerificationMethod
    fields: Collection[VitalField] = ()
    changed: bool = False


def record_verification(
    session: Session, listing_id: UUID, sure: MadeSure, *, viewer: Viewer, now: datetime
) -> Sequence[Verification]:
    """Write down that a member of staff made sure of a listing of theirs; return the new rows.

    ``listing_id`` is that of a service at a location, or of a service: then it holds at all its
    places. Administrators may do so for any agency's. A question that is out about the listing
    is closed once everything it asked has been checked. Raises ``NotFoundError`` for a listing
    that is not theirs, and ``InvalidError``.
    """
    service, place_id = _own_listing(session, listing_id, viewer)
    entries = find_entries_of_service(session, service.id)
    mine = [entry for entry in entries if place_id in (None, entry["service_at_location_id"])]
    fields = sorted(sure.fields or {field for entry in mine for field in vital_fields_of(entry)})
    _refuse(sure, fields)
    agency = session.get_one(Organization, viewer.organization_id)
    rows = [
        Verification(
            service_id=service.id,
            service_at_location_id=place_id,
            field=field,
            method=sure.method,
            changed=sure.changed,
            verified_at=now,
            said_by=agency.name[:200],
            account_id=viewer.account_id,
        )
        for field in fields
    ]
    session.add_all(rows)
    session.flush()
    close_if_checked(session, service.id, now=now)
    refresh_services(session, [service.id], now=now)
    return rows


def _own_listing(session: Session, listing_id: UUID, viewer: Viewer) -> tuple[Service, UUID | None]:
    """Return the service, locked, and its place where the listing is one."""
    place = session.get(ServiceAtLocation, listing_id)
    service = session.exec(
        select(Service)
        .where(
            Service.id == (place.service_id if place else listing_id),
            col(Service.status).in_(LISTED),
        )
        .with_for_update(of=Service)
    ).one_or_none()
    anywhere = viewer.role is Role.ADMINISTRATOR
    if service is None or not (anywhere or service.organization_id == viewer.organization_id):
        raise NotFoundError("listing")
    return service, place.id if place else None


def _refuse(sure: MadeSure, fields: Sequence[VitalField]) -> None:
    mistakes = []
    if sure.method not in BY_STAFF:
        words = ", ".join(sorted(BY_STAFF))
        mistakes.append(FieldError("method", f"Say how you made sure: {words}."))
    if not fields:
        mistakes.append(FieldError("fields", "This listing says nothing yet that can be checked."))
    if mistakes:
        raise InvalidError(mistakes)
