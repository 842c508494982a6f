"""Small invented directories to import."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace

import pytest

from directory.database import Database
from directory.hsds.load import import_directory, read_directory
from directory.hsds.places import FoundPlace
from directory.hsds.records import Record, Translation
from directory.hsds.report import ImportReport

NOW = datetime(2030, 6, 3, 12, 0, tzinfo=UTC)

WriteFolder = Callable[..., Path]
Translate = Callable[..., Translation]
Import = Callable[..., ImportReport]


def find_zip(code: str) -> FoundPlace | None:
    """A gazetteer of two towns that do not exist."""
    known = {
        "00701": ("Lake Wobble", 44.0, -93.0, "America/Chicago"),
        "00702": ("Eastport Nowhere", 42.7, -84.5, "America/Detroit"),
    }
    if code not in known:
        return None
    city, latitude, longitude, zone = known[code]
    point = SimpleNamespace(latitude=latitude, longitude=longitude)
    return SimpleNamespace(point=point, city=city, timezone=zone)


def only(translation: Translation, table: str) -> Record:
    """The one record of a table."""
    (record,) = translation.of(table)
    return record


@pytest.fixture
def write_folder(tmp_path: Path) -> WriteFolder:
    """Write tables, given as indented CSV text, into a new folder."""
    made: list[Path] = []

    def write(**tables: str) -> Path:
        folder = tmp_path / f"folder-{len(made)}"
        folder.mkdir()
        made.append(folder)
        for name, text in tables.items():
            (folder / f"{name}.csv").write_text(dedent(text).strip() + "\n", encoding="utf-8")
        return folder

    return write


@pytest.fixture
def translate(write_folder: WriteFolder) -> Translate:
    """Translate tables without a database."""

    def translated(*, keep_ids: bool = False, **tables: str) -> Translation:
        path = write_folder(**tables)
        return read_directory(
            path, source="invented", now=NOW, find_zip=find_zip, keep_ids=keep_ids
        )

    return translated


@pytest.fixture
def import_tables(database: Database, write_folder: WriteFolder) -> Import:
    """Import tables in a transaction of their own."""

    def imported(
        source: str = "invented",
        *,
        keep_ids: bool = False,
        accept_large_change: bool = False,
        **tables: str,
    ) -> ImportReport:
        path = write_folder(**tables)
        with database.transaction() as session:
            return import_directory(
                session,
                path,
                source=source,
                now=NOW,
                find_zip=find_zip,
                keep_ids=keep_ids,
                accept_large_change=accept_large_change,
            )

    return imported
