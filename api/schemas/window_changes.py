"""The shapes of changes to windows, of the bookings they affect, and of closures."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from api.schemas.scheduling import AddedDayShape, BookedSlot, Minutes, PatternShape
from api.schemas.shapes import ClockTime, Instant, Reply, Request
from directory.database import Row
from scheduling.models.windows import Approval, BookableBy

Reason = Annotated[str, Meta(max_length=200)]


class DecisionShape(Request):
    """What becomes of one booking, as the dry run listed it (`sequence`).

    `keep` leaves it as it is, `move` takes it to `slot_id`, or to the time of the changed window
    that begins at `starts_at`, and `cancel` tells the agency that booked.
    """

    appointment_id: UUID
    sequence: Annotated[int, Meta(ge=0)]
    decision: Literal["keep", "move", "cancel"]
    slot_id: UUID | None = None
    starts_at: Instant | None = None


Decisions = Annotated[list[DecisionShape], Meta(max_length=2000)]


class Deciding(Request):
    """A decision for each booking that the dry run listed."""

    decisions: Decisions = []


class ChangeWindow(Request):
    """What is to be otherwise; what is left out stays. A list replaces the list.

    `pattern` null makes it the one day `starts_on`. `status` pauses and resumes, alone.
    """

    title: Annotated[str, Meta(min_length=1, max_length=120)] | UnsetType = UNSET
    timezone: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    starts_on: date | UnsetType = UNSET
    opens_at: ClockTime | UnsetType = UNSET
    closes_at: ClockTime | UnsetType = UNSET
    slot_minutes: Annotated[int, Meta(ge=5, le=1440)] | UnsetType = UNSET
    pattern: PatternShape | UnsetType | None = UNSET
    gap_minutes: Annotated[int, Meta(ge=0, le=1440)] | UnsetType = UNSET
    capacity: Annotated[int, Meta(ge=1, le=500)] | UnsetType = UNSET
    notice_minutes: Minutes | UnsetType = UNSET
    horizon_days: Annotated[int, Meta(ge=1, le=548)] | UnsetType = UNSET
    cancel_cutoff_minutes: Minutes | UnsetType = UNSET
    bookable_by: BookableBy | UnsetType = UNSET
    approval: Approval | UnsetType = UNSET
    documents: (
        Annotated[list[Annotated[str, Meta(max_length=120)]], Meta(max_length=20)] | UnsetType
    ) = UNSET
    instructions: Annotated[str, Meta(max_length=1000)] | UnsetType | None = UNSET
    partner_organization_ids: Annotated[list[UUID], Meta(max_length=100)] | UnsetType = UNSET
    closed_on: Annotated[list[date], Meta(max_length=400)] | UnsetType = UNSET
    added_on: Annotated[list[AddedDayShape], Meta(max_length=400)] | UnsetType = UNSET
    status: Literal["published", "paused"] | UnsetType = UNSET
    decisions: Decisions = []


class PutException(Request):
    """A day that is not as the pattern says: `closed`, or `added` with hours of its own or not."""

    kind: Literal["closed", "added"]
    opens_at: ClockTime | None = None
    closes_at: ClockTime | None = None
    reason: Reason | None = None
    decisions: Decisions = []


class AffectedBooking(Reply):
    """A booking that a change affects. `why`: its time `ends`, or keeps `too-many` bookings.

    `booked_by` is the agency that booked, null where a person did for themselves.
    """

    appointment_id: UUID
    sequence: int
    code: str
    places: int
    slot: BookedSlot
    organization_id: UUID | None
    booked_by: str | None
    why: str


def affected_reply(row: Row) -> AffectedBooking:
    """Shape a booking that a change affects."""
    slot = BookedSlot(id=row["slot_id"], starts_at=row["starts_at"], ends_at=row["ends_at"])
    return AffectedBooking.of(row, slot=slot, booked_by=row["booked_by_name"])


class WindowEffects(Reply):
    """What a change would do. Nothing has been changed."""

    slots_made: int
    slots_ended: int
    affected: list[AffectedBooking]


class DeclareClosure(Request):
    """Days on which nothing of your organization happens, by the clock of each window.

    `otherwise` is what becomes of each booking without a decision of its own.
    """

    starts_on: date
    ends_on: date
    reason: Reason | None = None
    otherwise: Literal["cancel", "keep"] = "cancel"
    decisions: Decisions = []


class ClosureReply(Reply):
    """Days on which nothing of an organization happens, unless lifted."""

    id: UUID
    starts_on: date
    ends_on: date
    reason: str | None
    declared_at: Instant
    lifted_at: Instant | None
