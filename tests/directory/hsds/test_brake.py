"""More than a fifth at once needs somebody who says that it may be."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from directory.database import Database, find_rows
from directory.hsds.brake import FEWEST, large_changes
from directory.hsds.errors import LargeChangeError
from tests.directory.hsds.conftest import Import


def stored(database: Database, table: str) -> list[Any]:
    with database.reading() as session:
        return list(find_rows(session, sa.select(SQLModel.metadata.tables[table])))


def services(*names: str) -> str:
    return "id,organization_id,name\n" + "\n".join(f"{n},1,{name}" for n, name in enumerate(names))


def directory(count: int, *, changed: int = 0, gone: int = 0) -> dict[str, str]:
    names = [f"{'New soup' if n < changed else 'Soup'} {n}" for n in range(count - gone)]
    return {"organizations": "id,name\n1,Acorn Aid", "services": services(*names)}


@pytest.mark.parametrize(
    ("changed", "gone", "is_large"),
    [(20, 0, False), (21, 0, True), (0, 20, False), (0, 21, True), (10, 10, False), (10, 11, True)],
)
def test_a_fifth_may_change_and_more_may_not(*, changed: int, gone: int, is_large: bool) -> None:
    found = large_changes({"service": 100}, {"service": changed}, {"service": gone})
    assert set(found) == ({"all", "service"} if is_large else set())


def test_a_table_counts_by_itself_and_only_where_it_is_essential() -> None:
    stored = {"organization": 50, "phone": 1000, "service": FEWEST - 1}
    assert set(large_changes(stored, {}, {"organization": 11})) == {"organization"}
    assert large_changes(stored, {}, {"service": FEWEST - 1}) == {}
    assert large_changes({**stored, "schedule": 50}, {}, {"schedule": 50}) == {}


@pytest.mark.parametrize("part", [{"changed": 10}, {"gone": 10}])
def test_an_import_that_changes_too_much_is_refused_whole_unless_it_may(
    database: Database, import_tables: Import, part: dict[str, int]
) -> None:
    import_tables(**directory(30))
    before = stored(database, "service"), stored(database, "search_entry")
    with pytest.raises(LargeChangeError, match=r"of service: .* of 30") as refused:
        import_tables(**directory(30, **part))
    assert (stored(database, "service"), stored(database, "search_entry")) == before
    assert len(stored(database, "import_run")) == 1
    assert refused.value.report.of("service").read == 30 - part.get("gone", 0)
    report = import_tables(accept_large_change=True, **directory(30, **part))
    assert report.of("service").changed + report.of("service").gone == 10


def test_what_is_new_never_stops_an_import(import_tables: Import) -> None:
    import_tables(**directory(30))
    assert import_tables(**directory(300)).of("service").added == 270


def test_what_was_gone_before_is_not_gone_again(import_tables: Import) -> None:
    import_tables(**directory(50))
    for left in (41, 34, 28):
        report = import_tables(**directory(left))
        assert report.of("service").gone > 0


def test_another_source_does_not_count(import_tables: Import) -> None:
    import_tables("one", **directory(30))
    assert import_tables("other", **directory(3)).of("service").added == 3
