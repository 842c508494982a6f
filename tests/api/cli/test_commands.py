"""Commands as a person gives them, in a data folder of their own."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from sqlmodel import select

from api.cli import main
from directory.database import Database
from directory.models.accounts import Account, ApiKey
from directory.models.locations import AddressVisibility, Location
from directory.models.organizations import Organization
from directory.tokens import hash_token
from tests.directory.hsds.hsds_server import serving
from tests.directory.hsds.invented import FORMS
from tests.factories import make_report

ROOT = Path(__file__).parent.parent.parent.parent
EXAMPLE = ROOT / "docs" / "tutorial" / "example-directory"


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "data"
    monkeypatch.setenv("OPENINGS_DATA_DIR", str(folder))
    monkeypatch.delenv("OPENINGS_DATABASE_URL", raising=False)
    yield folder
    structlog.reset_defaults()  # commands log to this test's standard error, which is now closed


@pytest.fixture
def database(data_folder: Path) -> Iterator[Database]:
    run("migrate")
    database = Database(f"sqlite:///{data_folder / 'openings.db'}")
    yield database
    database.close()


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    code = ended.value.code
    return code if isinstance(code, int) else 1


def add_organization(database: Database) -> None:
    with database.transaction() as session:
        session.add(Organization(name="Lanternfish Pantry"))


def test_import_twice_reports_what_it_did_and_then_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.json"

    assert run("import", "hsds", str(EXAMPLE), "--report", str(report)) == 0
    assert json.loads(report.read_text())["counts"]["service"]["added"] == 2
    assert run("import", "hsds", str(EXAMPLE)) == 0

    assert "Nothing has changed" in capsys.readouterr().out


def test_import_of_a_folder_without_tables_says_so(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["import", "hsds", str(tmp_path)])

    assert "openings: " in str(ended.value.code)


def test_import_of_a_zip_file_and_of_an_api_by_their_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data_folder: Path
) -> None:
    with serving() as server:
        assert run("import", "hsds", f"{server.url}?key=canary-1234", "--source", "county") == 0
    again = FORMS["zip"](tmp_path)
    assert run("import", "hsds", str(again), "--source", "county") == 0

    shown = capsys.readouterr().out
    assert "Nothing has changed" in shown
    assert "canary" not in shown
    assert list((data_folder / "fetches").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "no folder or file called 'nowhere'"),
        (["ftp://directory.example/"], "Only http:// and https://"),
        (["https://me:word@directory.example/"], "a name or password in it"),
        ([str(EXAMPLE), "--max-rows", "3"], "more than 3 rows in all"),
    ],
)
def test_what_cannot_be_imported_is_said_in_a_sentence(arguments: list[str], said: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["import", "hsds", *arguments])

    assert said in str(ended.value.code)
    assert "word@" not in str(ended.value.code)


def test_key_is_printed_once_and_kept_as_a_hash(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    add_organization(database)
    capsys.readouterr()

    run("key", "create", "--organization", "Lanternfish Pantry", "--role", "publisher")

    token = capsys.readouterr().out.strip()
    with database.reading() as session:
        assert session.exec(select(ApiKey.token_hash)).one() == hash_token(token)


def test_unmet_need_is_told_as_a_table_and_as_a_file(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.transaction() as session:
        make_report(session)
    capsys.readouterr()

    assert run("report", "unmet-need", "--quarter", "2029-Q4") == 0
    told = capsys.readouterr().out
    assert run("report", "unmet-need", "--csv", str(tmp_path / "need.csv")) == 0

    assert "Searches from October to December 2029" in told
    assert "There are reports of: 2030-Q1, 2029-Q4." in told
    assert re.search(r"Ingham County, MI +1,245 +45 +- +1,200", told)
    assert "2030-Q1,dental,Dentist,all,All places,1300,," in (tmp_path / "need.csv").read_text()
    with pytest.raises(SystemExit, match="Give a quarter that there is a report of"):
        main(["report", "unmet-need", "--quarter", "2030-Q2"])


def test_unknown_organization_is_said_in_a_sentence(database: Database) -> None:
    assert database.is_sqlite
    with pytest.raises(SystemExit) as ended:
        main(["key", "create", "--organization", "Nobody", "--role", "publisher"])

    assert "no such organization" in str(ended.value.code)


def test_user_is_made_with_a_password_from_standard_input(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add_organization(database)
    read_end, write_end = os.pipe()
    os.write(write_end, b"a long password\n")
    os.close(write_end)
    with os.fdopen(read_end) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        run(
            *("user", "create", "--organization", "Lanternfish Pantry", "--role", "coordinator"),
            *("--email", "Desk@Lanternfish.example", "--name", "Desk", "--password-stdin"),
        )

    assert "can sign in" in capsys.readouterr().out
    with database.reading() as session:
        assert session.exec(select(Account.email)).one() == "desk@lanternfish.example"


def test_calendar_address_is_printed(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    test_seeding_twice_is_refused(capsys)
    run("user", "calendar", "--email", "provider@lanternfish.example")

    assert "/calendars/" in capsys.readouterr().out
    assert database.is_sqlite


def test_seeding_twice_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("seed") == 0
    with pytest.raises(SystemExit) as ended:
        main(["seed"])

    assert "already" in str(ended.value.code)
    capsys.readouterr()


def test_serving_an_outdated_database_is_refused(
    data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data_folder.mkdir()

    assert run("serve", "--port", "1") == 1
    assert run("worker") == 1
    assert "openings migrate" in capsys.readouterr().err


def test_taken_port_is_said_with_the_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert run("demo", "--port", str(port)) == 1

    assert f"--port {port + 1}" in capsys.readouterr().err


def test_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENINGS_PORT", "many")

    with pytest.raises(SystemExit) as ended:
        main(["migrate"])

    assert "OPENINGS_PORT" in str(ended.value.code)


def test_demo_tells_its_address_and_logins_and_stops_when_told(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "api.cli", "demo", "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(  # noqa: S603  (our own command)
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = ""
        while "Ctrl+C" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        site = f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(f"{site}/api/v1/search?near=48933", timeout=60) as reply:  # noqa: S310  (http)
            answer = json.load(reply)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0

    assert site in said
    assert "provider@lanternfish.example" in said
    assert answer["total"] > 100


def test_export_says_what_it_wrote_and_what_it_left_out(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.transaction() as session:
        agency = Organization(name="Lanternfish Pantry")
        session.add(agency)
        session.flush()
        session.add(Organization(name="The same", merged_into_id=agency.id))
        hidden = AddressVisibility.HIDDEN
        session.add(Location(organization_id=agency.id, address_visibility=hidden))

    assert run("export", "hsds", str(tmp_path / "out")) == 0

    said = capsys.readouterr().out
    assert "1 places are not public" in said
    assert "1 records were merged into others" in said
    assert "2 records in 3 files written to" in said
    assert "1 organization, 1 location." in said


@pytest.mark.parametrize("format_", ["csv", "json", "ndjson"])
@pytest.mark.usefixtures("database")
def test_export_of_an_empty_directory_is_an_empty_package(tmp_path: Path, format_: str) -> None:
    path = tmp_path / "out"

    assert run("export", "hsds", str(path), "--format", format_) == 0

    expected = ["datapackage.json"] if format_ == "csv" else []
    assert [each.name for each in path.iterdir()] == expected


def test_export_refuses_in_a_sentence(database: Database, tmp_path: Path) -> None:
    add_organization(database)
    (tmp_path / "taken").write_text("mine")

    for arguments in (["taken"], ["nowhere/new"], ["new", "--source", "nobody"]):
        with pytest.raises(SystemExit, match=r"^openings: "):
            main(["export", "hsds", str(tmp_path / arguments[0]), *arguments[1:]])

    assert (tmp_path / "taken").read_text() == "mine"
    assert not (tmp_path / "new").exists()


def test_a_taxonomy_is_imported_with_a_mapping_and_needs_are_suggested_and_accepted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    terms = tmp_path / "elsewhere.json"
    terms.write_text(json.dumps([{"id": "1", "code": "BD-1800", "name": "Boxes"}]))
    mapping = tmp_path / "mapping.csv"
    mapping.write_text("code,needs\nBD-1800,food-pantry\n")
    directory = tmp_path / "directory"
    shutil.copytree(EXAMPLE, directory)
    with (directory / "services.csv").open("a") as file:
        file.write("12,1,Food pantry,On Fridays.,active,Free\n")
    assert run("import", "hsds", str(directory), "--source", "example") == 0

    assert run("import", "taxonomy", str(terms), "--mapping", str(mapping)) == 0
    assert run("needs", "map") == 0
    assert run("needs", "suggest", "--source", "example") == 0
    assert run("needs", "accept", "--source", "example", "--at-least", "70") == 0
    assert run("needs", "accept", "--source", "example", "--at-least", "70") == 0

    said = capsys.readouterr().out
    assert "Taxonomy of elsewhere: 1 terms added" in said
    assert "1 more mean everyday needs" in said
    assert "because of" in said
    assert "1 needs accepted for 1 services.\n0 needs accepted for 0 services." in said


def test_a_mapping_with_a_mistake_is_told_in_a_sentence(tmp_path: Path) -> None:
    terms, mapping = tmp_path / "t.json", tmp_path / "m.csv"
    terms.write_text("[]")
    mapping.write_text("code,needs\nX,fod\n")

    with pytest.raises(SystemExit) as ended:
        main(["import", "taxonomy", str(terms), "--mapping", str(mapping)])

    assert ended.value.code == "openings: line 2: There is no need called fod."
