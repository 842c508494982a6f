"""Going down the line in front of a locked slot: who is next, and who is passed over and why."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row, find_rows
from directory.viewer import Viewer
from geo.points import Point, kilometres_between
from scheduling.bookable import bookable_slots, slots, slots_open_to
from scheduling.lines import is_in_line, offers, waiting, waits_for
from scheduling.models import TABLES
from scheduling.models.bookings import TAKES_TIME
from scheduling.models.waitlists import OfferStatus
from scheduling.waiting import Moment, SkipReason, is_within_dates, suits

appointments = TABLES["appointment"]

#: What became of an offer after which the same slot is not offered again.
HAD = (OfferStatus.ACCEPTED, OfferStatus.DECLINED, OfferStatus.LAPSED)


class Line(NamedTuple):
    """Who waits for some slots, and what they were offered: read under their locks."""

    entries: Sequence[Row]
    has_offer: set[UUID]
    had: set[tuple[UUID, UUID]]

    def of(self, slot: Row) -> Iterator[Row]:
        """Yield those who wait for one of the slots."""
        return (entry for entry in self.entries if is_in_line(entry, slot))


def viewer_of(entry: Row) -> Viewer:
    """Return as whom an entry books: the agency that made it, or the public."""
    return Viewer(entry["organization_id"], None, entry["account_id"])


def lock_line(session: Session, freed: Sequence[Row]) -> Line:
    """Lock all who wait for some slots, which are locked already, in the order of their ids.

    Two transactions that free places in front of the same people go one after the other here: so
    nobody is offered two places at once, and nobody waits for each other.
    """
    found = (
        sa.select(waiting)
        .where(sa.or_(*(waits_for(slot) for slot in freed)))
        .order_by(waiting.c.id)
        .with_for_update()
    )
    entries = find_rows(session, found)
    made = find_rows(
        session,
        sa.select(offers.c.entry_id, offers.c.slot_id, offers.c.status).where(
            offers.c.entry_id.in_([entry["id"] for entry in entries])
        ),
    )
    return Line(
        entries,
        {row["entry_id"] for row in made if row["status"] is OfferStatus.OPEN},
        {(row["entry_id"], row["slot_id"]) for row in made if row["status"] in HAD},
    )


def in_order(session: Session, slot: Row, line: Line, *, now: datetime) -> list[Row]:
    """Return those who wait for a slot: first who is inside an agreement that covers it, then by
    priority, highest first, then by arrival.
    """  # noqa: D205  (one sentence)
    entries = list(line.of(slot))
    agencies = {entry["organization_id"] for entry in entries}
    inside = find_inside(session, agencies, slots.c.id == slot["id"], now=now)
    return sorted(
        entries,
        key=lambda entry: place_in_line(
            entry, is_inside=slot["id"] in inside[entry["organization_id"]]
        ),
    )


def place_in_line(entry: Row, *, is_inside: bool) -> tuple[Any, ...]:
    """Return by what those who wait for a slot are sorted: whoever has the least is asked first."""
    return (not is_inside, -entry["priority"], entry["arrived_at"], entry["id"])


def find_inside(
    session: Session,
    agencies: Iterable[UUID | None],
    which: sa.ColumnElement[bool],
    *,
    now: datetime,
) -> dict[UUID | None, frozenset[UUID]]:
    """Return, for each agency, in which of some slots it is inside an agreement that covers them.

    The public, None, is inside none.
    """
    return {
        agency: _find_inside(session, agency, which, now=now) if agency else frozenset()
        for agency in agencies
    }


def _find_inside(
    session: Session, agency: UUID, which: sa.ColumnElement[bool], *, now: datetime
) -> frozenset[UUID]:
    found = slots_open_to(Viewer(agency), now=now)
    covered = found.selected_columns.agreement_id.is_not(None)
    ids = found.with_only_columns(slots.c.id).where(which, covered)
    return frozenset(session.connection().execute(ids).scalars())


def why_not(
    session: Session, entry: Row, slot: Row, line: Line, *, now: datetime
) -> SkipReason | None:
    """Say why a slot is not offered to somebody in its line; None where it is.

    What may be booked is asked of ``bookable_slots``, as for everybody (invariant I8).
    """
    reason = why_not_at_all(entry, slot)
    if reason is not None:
        return reason
    if (entry["id"], slot["id"]) in line.had:
        return SkipReason.HAD_THIS_OFFER
    if entry["id"] in line.has_offer:
        return SkipReason.HAS_AN_OFFER
    if is_busy(session, entry, slot):
        return SkipReason.CLIENT_BUSY
    return _why_not_bookable(session, entry, slot, now=now)


def why_not_at_all(entry: Row, slot: Row) -> SkipReason | None:
    """Say why a slot would never do for an entry, from what the two say themselves."""
    moment = Moment.of(slot)
    if not is_within_dates(moment, entry["earliest_on"], entry["latest_on"]):
        return SkipReason.OUT_OF_DATES
    if not suits(moment, entry["suits"]):
        return SkipReason.DOES_NOT_SUIT
    return None if _is_near(entry, slot) else SkipReason.TOO_FAR


def _is_near(entry: Row, slot: Row) -> bool:
    """Compare with the place that is public: one that is hidden is near nobody."""
    if entry["within_km"] is None:
        return True
    if slot["latitude"] is None:
        return False
    here = Point(entry["near_latitude"], entry["near_longitude"])
    there = Point(slot["latitude"], slot["longitude"])
    return bool(kilometres_between(here, there) <= entry["within_km"])


def is_busy(session: Session, entry: Row, slot: Row) -> bool:
    """Say whether the client has an appointment, or an open offer, that overlaps the slot.

    Only the agency's own bookings of the client are looked at (invariant I11): a handle means
    nothing anywhere else.
    """
    if entry["client_handle"] is None:
        return False
    overlaps = sa.and_(slots.c.starts_at < slot["ends_at"], slots.c.ends_at > slot["starts_at"])
    booked = (
        sa.select(appointments.c.id)
        .join(slots, slots.c.id == appointments.c.slot_id)
        .where(_same_client(appointments, entry), appointments.c.status.in_(TAKES_TIME), overlaps)
    )
    offered = (
        sa.select(offers.c.id)
        .join(slots, slots.c.id == offers.c.slot_id)
        .join(waiting, waiting.c.id == offers.c.entry_id)
        .where(_same_client(waiting, entry), offers.c.status == OfferStatus.OPEN, overlaps)
    )
    found = sa.union_all(booked, offered).limit(1)
    return session.connection().execute(found).first() is not None


def _same_client(table: sa.Table, entry: Row) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.organization_id == entry["organization_id"],
        table.c.client_handle == entry["client_handle"],
    )


def _why_not_bookable(
    session: Session, entry: Row, slot: Row, *, now: datetime
) -> SkipReason | None:
    viewer, this = viewer_of(entry), slots.c.id == slot["id"]
    wanted = entry["places"]
    if find_row(session, bookable_slots(viewer, now=now, wanted=wanted).where(this)) is not None:
        return None
    row = find_row(session, slots_open_to(viewer, now=now).where(this))
    if row is not None and row["places_left"] < wanted:
        return SkipReason.TOO_MANY_PLACES
    return SkipReason.NOT_OPEN_TO_YOU
