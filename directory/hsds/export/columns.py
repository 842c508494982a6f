"""The columns of our CSV files: those of the standard in its order, and behind them ours."""

from collections.abc import Callable
from typing import Any, NamedTuple

from directory.hsds.documents.values import number
from directory.hsds.export.cells import ToCell, cell_of
from directory.hsds.profile import EXTENSIONS, PREFIX
from directory.hsds.standard import HSDS_TABLES, Field, Kind, columns_of


class Column(NamedTuple):
    """A column of a file: its name there, the fact about it, and ours that it is made from.

    ``source`` is None for a field that we do not keep, which stays empty.
    """

    name: str
    field: Field
    source: str | None
    to_cell: ToCell


def columns_in_csv(table: str) -> list[Column]:
    """Return the columns of a table's file."""
    kept = {field.name: column for field, column in columns_of(table)}
    standard = [_standard(field, kept.get(field.name)) for field in HSDS_TABLES[table].fields]
    return [*standard, *_ours(table)]


def _standard(field: Field, source: str | None) -> Column:
    return Column(
        field.name, field, source, _amount if source == "amount_cents" else cell_of(field)
    )


def _ours(table: str) -> list[Column]:
    fields = EXTENSIONS.get(table, ())
    found = [Column(f"{PREFIX}_{f.name}", f, f.name, cell_of(f)) for f in fields]
    if table == "phone":
        found.append(_extension())
    return found


def _extension() -> Column:
    """Return the column for an extension that is no number: "0123", "12 or 13"."""
    field = Field("extension", Kind.TEXT)
    text: Callable[[Any], str] = cell_of(field)
    return Column(
        f"{PREFIX}_extension",
        field,
        "extension",
        lambda value: text(value) if number(value) is None else "",
    )


def _amount(cents: int) -> str:
    """Return whole cents as money: 1250 is 12.5."""
    whole, rest = divmod(cents, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".") if rest else str(whole)
