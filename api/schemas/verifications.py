"""The shapes of checks: who made sure of what, and when."""

from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from api.schemas.shapes import Instant, Reply, Request
from directory.models.verifications import VerificationMethod, VitalField


class RecordVerification(Request):
    """You made sure of a listing. Without ``fields``, of everything that it says.

    ``method``: staff (your own agency knows), phone, email, visit or website. ``changed``: it was
    not as listed, and has been put right.
    """

    method: VerificationMethod
    fields: Annotated[list[VitalField], Meta(min_length=1, max_length=7)] | UnsetType = UNSET
    changed: bool = False


class FieldCheckReply(Reply):
    """The newest check of a field that the listing has.

    ``state``: fresh, ageing, old or never. ``disputed``: the agency says that it has changed, and
    it has not been put right yet.
    """

    field: str
    state: str
    checked_at: Instant | None
    method: str | None
    said_by: str | None
    changed: bool
    disputed: bool
    words: str


class VerificationsReply(Reply):
    """How true a listing is. ``verified``: all that it says was checked within its lifetime.

    ``hours_claimed`` is false where we show hours and do not stand by them.
    """

    id: UUID
    verified: bool
    hours_claimed: bool
    words: str
    fields: list[FieldCheckReply]
