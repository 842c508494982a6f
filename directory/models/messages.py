"""E-mails on their way out: written with the change that causes them, sent by the worker."""

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, Index, SQLModel


class OutgoingMessage(SQLModel, table=True):
    """An e-mail to send once: ``dedupe_key`` refuses the same message a second time.

    Subject and body are emptied once it is sent: links in it are secrets.
    """

    __tablename__ = "outgoing_message"
    __table_args__ = (
        Index(
            "ix_outgoing_message_due",
            "due_at",
            sqlite_where=sa.text("sent_at IS NULL AND failed_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND failed_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    recipient: str = Field(max_length=254)
    subject: str = Field(sa_type=sa.Text)
    body: str = Field(sa_type=sa.Text)
    dedupe_key: str = Field(unique=True, max_length=200)
    created_at: datetime
    due_at: datetime
    attempts: int = 0
    sent_at: datetime | None = None
    failed_at: datetime | None = None
