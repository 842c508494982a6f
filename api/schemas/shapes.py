"""What all shapes share."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Generic, Self, TypeVar

from msgspec import Meta, Struct

T = TypeVar("T")

Instant = Annotated[datetime, Meta(tz=True, description="With an offset; always UTC in replies.")]
ClockTime = Annotated[
    str,
    Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="A reading of the clock, HH:MM."),
]
Latitude = Annotated[float, Meta(ge=-90, le=90, description="Degrees north, WGS 84.")]
Longitude = Annotated[float, Meta(ge=-180, le=180, description="Degrees east, WGS 84.")]


class Request(Struct, forbid_unknown_fields=True, kw_only=True):
    """Something that was sent to us. A misspelt field is an error, not silence."""


class Reply(Struct, kw_only=True):
    """Something we send. No defaults: every field is always there."""

    @classmethod
    def of(cls, row: Any, **more: Any) -> Self:
        """Copy the fields of the same names from a mapping or an object; ``more`` has the rest."""
        names = [name for name in cls.__struct_fields__ if name not in more]
        if isinstance(row, Mapping):
            return cls(**{name: row[name] for name in names}, **more)
        return cls(**{name: getattr(row, name) for name in names}, **more)


class Page(Reply, Generic[T]):
    """A part of a list. ``next`` is the cursor of the following part, or null at the end."""

    items: list[T]
    next: str | None
