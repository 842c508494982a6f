"""What is to become of each booking that a change affects: the host decides, one by one. Pure."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from directory.database import Row


class DecisionKind(enum.StrEnum):
    """What becomes of a booking."""

    KEEP = "keep"
    MOVE = "move"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of one booking, as it was when the host looked (``sequence``).

    A move is to ``slot_id``, a time of the host, or to the time of the changed window that
    begins at ``starts_at``, which may be a new one.
    """

    appointment_id: UUID
    sequence: int
    kind: DecisionKind
    slot_id: UUID | None = None
    starts_at: datetime | None = None


def is_decided(affected: Sequence[Row], decisions: Sequence[Decision]) -> bool:
    """Say whether there is one decision for each affected booking as it is now, and no other."""
    now = [(row["appointment_id"], row["sequence"]) for row in affected]
    decided = [(decision.appointment_id, decision.sequence) for decision in decisions]
    return len(decided) == len(set(decided)) and set(decided) == set(now)


def decide_all(
    affected: Iterable[Row], decisions: Iterable[Decision], otherwise: DecisionKind
) -> list[Decision]:
    """Return the decisions with ``otherwise`` for every affected booking that has none.

    A decision about a booking that has changed since stays, and is found out by ``is_decided``.
    """
    decided = list(decisions)
    with_one = {decision.appointment_id for decision in decided}
    return decided + [
        Decision(appointment_id=row["appointment_id"], sequence=row["sequence"], kind=otherwise)
        for row in affected
        if row["appointment_id"] not in with_one
    ]
