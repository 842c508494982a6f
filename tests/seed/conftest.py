"""The demo county, seeded once for each database and shared: what a test changes is undone."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from directory.database import Database
from seed.county import SeedSummary, seed_county
from tests.conftest import NOON


class County(NamedTuple):
    """A seeded database, inside the transaction that seeded it."""

    session: Session
    summary: SeedSummary


@pytest.fixture(
    scope="package", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def seeded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[County]:
    """The county in a transaction that is undone at the end, so that nothing is left behind."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("county") / "openings.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        url = f"sqlite:///{path}"
    else:
        url = request.getfixturevalue("postgres_database")
    database = Database(url)
    with database.transaction() as session:
        yield County(session, seed_county(session, now=NOON))
        session.rollback()
    database.close()


@pytest.fixture
def session(seeded: County) -> Iterator[Session]:
    with seeded.session.begin_nested() as savepoint:
        yield seeded.session
        savepoint.rollback()
    seeded.session.expire_all()


@pytest.fixture
def fresh(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """Another database, still empty."""
    path = tmp_path / "openings.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def every(session: Session) -> Callable[[str], Sequence[Any]]:
    """Return all rows of a table, by its name."""
    tables = SQLModel.metadata.tables
    return lambda name: session.connection().execute(sa.select(tables[name])).all()
