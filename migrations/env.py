"""Alembic's entry point. Importing the models is what fills the metadata."""

import os
from collections.abc import MutableMapping
from typing import Any

import sqlalchemy as sa
from alembic import context
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

import directory.models
import scheduling.models
from directory.database import SQLITE_DRIVER

#: The packages that fill the metadata when they are imported.
MODELS = (directory.models, scheduling.models)

#: Two processes that start at once must not both migrate (any constant will do).
MIGRATION_LOCK = 7_463_001

#: What only one of the databases has, so that no model can tell of it: PostgreSQL's columns of
#: words and of transactions with their indexes, and SQLite's index for words, a virtual table with
#: tables of its own behind it.
_OF_POSTGRESQL = {
    ("search_entry", "words"),
    ("search_entry", "ix_search_entry_words"),
    ("search_change", "transaction"),
    ("search_change", "ix_search_change_transaction"),
}
_TABLES_FOR_WORDS = "search_text"


def _engine(url: str) -> sa.Engine:
    if sa.make_url(url).get_backend_name() == "sqlite":
        # Foreign keys stay off: rebuilding a table would cascade into its children.
        return sa.create_engine(url, poolclass=NullPool, module=SQLITE_DRIVER)
    return sa.create_engine(url, poolclass=NullPool)


def _take_turns(connection: sa.Connection) -> None:
    """Let one process migrate at a time; SQLite locks its file by itself."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
    else:
        connection.exec_driver_sql("PRAGMA busy_timeout = 30000")


def _is_modelled(name: str | None, kind: str, parents: MutableMapping[Any, str | None]) -> bool:
    """Say whether something found in a database is to be compared with the models."""
    if kind == "table":
        return not (name or "").startswith(_TABLES_FOR_WORDS)
    return (parents.get("table_name"), name) not in _OF_POSTGRESQL


def run() -> None:
    """Bring the database to the revision that was asked for, all or nothing."""
    url = context.config.attributes.get("url") or os.environ["OPENINGS_DATABASE_URL"]
    with _engine(url).connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            include_name=_is_modelled,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            _take_turns(connection)
            context.run_migrations()
        connection.commit()


run()
