"""The facts about HSDS agree with our tables, and with the official files where there are any."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from directory.hsds.profile import EXTENSIONS
from directory.hsds.standard import HSDS_TABLES, Kind, Needed, Table, columns_of
from directory.models import TABLES

#: The tabular data package says that an organization has at most one program and that no two
#: taxonomies share a code. We do not repeat that.
KINDS = {
    ("string", "uuid"): Kind.UUID,
    ("string", "email"): Kind.EMAIL,
    ("string", "uri"): Kind.URI,
    ("number", None): Kind.NUMBER,
    ("date", None): Kind.DATE,
    ("datetime", None): Kind.INSTANT,
    ("time", None): Kind.CLOCK,
    ("string", None): Kind.TEXT,
}


@pytest.mark.parametrize("name", HSDS_TABLES)
def test_every_field_has_a_column_of_ours(name: str) -> None:
    ours = {column.name for column in TABLES[name].columns}

    assert [column for _, column in columns_of(name) if column not in ours] == []


@pytest.mark.parametrize("name", EXTENSIONS)
def test_every_field_of_the_profile_is_a_column_that_the_standard_does_not_have(name: str) -> None:
    ours = {column.name for column in TABLES[name].columns}
    standard = {field.name for field in HSDS_TABLES[name].fields}

    assert {field.name for field in EXTENSIONS[name]} <= ours - standard


def test_there_are_twenty_four_tables() -> None:
    assert len(HSDS_TABLES) == 24
    assert {nested.table for table in HSDS_TABLES.values() for nested in table.nested} <= set(
        HSDS_TABLES
    )


def schemas() -> Path:
    folder = os.environ.get("HSDS_SCHEMAS")
    if not folder:
        pytest.skip("HSDS_SCHEMAS does not say where the official schemas are")
    return Path(folder)


def resource(name: str) -> dict[str, Any]:
    package = json.loads((schemas().parent / "datapackage.json").read_text())
    found: dict[str, Any] = next(each for each in package["resources"] if each["name"] == name)
    return found


@pytest.mark.parametrize("table", HSDS_TABLES.values(), ids=list(HSDS_TABLES))
def test_fields_are_those_of_the_official_data_package(table: Table) -> None:
    official = resource(table.name)
    assert official["path"] == table.file
    assert [field["name"] for field in official["schema"]["fields"]] == [
        field.name for field in table.fields
    ]
    for field, ours in zip(official["schema"]["fields"], table.fields, strict=True):
        constraints = field.get("constraints", {})
        format_ = field.get("format") if field.get("format") in ("uuid", "uri", "email") else None
        assert KINDS[field["type"], format_] is ours.kind, ours
        assert bool(constraints.get("required")) == (ours.needed is not Needed.NOWHERE), ours
        assert tuple(constraints.get("enum", ())) == ours.choices, ours


@pytest.mark.parametrize("table", HSDS_TABLES.values(), ids=list(HSDS_TABLES))
def test_objects_are_those_of_the_official_schemas(table: Table) -> None:
    official = json.loads((schemas() / f"{table.name}.json").read_text())
    inside = {field.name for field in table.fields}
    nested = {
        name: (rule.get("items", rule)["$ref"], rule.get("type") == "array")
        for name, rule in official["properties"].items()
        if name not in inside
    }
    assert nested == {each.name: (f"{each.table}.json", each.many) for each in table.nested}
    required = {field.name for field in table.fields if field.needed is Needed.EVERYWHERE}
    required |= {each.name for each in table.nested if each.needed}
    assert set(official["required"]) == required
