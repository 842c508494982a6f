"""What every record of the directory carries beside its HSDS fields."""

from uuid import UUID, uuid4

from sqlmodel import Field, SQLModel


class Sourced(SQLModel):
    """Identity, origin and version of a directory record.

    ``source`` names the directory it was imported from and ``source_id`` its identifier there
    (both empty for our own records). ``version`` rises with each change.
    """

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    source: str | None = Field(default=None, max_length=80, index=True)
    source_id: str | None = Field(default=None, max_length=200)
    version: int = 1
