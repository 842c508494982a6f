"""What every record of the directory carries beside its HSDS fields."""

from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class Sourced(SQLModel):
    """Identity, origin and version of a directory record.

    ``source`` names the directory it was imported from and ``source_id`` its identifier there
    (both empty for our own records). ``original`` has, by column, what the source said where
    we put a value right. ``version`` rises with each change.
    """

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    source: str | None = Field(default=None, max_length=80, index=True)
    source_id: str | None = Field(default=None, max_length=200)
    original: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON(none_as_null=True))
    version: int = 1
