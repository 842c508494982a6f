"""Which search rows changed: what a copy of them that is held in memory is kept current by."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class SearchChange(SQLModel, table=True):
    """A search row was added, changed or removed; without ``entry_id`` all of them may have been.

    The database writes these itself, by triggers, so no command can forget to. On PostgreSQL a
    row also has the ``transaction`` that made it: numbers are given out in one order there, and
    transactions end in another.
    """

    __tablename__ = "search_change"
    __table_args__ = ({"sqlite_autoincrement": True},)

    seq: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    )
    entry_id: UUID | None = None
