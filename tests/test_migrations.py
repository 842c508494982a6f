"""The migrations and the models must tell the same story."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from directory.commands.prices import refresh_prices
from directory.database import Database, find_rows
from directory.migrate import alembic_config, is_up_to_date, migrate, newest_revision
from directory.offers import entries, search_areas, search_shapes
from directory.openings import find_live
from directory.search import search
from directory.search_query import SearchQuery
from directory.service_areas import polygon_cells, polygon_word
from tests.conftest import NOON


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server = sa.make_url(request.getfixturevalue("postgres_database"))
    name = f"openings_empty_{uuid4().hex[:12]}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield server.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def test_migrations_produce_the_models_and_can_be_undone(empty_url: str) -> None:
    config = alembic_config(empty_url)

    command.upgrade(config, "head")
    command.check(config)
    command.downgrade(config, "base")


def test_rows_survive_a_migration_there_and_back(empty_url: str) -> None:
    """Rebuilding a table on SQLite must not lose its children, nor a CHECK refuse old rows."""
    config = alembic_config(empty_url)
    command.upgrade(config, "0001")
    engine = Database(empty_url).engine
    with engine.begin() as connection:
        for table, row in _ROWS_OF_0001.items():
            connection.execute(_insert(table, row))
    engine.dispose()

    for move, to in ((command.upgrade, "head"), (command.downgrade, "0001")):
        move(config, to)
        engine = Database(empty_url).engine
        with engine.connect() as connection:
            counted = {
                table: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(table)))
                for table in _ROWS_OF_0001
            }
        engine.dispose()
        assert set(counted.values()) == {1}


def test_report_in_a_search_row_is_the_first_of_its_list(empty_url: str) -> None:
    config = alembic_config(empty_url)
    command.upgrade(config, "0001")
    database = Database(empty_url)
    with database.engine.begin() as connection:
        for table, row in _ROWS_OF_0001.items():
            connection.execute(_insert(table, row))

    command.upgrade(config, "head")

    with database.reading() as session:
        (entry,) = find_rows(session, sa.select(entries))
    database.close()
    (said,) = find_live(entry, datetime(2030, 1, 1, 12, tzinfo=UTC))
    assert (said.available, said.unit, said.said_by) == (3, "beds", "A")
    assert entry["opening_room_until"] == entry["opening_expires_at"] == said.expires_at


def test_rows_that_were_there_before_are_found_by_their_words_and_after_a_vacuum(
    empty_url: str,
) -> None:
    config = alembic_config(empty_url)
    command.upgrade(config, "0001")
    database = Database(empty_url)
    first = {**_ROWS_OF_0001["search_entry"], "text": f" cafe a_b 4you {'w' * 3000} "}
    second = {"id": _TWO, "service_at_location_id": None, "text": " diapers "}
    with database.engine.begin() as connection:
        for table, row in _ROWS_OF_0001.items():
            connection.execute(_insert(table, first if table == "search_entry" else row))
        connection.execute(_insert("search_entry", {**first, **second}))

    command.upgrade(config, "head")

    if database.is_sqlite:  # where it may give rows other numbers
        with closing(database.engine.raw_connection()) as raw:
            raw.cursor().execute("VACUUM")
    with database.transaction() as session:
        session.connection().execute(sa.delete(entries).where(entries.c.id == UUID(_TWO)))
        session.connection().execute(
            _insert("search_entry", _as_now(first, id=_TWO, text=" ibis "))
        )
    with database.reading() as session:
        for words, found in {"caf": 1, "a_ w": 1, "w" * 3000: 1, "diap": 0, "ibi": 1}.items():
            assert search(session, SearchQuery(words=words), now=NOON).total == found
        assert search(session, SearchQuery(without_words=["cafe a_b"]), now=NOON).total == 1
        corrected = search(session, SearchQuery(words="caffe"), now=NOON).corrected
        assert corrected == (("caffe", ("cafe",)),)
        known = find_rows(session, sa.select(SQLModel.metadata.tables["search_word"].c.word))
        assert sorted(row["word"] for row in known) == ["cafe", "diapers"]
    database.close()


def _as_now(row: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Make a row of today's table of one of 0001's."""
    kept = {name: value for name, value in row.items() if name in entries.columns}
    return {**kept, "openings": "[]", "vital": " ", "service_at_location_id": None, **changes}


POLYGON = '{"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [0, 2], [0, 0]]]}'


@pytest.mark.parametrize(
    ("stated", "before", "after", "found_by"),
    [
        ([("OH MI", "text")], " MI OH ", " MI OH ", {"MI", "OH"}),
        ([(POLYGON, "geojson")], " junk ", f" {polygon_word(POLYGON)} ", {polygon_word(POLYGON)}),
        ([("{", "geojson")], " { ", " ? ", {"*"}),
        ([], " MI ", " ~MI ", {"~MI"}),
        ([], " ", " ", {"*"}),
    ],
)
def test_search_rows_that_are_there_get_what_they_are_found_by(
    empty_url: str, stated: list[tuple[str, str]], before: str, after: str, found_by: set[str]
) -> None:
    config = alembic_config(empty_url)
    command.upgrade(config, "0001")
    database = Database(empty_url)
    with database.engine.begin() as connection:
        for table, row in _ROWS_OF_0001.items():
            areas = {"areas": before} if table == "search_entry" else {}
            connection.execute(_insert(table, {**row, **areas}))
        for extent, kind in stated:
            area = {"service_id": _ONE, "extent": extent, "extent_type": kind}
            connection.execute(_insert("service_area", area))

    command.upgrade(config, "head")

    with database.reading() as session:
        (entry,) = find_rows(session, sa.select(entries))
        words = {row["word"] for row in find_rows(session, sa.select(search_areas))}
        cells = {row["cell"] for row in find_rows(session, sa.select(search_shapes))}
    database.close()
    assert (entry["areas"], words) == (after, found_by)
    assert cells == set().union(*(polygon_cells(extent) for extent, _ in stated))
    command.downgrade(config, "0002")


@pytest.mark.parametrize(
    ("dates", "waits"),
    [({}, 0), ({"valid_from": "2030-01-01"}, 1), ({"valid_to": "2030-01-01"}, 1)],
)
def test_search_rows_with_dated_prices_wait_to_be_made_anew(
    empty_url: str, dates: dict[str, str], waits: int
) -> None:
    config = alembic_config(empty_url)
    command.upgrade(config, "0001")
    database = Database(empty_url)
    with database.engine.begin() as connection:
        for table, row in _ROWS_OF_0001.items():
            connection.execute(_insert(table, row))
        connection.execute(_insert("cost_option", {"service_id": _ONE, **dates}))

    command.upgrade(config, "head")

    with database.transaction() as session:
        assert refresh_prices(session, now=NOON) == waits
        assert refresh_prices(session, now=NOON) == 0
    database.close()


def test_undo_that_was_over_at_once_survives_going_back(empty_url: str) -> None:
    config = alembic_config(empty_url)
    migrate(empty_url)
    engine = Database(empty_url).engine
    row = _ROWS_OF_0001["service_capacity"]
    undo = {**row, "id": _TWO, "undoes_id": _ONE, "expires_at": row["updated"]}
    with engine.begin() as connection:
        for table in ("organization", "service", "location", "service_at_location", "unit"):
            connection.execute(_insert(table, _ROWS_OF_0001[table]))
        for report in (row, undo):
            connection.execute(_insert("service_capacity", {**report, "version": 1}))
    engine.dispose()

    command.downgrade(config, "0001")

    engine = Database(empty_url).engine
    with engine.connect() as connection:
        reports = sa.select(sa.func.count()).select_from(sa.table("service_capacity"))
        assert connection.scalar(reports) == 2
    engine.dispose()


_ONE = "00000000000000000000000000000001"
_TWO = "00000000000000000000000000000002"
_ROWS_OF_0001: dict[str, dict[str, Any]] = {
    "organization": {"name": "A", "description": ""},
    "service": {"organization_id": _ONE, "name": "S", "status": "active"},
    "location": {
        "location_type": "physical",
        "timezone": "UTC",
        "approximate": False,
        "address_visibility": "hidden",
    },
    "service_at_location": {"service_id": _ONE, "location_id": _ONE},
    "phone": {"service_id": _ONE, "number": "1"},
    "taxonomy": {"name": "T", "description": ""},
    "taxonomy_term": {"code": "c", "name": "C", "description": "", "taxonomy_id": _ONE},
    "attribute": {"link_entity": "service", "link_id": _ONE, "taxonomy_term_id": _ONE},
    "unit": {"name": "beds"},
    "service_capacity": {
        "service_id": _ONE,
        "service_at_location_id": _ONE,
        "unit_id": _ONE,
        "status": "full",
        "updated": "2030-01-01 00:00:00+00:00",
        "expires_at": "2030-01-02 00:00:00+00:00",
        "said_by": "A",
    },
    "search_entry": {
        "service_id": _ONE,
        "organization_id": _ONE,
        "service_at_location_id": _ONE,
        "service_name": "S",
        "organization_name": "A",
        "timezone": "UTC",
        "needs": " ",
        "languages": " ",
        "areas": " ",
        "text": "",
        **dict.fromkeys(
            ("approximate", "is_free", "temporarily_closed", "by_appointment", "hours_known"),
            False,
        ),
        "opening_status": "open",
        "opening_available": 3,
        "opening_unit": "beds",
        "opening_as_of": "2030-01-01 00:00:00+00:00",
        "opening_expires_at": "2030-01-02 00:00:00+00:00",
        "opening_said_by": "A",
    },
}


def _insert(table: str, row: dict[str, Any]) -> sa.Insert:
    values = {"id": _ONE, **row}
    if table not in {"unit", "service_capacity", "search_entry"}:
        values["version"] = 1
    return sa.insert(sa.table(table, *map(sa.column, values))).values(values)


def test_newest_revision_is_the_one_head_of_the_migrations() -> None:
    script = ScriptDirectory.from_config(alembic_config(""))

    assert script.get_heads() == [newest_revision()]


def test_migrating_twice_is_the_same_as_once(empty_url: str) -> None:
    migrate(empty_url)
    migrate(empty_url)

    database = Database(empty_url)
    assert is_up_to_date(database.engine)
    database.close()


def test_empty_database_is_not_up_to_date(empty_url: str) -> None:
    database = Database(empty_url)

    assert not is_up_to_date(database.engine)
    database.close()


def test_constraints_of_the_migrations_are_those_of_the_models(empty_url: str) -> None:
    """Alembic does not compare CHECKs; this does, by name."""
    migrate(empty_url)
    engine = Database(empty_url).engine
    inspector = sa.inspect(engine)

    for table in SQLModel.metadata.sorted_tables:
        migrated = {check["name"] for check in inspector.get_check_constraints(table.name)}
        modelled = {
            str(constraint.name)
            for constraint in table.constraints
            if isinstance(constraint, sa.CheckConstraint)
        }
        assert migrated == modelled, table.name
    engine.dispose()
