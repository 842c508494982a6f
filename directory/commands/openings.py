"""Saying whether there is room."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from directory.errors import FieldError, InvalidError, NotFoundError
from directory.index import refresh_services
from directory.models.openings import OpeningStatus, ServiceCapacity, Unit
from directory.models.organizations import Organization
from directory.models.services import Service, ServiceAtLocation
from directory.viewer import Viewer

#: How long a report counts when its author does not say, in minutes.
VALID_FOR_MINUTES = 12 * 60
LONGEST_VALID_FOR_MINUTES = 7 * 24 * 60
MAXIMUM_COUNT = 10_000
MAXIMUM_NOTE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningReport:
    """What a provider says: "3 of 10 beds are free, and that holds for two hours".

    Without a ``status`` it follows from the count: none free is full.
    """

    unit: str = "places"
    available: int | None = None
    maximum: int | None = None
    status: OpeningStatus | None = None
    note: str | None = None
    valid_for_minutes: int = VALID_FOR_MINUTES

    @property
    def effective_status(self) -> OpeningStatus:
        """The status that was said, or that the count says."""
        if self.status is not None:
            return self.status
        return OpeningStatus.FULL if self.available == 0 else OpeningStatus.OPEN


def report_openings(
    session: Session,
    service_at_location_id: UUID,
    report: OpeningReport,
    *,
    viewer: Viewer,
    now: datetime,
) -> ServiceCapacity:
    """Add a report of openings at a place of the viewer's organization; searches see it at once.

    Raises ``NotFoundError`` for a place that is not theirs and ``InvalidError`` by field.
    """
    service = _own_service(session, service_at_location_id, viewer)
    mistakes = _mistakes(report)
    if mistakes:
        raise InvalidError(mistakes)
    organization = session.get_one(Organization, service.organization_id)
    row = ServiceCapacity(
        service_id=service.id,
        service_at_location_id=service_at_location_id,
        unit_id=_ensure_unit(session, report.unit.strip()),
        status=report.effective_status,
        available=report.available,
        maximum=report.maximum,
        description=report.note,
        updated=now,
        expires_at=now + timedelta(minutes=report.valid_for_minutes),
        said_by=organization.name,
        account_id=viewer.account_id,
    )
    session.add(row)
    refresh_services(session, [service.id], now=now)
    return row


def step_openings(
    session: Session,
    service_at_location_id: UUID,
    report: OpeningReport,
    *,
    by: int,
    viewer: Viewer,
    now: datetime,
) -> ServiceCapacity:
    """Say one more or one fewer (``by``) than the newest report, so that two taps count twice.

    ``report.available`` counts only where nothing was reported yet. The count stays between
    none and ``report.maximum``, and open or full follows from it.
    """
    _own_service(session, service_at_location_id, viewer)  # locks: the newest stays the newest
    newest = session.exec(
        select(ServiceCapacity.available)
        .where(ServiceCapacity.service_at_location_id == service_at_location_id)
        .order_by(col(ServiceCapacity.updated).desc(), col(ServiceCapacity.id))
        .limit(1)
    ).first()
    count = max(0, (report.available or 0 if newest is None else newest) + by)
    if report.maximum is not None:
        count = min(count, report.maximum)
    follows = report.status in (OpeningStatus.OPEN, OpeningStatus.FULL)
    stepped = replace(report, available=count, status=None if follows else report.status)
    return report_openings(session, service_at_location_id, stepped, viewer=viewer, now=now)


def _own_service(session: Session, service_at_location_id: UUID, viewer: Viewer) -> Service:
    service = session.exec(
        select(Service)
        .join(ServiceAtLocation)
        .where(ServiceAtLocation.id == service_at_location_id)
        .with_for_update(of=Service)  # so that two reports are refreshed one after the other
    ).one_or_none()
    if service is None or service.organization_id != viewer.organization_id:
        raise NotFoundError("service at a location")
    return service


def _ensure_unit(session: Session, name: str) -> UUID:
    unit = session.exec(select(Unit).where(Unit.name == name)).one_or_none()
    if unit is None:
        unit = Unit(name=name)
        session.add(unit)
        session.flush()  # the report refers to it
    return unit.id


def _mistakes(report: OpeningReport) -> list[FieldError]:
    mistakes = []
    if not 1 <= len(report.unit.strip()) <= 60:  # noqa: PLR2004  (as the column)
        mistakes.append(FieldError("unit", 'Say what is counted, such as "beds".'))
    for name in ("available", "maximum"):
        value = getattr(report, name)
        if value is not None and not 0 <= value <= MAXIMUM_COUNT:
            mistakes.append(FieldError(name, f"Give a whole number from 0 to {MAXIMUM_COUNT}."))
    if None not in (report.available, report.maximum) and report.available > report.maximum:  # type: ignore[operator]  # neither is None
        mistakes.append(FieldError("available", "There cannot be more free than there are."))
    if report.available is None and report.status is None:
        mistakes.append(FieldError("available", "Say how many are free, or give a status."))
    if report.available == 0 and report.status is OpeningStatus.OPEN:
        mistakes.append(FieldError("status", "None are free, so it is not open."))
    if report.available and report.status is OpeningStatus.FULL:
        mistakes.append(FieldError("status", "Some are free, so it is not full."))
    if not 1 <= report.valid_for_minutes <= LONGEST_VALID_FOR_MINUTES:
        mistakes.append(FieldError("valid_for_minutes", "Give 1 minute to 7 days (10080)."))
    if report.note and len(report.note) > MAXIMUM_NOTE:
        mistakes.append(FieldError("note", f"Use at most {MAXIMUM_NOTE} letters."))
    return mistakes
