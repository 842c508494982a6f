"""A host with one full slot, and people who wait for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.models.accounts import Role
from directory.viewer import PUBLIC, Viewer
from scheduling.commands.appointments import cancel_appointment, confirm_hold
from scheduling.commands.holds import place_hold
from scheduling.commands.waitlists import EntryDraft, Joined, join_waitlist
from scheduling.lines import offers, skips, waiting
from scheduling.models.waitlists import WaitlistKind
from scheduling.models.windows import BookableBy
from scheduling.queries.slots import find_bookable_slots
from tests.conftest import NOON
from tests.factories import (
    make_agreement,
    make_offer,
    make_organization,
    make_viewer,
    make_window,
)


@dataclass
class Scene:
    """Tuesday, June 4, 1 pm in Detroit: slots of half an hour, and who books there."""

    host: Viewer
    partner: Viewer
    stranger: Viewer
    window_id: UUID
    offer_id: UUID
    slots: list[UUID]


def lay_out(
    session: Session,
    *,
    capacity: int = 1,
    bookable_by: BookableBy = BookableBy.PUBLIC,
    **terms: Any,
) -> Scene:
    host = make_organization(session, "Lanternfish Pantry")
    partner = make_organization(session, "Moonbeam Desk")
    stranger = make_organization(session, "No Agreement Inc.")
    make_agreement(session, host.id, partner.id)
    offer = make_offer(session, organization=host, needs=("food-pantry",))
    window = make_window(session, offer, capacity=capacity, bookable_by=bookable_by, **terms)
    rows = find_bookable_slots(
        session, Viewer(host.id, Role.PUBLISHER), now=NOON, service_at_location_ids=[offer.id]
    )
    return Scene(
        make_viewer(session, host),
        make_viewer(session, partner),
        make_viewer(session, stranger),
        window.id,
        offer.id,
        [row["id"] for row in rows],
    )


def fill(session: Session, slot_id: UUID, viewer: Viewer, places: int = 1) -> UUID:
    """Book places of a slot; return the appointment."""
    hold = place_hold(session, slot_id, viewer=viewer, now=NOON, wanted=places)
    booked = confirm_hold(session, hold["id"], viewer=viewer, now=NOON)
    appointment_id: UUID = booked.appointment["id"]
    return appointment_id


def cancel(session: Session, appointment_id: UUID, viewer: Viewer, now: datetime = NOON) -> None:
    cancel_appointment(session, appointment_id, viewer=viewer, now=now, reason="mistake")


def line_up(
    session: Session, scene: Scene, viewer: Viewer = PUBLIC, *, now: datetime = NOON, **wish: Any
) -> Joined:
    """Wait for the scene's place, unless the wish is for something else."""
    kind = wish.pop("kind", WaitlistKind.SERVICE_AT_LOCATION)
    if kind is WaitlistKind.SERVICE_AT_LOCATION:
        wish.setdefault("service_at_location_id", scene.offer_id)
    return join_waitlist(session, EntryDraft(kind=kind, **wish), viewer=viewer, now=now)


def offers_of(session: Session, entry: Joined | UUID) -> list[Row]:
    """What was offered to somebody, first to last."""
    entry_id = entry if isinstance(entry, UUID) else entry.id
    found = sa.select(offers).where(offers.c.entry_id == entry_id)
    return list(find_rows(session, found.order_by(offers.c.offered_at, offers.c.id)))


def statuses(session: Session, entry: Joined) -> list[str]:
    return [str(row["status"]) for row in offers_of(session, entry)]


def reasons(session: Session, entry: Joined) -> list[str]:
    found = sa.select(skips.c.reason).where(skips.c.entry_id == entry.id).order_by(skips.c.reason)
    return list(session.connection().execute(found).scalars())


def entry_row(session: Session, entry: Joined) -> Row:
    return find_rows(session, sa.select(waiting).where(waiting.c.id == entry.id))[0]
