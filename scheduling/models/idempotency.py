"""Replies kept, so that the same request sent twice has one effect."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class IdempotencyKey(SQLModel, table=True):
    """A key that a client chose, within its ``scope`` (its organization), and our reply.

    ``fingerprint`` is the SHA-256 of method, path and body, in hex. Written in the transaction
    of the change itself: the reply is there exactly when the change is.
    """

    __tablename__ = "idempotency_key"

    scope: str = Field(primary_key=True, max_length=40)
    key: str = Field(primary_key=True, max_length=255)
    fingerprint: str = Field(max_length=64)
    status: int | None = None
    body: str | None = Field(default=None, sa_type=sa.Text)
    created_at: datetime = Field(index=True)
