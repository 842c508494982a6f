"""What allotments grant and keep, once more, in plain Python: to hold the queries against."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

NO_END = 1_000_000


@dataclass
class ModelSlot:
    id: UUID
    is_public: bool
    capacity: int
    starts_at: datetime
    local_date: date

    @property
    def week_on(self) -> date:
        return self.local_date - timedelta(days=self.local_date.weekday())


@dataclass
class ModelAllotment:
    id: UUID
    partner: str
    places: int
    slot_ids: set[UUID]
    release: timedelta

    def keeps(self, slot: ModelSlot, now: datetime) -> bool:
        return slot.id in self.slot_ids and now < slot.starts_at - self.release


@dataclass
class Taken:
    """Places that somebody has; those of a hold until ``expires_at``."""

    slot: ModelSlot
    places: int
    expires_at: datetime | None
    allotment: ModelAllotment | None


@dataclass
class Model:
    slots: dict[UUID, ModelSlot]
    allotments: list[ModelAllotment]
    informal: set[str]
    now: datetime
    suspended: set[str] = field(default_factory=set)
    taken: dict[UUID, Taken] = field(default_factory=dict)

    def live(self) -> Iterable[Taken]:
        return (t for t in self.taken.values() if t.expires_at is None or t.expires_at > self.now)

    def free(self, slot: ModelSlot) -> int:
        return slot.capacity - sum(t.places for t in self.live() if t.slot is slot)

    def unused(self, allotment: ModelAllotment, week: date) -> int:
        return allotment.places - sum(
            t.places for t in self.live() if t.allotment is allotment and t.slot.week_on == week
        )

    def keeping(self, slot: ModelSlot) -> list[ModelAllotment]:
        return [
            each
            for each in self.allotments
            if each.keeps(slot, self.now) and each.partner not in self.suspended
        ]

    def ahead(self, allotment: ModelAllotment, week: date) -> set[UUID]:
        return {
            slot.id
            for slot in self.slots.values()
            if slot.week_on == week
            and allotment.keeps(slot, self.now)
            and slot.starts_at > self.now
        }

    def may_book(self, who: str, slot: ModelSlot) -> bool:
        """Say whether somebody may take what is kept for nobody."""
        if slot.is_public or who == "host":
            return True
        if who in self.suspended or who == "public":
            return False
        if who in self.informal:
            return True
        is_partner = any(each.partner == who for each in self.allotments)
        return is_partner and any(
            slot.id in each.slot_ids
            and not each.keeps(slot, self.now)
            and each.partner not in self.suspended
            for each in self.allotments
        )

    def room(self, slot: ModelSlot, own: ModelAllotment | None) -> int:
        """Count what may be taken by using ``own``, or none."""
        week = slot.week_on
        others = [each for each in self.keeping(slot) if each is not own]
        rooms = [self.free(slot)]
        if own is not None:
            rooms.append(self.unused(own, week))
        for group in [[each] for each in others] + ([others] if others else []):
            ahead = set().union(*(self.ahead(each, week) for each in group))
            kept = sum(self.unused(each, week) for each in group)
            rooms.append(sum(self.free(self.slots[id_]) for id_ in ahead) - kept)
        return min(rooms)

    def ways(self, who: str, slot: ModelSlot) -> list[ModelAllotment | None]:
        own = sorted(
            (each for each in self.keeping(slot) if each.partner == who), key=lambda each: each.id
        )
        return [*own, None] if self.may_book(who, slot) else [*own]

    def places_left(self, who: str, slot: ModelSlot) -> int:
        if slot.starts_at <= self.now:
            return 0
        return max([0, *(self.room(slot, way) for way in self.ways(who, slot))])

    def way(self, who: str, slot: ModelSlot, wanted: int) -> tuple[bool, ModelAllotment | None]:
        """Return whether ``wanted`` places can be taken, and which allotment they use."""
        for way in self.ways(who, slot):
            if self.room(slot, way) >= wanted:
                return True, way
        return False, None
