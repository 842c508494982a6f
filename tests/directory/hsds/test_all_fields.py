"""Every field of every table of the standard, and of our profile, survives an import."""

import enum
import json
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from directory.database import Database, find_rows
from directory.hsds.columns import COLUMNS
from directory.hsds.ids import record_id
from directory.hsds.profile import EXTENSIONS
from directory.hsds.standard import HSDS_TABLES, Field, columns_of
from tests.directory.hsds.conftest import Import
from tests.directory.hsds.whole_directory import id_of, said_in, whole_directory

#: Says the same in other words.
_IN_OUR_WORDS = {
    ("cost_option", "amount_cents"): "300",
    ("service", "fees_description"): "The fees_description of it\nThe fees of it",
    ("attribute", "link_type"): "The link_type of it",
}


def stored(database: Database, table: str) -> dict[UUID, Any]:
    with database.reading() as session:
        rows = find_rows(session, sa.select(SQLModel.metadata.tables[table]))
        return {row["id"]: dict(row) for row in rows}


def in_words(value: object) -> str:
    """A stored value as a file would say it."""
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, dict):
        return json.dumps(value)
    return str(value)


def fields_of(table: str, *, ours: bool) -> list[tuple[Field, str]]:
    """The fields that are kept, with our columns for them."""
    extra = [(field, field.name) for field in EXTENSIONS.get(table, ())] if ours else []
    taken_over = {column for _, column in extra}
    standard = [(f, c) for f, c in columns_of(table) if c not in taken_over]
    return [*standard, *extra]


@pytest.mark.parametrize(("ours", "keep_ids"), [(False, False), (True, False), (True, True)])
def test_every_field_of_every_table_arrives(
    database: Database, import_tables: Import, *, ours: bool, keep_ids: bool
) -> None:
    report = import_tables("whole", keep_ids=keep_ids, **whole_directory(ours=ours))
    assert report.refusals == []
    assert {name for name, counts in report.counts.items() if counts.added} == set(HSDS_TABLES)
    for table in HSDS_TABLES:
        rows = stored(database, table)
        (row,) = [row for row in rows.values() if row["source_id"] == str(id_of(table))]
        assert row["source"] == "whole"
        for field, column in fields_of(table, ours=ours):
            expected = said_in(table, field)
            if not keep_ids or column != "fees_description":
                expected = _IN_OUR_WORDS.get((table, column), expected)
            if isinstance(row[column], UUID):
                linked = {"link_id": "service", "resource_id": "organization", "id": table}
                target = field.refers_to or linked[field.name]
                expected = expected if keep_ids else str(record_id_of(target, expected))
            if (table, column) == ("metadata", "last_action_at"):
                assert in_words(row[column])[:10] == expected[:10]
            else:
                assert in_words(row[column]) == expected, (table, column)


def record_id_of(table: str, source_id: str) -> UUID:
    """Our identifier for the source's; some tables have more than one for each of those."""
    within = {"address": "physical", "service_capacity": "2030-01-02T03:04:05+00:00"}
    return record_id("whole", table, source_id, within=within.get(table, ""))


@pytest.mark.parametrize("keep_ids", [False, True])
def test_the_whole_of_it_again_changes_nothing(import_tables: Import, *, keep_ids: bool) -> None:
    import_tables("whole", keep_ids=keep_ids, **whole_directory(ours=True))
    again = import_tables("whole", keep_ids=keep_ids, **whole_directory(ours=True))
    assert all(counts.written == counts.gone == 0 for counts in again.counts.values())


def test_the_columns_of_an_import_are_those_of_the_standard_and_the_profile() -> None:
    for table in HSDS_TABLES:
        kept = {column for _, column in columns_of(table)} - {"id"}
        assert set(COLUMNS[table]) == kept | {field.name for field in EXTENSIONS.get(table, ())}
