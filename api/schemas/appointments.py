"""The shapes of what is done with an appointment."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from api.schemas.shapes import Instant, Reply, Request

Word = Annotated[str, Meta(max_length=40)]


class RescheduleAppointment(Request):
    """To which time, and why in one of the fixed words (`client-asked`, `client-unwell`,
    `mistake`, `host-closed`, `host-changed`)."""  # noqa: D205, D209  (one sentence)

    slot_id: UUID
    reason: Word = "client-asked"


class DeclineAppointment(Request):
    """Why, in one of the fixed words (`no-room`, `not-for-them`, `host-closed`)."""

    reason: Word = "no-room"


class FulfillAppointment(Request):
    """What came of it, in one of the fixed words (`served`, `partly-served`, `come-again`,
    `referred-on`, `not-for-them`, `left-early`)."""  # noqa: D205, D209  (one sentence)

    outcome: Word = "served"


class AppointmentStep(Reply):
    """One step in an appointment's life: what it was after it, who took it, and why."""

    sequence: int
    status: str
    at: Instant
    slot_id: UUID | None
    organization_id: UUID | None
    reason: str | None
