"""Questions about appointments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row, find_rows
from directory.errors import NotFoundError
from directory.viewer import Viewer
from scheduling.bookable import slots, windows
from scheduling.models import TABLES
from scheduling.models.bookings import TAKES_TIME

appointments = TABLES["appointment"]
entries = TABLES["search_entry"]
organizations = TABLES["organization"]


def appointments_seen_by(viewer: Viewer) -> sa.Select[Any]:
    """Select the appointments that an organization made or hosts, with what they are for."""
    booked_by = organizations.alias("booked_by")
    return (
        sa.select(
            appointments,
            slots.c.starts_at,
            slots.c.ends_at,
            slots.c.service_at_location_id,
            slots.c.window_id,
            windows.c.title,
            windows.c.timezone,
            windows.c.cancel_cutoff_minutes,
            windows.c.instructions,
            windows.c.documents,
            entries.c.service_name,
            entries.c.organization_name.label("host_name"),
            entries.c.location_name,
            entries.c.address,
            entries.c.phone,
            booked_by.c.name.label("booked_by_name"),
        )
        .join(slots, slots.c.id == appointments.c.slot_id)
        .join(windows, windows.c.id == slots.c.window_id)
        .outerjoin(entries, entries.c.service_at_location_id == slots.c.service_at_location_id)
        .outerjoin(booked_by, booked_by.c.id == appointments.c.organization_id)
        .where(_sees(viewer))
        .order_by(slots.c.starts_at, appointments.c.id)
    )


def _sees(viewer: Viewer) -> sa.ColumnElement[bool]:
    if viewer.organization_id is None:
        return sa.false()
    return sa.or_(
        appointments.c.organization_id == viewer.organization_id,
        appointments.c.host_organization_id == viewer.organization_id,
    )


def find_appointments(
    session: Session,
    viewer: Viewer,
    *,
    starts_from: datetime | None = None,
    starts_before: datetime | None = None,
    hosted: bool | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 200,
) -> Sequence[Row]:
    """Return the appointments the viewer's organization hosts or made, soonest first.

    ``hosted`` True keeps those that come to the viewer's organization, False those it made.
    """
    found = appointments_seen_by(viewer).limit(limit)
    if starts_from is not None:
        found = found.where(slots.c.starts_at >= starts_from)
    if starts_before is not None:
        found = found.where(slots.c.starts_at < starts_before)
    if hosted is not None:
        side = appointments.c.host_organization_id if hosted else appointments.c.organization_id
        found = found.where(side == viewer.organization_id)
    if after is not None:
        found = found.where(
            sa.tuple_(slots.c.starts_at, appointments.c.id)
            > sa.tuple_(
                sa.literal(after[0], slots.c.starts_at.type),
                sa.literal(after[1], appointments.c.id.type),
            )
        )
    return find_rows(session, found)


def client_has(
    organization_id: Any, client_handle: Any, starts_at: Any, ends_at: Any
) -> sa.Select[Any]:
    """Select an agency's appointments of a client that take up time between two instants.

    One may begin at the moment another ends.
    """
    its_slot = slots.alias("its_slot")
    return (
        sa.select(appointments.c.id)
        .join(its_slot, its_slot.c.id == appointments.c.slot_id)
        .where(
            appointments.c.organization_id == organization_id,
            appointments.c.client_handle == client_handle,
            sa.or_(*(appointments.c.status == each for each in sorted(TAKES_TIME))),
            its_slot.c.starts_at < ends_at,
            its_slot.c.ends_at > starts_at,
        )
    )


def get_appointment(session: Session, appointment_id: UUID, viewer: Viewer) -> Row:
    """Return one appointment that the viewer's organization hosts or made."""
    row = find_row(session, appointments_seen_by(viewer).where(appointments.c.id == appointment_id))
    if row is None:
        raise NotFoundError("appointment")
    return row


def get_appointment_by_token(session: Session, token_hash: str) -> Row:
    """Return the appointment of a person who booked for themselves, by their link's hash."""
    row = find_row(
        session,
        sa.select(appointments.c.id, appointments.c.host_organization_id).where(
            appointments.c.manage_token_hash == token_hash
        ),
    )
    if row is None:
        raise NotFoundError("appointment")
    return get_appointment(session, row["id"], Viewer(organization_id=row["host_organization_id"]))


def find_time_of_code(session: Session, code: str) -> Row | None:
    """Return when the appointment with a code is, and its state: nothing that tells what for."""
    return find_row(
        session,
        sa.select(
            appointments.c.status,
            slots.c.starts_at,
            slots.c.ends_at,
            windows.c.timezone,
        )
        .join(slots, slots.c.id == appointments.c.slot_id)
        .join(windows, windows.c.id == slots.c.window_id)
        .where(appointments.c.code == code),
    )
