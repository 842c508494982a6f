"""Writing a directory out and reading what was written, with nothing of ours in between."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from directory.database import Database
from directory.hsds.export import ExportReport, export_directory
from tests.directory.hsds.conftest import NOW

Export = Callable[..., tuple[Path, ExportReport]]


def read(folder: Path, file: str) -> list[dict[str, str]]:
    """The rows of a CSV file, as they stand."""
    with (folder / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder, byte for byte."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture
def export(database: Database, tmp_path: Path) -> Export:
    """Export the test's database to a new folder, or to ``name``."""

    def exported(name: str = "", **options: Any) -> tuple[Path, ExportReport]:
        path = tmp_path / (name or uuid4().hex)
        with database.snapshot() as session:
            return path, export_directory(session, path, now=NOW, **options)

    return exported
