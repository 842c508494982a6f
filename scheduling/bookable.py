"""Which slots may this caller book now? The one answer (invariant I8).

Listing, booking, search and feeds all ask ``bookable_slots``: what is shown free can be booked
by the one who sees it, and what can be booked is shown.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa

from directory.viewer import PUBLIC, Viewer
from scheduling.models import TABLES
from scheduling.models.agreements import AgreementStatus
from scheduling.models.windows import BookableBy, WindowStatus

slots = TABLES["slot"]
windows = TABLES["availability_window"]
places = TABLES["slot_place"]
agreements = TABLES["agreement"]
window_partners = TABLES["window_partner"]

__all__ = [
    "Prepared",
    "bookable_slots",
    "first_bookable_start",
    "places_taken",
    "slots_as_seen_by",
    "slots_open_to",
]


def bookable_slots(viewer: Viewer, *, now: datetime, wanted: int = 1) -> sa.Select[Any]:
    """Select the slots with ``wanted`` places that the viewer may book at this moment.

    Each row is a slot with its window's ``title`` and ``host_organization_id``, the
    ``agreement_id`` that lets the viewer in, and ``places_left``.
    """
    return slots_open_to(viewer, now=now).where(
        slots.c.bookable_from <= now,
        slots.c.bookable_until > now,
        places_taken(now) + wanted <= slots.c.capacity,
    )


def first_bookable_start(
    viewer: Viewer,
    service_at_location_id: sa.ColumnElement[Any],
    *,
    now: datetime,
    before: datetime,
) -> sa.ColumnElement[datetime]:
    """Select when the first slot begins that the viewer may book now at a place, or NULL.

    ``service_at_location_id`` is a column of the statement that this becomes a part of.
    """
    first = (
        bookable_slots(viewer, now=now)
        .with_only_columns(slots.c.starts_at)
        .where(slots.c.service_at_location_id == service_at_location_id, slots.c.starts_at < before)
        .order_by(slots.c.starts_at)
        .limit(1)
    )
    return first.correlate(service_at_location_id.table).scalar_subquery()


class Prepared:
    """A statement about a viewer and a moment, built once and run often.

    Building one of these costs several times what running it does. ``build`` is given stand-ins
    for the viewer and the moment; it may add named parameters of its own.
    """

    def __init__(self, build: Callable[[Viewer, datetime], sa.Select[Any]]) -> None:
        self._built = cache(build)

    def asked_by(
        self, viewer: Viewer, *, now: datetime, **values: Any
    ) -> tuple[sa.Select[Any], dict[str, Any]]:
        """Return the statement and the values to run it with: ``find_row(session, *...)``."""
        statement = self._built(PUBLIC if viewer.organization_id is None else _SOMEBODY, _NOW)
        return statement, {"now": now, "viewer": viewer.organization_id, **values}


_SOMEBODY = Viewer(
    cast("UUID", sa.bindparam("viewer", type_=agreements.c.partner_organization_id.type))
)
_NOW = cast("datetime", sa.bindparam("now", type_=slots.c.starts_at.type))


def slots_open_to(viewer: Viewer, *, now: datetime) -> sa.Select[Any]:
    """Select the slots whose window is open to the viewer, whether or not there is room."""
    return slots_as_seen_by(viewer, now=now).where(
        windows.c.status == WindowStatus.PUBLISHED,
        slots.c.withdrawn_at.is_(None),
        _may_book(viewer),
    )


def slots_as_seen_by(viewer: Viewer, *, now: datetime) -> sa.Select[Any]:
    """Select all slots, with what there is to tell the viewer about each."""
    return sa.select(
        slots,
        windows.c.title,
        windows.c.organization_id.label("host_organization_id"),
        windows.c.cancel_cutoff_minutes,
        windows.c.approval,
        _agreement_of(viewer).label("agreement_id"),
        (slots.c.capacity - places_taken(now)).label("places_left"),
    ).join(windows, windows.c.id == slots.c.window_id)


def places_taken(now: datetime) -> sa.ScalarSelect[int]:
    """Count the places of a slot that are booked, or held by a hold that has not lapsed."""
    return (
        sa.select(sa.func.count())
        .where(places.c.slot_id == slots.c.id)
        .where(places.c.expires_at.is_(None) | (places.c.expires_at > now))
        .correlate(slots)
        .scalar_subquery()
    )


def _may_book(viewer: Viewer) -> sa.ColumnElement[bool]:
    public = windows.c.bookable_by == BookableBy.PUBLIC
    if viewer.organization_id is None:
        return public
    return sa.or_(
        public,
        windows.c.organization_id == viewer.organization_id,
        sa.and_(
            windows.c.bookable_by == BookableBy.PARTNERS,
            _agreement_of(viewer).is_not(None),
            _kept_for(viewer),
        ),
    )


def _agreement_of(viewer: Viewer) -> Any:
    """Select the agreement under which the viewer's organization may book a slot."""
    if viewer.organization_id is None:
        return sa.null()
    return (
        sa.select(agreements.c.id)
        .where(
            agreements.c.host_organization_id == windows.c.organization_id,
            agreements.c.partner_organization_id == viewer.organization_id,
            agreements.c.status == AgreementStatus.ACTIVE,
            agreements.c.starts_on <= slots.c.local_date,
            agreements.c.ends_on.is_(None) | (agreements.c.ends_on >= slots.c.local_date),
        )
        .order_by(agreements.c.id)
        .limit(1)
        .correlate(windows, slots)
        .scalar_subquery()
    )


def _kept_for(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Say whether the window names no partner, or names this one."""
    named = (
        sa.select(sa.literal(1))
        .where(window_partners.c.window_id == windows.c.id)
        .correlate(windows)
    )
    return sa.or_(
        ~named.exists(),
        named.where(window_partners.c.organization_id == viewer.organization_id).exists(),
    )
