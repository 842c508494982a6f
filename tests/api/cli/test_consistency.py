"""`openings check --deep`: a search row that says something else than its records is found."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog

from api.cli import main
from directory.database import Database
from directory.offers import entries
from tests.api.cli.test_commands import run
from tests.factories import make_offer


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("OPENINGS_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("OPENINGS_DATABASE_URL", raising=False)
    run("migrate")
    database = Database(f"sqlite:///{tmp_path / 'openings.db'}")
    with database.transaction() as session:
        make_offer(session, name="Pantry")
        make_offer(session, name="Clinic")
    yield database
    database.close()
    structlog.reset_defaults()


@pytest.mark.usefixtures("database")
def test_rows_that_are_right_are_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "--deep") == 0

    assert "Every search row says what its records say." in capsys.readouterr().out


def test_a_row_that_differs_is_found_and_made_anew_when_asked(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.transaction() as session:
        wrong = sa.update(entries).where(entries.c.service_name == "Pantry")
        session.connection().execute(wrong.values(step_free=True))

    with pytest.raises(SystemExit) as ended:
        main(["check", "--deep"])
    assert "--repair" in str(ended.value.code)
    assert "differ from their records: 1." in capsys.readouterr().out

    assert run("check", "--deep", "--repair") == 0
    assert "made anew" in capsys.readouterr().out
    assert run("check", "--deep") == 0


def test_a_row_that_is_missing_is_found(database: Database) -> None:
    with database.transaction() as session:
        session.connection().execute(sa.delete(entries))

    assert run("check", "--deep") == 1
    assert run("check", "--deep", "--repair") == 0
    with database.reading() as session:
        found = session.connection().execute(sa.select(sa.func.count()).select_from(entries))
        assert found.scalar_one() == 2


def test_repair_goes_with_deep_only() -> None:
    assert run("check", "--repair") == 2
