"""`openings check --deep`: what searches read and does not say what the records say is found."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
import structlog
from sqlmodel import Session

from api.cli import consistency, main
from directory.database import Database
from directory.index import mend_services
from directory.models import TABLES
from directory.offers import entries
from directory.search_rules import rules
from tests.api.cli.test_commands import run
from tests.factories import make_offer

vocabulary = TABLES["search_word"]

ALL_WELL = "Every search row says what its records say, and is found by its words."


@pytest.fixture(autouse=True)
def installation(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Two listings, on either database."""
    monkeypatch.setenv("OPENINGS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("OPENINGS_DATABASE_URL", database.url)
    with database.transaction() as session:
        make_offer(session, name="Pantry", minimum_age=60)
        make_offer(session, name="Clinic")
    yield
    structlog.reset_defaults()


def damage(database: Database, statement: sa.Executable) -> None:
    with database.transaction() as session:
        session.connection().execute(statement)


def look(capsys: pytest.CaptureFixture[str]) -> str:
    """Look for what is wrong, and return what was said about it."""
    with pytest.raises(SystemExit) as ended:
        main(["check", "--deep"])
    assert ended.value.code == "Make them anew with: openings check --deep --repair"
    return capsys.readouterr().out


def repair(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "--deep", "--repair") == 0
    assert "They were made anew." in capsys.readouterr().out
    assert run("check", "--deep") == 0
    assert ALL_WELL in capsys.readouterr().out


def test_rows_that_are_right_are_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "--deep") == 0

    assert ALL_WELL in capsys.readouterr().out


def test_a_row_that_differs_is_found_and_made_anew_when_asked(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = sa.update(entries).where(entries.c.service_name == "Pantry")
    damage(database, wrong.values(step_free=True))

    assert "differ from their records: 1." in look(capsys)
    assert "differ from their records: 1." in look(capsys)  # looking mends nothing
    repair(capsys)


def test_a_rule_that_says_something_else_is_found_and_put_right(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.reading() as session:
        before = session.connection().execute(sa.select(rules)).all()
    damage(database, sa.update(rules).values(rule={"fact": "veteran", "is": True}))

    assert "differ from their records: 1." in look(capsys)
    repair(capsys)

    with database.reading() as session:
        assert session.connection().execute(sa.select(rules)).all() == before


def test_a_rule_that_no_row_names_is_not_held_against_anything(database: Database) -> None:
    with database.transaction() as session:
        make_offer(session, name="Rides", minimum_age=21)
    rides = entries.c.service_name == "Rides"
    damage(database, sa.update(TABLES["service"]).values(minimum_age=None))
    damage(database, sa.update(entries).where(rides).values(rule_id=None))
    assert run("check", "--deep", "--repair") == 0

    with database.reading() as session:
        assert len(session.connection().execute(sa.select(rules)).all()) == 2
    assert run("check", "--deep") == 0


def test_a_row_that_is_missing_is_found(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(database, sa.delete(entries))

    assert "differ from their records: 2." in look(capsys)
    repair(capsys)

    with database.reading() as session:
        found = session.connection().execute(sa.select(sa.func.count()).select_from(entries))
        assert found.scalar_one() == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_index_that_lost_its_words_is_found_and_made_anew(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(database, sa.text("INSERT INTO search_text (search_text) VALUES ('delete-all')"))

    said = look(capsys)

    assert "Differences between the index for words and the rows: 2." in said
    assert "Words for the correction of typos" not in said  # what they are is not known
    repair(capsys)


def test_words_that_are_missing_or_that_no_row_has_are_found_and_put_right(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(database, sa.delete(vocabulary).where(vocabulary.c.word.in_(("pantry", "clinic"))))
    damage(database, sa.insert(vocabulary).values(word="nightjarhouse"))

    said = look(capsys)

    assert "Words for the correction of typos: 2 missing, 1 that no row has." in said
    assert "nightjarhouse" not in said  # it may be what a hidden place was called
    repair(capsys)


def test_all_is_mended_at_once(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    damage(database, sa.update(TABLES["service"]).values(name="Heron"))
    damage(database, sa.delete(vocabulary))
    if database.is_sqlite:
        damage(database, sa.text("DELETE FROM search_text_data WHERE id > 10"))

    repair(capsys)

    with database.reading() as session:
        assert {row.service_name for row in session.connection().execute(sa.select(entries))} == {
            "Heron"
        }


def test_repair_goes_with_deep_only() -> None:
    assert run("check", "--repair") == 2


@pytest.mark.parametrize(("at_once", "left"), [(True, 2), (False, 1)])
def test_at_once_searches_see_all_new_rows_or_none(
    database: Database, monkeypatch: pytest.MonkeyPatch, *, at_once: bool, left: int
) -> None:
    """Something goes wrong half-way; without it, what was made anew by then stays."""
    damage(database, sa.update(entries).values(step_free=True))
    mended: list[object] = []

    def mend_one(session: Session, ids: Sequence[UUID], *, now: datetime) -> int:
        if mended:
            raise RuntimeError("Half-way.")
        mended.append(ids)
        return mend_services(session, ids, now=now)

    monkeypatch.setattr(consistency, "BATCH", 1)
    monkeypatch.setattr(consistency, "mend_services", mend_one)
    with pytest.raises(RuntimeError):
        consistency.check_deep(repair=True, at_once=at_once)

    with database.reading() as session:
        wrong = sa.select(sa.func.count()).select_from(entries).where(entries.c.step_free)
        assert session.connection().scalar(wrong) == left


def test_at_once_mends_all(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    damage(database, sa.update(entries).values(step_free=True))

    assert run("check", "--deep", "--repair", "--at-once") == 0

    assert "They were made anew." in capsys.readouterr().out
    assert run("check", "--deep") == 0


@pytest.mark.parametrize("options", [["--repair"], ["--deep", "--at-once"]])
def test_options_that_go_with_others_say_so(options: list[str]) -> None:
    assert run("check", *options) == 2
