"""Appointments of the last three weeks and the next, as they would have come about.

They are inserted, not booked one by one, so that their codes are the same every time; the
database's own constraints hold, and each one's history is there.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.models.accounts import Role
from scheduling.bookable import slots
from scheduling.models.agreements import AgreementStatus
from scheduling.models.bookings import AppointmentStatus
from scheduling.models.windows import AvailabilityWindow, BookableBy
from scheduling.rules import MINUTE
from seed.agreements import PROMISES, agreement_id_of
from seed.listings import organization_id_of
from seed.names import code_from, dice, row_id
from seed.rows import Rows
from seed.staff import account_id_of
from seed.windows import Plan, Published

WEEK = timedelta(weeks=1)
REACH = 3 * WEEK

#: The share of places that are taken: behind us, and in each week ahead.
_DEMAND_BEFORE = 0.5
_DEMAND_AHEAD = (0.45, 0.25, 0.12)

#: The share of appointments that are cancelled, missed, for two people, and begin late.
_CANCELLED, _MISSED, _FOR_TWO, _LATE = 0.08, 0.1, 0.08, 0.3

#: How many people an agency knows by handle.
CLIENTS = 30

_CANCEL_REASON = "client-asked"


class Booker(NamedTuple):
    """Who books: an agency under an agreement, the host itself, or the public (all empty)."""

    agency: str | None = None
    agreement_id: UUID | None = None


class Step(NamedTuple):
    """One step of an appointment's life."""

    status: AppointmentStatus
    at: datetime


class Taken(NamedTuple):
    """Places of a slot that somebody has, or had until cancelling."""

    id: UUID
    slot: Row
    plan: Plan
    booker: Booker
    places: int
    steps: Sequence[Step]

    @property
    def is_cancelled(self) -> bool:
        """Whether the places are free again."""
        return self.steps[-1].status is AppointmentStatus.CANCELLED


class Clients:
    """Who is where, so that nobody is in two places at once."""

    def __init__(self) -> None:
        self._busy: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)

    def handle_for(self, agency: str, slot: Row, rolling: Random) -> str:
        """Return the handle of some client of an agency who has nothing else at that time."""
        first = rolling.randrange(CLIENTS)
        for ahead in count():
            number = (first + ahead) % CLIENTS if ahead < CLIENTS else ahead
            handle = client_handle(agency, number)
            busy = self._busy[handle]
            if all(slot["ends_at"] <= starts or ends <= slot["starts_at"] for starts, ends in busy):
                busy.append((slot["starts_at"], slot["ends_at"]))
                return handle
        raise AssertionError  # an agency has as many clients as it needs


def client_handle(agency: str, number: int) -> str:
    """Return the handle by which an agency knows its client of that number."""
    return code_from(dice("client", agency, number))


def add_bookings(
    rows: Rows, session: Session, published: Sequence[Published], *, now: datetime
) -> None:
    """Gather appointments for the slots around now; never more than a slot has places."""
    clients = Clients()
    for window, plan in published:
        bookers = bookers_of(plan)
        for slot in _slots_near(session, window, now):
            _fill_slot(rows, slot, window, plan, bookers, clients, now)


def _slots_near(session: Session, window: AvailabilityWindow, now: datetime) -> Sequence[Row]:
    near = sa.select(slots).where(
        slots.c.window_id == window.id,
        slots.c.starts_at.between(now - REACH, now + REACH),
        slots.c.bookable_until > window.created_at,
    )
    return find_rows(session, near.order_by(slots.c.starts_at))


def bookers_of(plan: Plan) -> list[Booker]:
    """Return who may book into a window: what ``bookable_slots`` says, for a plan."""
    own = Booker(plan.agency)
    if plan.by is BookableBy.OWN:
        return [own]
    partners = [
        Booker(promise.partner, agreement_id_of(promise))
        for promise in PROMISES
        if promise.host == plan.agency and promise.status is AgreementStatus.ACTIVE
    ]
    if plan.by is BookableBy.PUBLIC:
        return [own, Booker(), Booker(), *partners]
    kept_for = plan.only.split()
    return [own, *(each for each in partners if not kept_for or each.agency in kept_for)]


def _fill_slot(
    rows: Rows,
    slot: Row,
    window: AvailabilityWindow,
    plan: Plan,
    bookers: Sequence[Booker],
    clients: Clients,
    now: datetime,
) -> None:
    """Take some places, the fewer the further ahead; who cancelled leaves theirs to the next."""
    naming = (*plan, slot["local_date"], slot["slot_index"])
    rolling = dice("slot", *naming)
    next_place = 1
    for number in range(slot["capacity"]):
        if next_place > slot["capacity"] or rolling.random() > _demand(slot["starts_at"] - now):
            continue
        for_two = next_place < slot["capacity"] and rolling.random() < _FOR_TWO
        taken = Taken(
            row_id("appointment", *naming, number),
            slot,
            plan,
            rolling.choice(bookers),
            2 if for_two else 1,
            _life(slot, window, now, rolling),
        )
        _add_taken(rows, taken, next_place, clients, rolling)
        next_place += 0 if taken.is_cancelled else taken.places


def _demand(ahead: timedelta) -> float:
    if ahead < timedelta(0):
        return _DEMAND_BEFORE
    return _DEMAND_AHEAD[min(ahead // WEEK, len(_DEMAND_AHEAD) - 1)]


def _life(slot: Row, window: AvailabilityWindow, now: datetime, rolling: Random) -> list[Step]:
    """Return what became of an appointment by now, from the booking on."""
    latest = min(slot["bookable_until"], now)
    booked_at = _between(max(window.created_at, latest - WEEK), latest, rolling)
    booked = Step(AppointmentStatus.BOOKED, booked_at)
    can_cancel_until = min(now, slot["starts_at"] - window.cancel_cutoff_minutes * MINUTE)
    if rolling.random() < _CANCELLED and can_cancel_until > booked_at:
        cancelled_at = _between(booked_at, can_cancel_until, rolling)
        return [booked, Step(AppointmentStatus.CANCELLED, cancelled_at)]
    return [booked, *_turning_up(slot, now, rolling)]


def _turning_up(slot: Row, now: datetime, rolling: Random) -> Iterator[Step]:
    """Yield what the front desk notes from the start on."""
    is_over = slot["ends_at"] <= now
    if slot["starts_at"] > now:
        return
    if rolling.random() < (_MISSED if is_over else _LATE):
        if is_over:
            yield Step(AppointmentStatus.NOSHOW, slot["ends_at"])
        return
    yield Step(AppointmentStatus.ARRIVED, slot["starts_at"])
    if is_over:
        yield Step(AppointmentStatus.FULFILLED, slot["ends_at"])


def _between(first: datetime, last: datetime, rolling: Random) -> datetime:
    return first + (last - first) * rolling.random()


def _add_taken(
    rows: Rows, taken: Taken, first_place: int, clients: Clients, rolling: Random
) -> None:
    """Gather an appointment, its history, and its places unless it was cancelled."""
    rows.add("appointment", **_appointment(taken, clients, rolling))
    for sequence, step in enumerate(taken.steps):
        rows.add("appointment_change", **_change(taken, sequence, step))
    if taken.is_cancelled:
        return
    for place in range(first_place, first_place + taken.places):
        rows.add(
            "slot_place",
            slot_id=taken.slot["id"],
            place=place,
            slot_capacity=taken.slot["capacity"],
            appointment_id=taken.id,
        )


def _appointment(taken: Taken, clients: Clients, rolling: Random) -> dict[str, Any]:
    booker, last = taken.booker, taken.steps[-1]
    agency = booker.agency
    return {
        "id": taken.id,
        "slot_id": taken.slot["id"],
        "host_organization_id": organization_id_of(taken.plan.agency),
        "organization_id": organization_id_of(agency) if agency else None,
        "account_id": account_id_of(agency, Role.COORDINATOR) if agency else None,
        "agreement_id": booker.agreement_id,
        "status": last.status,
        "places": taken.places,
        "client_handle": clients.handle_for(agency, taken.slot, rolling) if agency else None,
        "code": code_from(rolling),
        "sequence": len(taken.steps) - 1,
        "booked_at": taken.steps[0].at,
        "changed_at": last.at,
        "cancelled_at": last.at if taken.is_cancelled else None,
        "cancelled_by": _side(taken) if taken.is_cancelled else None,
        "cancel_reason": _CANCEL_REASON if taken.is_cancelled else None,
    }


def _side(taken: Taken) -> str:
    """Return on which side of the agreement the booker stands."""
    if taken.booker.agency is None:
        return "person"
    return "host" if taken.booker.agency == taken.plan.agency else "partner"


def _change(taken: Taken, sequence: int, step: Step) -> dict[str, Any]:
    """Return one step of the history: bookers book and cancel, the host's desk does the rest."""
    by_booker = step.status in (AppointmentStatus.BOOKED, AppointmentStatus.CANCELLED)
    agency = taken.booker.agency if by_booker else taken.plan.agency
    role = Role.COORDINATOR if by_booker else Role.PUBLISHER
    return {
        "appointment_id": taken.id,
        "sequence": sequence,
        "status": step.status,
        "at": step.at,
        "organization_id": organization_id_of(agency) if agency else None,
        "account_id": account_id_of(agency, role) if agency else None,
        "reason": _CANCEL_REASON if step.status is AppointmentStatus.CANCELLED else None,
    }
