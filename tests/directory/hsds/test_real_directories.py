"""Two real directories, where the environment says where they are."""

import os
from pathlib import Path

import pytest

from directory.database import Database
from directory.hsds.load import import_directory
from directory.hsds.report import ImportReport
from geo.gazetteer import get_zip
from tests.directory.hsds.conftest import NOW


def shared(*parts: str) -> Path:
    """A folder among the real data, where there is any."""
    folder = os.environ.get("OPENINGS_SHARED")
    if not folder:
        pytest.skip("OPENINGS_SHARED does not say where the real directories are")
    return Path(folder, *parts)


def import_twice(database: Database, name: str) -> tuple[ImportReport, ImportReport]:
    path = shared("data", name)
    reports = []
    for _ in range(2):
        with database.transaction() as session:
            reports.append(import_directory(session, path, source=name, now=NOW, find_zip=get_zip))
    return reports[0], reports[1]


def test_illinois_arrives_and_a_second_time_changes_nothing(database: Database) -> None:
    first, second = import_twice(database, "ilao-illinois-hsds1")
    added = {table: counts.added for table, counts in first.counts.items() if counts.added}
    assert added == {
        "organization": 158,
        "location": 520,
        "address": 33,
        "service": 429,
        "service_at_location": 425,
        "phone": 958,
        "schedule": 1819,
    }
    assert first.of("organization").stand_ins == 125
    assert first.of("schedule").passed_over == 665
    assert all(counts.written == counts.gone == 0 for counts in second.counts.values())


def test_san_mateo_arrives_and_a_second_time_changes_nothing(database: Database) -> None:
    first, second = import_twice(database, "ohana-sample-smc")
    assert first.refusals == []
    assert first.of("service").added == 23
    assert first.of("service_at_location").added == 23
    assert first.of("language").added == 32
    assert first.of("attribute").added == 163
    assert all(counts.written == counts.gone == 0 for counts in second.counts.values())
