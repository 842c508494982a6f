"""Saying whether there is room."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.database import Row, insert_new
from directory.errors import (
    FieldError,
    InvalidError,
    NotFoundError,
    NothingToUndoError,
    SaidSinceError,
)
from directory.index import refresh_services
from directory.models.openings import OpeningStatus, ServiceCapacity, Unit
from directory.models.organizations import Organization
from directory.models.services import Service, ServiceAtLocation
from directory.openings import Counted
from directory.queries.openings import can_be_undone, find_newest_reports, find_pile, units
from directory.viewer import Viewer

#: How long a report counts when its author does not say, in minutes.
VALID_FOR_MINUTES = 12 * 60
LONGEST_VALID_FOR_MINUTES = 7 * 24 * 60
MAXIMUM_COUNT = 10_000
MAXIMUM_NOTE = 200
MAXIMUM_UNIT = 60
MAXIMUM_POPULATION = 120

#: The least step from one report to the next of the same count: it keeps them in order.
TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningReport:
    """What a provider says: "3 of 10 beds are free, and that holds for two hours".

    Without a ``status`` it follows from the count: none free is full. ``population``: for whom,
    such as "women with children"; empty for everybody. Reports of other units and populations
    go on counting beside it.
    """

    unit: str = "places"
    population: str = ""
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
    link_id: UUID | None = None,
) -> ServiceCapacity:
    """Add a report of openings at a place of the viewer's organization; searches see it at once.

    ``link_id`` is the link with which it was said, if it was. Raises ``NotFoundError`` for a
    place that is not theirs and ``InvalidError`` by field.
    """
    service = _own_service(session, service_at_location_id, viewer)
    mistakes = _mistakes(report)
    if mistakes:
        raise InvalidError(mistakes)
    counted = _ensure_counted(session, service_at_location_id, report)
    updated = _after_the_newest(session, service, service_at_location_id, now)
    return _add(
        session,
        service,
        now=now,
        service_at_location_id=service_at_location_id,
        unit_id=counted[0],
        population=counted[1],
        status=report.effective_status,
        available=report.available,
        maximum=report.maximum,
        description=report.note,
        updated=updated,
        expires_at=max(now + timedelta(minutes=report.valid_for_minutes), updated + TICK),
        said_by=session.get_one(Organization, service.organization_id).name,
        account_id=viewer.account_id,
        openings_link_id=link_id,
    )


def step_openings(
    session: Session,
    service_at_location_id: UUID,
    report: OpeningReport,
    *,
    by: int,
    viewer: Viewer,
    now: datetime,
    link_id: UUID | None = None,
) -> ServiceCapacity:
    """Say one more or one fewer (``by``) than the newest report of the unit and population.

    So two taps count twice, whatever the page showed. ``report.available`` counts only where
    nothing was reported yet. The count stays between none and ``report.maximum``, and open or
    full follows from it.
    """
    _own_service(session, service_at_location_id, viewer)  # locks: the newest stays the newest
    newest = find_last_said(session, service_at_location_id, report)
    last = newest["available"] if newest else None
    count = max(0, (report.available or 0 if last is None else last) + by)
    count = min(count, MAXIMUM_COUNT if report.maximum is None else report.maximum)
    follows = report.status in (OpeningStatus.OPEN, OpeningStatus.FULL)
    stepped = replace(report, available=count, status=None if follows else report.status)
    return report_openings(
        session, service_at_location_id, stepped, viewer=viewer, now=now, link_id=link_id
    )


def undo_openings(
    session: Session,
    service_at_location_id: UUID,
    *,
    unit: str,
    population: str = "",
    report_id: UUID | None = None,
    viewer: Viewer,
    now: datetime,
    link_id: UUID | None = None,
) -> ServiceCapacity:
    """Take back the newest report of a unit and population by saying again what was said before.

    What is said again is as old as it was, and counts as long as it would have; where nothing
    was said before, or it is over, people read "ask". The next undo takes back the report
    before it. Raises ``NothingToUndoError`` where the newest is more than a day old, and
    ``SaidSinceError`` where it is not ``report_id``.
    """
    service = _own_service(session, service_at_location_id, viewer)
    asked = OpeningReport(unit=unit, population=population)
    counted = _find_counted(session, service_at_location_id, asked)
    pile = find_pile(session, service_at_location_id, counted) if counted else ()
    if not pile or not can_be_undone(pile[0], now):
        raise NothingToUndoError
    if report_id not in (None, pile[0]["id"]):
        raise SaidSinceError
    undone, before = pile[0], pile[1] if len(pile) > 1 else None
    counted = (undone["unit_id"], undone["population"])
    updated = _after_the_newest(session, service, service_at_location_id, now)
    return _add(
        session,
        service,
        now=now,
        service_at_location_id=service_at_location_id,
        unit_id=counted[0],
        population=counted[1],
        updated=updated,
        account_id=viewer.account_id,
        openings_link_id=link_id,
        undoes_id=undone["id"],
        **_said_again(before or undone, now, said=before is not None),
    )


def _said_again(report: Row, now: datetime, *, said: bool) -> dict[str, Any]:
    """Repeat a report as it was. Where nothing was ``said``, say no more than whom to ask."""
    if not said:
        unsaid = {"status": OpeningStatus.CALL, "available": None, "maximum": report["maximum"]}
        return {**unsaid, "said_by": report["said_by"], "expires_at": now}
    names = ("status", "available", "maximum", "description", "said_by", "expires_at")
    return {**{name: report[name] for name in names}, "said_at": report["updated"]}


def find_last_said(
    session: Session, service_at_location_id: UUID, counted: OpeningReport
) -> Row | None:
    """Return the newest report of a place for the unit and population of ``counted``."""
    key = _find_counted(session, service_at_location_id, counted)
    if key is None:
        return None
    found = find_newest_reports(
        session,
        sa.and_(
            col(ServiceCapacity.service_at_location_id) == service_at_location_id,
            col(ServiceCapacity.unit_id) == key[0],
            col(ServiceCapacity.population) == key[1],
        ),
    )
    return max(found, key=lambda row: row["id"], default=None)


def _add(session: Session, service: Service, *, now: datetime, **fields: Any) -> ServiceCapacity:
    row = ServiceCapacity(service_id=service.id, **fields)
    session.add(row)
    refresh_services(session, [service.id], now=now)
    return row


def _after_the_newest(
    session: Session, service: Service, service_at_location_id: UUID, now: datetime
) -> datetime:
    """Return when to say that something was said: now, but after all that was said before.

    Clocks of several machines differ a little, and of two reports of one instant nobody could
    tell which is the newest.
    """
    place = col(ServiceCapacity.service_at_location_id)
    here = place == service_at_location_id
    everywhere = sa.and_(place.is_(None), col(ServiceCapacity.service_id) == service.id)
    newest = [  # asked one by one: an index knows each
        session.exec(select(sa.func.max(ServiceCapacity.updated)).where(where)).one()
        for where in (here, everywhere)
    ]
    return max([now, *(at + TICK for at in newest if at is not None)])


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


def _ensure_counted(
    session: Session, service_at_location_id: UUID, report: OpeningReport
) -> Counted:
    """Return what a report counts; a unit that nobody counted before is added."""
    name = _plain(report.unit)
    unit_id = _find_unit(session, name)
    if unit_id is None:
        unit_id = _add_unit(session, name)
    return unit_id, _population(session, service_at_location_id, unit_id, report)


def _find_counted(
    session: Session, service_at_location_id: UUID, report: OpeningReport
) -> Counted | None:
    """Return what a report counts, or None if nobody counted it before."""
    unit_id = _find_unit(session, _plain(report.unit))
    if unit_id is None:
        return None
    return unit_id, _population(session, service_at_location_id, unit_id, report)


def _find_unit(session: Session, name: str) -> UUID | None:
    """Return the unit of this name; "Beds" are the beds of before."""
    return session.exec(
        select(Unit.id)
        .where(sa.or_(col(Unit.name) == name, sa.func.lower(Unit.name) == name.lower()))
        .order_by(sa.case((col(Unit.name) == name, 0), else_=1), col(Unit.name))
        .limit(1)
    ).first()


def _add_unit(session: Session, name: str) -> UUID:
    # Or not, when somebody else adds it at this moment.
    insert_new(session, units, [{"id": uuid4(), "name": name, "version": 1}], key=["name"])
    return session.exec(select(Unit.id).where(Unit.name == name)).one()


def _population(
    session: Session, service_at_location_id: UUID, unit_id: UUID, report: OpeningReport
) -> str:
    """Return whom a report is about, in the spelling that is in use at the place."""
    population = _plain(report.population)
    in_use = session.exec(
        select(ServiceCapacity.population)
        .where(
            ServiceCapacity.service_at_location_id == service_at_location_id,
            ServiceCapacity.unit_id == unit_id,
        )
        .distinct()
        .order_by(ServiceCapacity.population)
    ).all()
    if population in in_use:
        return population
    same = (each for each in in_use if each.casefold() == population.casefold())
    return next(same, population)


def _plain(words: str) -> str:
    return " ".join(words.split())


def _mistakes(report: OpeningReport) -> list[FieldError]:
    mistakes = _mistakes_of_number(report)
    if not 1 <= len(_plain(report.unit)) <= MAXIMUM_UNIT:
        mistakes.append(FieldError("unit", 'Say what is counted, such as "beds".'))
    if len(_plain(report.population)) > MAXIMUM_POPULATION:
        mistakes.append(FieldError("population", "Use at most 120 letters."))
    if not 1 <= report.valid_for_minutes <= LONGEST_VALID_FOR_MINUTES:
        mistakes.append(FieldError("valid_for_minutes", "Give 1 minute to 7 days (10080)."))
    if report.note and len(report.note) > MAXIMUM_NOTE:
        mistakes.append(FieldError("note", f"Use at most {MAXIMUM_NOTE} letters."))
    return mistakes


def _mistakes_of_number(report: OpeningReport) -> list[FieldError]:
    mistakes = []
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
    return mistakes
