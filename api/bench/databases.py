"""Databases that exist for one measurement."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlmodel import SQLModel

import scheduling.models
from api.bench.processes import BenchError
from directory.database import Database
from directory.migrate import migrate

assert scheduling.models  # noqa: S101  (imported so that all tables exist)

POSTGRES_SERVER = os.environ.get(
    "OPENINGS_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres"
)


@contextmanager
def temporary_database(kind: str, folder: Path) -> Iterator[Database]:
    """Yield an empty database of its own with all tables; it is gone after the block."""
    if kind == "sqlite":
        url = f"sqlite:///{folder / 'openings.db'}"
        migrate(url)
        with closing(Database(url)) as database:
            yield database
        return
    with _temporary_postgres() as url:
        migrate(url)
        with closing(Database(url)) as database:
            yield database


@contextmanager
def _temporary_postgres() -> Iterator[str]:
    server = sa.make_url(POSTGRES_SERVER).set(drivername="postgresql+psycopg")
    name = f"openings_bench_{uuid4().hex[:12]}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    try:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
    except sa.exc.OperationalError as error:
        raise BenchError(f"PostgreSQL cannot be used: {error.orig}") from None
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def insert(database: Database, tables: dict[str, list[dict[str, Any]]]) -> None:
    """Insert rows, table after table, and let PostgreSQL count what it has now."""
    with database.transaction() as session:
        for name, rows in tables.items():
            session.connection().execute(sa.insert(SQLModel.metadata.tables[name]), rows)
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
