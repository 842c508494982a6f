"""``datapackage.json``: what the files of a tabular export are, for programs that read it.

Tabular Data Package (specs.frictionlessdata.io, version 1). The facts are those of HSDS and of
our profile. We do not repeat two slips of the standard's own descriptor, by which an
organization has one program at most, and no two taxonomies may use the same code.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from directory.hsds.documents.values import instant
from directory.hsds.export.columns import Column
from directory.hsds.standard import HSDS_TABLES, VERSION, Kind, Needed

FILE: Final = "datapackage.json"

_ABOUT: Final = (
    f"A directory of community services in HSDS {VERSION} (Human Services Data Specification). "
    "Columns that begin with openings_ are an addition that readers of HSDS can pass over. "
    "A text that would look like a formula to a spreadsheet has an apostrophe before it, and "
    "(none) stands where HSDS wants a text and there is none."
)
_TYPES: Final[Mapping[Kind, tuple[str, str | None]]] = {
    Kind.UUID: ("string", "uuid"),
    Kind.TEXT: ("string", None),
    Kind.EMAIL: ("string", "email"),
    Kind.URI: ("string", "uri"),
    Kind.NUMBER: ("number", None),
    Kind.DATE: ("date", None),
    Kind.INSTANT: ("datetime", None),
    Kind.CLOCK: ("time", None),
    Kind.FLAG: ("boolean", None),
    Kind.OBJECT: ("object", None),
}


class Written(NamedTuple):
    """A file of the package: the table in it, its columns, and what it is known again by."""

    table: str
    columns: Sequence[Column]
    bytes: int
    sha256: str


def describe(files: Sequence[Written], now: datetime) -> str:
    """Return the descriptor of these files as JSON."""
    present = {file.table for file in files}
    package = {
        "profile": "tabular-data-package",
        "name": "openings-directory",
        "title": "A directory of community services",
        "description": _ABOUT,
        "created": instant(now),
        "resources": [_resource(file, present) for file in files],
    }
    return json.dumps(package, indent=2, ensure_ascii=False) + "\n"


def _resource(file: Written, present: Collection[str]) -> dict[str, Any]:
    return {
        "name": file.table,
        "path": HSDS_TABLES[file.table].file,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
        "schema": {
            "fields": [_field(column) for column in file.columns],
            "primaryKey": "id",
            "foreignKeys": [
                _foreign_key(column, file.table)
                for column in file.columns
                if column.field.refers_to in present
            ],
        },
    }


def _field(column: Column) -> dict[str, Any]:
    field = column.field
    type_, format_ = _TYPES[field.kind]
    constraints: dict[str, Any] = {}
    if field.needed is not Needed.NOWHERE:
        constraints["required"] = True
    if field.name == "id":
        constraints["unique"] = True
    if field.choices:
        constraints["enum"] = [str(choice) for choice in field.choices]
    described: dict[str, Any] = {"name": column.name, "type": type_}
    if format_:
        described["format"] = format_
    if constraints:
        described["constraints"] = constraints
    return described


def _foreign_key(column: Column, table: str) -> dict[str, Any]:
    other = column.field.refers_to
    reference = {"resource": "" if other == table else other, "fields": "id"}
    return {"fields": column.name, "reference": reference}
