"""The same directory is the same records, in whatever form it is given."""

import os
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from directory.database import Database
from directory.hsds.columns import MODELS
from directory.hsds.load import load_directory, read_directory
from directory.hsds.records import Translation
from tests.directory.hsds.conftest import NOW, find_zip
from tests.directory.hsds.invented import FORMS

Known = dict[str, dict[UUID, dict[str, Any]]]


def read(path: Path | str) -> Translation:
    return read_directory(path, source="invented", now=NOW, find_zip=find_zip)


def known(translation: Translation) -> Known:
    return {
        table: records
        for table in MODELS
        if (records := {record.id: record.values for record in translation.of(table)})
    }


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Known:
    records = known(read(FORMS["3.x CSV"](tmp_path_factory.mktemp("expected"))))
    assert {table: len(each) for table, each in records.items()} == {
        "organization": 2,
        "program": 1,
        "location": 2,
        "service": 2,
        "service_at_location": 3,
        "address": 1,
        "contact": 1,
        "phone": 2,
        "schedule": 1,
        "language": 1,
        "accessibility": 1,
        "service_area": 1,
        "required_document": 1,
        "taxonomy": 1,
        "taxonomy_term": 2,
        "attribute": 1,
    }
    return records


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_records(form: str, tmp_path: Path, expected: Known) -> None:
    translation = read(FORMS[form](tmp_path))
    assert translation.report.refusals == []
    assert known(translation) == expected


def test_what_is_imported_in_one_form_is_unchanged_in_another(
    database: Database, tmp_path: Path
) -> None:
    changes = []
    for number, form in enumerate(("1.x CSV", "one object a file", "zip")):
        place = tmp_path / str(number)
        place.mkdir()
        translation = read(FORMS[form](place))
        with database.transaction() as session:
            report = load_directory(session, translation, now=NOW)
        counts = report.counts.values()
        changes.append(sum(each.written + each.gone for each in counts))
    assert changes[0] > 20
    assert changes[1:] == [0, 0]


EXAMPLES = {
    "service_full.json": ("service", "service_at_location", "location", "organization", "phone"),
    "organization_full.json": ("service", "location", "organization", "contact"),
    "service_at_location_full.json": ("service", "service_at_location", "location"),
    "service_list.json": ("service", "organization"),
    "organization_list.json": ("organization",),
    "service_at_location_list.json": ("service", "service_at_location", "location"),
    "location.json": ("location", "address", "schedule"),
    "tabular.json": ("service", "organization", "schedule", "address"),
    "taxonomy.json": ("taxonomy",),
    "taxonomy_list.json": ("taxonomy",),
    "taxonomy_term.json": ("taxonomy", "taxonomy_term"),
    "taxonomy_term_list.json": ("taxonomy_term",),
    "csv": ("service", "organization", "schedule", "address"),
    "": ("service", "service_at_location", "organization", "schedule"),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_official_examples_are_read(name: str) -> None:
    shared = os.environ.get("OPENINGS_SHARED")
    if not shared:
        pytest.skip("OPENINGS_SHARED does not say where the official examples are")
    translation = read(Path(shared) / "hsds" / "3.2.3" / "examples" / name)
    refused = {refusal.table for refusal in translation.report.refusals}
    for table in EXAMPLES[name]:
        assert translation.report.of(table).read, (table, translation.report.notes)
        assert table not in refused, translation.report.refusals
