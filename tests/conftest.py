"""Fixtures that every test may use. Every test of the database runs on both databases."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import settings as hypothesis_settings
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import Session, SQLModel

from api.app import create_app
from api.quick_search import QuickSearch
from api.settings import Settings
from api.throttle import Throttles
from directory.database import Database
from directory.migrate import migrate

NOON = datetime(2030, 6, 3, 12, 0, tzinfo=UTC)  # a Monday; 8 in the morning in Detroit

hypothesis_settings.register_profile("default", deadline=None)
hypothesis_settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis_settings.register_profile("long", deadline=None, max_examples=5000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

POSTGRES_SERVER = os.environ.get(
    "OPENINGS_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres"
)
REQUIRED = frozenset(os.environ.get("OPENINGS_REQUIRE", "").split(","))


def skip_or_fail(what: str, reason: str) -> None:
    """Skip a test whose tool is missing, unless this run was told to have it."""
    if what in REQUIRED:
        pytest.fail(f"{what} is required here: {reason}")
    pytest.skip(f"{what} is not here: {reason}")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database, made by the migrations."""
    path = tmp_path_factory.mktemp("template") / "openings.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[str]:
    """A PostgreSQL database of this run's own, made by the migrations."""
    server = sa.make_url(POSTGRES_SERVER).set(drivername="postgresql+psycopg")
    name = f"openings_test_{uuid4().hex[:12]}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    try:
        with admin.connect() as connection:
            # Not sorted by code points, so that what relies on one order of text is found out.
            connection.exec_driver_sql(
                f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"
                " LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C'"
            )
            connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    except (sa.exc.OperationalError, ImportError) as error:
        skip_or_fail("postgres", f"cannot use {server.host}:{server.port} ({type(error).__name__})")
    url = server.set(database=name).render_as_string(hide_password=False)
    migrate(url)
    yield url
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def databases() -> Iterator[dict[str, Database]]:
    """The open databases of this run, by URL: connections and compiled statements are kept."""
    opened: dict[str, Database] = {}
    yield opened
    for database in opened.values():
        database.close()


@pytest.fixture(scope="session")
def sqlite_database(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A SQLite file that the tests of this run use one after the other."""
    path = tmp_path_factory.mktemp("sqlite") / "openings.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database with all tables, on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_database")
    return url


@pytest.fixture
def database(database_url: str, databases: dict[str, Database]) -> Iterator[Database]:
    """The same, opened. What a test leaves in it is deleted."""
    if database_url not in databases:
        databases[database_url] = Database(database_url)
    yield databases[database_url]
    _empty(databases[database_url])


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A transaction that the test shares with nobody; undone at the end."""
    with database.transaction() as session:
        yield session
        session.rollback()


def _empty(database: Database) -> None:
    """Delete all rows; quicker than TRUNCATE, or a new file, for tables with few of them."""
    deletions = [str(sa.delete(table)) for table in SQLModel.metadata.sorted_tables]
    with database.transaction() as session:
        connection = session.connection()
        if database.is_sqlite:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            for deletion in deletions:
                connection.exec_driver_sql(deletion)
        else:  # in one go: there are many, and each would be a question of its own
            order_does_not_matter = "SET LOCAL session_replication_role = replica"
            connection.exec_driver_sql("; ".join([order_does_not_matter, *deletions]))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", home="48933")


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    """The application, built once; each test gives it its own database and settings."""
    folder = tmp_path_factory.mktemp("application")
    return create_app(Settings(data_dir=folder), clock=lambda: NOON)


@pytest.fixture
def client(
    application: Litestar, database: Database, settings: Settings
) -> Iterator[TestClient[Litestar]]:
    """The application on the test's database, at NOON."""
    application.state.database = database
    application.state.settings = settings
    application.state.clock = lambda: NOON
    application.state.quick_search = QuickSearch()
    application.state.throttles = Throttles()
    with TestClient(application) as client:
        yield client
