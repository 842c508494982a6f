"""The shapes of reminders."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from api.schemas.shapes import Instant, Reply, Request

Note = Annotated[str, Meta(min_length=1, max_length=1000)]


class AddTickler(Request):
    """What to think of, and when. Without an account it is for yourself; of software, for all."""

    note: Note
    due_at: Instant
    account_id: UUID | None = None


class TicklerReply(Reply):
    """A reminder. ``note`` is there where somebody wrote it; ``kind`` says it otherwise."""

    id: UUID
    kind: str
    note: str | None
    due_at: Instant
    account_id: UUID | None
    appointment_id: UUID | None
    agreement_id: UUID | None
    done_at: Instant | None
