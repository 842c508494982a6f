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
from sqlmodel import Session

from directory.quick import QuickStatement, Row
from directory.viewer import PUBLIC, Viewer
from scheduling import reserves
from scheduling.later import later
from scheduling.models import TABLES
from scheduling.models.agreements import AgreementStatus, MemberStatus
from scheduling.models.windows import BookableBy, WindowStatus

slots = TABLES["slot"]
windows = TABLES["availability_window"]
places = TABLES["slot_place"]
agreements = TABLES["agreement"]
allotments = TABLES["allotment"]
members = TABLES["consortium_member"]
window_partners = TABLES["window_partner"]

__all__ = [
    "Prepared",
    "allotment_in_the_way",
    "allotment_used",
    "bookable_slots",
    "first_bookable_start",
    "places_taken",
    "slots_admitting",
    "slots_as_seen_by",
    "slots_open_to",
    "slots_without_allotments",
]


def bookable_slots(viewer: Viewer, *, now: datetime, wanted: int = 1) -> sa.Select[Any]:
    """Select the slots with ``wanted`` places that the viewer may book at this moment.

    Each row is a slot with its window's ``title`` and ``host_organization_id``, an
    ``agreement_id`` that lets the viewer in, and ``places_left`` to them. Which allotment they
    would use says ``allotment_used``.
    """
    return slots_open_to(viewer, now=now).where(
        _at_its_time(now), _later(_room_for, sa.Integer, viewer, now) >= wanted
    )


def slots_without_allotments(viewer: Viewer, *, now: datetime, wanted: int = 1) -> sa.Select[Any]:
    """Select those of ``slots_open_to`` that no allotment was ever laid over: most, and cheaply.

    The rows say the same, and instead of ``places_left`` what ``bookable_slots`` asks for:
    ``has_room`` for ``wanted`` places, and ``is_at_its_time``.
    """
    return (
        sa.select(
            *_columns(),
            _later(_agreement_of, sa.Uuid, viewer).label("agreement_id"),
            _at_its_time(now).label("is_at_its_time"),
            (places_taken(now) + wanted <= slots.c.capacity).label("has_room"),
        )
        .join(windows, windows.c.id == slots.c.window_id)
        .where(
            _is_offered(),
            ~reserves.is_covered(),
            _later(_may_book_uncovered, sa.Boolean, viewer),
        )
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
        self._built = cache(lambda viewer: QuickStatement(build(viewer, _NOW)))

    def asked_by(
        self, viewer: Viewer, *, now: datetime, **values: Any
    ) -> tuple[sa.Select[Any], dict[str, Any]]:
        """Return the statement and the values to run it with: ``find_rows(session, *...)``."""
        statement = self._built(_anybody_like(viewer)).statement
        return statement, {"now": now, "viewer": viewer.organization_id, **values}

    def row(self, session: Session, viewer: Viewer, *, now: datetime, **values: Any) -> Row | None:
        """Run it and return its one row, or None. None of the values may be a list."""
        statement = self._built(_anybody_like(viewer))
        return statement.row(session, {"now": now, "viewer": viewer.organization_id, **values})


_SOMEBODY = Viewer(
    cast("UUID", sa.bindparam("viewer", type_=agreements.c.partner_organization_id.type))
)


def _anybody_like(viewer: Viewer) -> Viewer:
    return PUBLIC if viewer.organization_id is None else _SOMEBODY


_NOW = cast("datetime", sa.bindparam("now", type_=slots.c.starts_at.type))


def slots_open_to(viewer: Viewer, *, now: datetime) -> sa.Select[Any]:
    """Select the slots whose window is open to the viewer, whether or not there is room."""
    return slots_as_seen_by(viewer, now=now).where(
        _is_offered(), _later(_is_open, sa.Boolean, viewer, now)
    )


def slots_admitting(viewer: Viewer, allotment_id: UUID | None, *, now: datetime) -> sa.Select[Any]:
    """Select the slots in which the viewer may turn what they hold into an appointment.

    What lets them in is looked at anew: the allotment that their hold uses, or anything else
    where it uses none. ``agreement_id`` is the one that holds now.
    """
    if allotment_id is None:
        admitted = _later(_may_book, sa.Boolean, viewer, now)
        agreement_id = _later(_agreement_of, sa.Uuid, viewer)
    else:
        agreement_id = _later(_agreement_under, sa.Uuid, viewer, allotment_id)
        admitted = sa.and_(agreement_id.is_not(None), windows.c.bookable_by != BookableBy.OWN)
    return (
        sa.select(*_columns(), agreement_id.label("agreement_id"))
        .join(windows, windows.c.id == slots.c.window_id)
        .where(_is_offered(), admitted)
    )


def slots_as_seen_by(viewer: Viewer, *, now: datetime) -> sa.Select[Any]:
    """Select all slots, with what there is to tell the viewer about each."""
    return sa.select(
        *_columns(),
        _later(_agreement_of, sa.Uuid, viewer).label("agreement_id"),
        _later(_room_for, sa.Integer, viewer, now).label("places_left"),
    ).join(windows, windows.c.id == slots.c.window_id)


def _later(build: Callable[..., Any], type_: Any, viewer: Viewer, *values: Any) -> Any:
    """Return SQL about a viewer (``build(viewer, *values)``) that is put together when needed."""
    if viewer.organization_id is None:
        return later((_for_the_public, build), type_, *map(_parameter, values))
    values = (viewer.organization_id, *values)
    return later((_for_staff, build), type_, *map(_parameter, values))


def _for_the_public(build: Callable[..., Any], *values: Any) -> Any:
    return build(PUBLIC, *values)


def _for_staff(build: Callable[..., Any], organization_id: Any, *values: Any) -> Any:
    return build(Viewer(organization_id), *values)


def _parameter(value: Any) -> Any:
    return value if isinstance(value, sa.BindParameter) else sa.literal(value, _TYPES[type(value)])


def _columns() -> tuple[Any, ...]:
    return (
        slots,
        windows.c.title,
        windows.c.organization_id.label("host_organization_id"),
        windows.c.cancel_cutoff_minutes,
        windows.c.approval,
    )


def _is_offered() -> sa.ColumnElement[bool]:
    return sa.and_(windows.c.status == WindowStatus.PUBLISHED, slots.c.withdrawn_at.is_(None))


def _at_its_time(now: datetime) -> sa.ColumnElement[bool]:
    """Say whether a slot may be booked now.

    That it is still to begin follows from the rest; said, it lets an index skip what is over.
    """
    return sa.and_(
        slots.c.starts_at > now, slots.c.bookable_from <= now, slots.c.bookable_until > now
    )


def allotment_used(viewer: Viewer, *, now: datetime, wanted: int) -> Any:
    """Select the allotment whose places the viewer would use, the first with room, or NULL."""
    return _later(_allotment_of, sa.Uuid, viewer, now, wanted)


def allotment_in_the_way(viewer: Viewer, *, now: datetime, wanted: int) -> Any:
    """Select the allotment of the viewer that is used up, where nothing else stands in the way."""
    return _later(_used_up, sa.Uuid, viewer, now, wanted)


def places_taken(now: datetime) -> sa.ScalarSelect[int]:
    """Count the places of a slot that are booked, or held by a hold that has not lapsed."""
    return (
        sa.select(sa.func.count())
        .where(places.c.slot_id == slots.c.id)
        .where(places.c.expires_at.is_(None) | (places.c.expires_at > now))
        .correlate(slots)
        .scalar_subquery()
    )


def _room_for(viewer: Viewer, now: datetime) -> Any:
    """Count the places of a slot that the viewer may take at once, if it is open to them."""
    free = slots.c.capacity - places_taken(now)
    return sa.case((~reserves.is_covered(), free), else_=_ways(viewer, now).most())


def _ways(viewer: Viewer, now: datetime) -> reserves.Ways:
    is_party = None if viewer.organization_id is None else _is_party(viewer)
    free = slots.c.capacity - places_taken(now)
    return reserves.Ways(is_party, _may_book(viewer, now), free, now)


def _is_open(viewer: Viewer, now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(_may_book(viewer, now), _has_allotment(viewer))


def _may_book(viewer: Viewer, now: datetime) -> sa.ColumnElement[bool]:
    """Say whether the viewer may take what is kept for nobody."""
    released = sa.and_(reserves.is_covered(), reserves.is_released(now))
    return _admits(viewer, released)


def _may_book_uncovered(viewer: Viewer) -> sa.ColumnElement[bool]:
    return _admits(viewer, sa.false())


def _admits(viewer: Viewer, released: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Say whether a window admits the viewer.

    Under an agreement with allotments that is so where the slot has been ``released``.
    """
    public = windows.c.bookable_by == BookableBy.PUBLIC
    if viewer.organization_id is None:
        return public
    return sa.or_(
        public,
        windows.c.organization_id == viewer.organization_id,
        sa.and_(
            windows.c.bookable_by == BookableBy.PARTNERS,
            _agreements_of(viewer).where(~_has_allotments() | released).exists(),
        ),
    )


def _has_allotment(viewer: Viewer) -> sa.ColumnElement[bool]:
    if viewer.organization_id is None:
        return sa.false()
    return sa.and_(
        windows.c.bookable_by != BookableBy.OWN,
        reserves.is_covered(),
        reserves.covers_for(_is_party(viewer)),
    )


def _allotment_of(viewer: Viewer, now: datetime, wanted: int) -> Any:
    """Select the allotment whose places the viewer would use."""
    if viewer.organization_id is None:
        return sa.null()
    own = _ways(viewer, now).allotment(wanted)
    return sa.case((reserves.is_covered(), own), else_=sa.null())


def _used_up(viewer: Viewer, now: datetime, wanted: int) -> Any:
    return sa.null() if viewer.organization_id is None else _ways(viewer, now).used_up(wanted)


def _agreement_under(viewer: Viewer, allotment_id: UUID) -> Any:
    """Select the agreement of an allotment of the viewer that is in force on a slot's day."""
    if viewer.organization_id is None:
        return sa.null()
    return (
        sa.select(agreements.c.id)
        .join(allotments, allotments.c.agreement_id == agreements.c.id)
        .where(
            allotments.c.id == allotment_id,
            agreements.c.host_organization_id == windows.c.organization_id,
            reserves.in_force(agreements, slots.c.local_date),
            _is_party(viewer)(agreements),
        )
        .correlate(slots, windows)
        .scalar_subquery()
    )


def _agreement_of(viewer: Viewer) -> Any:
    """Select the agreement under which the viewer's organization may book a slot.

    Those without allotments come first: they open every window for partners.
    """
    if viewer.organization_id is None:
        return sa.null()
    found = _agreements_of(viewer).order_by(_has_allotments(), agreements.c.id)
    return found.limit(1).scalar_subquery()


def _agreements_of(viewer: Viewer) -> sa.Select[Any]:
    return (
        sa.select(agreements.c.id)
        .where(
            agreements.c.host_organization_id == windows.c.organization_id,
            agreements.c.status == AgreementStatus.ACTIVE,
            agreements.c.starts_on <= slots.c.local_date,
            agreements.c.ends_on.is_(None) | (agreements.c.ends_on >= slots.c.local_date),
            _is_party(viewer)(agreements),
        )
        .correlate(windows, slots)
    )


def _has_allotments() -> sa.ColumnElement[bool]:
    return sa.exists().where(allotments.c.agreement_id == agreements.c.id).correlate(agreements)


def _is_party(viewer: Viewer) -> Callable[[Any], sa.ColumnElement[bool]]:
    """Return what says whether an agreement lets the viewer's agency into a slot's window.

    It is the partner, or a member of the consortium whose lead agency is.
    """

    def is_party(agreement: Any) -> sa.ColumnElement[bool]:
        member = sa.exists().where(
            members.c.lead_organization_id == agreement.c.partner_organization_id,
            members.c.member_organization_id == viewer.organization_id,
            members.c.status == MemberStatus.ACTIVE,
        )
        return sa.and_(
            sa.or_(
                agreement.c.partner_organization_id == viewer.organization_id,
                sa.and_(agreement.c.covers_members, member),
            ),
            _kept_for(agreement),
        )

    return is_party


def _kept_for(agreement: Any) -> sa.ColumnElement[bool]:
    """Say whether a window for partners names none, or names the partner of this agreement."""
    named = (
        sa.select(sa.literal(1))
        .where(window_partners.c.window_id == windows.c.id)
        .correlate(windows, agreement)
    )
    its_partner = window_partners.c.organization_id == agreement.c.partner_organization_id
    return sa.or_(
        windows.c.bookable_by != BookableBy.PARTNERS,
        ~named.exists(),
        named.where(its_partner).exists(),
    )


_TYPES: dict[type, Any] = {
    datetime: slots.c.starts_at.type,
    UUID: slots.c.id.type,
    int: sa.Integer(),
}
