"""``openings import hsds`` as a person gives it: dry runs, the brake, and what stays on record."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from rich.console import Console
from sqlmodel import SQLModel

from api.cli import main
from api.cli.importing import _bars, lines_in
from directory.database import Database, find_rows
from directory.hsds.errors import LargeChangeError
from directory.migrate import migrate
from directory.models.imports import ImportOutcome

HEADERS = {"organizations": "id,name", "services": "id,organization_id,name"}
OURS = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("OPENINGS_DATA_DIR", str(folder))
    monkeypatch.delenv("OPENINGS_DATABASE_URL", raising=False)
    url = f"sqlite:///{folder / 'openings.db'}"
    migrate(url)
    database = Database(url)
    yield database
    database.close()
    structlog.reset_defaults()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory of thirty services."""
    folder = tmp_path / "county"
    folder.mkdir()
    (folder / "organizations.csv").write_text(f"{HEADERS['organizations']}\n1,Acorn Aid\n")
    write_services(folder, "Soup")
    return folder


def write_services(folder: Path, name: str) -> None:
    rows = "".join(f"{n},1,{name} {n}\n" for n in range(30))
    (folder / "services.csv").write_text(f"{HEADERS['services']}\n{rows}")


def run(*arguments: str) -> str | int | None:
    with pytest.raises(SystemExit) as ended:
        main(["import", "hsds", *arguments])
    return ended.value.code


def stored(database: Database, table: str) -> list[Mapping[str, Any]]:
    with database.reading() as session:
        return list(find_rows(session, sa.select(SQLModel.metadata.tables[table])))


def test_a_dry_run_tells_all_and_changes_nothing(
    database: Database, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.json"
    assert run(str(folder), "--dry-run", "--report", str(report)) == 0
    told = json.loads(report.read_text())
    assert told["dry_run"] is True
    assert told["counts"]["service"]["added"] == 30
    assert "Nothing was changed" in " ".join(capsys.readouterr().out.split())
    for table in ("organization", "service", "search_entry", "metadata", "import_run"):
        assert stored(database, table) == []


def test_a_dry_run_of_a_change_leaves_what_is_here(database: Database, folder: Path) -> None:
    run(str(folder))
    before = stored(database, "service"), stored(database, "search_entry")
    write_services(folder, "Bread")
    assert run(str(folder), "--dry-run", "--accept-large-change") == 0
    assert (stored(database, "service"), stored(database, "search_entry")) == before
    assert len(stored(database, "import_run")) == 1


def test_a_large_change_is_refused_with_its_numbers_and_noted(
    database: Database, folder: Path, tmp_path: Path
) -> None:
    run(str(folder))
    write_services(folder, "Bread")
    report = tmp_path / "report.json"
    said = str(run(str(folder), "--report", str(report)))
    assert "30 would change" in said
    assert "--accept-large-change" in said
    assert json.loads(report.read_text())["refused_because"] == said.removeprefix("openings: ")
    assert {row["name"].split()[0] for row in stored(database, "service")} == {"Soup"}
    refused = [row for row in stored(database, "import_run") if row["reason"]]
    assert [row["outcome"] for row in refused] == [ImportOutcome.REFUSED]
    assert refused[0]["report"]["counts"]["service"]["read"] == 30
    assert LargeChangeError.code == "import-large-change"


def test_a_large_change_that_is_accepted_is_made(database: Database, folder: Path) -> None:
    run(str(folder))
    write_services(folder, "Bread")
    assert run(str(folder), "--accept-large-change") == 0
    assert {row["name"].split()[0] for row in stored(database, "service")} == {"Bread"}


def test_what_cannot_be_read_is_noted_too_but_not_by_a_dry_run(
    database: Database, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "empty" in str(run(str(empty), "--dry-run"))
    assert stored(database, "import_run") == []
    run(str(empty))
    (noted,) = stored(database, "import_run")
    assert (noted["source"], noted["outcome"]) == ("empty", ImportOutcome.REFUSED)


def test_a_name_that_is_too_long_is_refused_and_noted_shortened(
    database: Database, folder: Path
) -> None:
    assert "80 characters" in str(run(str(folder), "--source", "x" * 300))
    assert [row["source"] for row in stored(database, "import_run")] == ["x" * 80]


def test_names_are_told_as_they_are_written(
    database: Database, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "locations.csv").write_text(
        "id,organization_id,name,latitude,longitude\n1,1,Safe house [/bold] [red] :x:,42.7,-84.5\n"
    )
    (folder / "odd [b].csv").write_text("a\n1\n")

    assert run(str(folder), "--source", "[/red]") == 0

    said = " ".join(capsys.readouterr().out.split())
    assert "Import from [/red]" in said
    assert "Held back for a person to decide: Safe house [/bold] [red] :x:" in said
    assert "odd [b].csv: not a table" in said
    assert "written from [/red]." in said
    assert len(stored(database, "location")) == 1


def test_a_report_that_could_not_be_written_is_asked_about_first(
    database: Database, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for report in (tmp_path, tmp_path / "nowhere" / "report.json"):
        assert run(str(folder), "--report", str(report)) == 2
        assert "--report" in capsys.readouterr().err
    assert stored(database, "service") == []


def test_no_path_is_not_the_folder_one_is_in(
    database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)

    assert "There is no folder or file called ''" in str(run(""))
    assert stored(database, "service") == []


def test_an_export_of_our_own_keeps_its_identifiers(database: Database, folder: Path) -> None:
    (folder / "services.csv").unlink()
    (folder / "organizations.csv").write_text(f"id,name,description\n{OURS},Acorn Aid,Helps\n")
    assert run(str(folder), "--keep-ids") == 0
    assert [str(row["id"]) for row in stored(database, "organization")] == [OURS]


def test_rows_are_counted_before_they_are_read(folder: Path) -> None:
    assert lines_in(folder) == 33
    assert lines_in(folder / "services.csv") == 31
    assert lines_in(folder / "nothing.json") is None


def test_the_bars_say_how_far_how_quick_and_how_long_yet() -> None:
    console = Console(force_terminal=True, width=100, record=True)
    with _bars(console, 1_000) as progress:
        progress("read", 10, None)
        progress("read", 500, None)
        progress("write", 5, 10)
        progress("Reading services.json", 0, None)
    shown = console.export_text()
    assert "500/1000" in shown
    assert "5/10" in shown
    assert "/s" in shown
