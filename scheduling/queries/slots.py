"""Questions about slots."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.quick import QuickStatement
from directory.viewer import Viewer
from scheduling.bookable import Prepared, bookable_slots, places, slots
from scheduling.models import TABLES

at_locations = TABLES["service_at_location"]
covering = TABLES["allotment_slot"].alias("covering")
beside = TABLES["allotment_slot"].alias("beside")
granted = TABLES["allotment_place"]
other = slots.alias("other")

_LOCK_SLOT = QuickStatement(
    sa.select(slots.c.id).where(slots.c.id == sa.bindparam("slot_id")).with_for_update()
)


def lock_slot(session: Session, slot_id: UUID) -> None:
    """Make other writers of the slot wait until this transaction ends.

    PostgreSQL locks the row. On SQLite ``Database.transaction`` has locked the file already.
    Whether there is such a slot, say those who look at it next.
    """
    if session.get_bind().dialect.name == "postgresql":
        _LOCK_SLOT.row(session, {"slot_id": slot_id})


def is_withdrawn(session: Session, slot_id: UUID) -> bool:
    """Say whether the host took a slot back after it was published."""
    found = sa.select(slots.c.id).where(slots.c.id == slot_id, slots.c.withdrawn_at.is_not(None))
    return session.connection().execute(found).first() is not None


def find_bookable_slots(
    session: Session,
    viewer: Viewer,
    *,
    now: datetime,
    service_at_location_ids: Collection[UUID] | None = None,
    starts_from: datetime | None = None,
    starts_before: datetime | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 200,
) -> Sequence[Row]:
    """Return the slots that the viewer may book now, soonest first.

    ``after`` is the start and id of the last slot already seen: the next page begins behind it.
    """
    found = bookable_slots(viewer, now=now).order_by(slots.c.starts_at, slots.c.id).limit(limit)
    if service_at_location_ids is not None:
        found = found.where(slots.c.service_at_location_id.in_(service_at_location_ids))
    if starts_from is not None:
        found = found.where(slots.c.starts_at >= starts_from)
    if starts_before is not None:
        found = found.where(slots.c.starts_at < starts_before)
    if after is not None:
        found = found.where(
            sa.tuple_(slots.c.starts_at, slots.c.id)
            > sa.tuple_(
                sa.literal(after[0], slots.c.starts_at.type), sa.literal(after[1], slots.c.id.type)
            )
        )
    return find_rows(session, found)


def find_times_to_move(session: Session, row: Row, *, now: datetime, limit: int = 100) -> list[Row]:
    """Return the times to which an appointment can be moved, soonest first.

    They are those that whoever booked it could book now: of the same service in any place, with
    room for all its places, and not the time that it has.
    """
    booker = Viewer(row["organization_id"], account_id=row["account_id"])
    same_service = sa.select(at_locations.c.id).where(
        at_locations.c.service_id
        == sa.select(at_locations.c.service_id)
        .where(at_locations.c.id == row["service_at_location_id"])
        .scalar_subquery()
    )
    found = bookable_slots(booker, now=now, wanted=row["places"]).where(
        slots.c.service_at_location_id.in_(same_service), slots.c.id != row["slot_id"]
    )
    return list(find_rows(session, found.order_by(slots.c.starts_at, slots.c.id).limit(limit)))


def find_next_slots(
    session: Session,
    viewer: Viewer,
    service_at_location_ids: Collection[UUID],
    *,
    now: datetime,
) -> dict[UUID, Row]:
    """Return, for each place that has one, the first slot that the viewer may book now."""
    if not service_at_location_ids:
        return {}
    found = find_rows(
        session, *_NEXT_SLOTS.asked_by(viewer, now=now, ids=list(service_at_location_ids))
    )
    return {row["service_at_location_id"]: row for row in found}


def _next_slots(viewer: Viewer, now: datetime) -> sa.Select[Any]:
    bookable = bookable_slots(viewer, now=now).where(
        slots.c.service_at_location_id.in_(sa.bindparam("ids", expanding=True))
    )
    first = sa.func.row_number().over(
        partition_by=slots.c.service_at_location_id, order_by=(slots.c.starts_at, slots.c.id)
    )
    numbered = bookable.add_columns(first.label("nth")).subquery()
    return sa.select(numbered).where(numbered.c.nth == 1)


_NEXT_SLOTS = Prepared(_next_slots)


def find_places_with_slots(session: Session) -> Sequence[UUID]:
    """Return the ids of all services at locations that have slots, booked or not, past or not."""
    places_of_slots = sa.select(slots.c.service_at_location_id).distinct()
    return session.connection().execute(places_of_slots).scalars().all()


def find_next_changes(
    session: Session, service_at_location_ids: Collection[UUID], *, now: datetime
) -> dict[UUID, datetime]:
    """Return, for each place that has one, when by the clock alone a slot may open or close there.

    Until then, and while nobody books, what the public may book at a place stays as it is.
    """
    mine = sa.and_(  # what has begun is open to nobody, whatever happens
        slots.c.service_at_location_id.in_(list(service_at_location_ids)), slots.c.starts_at > now
    )
    place = slots.c.service_at_location_id
    sharing = _slots_sharing_an_allotment(place).where(mine)
    instants = (
        (beside.c.released_at, sharing),
        (other.c.bookable_until, sharing),
        (places.c.expires_at, sharing.join(places, places.c.slot_id == other.c.id)),
        (
            granted.c.expires_at,
            sharing.join(
                granted,
                (granted.c.allotment_id == covering.c.allotment_id)
                & (granted.c.week_on == covering.c.week_on),
            ),
        ),
        (slots.c.bookable_from, sa.select(place).where(mine)),
        (slots.c.bookable_until, sa.select(place).where(mine)),
        (
            places.c.expires_at,
            sa.select(place).join(places, places.c.slot_id == slots.c.id).where(mine),
        ),
    )
    coming = sa.union_all(
        *(found.add_columns(at.label("at")).where(at > now) for at, found in instants)
    ).subquery()
    first = sa.func.min(coming.c.at, type_=slots.c.starts_at.type)
    rows = session.connection().execute(
        sa.select(coming.c.service_at_location_id, first).group_by(coming.c.service_at_location_id)
    )
    return {id_: at for id_, at in rows}  # noqa: C416  (rows are no pairs to mypy)


def _slots_sharing_an_allotment(place: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Select, for slots, all that share the week of an allotment: what is taken there counts."""
    return (
        sa.select(place)
        .select_from(slots)
        .join(covering, covering.c.slot_id == slots.c.id)
        .join(
            beside,
            (beside.c.allotment_id == covering.c.allotment_id)
            & (beside.c.week_on == covering.c.week_on),
        )
        .join(other, other.c.id == beside.c.slot_id)
    )


def count_places_taken(session: Session, slot_id: UUID, *, now: datetime) -> int:
    """Return how many places are booked, or held by a hold that has not lapsed."""
    return (
        session.connection()
        .execute(
            sa.select(sa.func.count())
            .where(places.c.slot_id == slot_id)
            .where(places.c.expires_at.is_(None) | (places.c.expires_at > now))
        )
        .scalar_one()
    )
