"""What a waiting list should do, in plain Python: no SQL, no locks."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from directory.errors import DomainError
from scheduling.errors import (
    EntryEndedError,
    HoldExpiredError,
    OfferEndedError,
    SlotClosedError,
    SlotFullError,
)
from scheduling.office_hours import deadline

MINUTE = timedelta(minutes=1)
GRACE = 2 * MINUTE
DETROIT = ZoneInfo("America/Detroit")

Refusal = type[DomainError]


@dataclass
class ModelSlot:
    starts_at: datetime
    capacity: int


@dataclass
class ModelHold:
    slot: int
    places: int
    expires_at: datetime


@dataclass
class ModelEntry:
    """``suits`` names the slots that do; only the partner is inside an agreement."""

    who: str
    places: int
    priority: int
    suits: frozenset[int]
    status: str = "waiting"


@dataclass
class ModelOffer:
    entry: int
    slot: int
    expires_at: datetime
    status: str = "open"


@dataclass
class Model:
    slots: list[ModelSlot]
    bookings: dict[int, tuple[int, int]] = field(default_factory=dict)
    holds: dict[int, ModelHold] = field(default_factory=dict)
    entries: list[ModelEntry] = field(default_factory=list)
    offers: list[ModelOffer] = field(default_factory=list)

    # -- what is so

    def room(self, slot: int, now: datetime) -> int:
        booked = sum(places for at, places in self.bookings.values() if at == slot)
        held = sum(h.places for h in self.holds.values() if h.slot == slot and h.expires_at > now)
        offered = sum(
            self.entries[offer.entry].places
            for offer in self.offers
            if offer.slot == slot and offer.status == "open" and offer.expires_at + GRACE > now
        )
        return self.slots[slot].capacity - booked - held - offered

    def open_offer(self, entry: int) -> ModelOffer | None:
        found = (each for each in self.offers if each.entry == entry and each.status == "open")
        return next(found, None)

    def fits(self, entry: int, slot: int, now: datetime) -> bool:
        """Say whether somebody who waits could be given a slot at this moment."""
        one = self.entries[entry]
        had = any(
            offer.entry == entry and offer.slot == slot and offer.status in ("declined", "lapsed")
            for offer in self.offers
        )
        return (
            one.status == "waiting"
            and slot in one.suits
            and not had
            and self.open_offer(entry) is None
            and now < self.slots[slot].starts_at
            and one.places <= self.room(slot, now)
        )

    def line(self) -> list[int]:
        def rank(number: int) -> tuple[bool, int, int]:
            one = self.entries[number]
            return (one.who != "partner", -one.priority, number)

        return sorted(range(len(self.entries)), key=rank)

    # -- what happens: each answers with the refusal that is due, or None

    def pass_on(self, slot: int, now: datetime) -> None:
        for entry in self.line():
            if self.fits(entry, slot, now):
                starts_at = self.slots[slot].starts_at
                until = deadline(now, 2, DETROIT, not_after=starts_at)
                self.offers.append(ModelOffer(entry, slot, until))

    def hold(self, slot: int, places: int, now: datetime) -> Refusal | None:
        if self.room(slot, now) < places:
            return SlotFullError
        return SlotClosedError if now >= self.slots[slot].starts_at else None

    def accept(self, offer: ModelOffer, now: datetime) -> Refusal | None:
        if offer.status == "accepted":
            return None
        if self.entries[offer.entry].status != "waiting":
            return EntryEndedError
        if offer.status != "open" or offer.expires_at <= now:
            return OfferEndedError
        offer.status = "accepted"
        self.entries[offer.entry].status = "booked"
        return None

    def decline(self, offer: ModelOffer, now: datetime) -> Refusal | None:
        if offer.status == "declined":
            return None
        if offer.status != "open":
            return OfferEndedError
        offer.status = "declined"
        self.pass_on(offer.slot, now)
        return None

    def leave(self, entry: int, now: datetime) -> Refusal | None:
        one = self.entries[entry]
        if one.status == "booked":
            return EntryEndedError
        if one.status != "waiting":
            return None
        offer = self.open_offer(entry)
        one.status = "left"
        if offer is not None:
            offer.status = "withdrawn"
            self.pass_on(offer.slot, now)
        return None

    def confirm(self, hold: ModelHold, now: datetime) -> Refusal | None:
        if now >= self.slots[hold.slot].starts_at:
            return SlotClosedError
        return HoldExpiredError if hold.expires_at <= now else None
