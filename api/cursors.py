"""Where a page of a list ended, as one opaque word."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from directory.errors import InvalidError

#: Where a list that is ordered by time ended.
TimeAndId: Any = tuple[Annotated[datetime, msgspec.Meta(tz=True)], UUID]


def write_cursor(position: Any) -> str:
    """Return a position (anything msgspec can write) as a word that fits into a URL."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def read_cursor(word: str | None, kind: Any, *, path: str = "next") -> Any:
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
