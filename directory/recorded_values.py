"""Values of columns as the words that history keeps of them, and back."""

import enum
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

#: By the type of a column: how to read back what ``as_text`` wrote.
_READERS: Final[Mapping[type[Any], Callable[[str], Any]]] = {
    sa.Uuid: UUID,
    sa.Boolean: lambda text: text == "true",
    sa.Float: float,
    sa.Integer: int,
    sa.Date: date.fromisoformat,
    sa.Time: time.fromisoformat,
    sa.DateTime: datetime.fromisoformat,
    sa.JSON: json.loads,
}


def kind_of(column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    """Return the type of a column without what SQLModel wraps around it."""
    wrapped = isinstance(column.type, sa.TypeDecorator)
    return column.type.impl_instance if wrapped else column.type  # type: ignore[attr-defined]


def as_text(value: Any) -> str:
    """Return a column's value in words; nothing is the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    return str(value)


def from_text(column: sa.Column[Any], text: str) -> Any:
    """Return the value that ``as_text`` put into words.

    The empty text is nothing, but for a column of text that may not be empty-handed.
    """
    kind = kind_of(column)
    if isinstance(kind, sa.Enum):  # a kind of text itself
        return kind.enum_class(text) if text and kind.enum_class else None
    for known, read in _READERS.items():
        if isinstance(kind, known):
            return read(text) if text else None
    return None if text == "" and column.nullable else text
