"""The migrations and the models must tell the same story."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from directory.database import Database
from directory.migrate import alembic_config, is_up_to_date, migrate, newest_revision


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
