"""Pages of a list, and where one ended, as one opaque word."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple, TypeVar
from uuid import UUID

import msgspec
from litestar.params import QueryParameter

from api.schemas.shapes import Page
from directory.errors import InvalidError

T = TypeVar("T")
R = TypeVar("R")

#: The parameter of every list that comes in pages.
Next = Annotated[
    str | None, QueryParameter(name="next", description="The `next` of the page before.")
]


class TimeAndId(NamedTuple):
    """Where a list that is ordered by time ended."""

    at: Annotated[datetime, msgspec.Meta(tz=True)]
    id: UUID


def page_of(
    rows: Sequence[R],
    size: int,
    *,
    reply: Callable[[R], T],
    position: Callable[[R], Any],
) -> Page[T]:
    """Shape the first ``size`` of the rows, of which one more was asked for than a page has.

    ``position`` says where a row stands, for the cursor.
    """
    shown, more = rows[:size], len(rows) > size
    return Page(
        items=[reply(row) for row in shown],
        next=write_cursor(position(shown[-1])) if more else None,
    )


def write_cursor(position: Any) -> str:
    """Return a position (anything msgspec can write) as a word that fits into a URL."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def read_cursor(word: str | None, kind: type[T], *, path: str = "next") -> T | None:
    """Return the position in a cursor. Raises ``InvalidError`` for one we did not write."""
    if not word:
        return None
    try:
        padded = word + "=" * (-len(word) % 4)
        position = msgspec.json.decode(base64.urlsafe_b64decode(padded), type=kind)
        _refuse_unstorable(msgspec.to_builtins(position, builtin_types=(datetime,)))
    except (binascii.Error, ValueError, OverflowError, msgspec.DecodeError):
        raise InvalidError.of(path, "Send back the `next` of the page before, unchanged.") from None
    return position


def _refuse_unstorable(position: Any) -> None:
    """Refuse what no row can hold: text with a NUL, an instant that UTC has no date for."""
    parts = position.values() if isinstance(position, dict) else position
    for part in parts if isinstance(parts, list | tuple | type({}.values())) else [parts]:
        if isinstance(part, datetime):
            part.astimezone(UTC)
        if isinstance(part, str) and "\x00" in part:
            raise ValueError("A NUL in a cursor.")
