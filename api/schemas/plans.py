"""The shapes of plan-my-day: what a client needs, and the days that are proposed."""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from api.schemas.search import EligibilityReply, FactsRequest, NamedReply, OriginReply, Words
from api.schemas.shapes import ClockTime, Instant, Reply, Request
from geo.travel import Mode


class PlanRequest(Request):
    """What somebody needs, from where, how and when. Nothing of it is kept.

    ``needs`` are codes or everyday words, one appointment each. The days are those of the clock
    where the client starts, by default the coming seven, and at most fourteen; on each of them
    the client leaves not before ``leave_after`` and is back by ``back_by``. ``facts`` and
    ``documents`` as in a search. Times that overlap what your agency booked for the client of
    ``client_handle`` are left out.
    """

    near: Annotated[str, Meta(max_length=200)]
    needs: Annotated[list[Words], Meta(min_length=1, max_length=6)]
    mode: Mode = Mode.TRANSIT
    first_day: date | None = None
    last_day: date | None = None
    leave_after: ClockTime = "08:00"
    back_by: ClockTime = "18:00"
    within_km: Annotated[float, Meta(ge=0.1, le=500)] = 25.0
    places: Annotated[int, Meta(ge=1, le=20)] = 1
    proposals: Annotated[int, Meta(ge=1, le=10)] = 3
    facts: FactsRequest | None = None
    documents: list[str] | None = None
    client_handle: Annotated[str, Meta(min_length=8, max_length=12)] | None = None


class PlannedAppointment(Reply):
    """An appointment of a proposal. ``need`` is its number in the request.

    ``location`` and ``address`` are null by phone or video (``remote``), and where the place is
    not told. ``eligibility`` null: the service has no rule that could be checked.
    """

    need: int
    slot_id: UUID
    starts_at: Instant
    ends_at: Instant
    service_at_location_id: UUID
    service: NamedReply
    organization: NamedReply
    location: str | None
    address: str | None
    timezone: str
    remote: bool
    eligibility: EligibilityReply | None


class StepReply(Reply):
    """A part of a day: `travel`, `wait`, `appointment` or `back`.

    ``appointment`` is the number, in the proposal, of the one that it is or leads to.
    ``known`` false: nobody knows the way, and an hour is kept for it.
    """

    doing: str
    starts_at: Instant
    ends_at: Instant
    minutes: int
    appointment: int | None
    known: bool


class PlannedDay(Reply):
    """One day, from leaving until being back."""

    day: date
    leaves_at: Instant
    back_at: Instant
    steps: list[StepReply]


class ProposalReply(Reply):
    """A plan. ``slots`` can be sent to ``POST /bundles`` as they are, with the same ``mode``.

    ``because``: why it is proposed. ``missing``: the numbers of needs that it does not meet.
    """

    slots: list[UUID]
    appointments: list[PlannedAppointment]
    days: list[PlannedDay]
    travel_minutes: int
    waiting_minutes: int
    done_at: Instant
    missing: list[int]
    because: list[str]


class WhyNotReply(Reply):
    """Why a need is not met: `no-service`, `not-eligible`, `no-booking`, `no-time`, `no-fit`."""

    code: str
    words: str


class PlannedNeedReply(Reply):
    """What became of a need: how many services have how many times, or why it is not met."""

    need: str
    name: str
    services: int
    times: int
    within_km: float
    not_met: WhyNotReply | None


class PlansReply(Reply):
    """The best proposals, best first. ``better``: what would make the first one better."""

    origin: OriginReply
    timezone: str
    first_day: date
    last_day: date
    mode: Mode
    places: int
    needs: list[PlannedNeedReply]
    proposals: list[ProposalReply]
    better: list[str]
