"""Several appointments of one client, booked and cancelled as one.

All or nothing holds because a refusal has to undo the transaction. The slots are locked in the
order of their ids before anything is read: two bundles that want the same slots wait for each
other in one order, never in a circle.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row
from directory.errors import BusyError, ConflictError, FieldError, InvalidError, NotFoundError
from directory.viewer import Viewer
from geo.travel import Mode
from scheduling.commands.appointments import Booked, cancel_appointment, confirm_hold
from scheduling.commands.holds import place_hold
from scheduling.commands.places import lock_slots
from scheduling.errors import (
    BundleCancelError,
    BundledTime,
    BundleTimeError,
    BundleTooTightError,
)
from scheduling.models.bookings import CAN_BE_CANCELLED
from scheduling.queries.appointments import appointments
from scheduling.queries.bundles import bundles, find_appointments_of, find_spots, get_bundle
from scheduling.queries.slot_details import get_slot_details
from scheduling.ways import Spot, Ways, find_tight

FEWEST_SLOTS, MOST_SLOTS = 1, 6

_INSERT_BUNDLE = sa.insert(bundles)
_PUT_IN_BUNDLE = (
    sa.update(appointments)
    .where(appointments.c.id == sa.bindparam("its_id"))
    .values(bundle_id=sa.bindparam("its_bundle"))
)


class BookedBundle(NamedTuple):
    """A new bundle, with its appointments in the order of time."""

    bundle: Row
    appointments: Sequence[Row]


class _Wanted(NamedTuple):
    number: int
    slot: Row
    spot: Spot

    @property
    def starts_at(self) -> datetime:
        at: datetime = self.slot["starts_at"]
        return at

    @property
    def ends_at(self) -> datetime:
        at: datetime = self.slot["ends_at"]
        return at

    @property
    def named(self) -> BundledTime:
        zone = self.slot["timezone"]
        return BundledTime(self.number, self.slot["title"], self.starts_at, self.ends_at, zone)


def book_bundle(
    session: Session,
    slot_ids: Sequence[UUID],
    *,
    viewer: Viewer,
    now: datetime,
    client_handle: str | None = None,
    places: int = 1,
    mode: Mode = Mode.TRANSIT,
) -> BookedBundle:
    """Book ``places`` in each of the slots for one client, or nothing at all.

    Each is booked as a hold and its confirmation are, with everything that those check. Raises
    ``BundleTooTightError`` where two overlap or the way between them takes longer than there is
    time, ``BundleTimeError`` for a slot that cannot be booked, and ``InvalidError``.
    """
    _check_slots(slot_ids, viewer)
    _lock_wanted(session, slot_ids)
    wanted = _read_wanted(session, slot_ids, viewer, now)
    _refuse_tight(wanted, Ways(mode))
    booked: list[Row] = []
    for each in wanted:
        handle = booked[0]["client_handle"] if booked else client_handle
        booked.append(_book(session, each, handle, viewer=viewer, now=now, places=places))
    bundle = {
        "id": uuid4(),
        "organization_id": viewer.organization_id,
        "account_id": viewer.account_id,
        "client_handle": booked[0]["client_handle"],
        "created_at": now,
    }
    session.connection().execute(_INSERT_BUNDLE, bundle)
    session.connection().execute(
        _PUT_IN_BUNDLE, [{"its_id": row["id"], "its_bundle": bundle["id"]} for row in booked]
    )
    return BookedBundle(bundle, find_appointments_of(session, [bundle["id"]], viewer)[bundle["id"]])


def cancel_bundle(
    session: Session, bundle_id: UUID, *, viewer: Viewer, now: datetime, reason: str
) -> BookedBundle:
    """Cancel whatever of a bundle is still ahead, or nothing where one cannot be cancelled.

    What is over, or was cancelled by itself, stays as it is.
    """
    bundle = get_bundle(session, bundle_id, viewer)
    before = find_appointments_of(session, [bundle_id], viewer)[bundle_id]
    lock_slots(session, {row["slot_id"] for row in before})
    rows = find_appointments_of(session, [bundle_id], viewer)[bundle_id]
    if {row["slot_id"] for row in rows} != {row["slot_id"] for row in before}:
        raise BusyError  # one was moved just now; its new slot is not locked
    for number, row in enumerate(rows):
        if row["status"] in CAN_BE_CANCELLED and row["starts_at"] > now:
            try:
                cancel_appointment(session, row["id"], viewer=viewer, now=now, reason=reason)
            except ConflictError as refusal:
                raise BundleCancelError(number, row["title"], refusal) from None
    return BookedBundle(bundle, find_appointments_of(session, [bundle_id], viewer)[bundle_id])


def _lock_wanted(session: Session, slot_ids: Sequence[UUID]) -> None:
    """Lock the slots; one that does not exist is refused as one that is not open to the viewer."""
    try:
        lock_slots(session, slot_ids)
    except NotFoundError as refusal:
        raise BundleTimeError(0, refusal) from None


def _check_slots(slot_ids: Sequence[UUID], viewer: Viewer) -> None:
    if viewer.organization_id is None:
        raise InvalidError.of("slots", "Only agencies book several times as one.")
    if not FEWEST_SLOTS <= len(slot_ids) <= MOST_SLOTS:
        raise InvalidError.of("slots", f"Give {FEWEST_SLOTS} to {MOST_SLOTS} times.")
    twice = [n for n, slot_id in enumerate(slot_ids) if slot_id in slot_ids[:n]]
    if twice:
        raise InvalidError([FieldError(f"slots.{n}", "Give each time once.") for n in twice])


def _read_wanted(
    session: Session, slot_ids: Sequence[UUID], viewer: Viewer, now: datetime
) -> list[_Wanted]:
    """Return the slots as the viewer sees them, in the order of time."""
    rows = []
    for number, slot_id in enumerate(slot_ids):
        try:
            rows.append((number, get_slot_details(session, slot_id, viewer, now=now)))
        except NotFoundError as refusal:
            raise BundleTimeError(number, refusal) from None
    spots = find_spots(session, {slot["service_at_location_id"] for _, slot in rows})
    wanted = [_Wanted(number, slot, spots[slot["service_at_location_id"]]) for number, slot in rows]
    return sorted(wanted, key=lambda each: (each.starts_at, each.ends_at, each.number))


def _refuse_tight(wanted: Sequence[_Wanted], ways: Ways) -> None:
    tight = find_tight(wanted, ways)
    if tight is not None:
        first, second = wanted[tight.first].named, wanted[tight.second].named
        raise BundleTooTightError(first, second, tight.needed_minutes, tight.there_are)


def _book(
    session: Session,
    wanted: _Wanted,
    handle: str | None,
    *,
    viewer: Viewer,
    now: datetime,
    places: int,
) -> Row:
    """Hold and confirm in one go; whatever is refused is said of this time."""
    try:
        hold = place_hold(session, wanted.slot["id"], viewer=viewer, now=now, wanted=places)
        booked: Booked = confirm_hold(
            session, hold["id"], viewer=viewer, now=now, client_handle=handle
        )
    except (ConflictError, NotFoundError) as refusal:
        raise BundleTimeError(wanted.number, refusal) from None
    return booked.appointment
