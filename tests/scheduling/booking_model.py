"""What the scheduler should answer, in plain Python: no SQL, no locks, no cleverness.

The machine in ``test_booking_machine`` does everything twice, here and there, and compares.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from directory.errors import DomainError, InvalidError, NotFoundError
from scheduling.errors import (
    AgreementEndedError,
    AppointmentFinalError,
    CancelTooLateError,
    HoldExpiredError,
    SlotClosedError,
    SlotFullError,
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
#: The last day that the partner's agreement covers; the other partner's has no end.
COVERED_THROUGH = date(2030, 6, 4)

Refusal = type[DomainError]


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
    cancelled: bool = False
    changes: int = 0


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

    def confirm(self, number: int, who: str, now: datetime) -> Refusal | None:
        hold = self.holds.get(number)
        if hold is None or hold.holder != who:
            return NotFoundError
        if not self.is_open(hold.slot, who):
            return AgreementEndedError
        if self.start(hold.slot) <= now:
            return SlotClosedError
        return HoldExpiredError if hold.given_away or hold.expires_at <= now else None

    def confirmed(self, number: int, appointment: int) -> None:
        hold = self.holds.pop(number)
        self.appointments[appointment] = ModelAppointment(hold.slot, hold.holder, hold.places)

    def release(self, number: int, who: str) -> Refusal | None:
        if number not in self.holds or self.holds[number].holder != who:
            return NotFoundError
        del self.holds[number]
        return None

    def cancel(self, number: int, who: str, now: datetime) -> Refusal | None:
        """Cancel; the public has a link, which only opens what the public booked."""
        appointment = self.appointments[number]
        start = self.start(appointment.slot)
        parties = {"host", ORGANIZATION_OF[appointment.holder]}
        if ORGANIZATION_OF[who] not in parties:
            return NotFoundError
        if appointment.cancelled:
            return None
        if start <= now:
            return AppointmentFinalError
        if who != "host" and now > start - self.windows[appointment.slot.window].cutoff:
            return CancelTooLateError
        appointment.cancelled = True
        appointment.changes += 1
        return None

    def tidy(self, now: datetime) -> int:
        lapsed = [number for number, hold in self.holds.items() if hold.expires_at <= now]
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
        booked = (a for a in self.appointments.values() if not a.cancelled)
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
