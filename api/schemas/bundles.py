"""The shapes of bundles: several appointments of one client, booked as one."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from api.schemas.scheduling import AppointmentReply
from api.schemas.shapes import Instant, Reply, Request
from geo.travel import Mode


class BookBundle(Request):
    """Times to book together, and for whom.

    ``mode`` is how the client gets from one to the next; there has to be time for the way.
    Leave ``client_handle`` out for a new one.
    """

    slots: Annotated[list[UUID], Meta(min_length=1, max_length=6)]
    client_handle: Annotated[str, Meta(min_length=8, max_length=12)] | None = None
    places: Annotated[int, Meta(ge=1, le=20)] = 1
    mode: Mode = Mode.TRANSIT


class BundleReply(Reply):
    """A bundle with its appointments, soonest first, as the agency that booked it sees it."""

    id: UUID
    client_handle: str
    created_at: Instant
    appointments: list[AppointmentReply]
