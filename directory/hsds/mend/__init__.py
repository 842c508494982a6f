"""Mending one value at a time: only what is certain.

Every function takes the text of a cell and returns the value with a note that says what was
mended, or with no note where the text was right as it stood. What cannot be read raises
``CannotMendError`` with the reason; the caller decides whether the row can do without.
"""

from typing import TypeVar

_T = TypeVar("_T")

Mended = tuple[_T, str | None]


class CannotMendError(ValueError):
    """The value means nothing we can be certain of. The text says why, without the value."""
