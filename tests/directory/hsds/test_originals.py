"""What the source said stays beside what we made of it."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from directory.database import Database, find_rows
from tests.directory.hsds.conftest import Import, Translate, only


@pytest.mark.parametrize(
    ("table", "cells", "expected"),
    [
        ("organization", "id,name\n1,Lorraine&#8217;s", {"name": "Lorraine&#8217;s"}),
        ("organization", "id,name,email\n1,Oak,none", {"email": "none"}),
        ("location", "id,name,latitude,longitude\n7,Oak,44.5,-93.5", None),
        ("location", "id,name,latitude,longitude\n7,Oak,-100.5,44.5", "-100.5, 44.5"),
        ("location", "id,name,latitude,longitude\n7,Oak,0,0", "0, 0"),
        ("location", "id,name,coordinates\n7,Oak,\"['-93.5', 'abc']\"", "['-93.5', 'abc']"),
        ("location", "id,name,organization_id\n7,Oak,99", {"organization_id": "99"}),
    ],
)
def test_what_was_mended_or_left_out_is_kept_as_it_was(
    translate: Translate, table: str, cells: str, expected: Any
) -> None:
    record = only(translate(**{f"{table}s": cells}), table)
    if isinstance(expected, str):
        assert record.original is not None
        assert record.original["latitude"] == expected
    else:
        assert record.original == expected


def test_a_parent_that_is_missing_is_kept_by_its_name(translate: Translate) -> None:
    done = translate(organizations="id,name,parent_organization_id\n1,Oak,99")
    assert only(done, "organization").original == {"parent_organization_id": "99"}


def test_other_words_for_the_same_are_a_change(database: Database, import_tables: Import) -> None:
    organizations = "id,name\n1,Acorn Aid"
    import_tables(organizations=organizations, phones="id,organization_id,number\n1,1,5175550123")
    again = import_tables(
        organizations=organizations, phones="id,organization_id,number\n1,1,517 555 0123"
    )
    assert again.of("phone").changed == 1
    with database.reading() as session:
        rows = find_rows(session, sa.select(SQLModel.metadata.tables["phone"]))
    assert [row["original"] for row in rows] == [{"number": "517 555 0123"}]


def test_nothing_is_kept_of_what_was_right(database: Database, import_tables: Import) -> None:
    import_tables(organizations="id,name\n1,Acorn Aid")
    table = SQLModel.metadata.tables["organization"]
    with database.reading() as session:
        found = find_rows(session, sa.select(table).where(table.c.original.is_(None)))
    assert len(found) == 1
