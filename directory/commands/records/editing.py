"""Making and changing records: a draft is checked whole, then written, then told to searches."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from msgspec import UNSET
from sqlmodel import Session

from directory.commands.history import Change, insert_row, update_row
from directory.commands.records.errors import AlreadyOfferedError, StaleError
from directory.commands.records.finishing import finish_change
from directory.commands.records.hiding import NOWHERE
from directory.commands.records.needs import plan_needs, write_needs
from directory.commands.records.ownership import lock_own, lock_row
from directory.commands.records.placing import place_mistakes, place_point
from directory.commands.records.planning import Plan, plan_record
from directory.commands.records.removal import remove_whole
from directory.database import Row, find_row
from directory.errors import FieldError, ForbiddenError, InvalidError, NotFoundError
from directory.kinds import ROOTS, SPECS
from directory.kinds.services import NewServiceAtLocationDraft
from directory.kinds.specs import Draft
from directory.models import TABLES
from directory.models.accounts import Role
from directory.models.locations import is_public
from directory.offers import at_locations
from directory.queries.ownership import may_edit, owner_of
from directory.queries.places import is_known_to_all
from directory.viewer import Viewer

#: What only administrators do with organizations.
_ADMINISTRATORS_ONLY: Final = "Only an administrator of the network adds or removes agencies."


def change_record(
    session: Session,
    table: str,
    record_id: UUID,
    draft: Draft,
    *,
    expected: int,
    viewer: Viewer,
    now: datetime,
    origin: str,
) -> Change:
    """Change an organization, location, service or service at a location of the viewer's.

    What the draft leaves out stays; a list replaces the whole list. ``expected`` is the version
    that the viewer has seen. Raises ``NotFoundError``, ``StaleError``, ``InvalidError`` naming
    every bad field, and ``StillReferredToError``.
    """
    before = lock_own(session, table, record_id, viewer)
    if before["version"] != expected:
        raise StaleError(before["version"])
    owner = owner_of(session, table, before)
    change = Change(viewer=viewer, now=now, origin=origin, organization_id=owner)
    plan = _plan(session, table, draft, before, owner)
    _write(session, change, plan, {})
    _write_needs(session, change, draft, record_id)
    if change.touched:
        finish_change(session, change)
    return change


def create_record(
    session: Session,
    table: str,
    draft: Draft,
    *,
    viewer: Viewer,
    now: datetime,
    origin: str,
    organization_id: UUID | None = None,
) -> UUID:
    """Make a record of the viewer's organization and return its id.

    Administrators may make one for another organization, and a new organization. Raises as
    ``change_record`` does, and ``AlreadyOfferedError``.
    """
    owner = None if table == "organization" else (organization_id or viewer.organization_id)
    links = _links(session, table, draft, viewer, owner)
    if table == "service_at_location":
        owner = owner_of(session, table, links)
    change = Change(viewer=viewer, now=now, origin=origin, organization_id=owner)
    plan = _plan(session, table, draft, None, owner)
    record_id = _write(session, change, plan, links)
    _write_needs(session, change, draft, record_id)
    finish_change(session, change)
    return record_id


def remove_record(
    session: Session,
    table: str,
    record_id: UUID,
    *,
    expected: int,
    viewer: Viewer,
    now: datetime,
    origin: str,
) -> Change:
    """Remove a record of the viewer's with all that hangs on it.

    Raises ``StillReferredToError`` where bookings, windows or reports need it: a service then
    becomes inactive or defunct instead.
    """
    before = lock_own(session, table, record_id, viewer)
    if before["version"] != expected:
        raise StaleError(before["version"])
    if table == "organization":
        _refuse_all_but_administrators(viewer)
    owner = owner_of(session, table, before)
    change = Change(viewer=viewer, now=now, origin=origin, organization_id=owner)
    remove_whole(session, change, table, before)
    finish_change(session, change)
    return change


def _plan(
    session: Session, table: str, draft: Draft, before: Row | None, owner: UUID | None
) -> Plan:
    """Plan the whole, or raise ``InvalidError`` naming every bad field."""
    plan = plan_record(session, ROOTS[table], draft, before)
    mistakes = list(plan.all_mistakes())
    if table == "location":
        place_point(session, plan, draft)
        mistakes += place_mistakes(session, plan)
        if not is_public(plan.result):
            plan.values |= NOWHERE
    if table == "service":
        mistakes += plan_needs(session, draft)
        mistakes += _wrong_program(session, plan, owner)
    if mistakes:
        raise InvalidError(mistakes)
    return plan


def _wrong_program(session: Session, plan: Plan, owner: UUID | None) -> list[FieldError]:
    if plan.values.get("program_id") is None:
        return []
    programs = TABLES["program"]
    found = find_row(session, sa.select(programs).where(programs.c.id == plan.values["program_id"]))
    if found is None or found["organization_id"] != owner:
        return [FieldError("program_id", "Choose a program of the same organization.")]
    return []


def _write(session: Session, change: Change, plan: Plan, links: Mapping[str, Any]) -> UUID:
    """Write a planned record and what hangs on it; ``links`` say on what it hangs itself."""
    table = plan.spec.table
    for part, row in plan.gone:
        remove_whole(session, change, part.spec.table, row)
    if plan.before is not None:
        update_row(session, change, table, plan.before, plan.values)
        record_id: UUID = plan.before["id"]
    else:
        record_id = insert_row(session, change, table, {**plan.values, **links})["id"]
    for part, plans in plan.parts:
        for each in plans:
            _write(session, change, each, {part.owner: record_id})
    return record_id


def _write_needs(session: Session, change: Change, draft: Draft, record_id: UUID) -> None:
    needs = getattr(draft, "needs", UNSET)
    if needs is not UNSET:
        write_needs(session, change, record_id, needs)


def _links(
    session: Session, table: str, draft: Draft, viewer: Viewer, owner: UUID | None
) -> dict[str, Any]:
    """Return what a new record hangs on, once it is sure that it may."""
    if table == "organization":
        _refuse_all_but_administrators(viewer)
        return {}
    if isinstance(draft, NewServiceAtLocationDraft):
        return _offer_links(session, draft, viewer)
    if not may_edit(viewer, owner) or lock_row(session, "organization", _sure(owner)) is None:
        raise NotFoundError(SPECS["organization"].words)
    return {"organization_id": owner}


def _sure(owner: UUID | None) -> UUID:
    if owner is None:
        raise NotFoundError(SPECS["organization"].words)
    return owner


def _offer_links(
    session: Session, draft: NewServiceAtLocationDraft, viewer: Viewer
) -> dict[str, Any]:
    """Return the service, the viewer's, and the place: theirs, or one that everybody knows."""
    service = lock_own(session, "service", draft.service_id, viewer)
    place = lock_row(session, "location", draft.location_id)
    if place is None or not (
        is_known_to_all(session, place["id"])
        or may_edit(viewer, owner_of(session, "location", place))
    ):
        raise NotFoundError(SPECS["location"].words)
    there = sa.select(at_locations.c.id).where(
        at_locations.c.service_id == service["id"], at_locations.c.location_id == place["id"]
    )
    if session.connection().execute(there).first() is not None:
        raise AlreadyOfferedError
    return {"service_id": service["id"], "location_id": place["id"]}


def _refuse_all_but_administrators(viewer: Viewer) -> None:
    if viewer.role is not Role.ADMINISTRATOR:
        raise ForbiddenError(_ADMINISTRATORS_ONLY)
