"""The shapes of windows, slots, holds, appointments and agreements."""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from api.schemas.shapes import ClockTime, Instant, Reply, Request
from scheduling.models.windows import Approval, BookableBy

Minutes = Annotated[int, Meta(ge=0, le=43_200)]


class PatternShape(Request):
    """On which days: a closed subset of RFC 5545. Give ``until`` or ``count``, not both."""

    freq: Annotated[str, Meta(pattern="^(DAILY|WEEKLY|MONTHLY)$")]
    interval: Annotated[int, Meta(ge=1, le=52)] = 1
    byday: Annotated[list[str], Meta(max_length=14)] = []
    until: date | None = None
    count: Annotated[int, Meta(ge=1, le=400)] | None = None


class AddedDayShape(Request):
    """A day besides the pattern, or at other hours; without hours it has the window's."""

    date: date
    opens_at: ClockTime | None = None
    closes_at: ClockTime | None = None
    reason: Annotated[str, Meta(max_length=200)] | None = None


class PublishWindow(Request):
    """A window to publish. Without a pattern it is the one day ``starts_on``.

    ``opens_at`` and ``closes_at`` are readings of the clock in ``timezone``. Partners named in
    ``partner_organization_ids`` have it to themselves; none named means all partners.
    """

    service_at_location_id: UUID
    title: Annotated[str, Meta(min_length=1, max_length=120)]
    timezone: Annotated[str, Meta(max_length=64)]
    starts_on: date
    opens_at: ClockTime
    closes_at: ClockTime
    slot_minutes: Annotated[int, Meta(ge=5, le=1440)]
    pattern: PatternShape | None = None
    gap_minutes: Annotated[int, Meta(ge=0, le=1440)] = 0
    capacity: Annotated[int, Meta(ge=1, le=500)] = 1
    notice_minutes: Minutes = 0
    horizon_days: Annotated[int, Meta(ge=1, le=548)] = 90
    cancel_cutoff_minutes: Minutes = 0
    bookable_by: BookableBy = BookableBy.PARTNERS
    approval: Approval = Approval.AUTOMATIC
    documents: Annotated[list[Annotated[str, Meta(max_length=120)]], Meta(max_length=20)] = []
    instructions: Annotated[str, Meta(max_length=1000)] | None = None
    partner_organization_ids: Annotated[list[UUID], Meta(max_length=100)] = []
    closed_on: Annotated[list[date], Meta(max_length=400)] = []
    added_on: Annotated[list[AddedDayShape], Meta(max_length=400)] = []


class WindowReply(Reply):
    """A published window."""

    id: UUID
    organization_id: UUID
    service_at_location_id: UUID
    title: str
    timezone: str
    starts_on: date
    pattern: PatternShape | None
    opens_at: ClockTime
    closes_at: ClockTime
    slot_minutes: int
    gap_minutes: int
    capacity: int
    notice_minutes: int
    horizon_days: int
    cancel_cutoff_minutes: int
    bookable_by: str
    approval: str
    documents: list[str]
    instructions: str | None
    status: str
    version: int


class ExceptionReply(Reply):
    """A day that is not as the pattern says: `closed`, or `added`."""

    date: date
    kind: str
    opens_at: ClockTime | None
    closes_at: ClockTime | None
    reason: str | None


class WindowDetail(WindowReply):
    """A published window with its closed and added days, and for whom it is kept."""

    exceptions: list[ExceptionReply]
    partner_organization_ids: list[UUID]


class SlotReply(Reply):
    """A time that this caller may book, with the places left."""

    id: UUID
    window_id: UUID
    service_at_location_id: UUID
    title: str
    starts_at: Instant
    ends_at: Instant
    places_left: int


class PlaceHold(Request):
    """How many places to keep."""

    places: Annotated[int, Meta(ge=1, le=20)] = 1


class HoldReply(Reply):
    """Places kept for you until ``expires_at``."""

    id: UUID
    slot_id: UUID
    places: int
    expires_at: Instant


class ConfirmHold(Request):
    """For whom. Agencies give their client's handle, or leave it out for a new one."""

    client_handle: Annotated[str, Meta(min_length=8, max_length=12)] | None = None


class BookedSlot(Reply):
    """When."""

    id: UUID
    starts_at: Instant
    ends_at: Instant


class BookedReply(Reply):
    """The appointment you now have. ``manage_url`` is for people who booked for themselves."""

    id: UUID
    status: str
    places: int
    code: str
    client_handle: str | None
    sequence: int
    slot: BookedSlot
    manage_url: str | None


class AppointmentReply(Reply):
    """An appointment, as the agency that booked it and the one that hosts it both see it."""

    id: UUID
    status: str
    places: int
    code: str
    client_handle: str | None
    sequence: int
    title: str
    timezone: str
    slot: BookedSlot
    service_at_location_id: UUID
    host_organization_id: UUID
    organization_id: UUID | None
    cancelled_by: str | None
    cancel_reason: str | None
    decide_by: Instant | None
    outcome: str | None


class CancelAppointment(Request):
    """Why, in one of the fixed words (`client-asked`, `client-unwell`, `found-elsewhere`,
    `host-closed`, `mistake`)."""  # noqa: D205, D209  (one sentence)

    reason: Annotated[str, Meta(max_length=40)] = "client-asked"
