"""What stands in a cell of our CSV files: pure, and "" for what is better left out."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from directory.hsds.documents.values import as_json
from directory.hsds.profile import NOTHING
from directory.hsds.spreadsheets import guard_formula
from directory.hsds.standard import Field, Kind, Needed

#: Stricter than what JSON Schema asks for: those who check CSV want a host with a dot in it.
_EMAIL: Final = re.compile(
    r"[\w!#$%&'*+/=?^`{}|~-]+(\.[\w!#$%&'*+/=?^`{}|~-]+)*"
    r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    re.ASCII | re.IGNORECASE,
)
_LONGEST_LOCAL_PART: Final = 64
_LONGEST_HOST: Final = 253

#: Turns the value of a column into a cell; None never reaches it.
ToCell = Callable[[Any], str]


def cell_of(field: Field) -> ToCell:
    """Return what makes the cells of a field.

    A text that the standard requires is never empty: ``NOTHING`` stands where we have none.
    """
    if field.kind is Kind.TEXT and field.needed is not Needed.NOWHERE:
        return _required_text
    return _CELLS.get(field.kind, lambda value: str(as_json(field.kind, value)))


def is_lost(field: Field, value: Any, cell: str) -> bool:
    """Say whether a value could not be told: no web address, no e-mail address, no number."""
    return cell == "" and value not in (None, "", False) and field.kind in _CAN_BE_WRONG


_CAN_BE_WRONG: Final = frozenset({Kind.URI, Kind.EMAIL, Kind.NUMBER})


def _text(value: Any) -> str:
    return guard_formula(str(value).replace("\0", ""))


def _required_text(value: Any) -> str:
    return _text(value) or NOTHING


def _email(value: str) -> str:
    local, _, host = value.rpartition("@")
    fits = len(local) <= _LONGEST_LOCAL_PART and len(host) <= _LONGEST_HOST
    return _text(value) if fits and _EMAIL.fullmatch(value) else ""


def _plain(kind: Kind) -> ToCell:
    def cell(value: Any) -> str:
        said = as_json(kind, value)
        return "" if said is None else str(said)

    return cell


def _flag(value: bool) -> str:  # noqa: FBT001  (the value of a column)
    return "true" if value else ""


def _object(value: Any) -> str:
    """Return JSON with its keys in order, so that the same says the same."""
    if not value:
        return ""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


_CELLS: Final[Mapping[Kind, ToCell]] = {
    Kind.TEXT: _text,
    Kind.EMAIL: _email,
    Kind.URI: _plain(Kind.URI),
    Kind.NUMBER: _plain(Kind.NUMBER),
    Kind.FLAG: _flag,
    Kind.OBJECT: _object,
}
