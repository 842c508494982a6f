"""What the scheduler should answer, in plain Python: no SQL, no locks, no cleverness.

The machine in ``test_booking_machine`` does everything twice, here and there, and compares.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from directory.errors import (
    DomainError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    NothingToUndoError,
)
from scheduling.errors import (
    AgreementEndedError,
    AppointmentFinalError,
    CancelTooLateError,
    ClientBusyError,
    HeldBeforeError,
    HoldExpiredError,
    NotPendingError,
    SlotClosedError,
    SlotFullError,
    TooEarlyError,
    TooManyHoldsError,
)

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
DETROIT_IN_JUNE = timedelta(hours=-4)

#: Who takes part, and for which organization. The host publishes; "other" has an agreement too.
ORGANIZATION_OF = {
    "public": None,
    "host": "host",
    "partner": "partner",
    "colleague": "partner",
    "software": "partner",  # a key: no account
    "stranger": "stranger",
}
#: How many holds one person, and one organization, may have at once in the machine.
PER_ACCOUNT, PER_ORGANIZATION = 2, 3

#: The last day that the partner's agreement covers; the other partner's has no end.
COVERED_THROUGH = date(2030, 6, 4)

Refusal = type[DomainError]

#: The steps of the host's: what they lead to, from where, and what is said elsewhere.
BECOMES = {
    "approve": "booked",
    "decline": "cancelled",
    "check_in": "arrived",
    "no_show": "noshow",
    "fulfill": "fulfilled",
    "undo": "booked",
}
POSSIBLE_FROM = {
    "approve": ("pending",),
    "decline": ("pending",),
    "check_in": ("booked",),
    "no_show": ("booked",),
    "fulfill": ("booked", "arrived"),
    "undo": ("arrived", "noshow"),
}
REFUSED_ELSEWHERE: dict[str, Refusal] = {
    "approve": NotPendingError,
    "decline": NotPendingError,
    "check_in": AppointmentFinalError,
    "no_show": AppointmentFinalError,
    "fulfill": AppointmentFinalError,
    "undo": NothingToUndoError,
}


@dataclass(frozen=True)
class ModelWindow:
    """Two slots of half an hour, each day from ``starts_on``, from a reading of the clock."""

    number: int
    opens_at: time
    starts_on: date
    bookable_by: str
    kept_for: str | None
    capacity: int
    notice: timedelta
    horizon: timedelta
    cutoff: timedelta
    asks_first: bool = False


class SlotKey(NamedTuple):
    """A slot by its identity."""

    window: int
    day: date
    number: int


@dataclass
class ModelHold:
    slot: SlotKey
    holder: str
    places: int
    expires_at: datetime
    given_away: bool = False


@dataclass
class ModelAppointment:
    slot: SlotKey
    holder: str
    places: int
    status: str = "booked"
    changes: int = 0
    decide_by: datetime | None = None
    handle: str | None = None
    said_on: date | None = None

    def become(self, status: str, now: datetime) -> None:
        self.status = status
        self.changes += 1
        self.said_on = local_day(now)


def local_day(now: datetime) -> date:
    return (now + DETROIT_IN_JUNE).date()


@dataclass
class Model:
    windows: list[ModelWindow] = field(default_factory=list)
    slots: set[SlotKey] = field(default_factory=set)
    holds: dict[int, ModelHold] = field(default_factory=dict)
    appointments: dict[int, ModelAppointment] = field(default_factory=dict)
    suspended: bool = False
    rolled_through: dict[int, date] = field(default_factory=dict)

    # -- what happens: each answers with the refusal that is due, or None

    def publish(self, window: ModelWindow, now: datetime) -> Refusal | None:
        if window.kept_for == "partner" and self.suspended:
            return InvalidError
        self.windows.append(window)
        self._roll(window, now)
        return None

    def roll(self, now: datetime) -> None:
        for window in self.windows:
            self._roll(window, now)

    def hold(self, slot: SlotKey, who: str, places: int, now: datetime) -> Refusal | None:
        return self._cannot_book(slot, who, places, now) or self._hoards(slot, who, now)

    def _hoards(self, slot: SlotKey, who: str, now: datetime) -> Refusal | None:
        organization = ORGANIZATION_OF[who]
        if organization is None:
            return None
        theirs = [h for h in self.holds.values() if ORGANIZATION_OF[h.holder] == organization]
        live = [hold.holder for hold in theirs if hold.expires_at > now]
        if len(live) >= PER_ORGANIZATION:
            return TooManyHoldsError
        if who != "software" and live.count(who) >= PER_ACCOUNT:
            return TooManyHoldsError
        lapsed = (
            hold.holder == who and hold.slot == slot and now - 10 * MINUTE < hold.expires_at <= now
            for hold in theirs
        )
        return HeldBeforeError if any(lapsed) else None

    def _cannot_book(self, slot: SlotKey, who: str, places: int, now: datetime) -> Refusal | None:
        if not self.is_open(slot, who):
            return NotFoundError
        if self.taken(slot, now) + places > self.windows[slot.window].capacity:
            return SlotFullError
        return None if self._in_time(slot, now) else SlotClosedError

    def held(self, number: int, hold: ModelHold, now: datetime) -> None:
        for other in self.holds.values():
            if other.slot == hold.slot and other.expires_at <= now:
                other.given_away = True
        self.holds[number] = hold

    def confirm(
        self, number: int, who: str, now: datetime, handle: str | None = None
    ) -> Refusal | None:
        hold = self.holds.get(number)
        if hold is None or hold.holder != who:
            return NotFoundError
        if not self.is_open(hold.slot, who):
            return AgreementEndedError
        if self.start(hold.slot) <= now:
            return SlotClosedError
        if self._is_busy(handle, who, hold.slot, None):
            return ClientBusyError
        return HoldExpiredError if hold.given_away or hold.expires_at <= now else None

    def confirmed(
        self, number: int, appointment: int, now: datetime, handle: str | None = None
    ) -> None:
        hold = self.holds.pop(number)
        status, decide_by = self._first_status(hold.slot, hold.holder, now)
        self.appointments[appointment] = ModelAppointment(
            hold.slot, hold.holder, hold.places, status, decide_by=decide_by, handle=handle
        )

    def _first_status(self, slot: SlotKey, who: str, now: datetime) -> tuple[str, datetime | None]:
        if who == "host" or not self.windows[slot.window].asks_first:
            return "booked", None
        return "pending", min(now + 2 * DAY, self.start(slot))

    def _is_busy(
        self, handle: str | None, who: str, slot: SlotKey, but: ModelAppointment | None
    ) -> bool:
        """Slots of different windows overlap where they begin together."""
        return handle is not None and any(
            other is not but
            and other.handle == handle
            and ORGANIZATION_OF[other.holder] == ORGANIZATION_OF[who]
            and other.status not in ("cancelled", "noshow")
            and self.start(other.slot) == self.start(slot)
            for other in self.appointments.values()
        )

    def release(self, number: int, who: str) -> Refusal | None:
        if number not in self.holds or self.holds[number].holder != who:
            return NotFoundError
        del self.holds[number]
        return None

    def cancel(self, number: int, who: str, now: datetime) -> Refusal | None:
        """Cancel; the public has a link, which only opens what the public booked."""
        appointment = self.appointments[number]
        if not self._sees(appointment, who):
            return NotFoundError
        if appointment.status == "cancelled":
            return None
        if refusal := self._too_late(appointment, who, now):
            return refusal
        appointment.become("cancelled", now)
        return None

    def reschedule(self, number: int, slot: SlotKey, who: str, now: datetime) -> Refusal | None:
        appointment = self.appointments[number]
        if not self._sees(appointment, who):
            return NotFoundError
        if refusal := self._too_late(appointment, who, now):
            return refusal
        if appointment.slot == slot:
            return None
        holder = appointment.holder
        if refusal := self._cannot_book(slot, holder, appointment.places, now):
            return refusal
        if self._is_busy(appointment.handle, holder, slot, appointment):
            return ClientBusyError
        status, decide_by = self._first_status(slot, holder, now)
        if who == "host":
            status, decide_by = appointment.status, appointment.decide_by
            decide_by = decide_by and min(decide_by, self.start(slot))
        appointment.slot, appointment.decide_by = slot, decide_by
        appointment.become(status, now)
        return None

    def say(self, number: int, what: str, who: str, now: datetime) -> Refusal | None:
        """A step of the host's: approve, decline, check in, no-show, fulfill, undo."""
        appointment = self.appointments[number]
        if not self._sees(appointment, who):
            return NotFoundError
        if who != "host":
            return ForbiddenError
        before = appointment.status
        if before == BECOMES[what] and what != "undo":
            return None
        if before not in POSSIBLE_FROM[what]:
            return REFUSED_ELSEWHERE[what]
        if refusal := self._not_now(appointment, what, now):
            return refusal
        appointment.become(BECOMES[what], now)
        return None

    def _not_now(self, appointment: ModelAppointment, what: str, now: datetime) -> Refusal | None:
        if what == "undo":
            return self._not_undone(appointment, now)
        start = self.start(appointment.slot)
        too_early = {
            "check_in": local_day(now) < local_day(start),
            "no_show": now < start,
            "fulfill": now < start and appointment.status == "booked",
        }
        if what == "approve" and start <= now:
            return AppointmentFinalError
        return TooEarlyError if too_early.get(what) else None

    def _not_undone(self, appointment: ModelAppointment, now: datetime) -> Refusal | None:
        if appointment.said_on != local_day(now):
            return NothingToUndoError
        slot, handle = appointment.slot, appointment.handle
        busy = self._is_busy(handle, appointment.holder, slot, appointment)
        return ClientBusyError if busy else None

    def decline_unanswered(self, now: datetime) -> int:
        due = [
            one
            for one in self.appointments.values()
            if one.status == "pending" and one.decide_by is not None and one.decide_by <= now
        ]
        for one in due:
            one.become("cancelled", now)
        return len(due)

    def _sees(self, appointment: ModelAppointment, who: str) -> bool:
        return ORGANIZATION_OF[who] in {"host", ORGANIZATION_OF[appointment.holder]}

    def _too_late(self, appointment: ModelAppointment, who: str, now: datetime) -> Refusal | None:
        start = self.start(appointment.slot)
        if appointment.status not in ("pending", "booked") or start <= now:
            return AppointmentFinalError
        if who != "host" and now > start - self.windows[appointment.slot.window].cutoff:
            return CancelTooLateError
        return None

    def tidy(self, now: datetime) -> int:
        """Forget holds that lapsed a day ago; those that lapsed later have lost their places."""
        for hold in self.holds.values():
            hold.given_away |= hold.expires_at <= now
        lapsed = [number for number, hold in self.holds.items() if hold.expires_at <= now - DAY]
        for number in lapsed:
            del self.holds[number]
        return len(lapsed)

    # -- what is so

    def listing(self, who: str, now: datetime) -> dict[SlotKey, int]:
        """The slots a viewer may book, with the places left."""
        left = {
            slot: self.windows[slot.window].capacity - self.taken(slot, now)
            for slot in self.slots
            if self.is_open(slot, who) and self._in_time(slot, now)
        }
        return {slot: places for slot, places in left.items() if places > 0}

    def taken(self, slot: SlotKey, now: datetime) -> int:
        holds = (h for h in self.holds.values() if not h.given_away and h.expires_at > now)
        booked = (a for a in self.appointments.values() if a.status != "cancelled")
        everything: Iterable[ModelHold | ModelAppointment] = [*holds, *booked]
        return sum(one.places for one in everything if one.slot == slot)

    def is_open(self, slot: SlotKey, who: str) -> bool:
        window = self.windows[slot.window]
        if window.bookable_by == "public" or who == "host":
            return True
        return (
            window.bookable_by == "partners"
            and ORGANIZATION_OF[who] == "partner"
            and not self.suspended
            and slot.day <= COVERED_THROUGH
            and window.kept_for in (None, "partner")
        )

    def start(self, slot: SlotKey) -> datetime:
        reading = datetime.combine(slot.day, self.windows[slot.window].opens_at, UTC)
        return reading - DETROIT_IN_JUNE + slot.number * 30 * MINUTE

    def _in_time(self, slot: SlotKey, now: datetime) -> bool:
        window = self.windows[slot.window]
        start = self.start(slot)
        return start - window.horizon <= now < start - window.notice

    def _roll(self, window: ModelWindow, now: datetime) -> None:
        """Make the days that the horizon has newly reached; a day is made once."""
        today = (now + DETROIT_IN_JUNE).date()
        last = today + window.horizon
        done = self.rolled_through.get(window.number, date.min)
        days = [today + ahead * DAY for ahead in range(window.horizon.days + 1)]
        for day in days:
            if day > done and day >= window.starts_on:
                made = (SlotKey(window.number, day, index) for index in (0, 1))
                self.slots.update(slot for slot in made if self.start(slot) > now)
        if last > done:
            self.rolled_through[window.number] = last
