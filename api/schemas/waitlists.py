"""The shapes of waiting lists and of the offers made to those who wait."""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from api.schemas.shapes import ClockTime, Instant, Reply, Request
from scheduling.models.waitlists import WaitlistKind


class SuitsShape(Request):
    """Hours of the week that suit: on some days, from one reading of the clock to another.

    Without days it is every day, without hours the whole day.
    """

    byday: Annotated[list[Annotated[str, Meta(max_length=4)]], Meta(max_length=7)] = []
    opens_at: ClockTime | None = None
    closes_at: ClockTime | None = None


class JoinWaitlist(Request):
    """What somebody waits for, and what would suit them.

    ``kind`` says which one of the targets is given: ``service_id`` (anywhere),
    ``service_at_location_id``, ``window_id``, ``organization_id``, ``need`` (a term of a taxonomy
    and all below it), or ``window_id`` and ``event_on`` for ``date``. ``near`` is a ZIP code or a
    town, never an address. Only the host's own staff may give a ``priority``.
    """

    kind: WaitlistKind = WaitlistKind.SERVICE_AT_LOCATION
    service_at_location_id: UUID | None = None
    service_id: UUID | None = None
    window_id: UUID | None = None
    organization_id: UUID | None = None
    need: Annotated[str, Meta(min_length=1, max_length=80)] | None = None
    event_on: date | None = None
    near: Annotated[str, Meta(min_length=1, max_length=80)] | None = None
    within_km: Annotated[float, Meta(gt=0, le=500)] | None = None
    client_handle: Annotated[str, Meta(min_length=8, max_length=12)] | None = None
    places: Annotated[int, Meta(ge=1, le=20)] = 1
    priority: Annotated[int, Meta(ge=0, le=9)] = 0
    earliest_on: date | None = None
    latest_on: date | None = None
    suits: Annotated[list[SuitsShape], Meta(max_length=14)] = []


class JoinedReply(Reply):
    """A place in line. ``waiting_url`` is for people who entered themselves: all they need."""

    id: UUID
    client_handle: str | None
    code: str | None
    waiting_url: str | None


class OfferReply(Reply):
    """A place that is kept until ``expires_at`` for one who waits."""

    id: UUID
    slot_id: UUID
    status: str
    title: str
    starts_at: Instant
    ends_at: Instant
    offered_at: Instant
    expires_at: Instant


class SkipReply(Reply):
    """A place that was not offered to one who waits, and why: one of a few fixed words."""

    slot_id: UUID
    starts_at: Instant
    reason: str
    at: Instant


class EntryReply(Reply):
    """Somebody who waits. ``position`` counts those who compete for the same places.

    The wait is expected to last between so many weeks, by what was really offered in the last
    eight; both null where that were too few to say, and the second where it is longer than a
    year. ``skips`` are of a single entry only; in lists they are empty.
    """

    id: UUID
    kind: str
    service_at_location_id: UUID | None
    service_id: UUID | None
    window_id: UUID | None
    organization_id: UUID | None
    need: str | None
    event_on: date | None
    within_km: float | None
    entered_by: UUID | None
    client_handle: str | None
    code: str | None
    places: int
    priority: int
    earliest_on: date | None
    latest_on: date | None
    suits: list[SuitsShape]
    status: str
    arrived_at: Instant
    position: int | None
    wait_weeks_from: int | None
    wait_weeks_to: int | None
    offer: OfferReply | None
    skips: list[SkipReply]


class SetPriority(Request):
    """How far up the line, from 0 to 9."""

    priority: Annotated[int, Meta(ge=0, le=9)]
