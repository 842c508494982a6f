"""What becomes of an offer: accepted, declined, or lapsed."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row
from directory.viewer import Viewer
from scheduling.commands.appointments import Booked, confirm_hold
from scheduling.commands.offers import decide, end_entry, holds, let_go, pass_on
from scheduling.errors import EntryEndedError, OfferEndedError
from scheduling.lines import offers, waiting
from scheduling.models.waitlists import OfferStatus, WaitlistStatus
from scheduling.queries.appointments import appointments, get_appointment
from scheduling.queries.in_line import viewer_of
from scheduling.queries.slots import lock_slot


def accept_offer(session: Session, offer: Row, *, viewer: Viewer, now: datetime) -> Booked:
    """Book what was offered: the entry is booked, and keeps its appointment's id.

    ``offer`` comes from ``get_offer``, which says whose it is to answer; ``viewer`` is who
    accepts, the public for the person themselves. Their link then opens the appointment too.
    Accepting twice is once. Raises ``OfferEndedError`` when it was answered otherwise, or too
    late, and what ``confirm_hold`` refuses.
    """
    if offer["status"] is OfferStatus.ACCEPTED:
        return Booked(_appointment_of(session, offer), None)
    lock_slot(session, offer["slot_id"])
    entry = _lock_entry(session, offer["entry_id"])
    decide(session, offer["id"], OfferStatus.ACCEPTED, offers.c.expires_at > now, now=now)
    booker = viewer_of(entry)
    if viewer.organization_id == booker.organization_id:
        booker = Viewer(booker.organization_id, None, viewer.account_id)
        _give_hold_to(session, offer["hold_id"], viewer.account_id)
    booked = confirm_hold(
        session,
        offer["hold_id"],
        viewer=booker,
        now=now,
        client_handle=entry["client_handle"] if booker.organization_id else None,
    )
    appointment_id = booked.appointment["id"]
    _keep_appointment(session, offer["id"], entry, appointment_id)
    end_entry(session, entry["id"], WaitlistStatus.BOOKED, now=now)
    return Booked(booked.appointment, None)


def _appointment_of(session: Session, offer: Row) -> Row:
    host = offer["entry"]["organization_id"]
    row = find_row(
        session,
        sa.select(appointments.c.host_organization_id).where(
            appointments.c.id == offer["appointment_id"]
        ),
    )
    if row is None:
        raise OfferEndedError
    return get_appointment(
        session, offer["appointment_id"], Viewer(host or row["host_organization_id"])
    )


def _lock_entry(session: Session, entry_id: UUID) -> Row:
    """Lock one who waits. Raises ``EntryEndedError`` for one who does not any more."""
    found = sa.select(waiting).where(waiting.c.id == entry_id).with_for_update()
    row = find_row(session, found)
    if row is None or row["status"] is not WaitlistStatus.WAITING:
        raise EntryEndedError
    return row


def _give_hold_to(session: Session, hold_id: UUID | None, account_id: UUID | None) -> None:
    """Make a hold that of the colleague who accepts: the history names who really did."""
    session.connection().execute(
        sa.update(holds).where(holds.c.id == hold_id).values(account_id=account_id)
    )


def _keep_appointment(session: Session, offer_id: UUID, entry: Row, appointment_id: UUID) -> None:
    session.connection().execute(
        sa.update(offers).where(offers.c.id == offer_id).values(appointment_id=appointment_id)
    )
    if entry["organization_id"] is None:  # the person's one link opens both
        session.connection().execute(
            sa.update(appointments)
            .where(appointments.c.id == appointment_id)
            .values(manage_token_hash=entry["manage_token_hash"])
        )


def decline_offer(session: Session, offer: Row, *, now: datetime) -> None:
    """Say no to an offer: the place passes on at once, and the entry keeps its place in line.

    ``offer`` comes from ``get_offer``. Declining twice is once.
    """
    if offer["status"] is OfferStatus.DECLINED:
        return
    lock_slot(session, offer["slot_id"])
    decide(session, offer["id"], OfferStatus.DECLINED, now=now)
    let_go(session, offer)
    pass_on(session, [offer["slot_id"]], now=now)


def lapse_offer(session: Session, offer_id: UUID, *, now: datetime) -> bool:
    """End an offer whose time is over, and pass its place on; say whether there was one to end.

    A job that comes too late, or twice, finds the offer answered and does nothing (invariant
    I13).
    """
    offer = find_row(session, sa.select(offers).where(offers.c.id == offer_id))
    if offer is None or offer["status"] is not OfferStatus.OPEN:
        return False
    lock_slot(session, offer["slot_id"])
    try:
        decide(session, offer_id, OfferStatus.LAPSED, offers.c.expires_at <= now, now=now)
    except OfferEndedError:
        return False
    let_go(session, offer)
    pass_on(session, [offer["slot_id"]], now=now)
    return True
