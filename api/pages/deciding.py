"""On pages: what a change does, and a choice for each booking that it affects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.pages.times import Times
from directory.errors import InvalidError
from directory.viewer import Viewer
from scheduling.commands.slot_changes import WindowPlan
from scheduling.decisions import Decision, DecisionKind
from scheduling.queries.slots import find_bookable_slots

#: How many times to move to are offered for a booking.
MOST_TARGETS = 60

_PREFIX = "decision-"


@dataclass(frozen=True, slots=True)
class Effects:
    """What a change does: how many times it makes and ends, and the bookings it affects."""

    made: int
    ended: int
    affected: list[dict[str, Any]]


def effects_said(
    session: Session,
    plans: Sequence[WindowPlan],
    data: Mapping[str, Any],
    *,
    viewer: Viewer,
    times: Times,
) -> Effects:
    """Return what plans do, with times to move to and what is chosen in a form already."""
    gone = {row["id"] for plan in plans for row in plan.slots.gone}
    affected = []
    for plan in plans:
        targets = _targets(session, plan, gone, viewer, times) if plan.affected else []
        for row in plan.affected:
            chosen = str(data.get(f"{_PREFIX}{row['appointment_id']}", "")).split()
            affected.append(
                {
                    **row,
                    "timezone": plan.window.timezone,
                    "targets": targets,
                    "chosen": chosen[-1] if len(chosen) > 2 else "".join(chosen[:1]),  # noqa: PLR2004
                }
            )
    return Effects(
        sum(len(plan.slots.made) + len(plan.slots.revived) for plan in plans), len(gone), affected
    )


def _targets(
    session: Session, plan: WindowPlan, gone: set[UUID], viewer: Viewer, times: Times
) -> list[tuple[str, str]]:
    """Return times to move to: those at the same place, and those that the change makes."""
    zone = plan.window.timezone
    open_now = find_bookable_slots(
        session,
        viewer,
        now=times.now,
        service_at_location_ids=[plan.window.service_at_location_id],
        limit=MOST_TARGETS + len(gone),
    )
    found = [(row["starts_at"], str(row["id"])) for row in open_now if row["id"] not in gone]
    found += [(slot.interval.starts_at, f"{slot.interval.starts_at:%Y-%m-%dT%H:%M:%S%z}")
              for slot in plan.slots.made]  # fmt: skip
    return [
        (value, f"{times.day_of(at, zone)}, {times.clock(at, zone)}")
        for at, value in sorted(found)[:MOST_TARGETS]
    ]


def read_decisions(data: Mapping[str, Any]) -> list[Decision]:
    """Return the decisions in a form; a booking without a choice has none."""
    return [
        _decision(name.removeprefix(_PREFIX), str(value).split())
        for name, value in data.items()
        if name.startswith(_PREFIX) and value
    ]


def without_decisions(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the other fields of a form."""
    return {name: value for name, value in data.items() if not name.startswith(_PREFIX)}


def _decision(appointment_id: str, words: list[str]) -> Decision:
    """Read "keep 0", "cancel 0" or "move 0 TIME", where the time is a slot's id or its start."""
    try:
        kind, sequence, *to = words
        return Decision(
            appointment_id=UUID(appointment_id),
            sequence=int(sequence),
            kind=DecisionKind(kind),
            **_target(to[0] if to else ""),
        )
    except ValueError:
        raise InvalidError.of(_PREFIX + appointment_id, "Choose one of the list.") from None


def _target(word: str) -> dict[str, Any]:
    if not word:
        return {}
    if "T" in word:
        return {"starts_at": datetime.fromisoformat(word)}
    return {"slot_id": UUID(word)}
