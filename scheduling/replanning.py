"""What becomes of a window's slots when its rule changes. Pure.

Slots are compared by the times that people were told, not by their numbers: one that the new
rule has too stays, whoever has it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from directory.database import Row
from scheduling.schedule import DatedSlot


class Times(NamedTuple):
    """A slot's local day, start and end: what people were told."""

    day: date
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """The slots of a window, sorted by what becomes of them; rows are of ``slot``.

    ``made`` are new, ``kept`` are open before and after, ``revived`` were withdrawn and come
    back, ``gone`` are open now and end, ``stale`` were withdrawn before and stay so.
    """

    made: Sequence[DatedSlot]
    kept: Sequence[Row]
    revived: Sequence[Row]
    gone: Sequence[Row]
    stale: Sequence[Row]


def plan_slots(wanted: Iterable[DatedSlot], existing: Iterable[Row]) -> SlotPlan:
    """Compare the slots that a rule wants with the rows that there are.

    Of several rows of the same times, which only a mistake could make, one stays.
    """
    missing = {Times(slot.day, *slot.interval): slot for slot in wanted}
    kept: list[Row] = []
    revived: list[Row] = []
    gone: list[Row] = []
    stale: list[Row] = []
    for row in sorted(existing, key=lambda row: row["withdrawn_at"] is not None):
        found = missing.pop(Times(row["local_date"], row["starts_at"], row["ends_at"]), None)
        if row["withdrawn_at"] is None:
            (gone if found is None else kept).append(row)
        else:
            (stale if found is None else revived).append(row)
    return SlotPlan(list(missing.values()), kept, revived, gone, stale)
