"""An export of our own, taken as it stands: identifiers, words and all.

Nothing is mended here. What cannot be kept as it is refuses its row.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import msgspec

from directory.hsds.cells import Cells, RowRefusedError
from directory.hsds.columns import COLUMNS, Column
from directory.hsds.dialects import columns_of as present_names
from directory.hsds.mend import CannotMendError, amounts
from directory.hsds.profile import EXTENSIONS, PREFIX
from directory.hsds.records import Translation, mark_of, parents_first
from directory.hsds.standard import HSDS_TABLES, column_of, required_texts
from directory.models.locations import AddressVisibility

#: The table of rows that becomes one of ours under another name.
_ROWS: Final = {"taxonomy_term": "term"}
#: References within a table, which may come before what they refer to.
_PARENTS: Final = {"organization": "parent_organization_id", "taxonomy_term": "parent_id"}
#: What our tables have only once, by table.
_UNIQUE: Final[Mapping[str, tuple[str, ...]]] = {
    "taxonomy": ("name",),
    "unit": ("name",),
    "taxonomy_term": ("taxonomy_id", "code"),
    "service_at_location": ("service_id", "location_id"),
    "attribute": ("link_id", "taxonomy_term_id", "link_type", "value"),
}
#: What a column's Python type is called in a report.
_NAMES: Final[Mapping[Any, str]] = {
    UUID: "a UUID",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    datetime: "an instant with its offset from UTC",
    time: "a time of day",
}


def translate_own(translation: Translation, table: str) -> None:
    """Take the rows of a table as they stand."""
    cells_of = _cell_names(table)
    seen: set[bytes] = set()

    def take(cells: Cells) -> None:
        values = dict(_values(translation, cells, table, cells_of))
        _check_is_unique(table, values, seen)
        if not cells.raw("id"):
            raise cells.refused("id", "empty")
        added = translation.add(cells, table, values, key=cells.raw("id"))
        if table == "location" and cells.ours("address_visibility") == AddressVisibility.PUBLIC:
            translation.opened.add(added.bytes)

    translation.each(_ROWS.get(table, table), take)
    if table in _PARENTS:
        parents_first(translation, table, _PARENTS[table])


def _cell_names(table: str) -> Mapping[str, str]:
    """Return the present name of the cell for each of our columns."""
    rows = _ROWS.get(table, table)
    names = {}
    for field in HSDS_TABLES[table].fields:
        column = column_of(table, field.name)
        if column in COLUMNS[table]:
            names[column] = present_names(rows, ["id", field.name])[1]
    ours = (field.name for field in EXTENSIONS.get(table, ()))
    return MappingProxyType({**names, **{name: f"{PREFIX}_{name}" for name in ours}})


def _values(
    translation: Translation, cells: Cells, table: str, cells_of: Mapping[str, str]
) -> Iterator[tuple[str, Any]]:
    for name, column in COLUMNS[table].items():
        cell = cells_of[name]
        said = cells.whole(cell)
        if table == "metadata" and name == "last_action_at" and not said:
            cell, said = "last_action_date", f"{cells.raw('last_action_date')[:10]}T00:00:00Z"
        if table == "phone" and name == "extension" and not said:  # where it is no number
            said = cells.whole(f"{PREFIX}_extension")
        value = _value(cells, column, cell, said) if said else _nothing(cells, table, column, cell)
        if value is None and not column.is_nullable:
            raise cells.refused(cell, "empty")
        yield name, _reference(translation, cells, table, (name, cell), value)


def _nothing(cells: Cells, table: str, column: Column, cell: str) -> Any:
    """Return what stands for nothing; a place's time zone is then found by its ZIP code."""
    if (table, column.name) == ("location", "timezone"):
        return ""
    if column.type is not str or column.is_nullable:
        return column.default
    # JSON leaves out an empty text that the standard does not require.
    is_left_out = column.is_required and column.name not in required_texts(table)
    return "" if is_left_out or cell in cells.row.cells else column.default


def _value(cells: Cells, column: Column, cell: str, said: str) -> Any:
    """Return what a cell says in its column's type."""
    try:
        return _read(column, said)
    except (msgspec.MsgspecError, CannotMendError, ValueError, RecursionError) as error:
        reason = f"not {_NAMES.get(column.type, 'what this column holds')}"
        raise cells.refused(cell, reason) from error


def _read(column: Column, said: str) -> Any:
    if column.name == "amount_cents":
        return amounts.cents(said)[0]
    if column.type is str:
        return said
    if column.type is UUID:
        return UUID(said.strip())
    if column.type == dict[str, Any]:
        return msgspec.json.decode(said, type=dict[str, Any])
    value = msgspec.convert(said.strip(), column.type, strict=False)
    if isinstance(value, datetime):
        return _in_utc(value)
    return value


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError
    return value.astimezone(UTC)


def _reference(
    translation: Translation, cells: Cells, table: str, names: tuple[str, str], value: Any
) -> Any:
    """Return a value, if it refers to nothing or to what is there."""
    column, cell = names
    if column == _PARENTS.get(table) or not isinstance(value, UUID):
        return value
    referred = _referred(table, column, cells)
    if referred and not translation.has(referred, value):
        raise cells.refused(cell, f"no such {referred.replace('_', ' ')} in the source")
    return value


def _referred(table: str, column: str, cells: Cells) -> str | None:
    """Return the table that a column refers to; an attribute's is in a cell beside it."""
    if (table, column) == ("metadata", "resource_id"):
        return None  # what was changed may be gone
    if (table, column) == ("attribute", "link_id"):
        linked = cells.raw("link_entity")
        if linked not in COLUMNS:
            raise RowRefusedError("link_entity", linked, "not a kind of record that has terms")
        return linked
    return column.removesuffix("_id")


def _check_is_unique(table: str, values: Mapping[str, Any], seen: set[bytes]) -> None:
    if table in _UNIQUE:
        columns = _UNIQUE[table]
        said = mark_of(*(values[column] for column in columns))
        if said in seen:
            last = columns[-1]
            raise RowRefusedError(last, str(values[last]), "another row says the same")
        seen.add(said)
