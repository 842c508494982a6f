"""The files are a tabular data package, by those who judge them."""

import json
import os
import warnings
from pathlib import Path
from typing import Any

import pytest

from directory.database import Database
from directory.hsds.load import import_directory
from directory.hsds.standard import HSDS_TABLES
from geo.gazetteer import get_zip
from seed.county import seed_county
from tests.directory.hsds.conftest import NOW
from tests.directory.hsds.export.conftest import Export, contents, read

#: By the standard's own descriptor an organization has one program at most, and a code is
#: used once in all taxonomies together.
SLIPS = {("program", "organization_id"), ("taxonomy_term", "code")}


def errors(descriptor: Path) -> list[Any]:
    """What frictionless has to say against a data package."""
    with warnings.catch_warnings():  # it uses what others have deprecated
        warnings.simplefilter("ignore")
        import frictionless  # noqa: PLC0415

        report = frictionless.validate(str(descriptor))
        found: list[Any] = report.flatten(["title", "rowNumber", "fieldName", "type", "message"])
    return found


def official(folder: Path) -> dict[str, Any]:
    """The standard's descriptor for the files that are there, with our columns added."""
    schemas = os.environ.get("HSDS_SCHEMAS")
    if not schemas:
        pytest.skip("HSDS_SCHEMAS does not say where the official schemas are")
    package: dict[str, Any] = json.loads((Path(schemas).parent / "datapackage.json").read_text())
    ours = {each["name"]: each for each in descriptor(folder)["resources"]}
    package["resources"] = [each for each in package["resources"] if each["name"] in ours]
    for resource in package["resources"]:
        schema = resource["schema"]
        for field in schema["fields"]:
            if (resource["name"], field["name"]) in SLIPS:
                del field["constraints"]["unique"]
        schema["fields"] += ours[resource["name"]]["schema"]["fields"][len(schema["fields"]) :]
        schema["foreignKeys"] = [
            key
            for key in schema.get("foreignKeys", [])
            if key["reference"]["resource"] in {"", *ours}
        ]
    return package


def descriptor(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "datapackage.json").read_text())
    return found


def judge(folder: Path) -> None:
    """Judge an export by its own descriptor, and by the standard's where there is one."""
    assert errors(folder / "datapackage.json") == []
    theirs = folder / "official.json"
    theirs.write_text(json.dumps(official(folder)))
    assert errors(theirs) == []


def test_the_demo_county_is_valid(database: Database, export: Export) -> None:
    with database.transaction() as session:
        seed_county(session, now=NOW)
    path, report = export()

    assert report.rows["service"] == 300
    assert not report.lost
    assert not report.without
    judge(path)


@pytest.mark.parametrize("name", ["ilao-illinois-hsds1", "ohana-sample-smc"])
def test_real_directories_are_valid(database: Database, export: Export, name: str) -> None:
    shared = os.environ.get("OPENINGS_SHARED")
    if not shared:
        pytest.skip("OPENINGS_SHARED does not say where the real directories are")
    folder = Path(shared) / "data" / name
    with database.transaction() as session:
        import_directory(session, folder, source=name, now=NOW, find_zip=get_zip)
    path, report = export()

    assert report.rows["service"] > 20
    judge(path)


def test_tables_without_rows_are_in_neither_the_folder_nor_the_descriptor(
    database: Database, export: Export
) -> None:
    with database.transaction() as session:
        seed_county(session, now=NOW)
    path, report = export()

    files = {each["path"] for each in descriptor(path)["resources"]}
    assert files | {"datapackage.json"} == set(contents(path))
    assert files == {HSDS_TABLES[table].file for table in report.rows}
    assert "programs.csv" not in files
    assert report.files == len(files) + 1


def test_a_damaged_file_is_noticed(database: Database, export: Export) -> None:
    with database.transaction() as session:
        seed_county(session, now=NOW)
    path, _ = export()
    file = path / "units.csv"

    file.write_bytes(file.read_bytes().replace(b"beds", b"bids"))

    assert [each[3] for each in errors(path / "datapackage.json")] == ["hash-count"]


def test_the_same_directory_gives_the_same_bytes(database: Database, export: Export) -> None:
    with database.transaction() as session:
        seed_county(session, now=NOW)
    (first, _), (second, _) = export(), export()
    (one, _), (two, _) = export("one.zip"), export("two.zip")

    assert contents(first) == contents(second)
    assert one.read_bytes() == two.read_bytes()


def test_rows_are_in_the_order_of_their_ids(database: Database, export: Export) -> None:
    with database.transaction() as session:
        seed_county(session, now=NOW)
    path, report = export()

    for table in report.rows:
        ids = [row["id"] for row in read(path, HSDS_TABLES[table].file)]
        assert ids == sorted(ids)
