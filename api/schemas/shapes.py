"""What all shapes share."""

from datetime import datetime
from typing import Annotated, Any, Generic, Self, TypeVar

from msgspec import Meta, Struct, convert

T = TypeVar("T")

Instant = Annotated[datetime, Meta(tz=True, description="With an offset; always UTC in replies.")]
Latitude = Annotated[float, Meta(ge=-90, le=90, description="Degrees north, WGS 84.")]
Longitude = Annotated[float, Meta(ge=-180, le=180, description="Degrees east, WGS 84.")]


class Request(Struct, forbid_unknown_fields=True, kw_only=True):
    """Something that was sent to us. A misspelt field is an error, not silence."""


class Reply(Struct, kw_only=True):
    """Something we send. No defaults: every field is always there."""

    @classmethod
    def of(cls, row: Any, **more: Any) -> Self:
        """Copy the fields of the same names, from a mapping or an object."""
        if more or hasattr(row, "keys"):
            # Column names come as a subclass of str, which msgspec refuses.
            return convert({str(name): value for name, value in {**row, **more}.items()}, cls)
        return convert(row, cls, from_attributes=True)


class Page(Reply, Generic[T]):
    """A part of a list. ``next`` is the cursor of the following part, or null at the end."""

    items: list[T]
    next: str | None
