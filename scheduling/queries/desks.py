"""What the people at a desk look at: windows with their week, waiting lists, agreements."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row, find_rows
from directory.viewer import Viewer
from scheduling.bookable import agreements, places, places_taken, slots, window_partners, windows
from scheduling.models import TABLES
from scheduling.models.agreements import AgreementStatus
from scheduling.models.waitlists import WaitlistStatus
from scheduling.models.windows import WindowStatus

organizations = TABLES["organization"]
accounts = TABLES["account"]
entries = TABLES["search_entry"]
waiting = TABLES["waitlist_entry"]
changes = TABLES["appointment_change"]
exceptions = TABLES["window_exception"]
added_days = TABLES["window_added_day"]

WEEK = timedelta(days=7)


def find_windows_with_week(session: Session, viewer: Viewer, *, now: datetime) -> Sequence[Row]:
    """Return the windows that the viewer's agency hosts, by title, with their coming week.

    ``next_starts_at`` is the next slot; ``places`` and ``taken`` count the coming seven days.
    """
    ahead = sa.and_(
        slots.c.window_id == windows.c.id,
        slots.c.starts_at > now,
        slots.c.withdrawn_at.is_(None),
    )
    week = sa.and_(ahead, slots.c.starts_at <= now + WEEK)
    next_starts_at = sa.select(sa.func.min(slots.c.starts_at)).where(ahead)
    capacity = sa.select(sa.func.coalesce(sa.func.sum(slots.c.capacity), 0)).where(week)
    taken = (
        sa.select(sa.func.count())
        .select_from(places)
        .join(slots, slots.c.id == places.c.slot_id)
        .where(week, places.c.expires_at.is_(None) | (places.c.expires_at > now))
    )
    return find_rows(
        session,
        sa.select(
            windows,
            next_starts_at.correlate(windows).scalar_subquery().label("next_starts_at"),
            capacity.correlate(windows).scalar_subquery().label("places"),
            taken.correlate(windows).scalar_subquery().label("taken"),
        )
        .where(windows.c.organization_id == viewer.organization_id)
        .order_by(windows.c.title, windows.c.id),
    )


def find_slots_of_window(
    session: Session, window_id: UUID, *, now: datetime, limit: int = 200
) -> Sequence[Row]:
    """Return the coming slots of a window, soonest first, with the places ``taken`` in each."""
    return find_rows(
        session,
        sa.select(
            slots.c.id,
            slots.c.local_date,
            slots.c.starts_at,
            slots.c.ends_at,
            slots.c.capacity,
            places_taken(now).label("taken"),
        )
        .where(
            slots.c.window_id == window_id, slots.c.ends_at > now, slots.c.withdrawn_at.is_(None)
        )
        .order_by(slots.c.starts_at, slots.c.id)
        .limit(limit),
    )


def find_partner_names(session: Session, window_id: UUID) -> Sequence[str]:
    """Return the names of the partners that a window is kept for; none means for all."""
    found = find_rows(
        session,
        sa.select(organizations.c.name)
        .join(window_partners, window_partners.c.organization_id == organizations.c.id)
        .where(window_partners.c.window_id == window_id)
        .order_by(organizations.c.name),
    )
    return [row["name"] for row in found]


def find_closed_days(session: Session, window_id: UUID) -> Sequence[Row]:
    """Return the local days on which a window does not happen, with the reason."""
    return find_rows(
        session,
        sa.select(exceptions.c.closed_on, exceptions.c.reason)
        .where(exceptions.c.window_id == window_id)
        .order_by(exceptions.c.closed_on),
    )


def find_added_days(session: Session, window_id: UUID) -> Sequence[Row]:
    """Return the local days on which a window happens besides, with their hours if they differ."""
    return find_rows(
        session,
        sa.select(added_days)
        .where(added_days.c.window_id == window_id)
        .order_by(added_days.c.added_on),
    )


def find_active_partners(session: Session, viewer: Viewer) -> Sequence[Row]:
    """Return the ids and names of the agencies that the viewer's agency hosts by agreement."""
    return find_rows(
        session,
        sa.select(organizations.c.id, organizations.c.name)
        .join(agreements, agreements.c.partner_organization_id == organizations.c.id)
        .where(
            agreements.c.host_organization_id == viewer.organization_id,
            agreements.c.status == AgreementStatus.ACTIVE,
        )
        .distinct()
        .order_by(organizations.c.name, organizations.c.id),
    )


def find_named_agreements(session: Session, viewer: Viewer) -> Sequence[Row]:
    """Return the agreements of the viewer's agency, with the other party's name and its side.

    ``we_host`` is true where the others may book into our windows.
    """
    we_host = agreements.c.host_organization_id == viewer.organization_id
    other = sa.case(
        (we_host, agreements.c.partner_organization_id), else_=agreements.c.host_organization_id
    )
    return find_rows(
        session,
        sa.select(agreements, organizations.c.name.label("other_name"), we_host.label("we_host"))
        .join(organizations, organizations.c.id == other)
        .where(we_host | (agreements.c.partner_organization_id == viewer.organization_id))
        .order_by(organizations.c.name, agreements.c.starts_on, agreements.c.id),
    )


def count_waiting_for_clients(session: Session, viewer: Viewer) -> Sequence[Row]:
    """Count, by place, the clients of the viewer's agency who are on a waiting list."""
    return _count_waiting(session, waiting.c.organization_id == viewer.organization_id)


def count_waiting_here(session: Session, viewer: Viewer) -> Sequence[Row]:
    """Count, by place of the viewer's agency, everybody who is on its waiting list."""
    return _count_waiting(session, entries.c.organization_id == viewer.organization_id)


def _count_waiting(session: Session, whose: sa.ColumnElement[bool]) -> Sequence[Row]:
    place = (
        waiting.c.service_at_location_id,
        entries.c.service_name,
        entries.c.organization_name,
        entries.c.location_name,
    )
    return find_rows(
        session,
        sa.select(*place, sa.func.count().label("waiting"))
        .select_from(waiting)
        .join(entries, entries.c.service_at_location_id == waiting.c.service_at_location_id)
        .where(waiting.c.status == WaitlistStatus.WAITING, whose)
        .group_by(*place)
        .order_by(entries.c.organization_name, entries.c.service_name),
    )


def find_changes(session: Session, appointment_id: UUID) -> Sequence[Row]:
    """Return the steps in an appointment's life, first to last, with who took them."""
    return find_rows(
        session,
        sa.select(
            changes,
            organizations.c.name.label("organization_name"),
            accounts.c.name.label("account_name"),
        )
        .outerjoin(organizations, organizations.c.id == changes.c.organization_id)
        .outerjoin(accounts, accounts.c.id == changes.c.account_id)
        .where(changes.c.appointment_id == appointment_id)
        .order_by(changes.c.sequence),
    )


def count_scheduling(session: Session) -> Row:
    """Count the published windows and the active agreements of the whole network."""
    row = find_row(
        session,
        sa.select(
            _count(windows, windows.c.status == WindowStatus.PUBLISHED).label("windows"),
            _count(agreements, agreements.c.status == AgreementStatus.ACTIVE).label("agreements"),
        ),
    )
    return row or {}


def _count(table: sa.Table, condition: sa.ColumnElement[bool]) -> Any:
    return sa.select(sa.func.count()).select_from(table).where(condition).scalar_subquery()
