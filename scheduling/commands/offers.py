"""Offering freed places to those who wait, one at a time, and what becomes of the offers.

A place goes to the first in line whom it fits, in the very transaction that frees it: in between
it is never free to whoever is quickest. The place is kept by a hold that lasts a little longer
than the offer. So a lapsed offer can be passed on in line before its place is free to everybody,
and where nothing passes it on, it still becomes free by the clock (invariant I4).

Locks, always in this order: the slots by their ids, the allotments that cover them, the entries.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.outbox import withdraw_messages
from directory.database import Row, find_row, find_rows, insert_new
from directory.errors import NotFoundError
from directory.viewer import PUBLIC
from scheduling.bookable import places_taken, slots, slots_open_to
from scheduling.commands.places import give_back, lock_bookable, lock_slots, take_places
from scheduling.errors import OfferEndedError
from scheduling.lines import SLOT_WITH_LINE, offers, skips, waiting
from scheduling.models import TABLES
from scheduling.models.ticklers import TicklerKind
from scheduling.models.waitlists import OfferStatus, WaitlistStatus
from scheduling.office_hours import DEFAULT_HOURS, deadline
from scheduling.queries.in_line import (
    Line,
    in_order,
    lock_line,
    viewer_of,
    why_not,
)
from scheduling.queries.open_lines import find_slots_to_pass_on
from scheduling.queries.slots import lock_slot
from scheduling.queries.waitlists import MAIL_ABOUT
from scheduling.waiting import SkipReason

#: For so long a lapsed offer's place waits to be passed on in line.
GRACE: Final = timedelta(minutes=2)

#: A coordinator is reminded so long before an offer lapses.
REMIND_BEFORE: Final = timedelta(minutes=30)

#: So many slots at most are passed on in the transaction that opens a window's; the worker does
#: the rest, a few seconds later.
MOST_OPENED: Final = 50

holds = TABLES["hold"]
closures = TABLES["closure"]
ticklers = TABLES["tickler"]


def pass_on(session: Session, slot_ids: Iterable[UUID], *, now: datetime) -> int:
    """Offer what is free in some slots to those who wait for them; return how many offers.

    Called in the transaction that frees a place or opens a slot. Offers of a slot that is not
    open to their entry any more are withdrawn first. Doing it again does nothing more.
    """
    ids = sorted(set(slot_ids))
    if not ids:
        return 0
    lock_slots(session, ids)  # and their allotments, before those who wait
    read = (_read(session, slot_id) for slot_id in ids)
    freed = sorted(read, key=lambda slot: (slot["starts_at"], slot["id"]))  # the soonest first
    line = lock_line(session, freed)
    withdrawn = sum(_withdraw_closed(session, slot, now=now) for slot in freed)
    if withdrawn:
        line = lock_line(session, freed)
    return sum(_offer_places(session, slot, line, now=now) for slot in freed)


def pass_on_opened(session: Session, window_ids: Collection[UUID], *, now: datetime) -> int:
    """Offer what can be booked in some windows now to those who wait; return how many offers.

    Called last in the transaction that opens slots of theirs, or places in them.
    """
    opened = find_slots_to_pass_on(session, now=now, window_ids=window_ids, limit=MOST_OPENED)
    return pass_on(session, opened, now=now)


def _read(session: Session, slot_id: UUID) -> Row:
    row = find_row(session, SLOT_WITH_LINE.where(slots.c.id == slot_id))
    if row is None:
        raise NotFoundError("time")
    return row


def _offer_places(session: Session, slot: Row, line: Line, *, now: datetime) -> int:
    """Go down the line until no place is left; whom the slot does not fit is passed over."""
    made = 0
    passed = []
    for entry in in_order(session, slot, line, now=now) if line.entries else ():
        if not _has_room(session, slot, now=now):
            break
        reason = why_not(session, entry, slot, line, now=now)
        if reason is None:
            _make_offer(session, entry, slot, now=now)
            line.has_offer.add(entry["id"])
            made += 1
        else:
            passed.append((entry["id"], reason))
    _note_skips(session, slot["id"], passed, now=now)
    return made


def _note_skips(
    session: Session, slot_id: UUID, passed: Sequence[tuple[UUID, SkipReason]], *, now: datetime
) -> None:
    """Keep who was passed over and why: each once for a slot and a reason."""
    rows: list[dict[str, Any]] = [
        {"id": uuid4(), "entry_id": entry_id, "slot_id": slot_id, "reason": reason, "at": now}
        for entry_id, reason in sorted(passed)
    ]
    insert_new(session, skips, rows, key=["entry_id", "slot_id", "reason"])


def _has_room(session: Session, slot: Row, *, now: datetime) -> bool:
    """Say whether a place is left at all, for whomever, and may still be booked."""
    found = sa.select(slots.c.id).where(
        slots.c.id == slot["id"],
        slots.c.bookable_from <= now,
        slots.c.bookable_until > now,
        places_taken(now) < slots.c.capacity,
    )
    return session.connection().execute(found).first() is not None


def _make_offer(session: Session, entry: Row, slot: Row, *, now: datetime) -> None:
    expires_at = _time_to_answer(session, slot, now=now)
    hold_id = _keep(session, entry, slot, until=expires_at + GRACE, now=now)
    offer: dict[str, Any] = {
        "id": uuid4(),
        "entry_id": entry["id"],
        "slot_id": slot["id"],
        "hold_id": hold_id,
        "status": OfferStatus.OPEN,
        "offered_at": now,
        "expires_at": expires_at,
    }
    session.connection().execute(sa.insert(offers), offer)
    if entry["organization_id"] is not None:
        _remind(session, offer, entry, now=now)


def _keep(session: Session, entry: Row, slot: Row, *, until: datetime, now: datetime) -> UUID:
    """Keep places for an entry by a hold of whoever made it, or of the public."""
    viewer, wanted = viewer_of(entry), entry["places"]
    bookable = lock_bookable(session, slot["id"], viewer=viewer, now=now, wanted=wanted)
    hold: dict[str, Any] = {
        "id": uuid4(),
        "slot_id": slot["id"],
        "organization_id": entry["organization_id"],
        "account_id": entry["account_id"],
        "allotment_id": bookable["allotment_id"],
        "places": wanted,
        "created_at": now,
        "expires_at": until,
    }
    session.connection().execute(sa.insert(holds), hold)
    holder = {"hold_id": hold["id"], "expires_at": until}
    take_places(session, bookable, wanted, now=now, holder=holder)
    hold_id: UUID = hold["id"]
    return hold_id


def _time_to_answer(session: Session, slot: Row, *, now: datetime) -> datetime:
    """Return when an offer of a slot lapses: after some office hours of its host, and never
    later than it can be booked.
    """  # noqa: D205  (one sentence)
    found = sa.select(closures.c.starts_on, closures.c.ends_on).where(
        closures.c.organization_id == slot["host_organization_id"],
        closures.c.lifted_at.is_(None),
        closures.c.ends_on >= now.date() - timedelta(days=1),
    )
    closed = find_rows(session, found)

    def is_closed(day: date) -> bool:
        return any(row["starts_on"] <= day <= row["ends_on"] for row in closed)

    return deadline(
        now,
        session.info.get("offer_office_hours", DEFAULT_HOURS),
        ZoneInfo(slot["timezone"]),
        not_after=slot["bookable_until"],
        is_closed=is_closed,
    )


def _remind(session: Session, offer: Row, entry: Row, *, now: datetime) -> None:
    session.connection().execute(
        sa.insert(ticklers),
        {
            "id": uuid4(),
            "organization_id": entry["organization_id"],
            "account_id": entry["account_id"],
            "kind": TicklerKind.OFFER_LAPSING,
            "about": f"offer {offer['id']}",
            "offer_id": offer["id"],
            "due_at": max(now, offer["expires_at"] - REMIND_BEFORE),
            "made_at": now,
        },
    )


def withdraw_offers(session: Session, entry_id: UUID, *, now: datetime) -> Sequence[UUID]:
    """Take back what an entry, which is locked, was offered; return the slots that frees.

    The slots have to be locked too, by ``lock_offered_slot``.
    """
    open_ = sa.select(offers).where(
        offers.c.entry_id == entry_id, offers.c.status == OfferStatus.OPEN
    )
    freed = []
    for offer in find_rows(session, open_):
        decide(session, offer["id"], OfferStatus.WITHDRAWN, now=now)
        let_go(session, offer)
        freed.append(offer["slot_id"])
    return freed


def lock_offered_slot(session: Session, entry_id: UUID) -> UUID | None:
    """Lock the slot that an entry was offered, if one was, before the entry itself is locked."""
    slot_id = find_offered_slot(session, entry_id)
    if slot_id is not None:
        lock_slot(session, slot_id)
    return slot_id


def find_offered_slot(session: Session, entry_id: UUID) -> UUID | None:
    """Return the slot that an entry has an open offer of, or None."""
    found = sa.select(offers.c.slot_id).where(
        offers.c.entry_id == entry_id, offers.c.status == OfferStatus.OPEN
    )
    return session.connection().execute(found).scalar_one_or_none()


def end_entry(session: Session, entry_id: UUID, status: WaitlistStatus, *, now: datetime) -> None:
    """Say how somebody's waiting ended; once it has, that stays."""
    session.connection().execute(
        sa.update(waiting)
        .where(waiting.c.id == entry_id, waiting.c.status == WaitlistStatus.WAITING)
        .values(status=status, ended_at=now)
    )


def _withdraw_closed(session: Session, slot: Row, *, now: datetime) -> int:
    """Take back open offers of a slot that has begun, or is not open to their entry any more."""
    made = sa.select(offers, waiting.c.organization_id, waiting.c.account_id)
    made = made.join(waiting, waiting.c.id == offers.c.entry_id).where(
        offers.c.slot_id == slot["id"], offers.c.status == OfferStatus.OPEN
    )
    closed = [
        offer
        for offer in find_rows(session, made)
        if slot["starts_at"] <= now or not _is_open(session, slot, offer, now=now)
    ]
    for offer in closed:
        decide(session, offer["id"], OfferStatus.WITHDRAWN, now=now)
        let_go(session, offer)
    return len(closed)


def _is_open(session: Session, slot: Row, entry: Row, *, now: datetime) -> bool:
    viewer = viewer_of(entry) if entry["organization_id"] else PUBLIC
    found = slots_open_to(viewer, now=now).where(slots.c.id == slot["id"])
    return find_row(session, found) is not None


def decide(
    session: Session,
    offer_id: UUID,
    status: OfferStatus,
    condition: sa.ColumnElement[bool] | None = None,
    *,
    now: datetime,
) -> None:
    """Decide an offer that is open, once (invariant I5), and let nobody be told of it any more.

    Raises ``OfferEndedError`` where it is not open, or ``condition`` does not hold.
    """
    swapped = session.connection().execute(
        sa.update(offers)
        .where(offers.c.id == offer_id, offers.c.status == OfferStatus.OPEN)
        .where(sa.true() if condition is None else condition)
        .values(status=status, decided_at=now)
    )
    if swapped.rowcount != 1:
        raise OfferEndedError
    withdraw_messages(session, [mail_key(offer_id)])
    session.connection().execute(
        sa.update(ticklers)
        .where(ticklers.c.offer_id == offer_id, ticklers.c.done_at.is_(None))
        .values(done_at=now)
    )


def mail_key(offer_id: UUID) -> str:
    """Return by what the message about an offer is known in the outbox."""
    return f"{MAIL_ABOUT}{offer_id}"


def let_go(session: Session, offer: Row) -> None:
    """Let go the places that were kept for an offer."""
    if offer["hold_id"] is not None:
        give_back(session, hold_id=offer["hold_id"])
        session.connection().execute(sa.delete(holds).where(holds.c.id == offer["hold_id"]))
