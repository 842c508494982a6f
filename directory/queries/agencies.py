"""What one agency offers and has said: for its own desks."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row, find_rows
from directory.errors import NotFoundError
from directory.models import TABLES
from directory.models.services import LISTED
from directory.offers import (
    addresses,
    at_locations,
    entries,
    locations,
    organizations,
    services,
)

feeds = TABLES["calendar_feed"]
accounts = TABLES["account"]


def find_own_offers(session: Session, organization_id: UUID | None) -> Sequence[Row]:
    """Return the services at locations of an agency, by name.

    For its own staff: a location that is hidden from the public has its name here.
    """
    return find_rows(
        session,
        sa.select(
            at_locations.c.id,
            services.c.name.label("service_name"),
            locations.c.name.label("location_name"),
            locations.c.timezone,
        )
        .select_from(at_locations)
        .join(services, services.c.id == at_locations.c.service_id)
        .join(locations, locations.c.id == at_locations.c.location_id)
        .where(
            services.c.organization_id == organization_id,
            services.c.status.in_(LISTED),
            services.c.merged_into_id.is_(None),
            locations.c.merged_into_id.is_(None),
        )
        .order_by(services.c.name, locations.c.name, at_locations.c.id),
    )


def get_offer(session: Session, service_at_location_id: UUID) -> Row:
    """Return the search row of a service at a location."""
    row = find_row(
        session,
        sa.select(entries).where(entries.c.service_at_location_id == service_at_location_id),
    )
    if row is None:
        raise NotFoundError("service at a location")
    return row


def find_usual_zone(session: Session, organization_id: UUID | None) -> str | None:
    """Return the time zone that most places of an agency are in, or None where it has none."""
    return (
        session.connection()
        .execute(
            sa.select(locations.c.timezone)
            .select_from(at_locations)
            .join(services, services.c.id == at_locations.c.service_id)
            .join(locations, locations.c.id == at_locations.c.location_id)
            .where(services.c.organization_id == organization_id)
            .group_by(locations.c.timezone)
            .order_by(sa.func.count().desc(), locations.c.timezone)
            .limit(1)
        )
        .scalar_one_or_none()
    )


def find_usual_state(session: Session, organization_id: UUID | None) -> str | None:
    """Return the state that most addresses of an agency are in, or None where it has none."""
    state = addresses.c.state_province
    return (
        session.connection()
        .execute(
            sa.select(state)
            .outerjoin(locations, locations.c.id == addresses.c.location_id)
            .where(
                (locations.c.organization_id == organization_id)
                | (addresses.c.organization_id == organization_id),
                state.is_not(None),
            )
            .group_by(state)
            .order_by(sa.func.count().desc(), state)
            .limit(1)
        )
        .scalar_one_or_none()
    )


def get_account(session: Session, account_id: UUID | None) -> Row:
    """Return an account with its agency's name, and since when it has a calendar address."""
    made_at = (
        sa.select(sa.func.max(feeds.c.created_at))
        .where(feeds.c.account_id == accounts.c.id, feeds.c.revoked_at.is_(None))
        .scalar_subquery()
    )
    row = find_row(
        session,
        sa.select(
            accounts.c.name,
            accounts.c.email,
            accounts.c.role,
            organizations.c.name.label("organization_name"),
            made_at.label("calendar_made_at"),
        )
        .join(organizations, organizations.c.id == accounts.c.organization_id)
        .where(accounts.c.id == account_id),
    )
    if row is None:
        raise NotFoundError("account")
    return row


def count_directory(session: Session, *, now: datetime) -> Row:
    """Count what the network lists, and how old its openings are."""
    placed = entries.c.service_at_location_id.is_not(None)
    said = entries.c.opening_expires_at
    row = find_row(
        session,
        sa.select(
            sa.select(sa.func.count())
            .select_from(organizations)
            .where(organizations.c.merged_into_id.is_(None))
            .scalar_subquery()
            .label("agencies"),
            sa.func.count().filter(placed).label("places"),
            sa.func.count().filter(placed, said.is_(None)).label("never_reported"),
            sa.func.count().filter(placed, said <= now).label("expired"),
            sa.func.count().filter(placed, said > now).label("current"),
        ).select_from(entries),
    )
    return row or {}
