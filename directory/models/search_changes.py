"""What changed in search rows and calendars: by it, what is held in memory is kept current."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class SearchChange(SQLModel, table=True):
    """A search row was added, changed or removed; without ``entry_id`` all of them may have been.

    With ``in_calendar`` the row is as it was, and what can be booked there may not be. The database
    writes these itself, by triggers, so no command can forget to. On PostgreSQL a row also has the
    ``transaction`` that made it: numbers are given out in one order there, and transactions end in
    another.
    """

    __tablename__ = "search_change"
    __table_args__ = ({"sqlite_autoincrement": True},)

    seq: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    )
    entry_id: UUID | None = None
    in_calendar: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
