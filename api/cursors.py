"""Where a page of a list ended, as one opaque word."""

import base64
import binascii
from typing import Any, TypeVar

import msgspec

from directory.errors import InvalidError

T = TypeVar("T")


def write_cursor(position: Any) -> str:
    """Return a position (anything msgspec can write) as a word that fits into a URL."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def read_cursor(word: str | None, kind: type[T], *, path: str = "next") -> T | None:
    """Return the position in a cursor. Raises ``InvalidError`` for one we did not write."""
    if word is None:
        return None
    try:
        padded = word + "=" * (-len(word) % 4)
        return msgspec.json.decode(base64.urlsafe_b64decode(padded), type=kind)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise InvalidError.of(path, "Send back the `next` of the page before, unchanged.") from None
