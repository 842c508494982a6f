"""Zip files: what they say is checked, what comes out is counted, and nothing goes elsewhere."""

import io
import tempfile
import zipfile
from pathlib import Path

import pytest

from directory.hsds.errors import UnreadableError, UnsafeArchiveError
from directory.hsds.read import Limits, archives, open_source
from tests.directory.hsds.hostile import CORPUS
from tests.directory.hsds.invented import FORMS


def member(size: int, packed: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("phones.csv")
    info.file_size, info.compress_size = size, packed
    return info


def test_names_in_an_archive_lead_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "a" / "b" / "c" / "d"
    inside.mkdir(parents=True)
    path = CORPUS["zip slip"].make(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(inside))
    with open_source(path) as folder:
        assert len(list(folder.rows("service"))) == 2
        written = {file.name for file in tmp_path.rglob("*.csv")}
        assert written == {"1.csv", "2.csv", "3.csv", "4.csv"}
        assert not Path("/slipped.csv").exists()
        assert {file for file, _ in folder.notes} == {"slipped.csv"}
    assert list(inside.iterdir()) == []


def test_temporary_files_go_when_something_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = FORMS["zip of JSON"](tmp_path)
    inside = tmp_path / "temporary"
    inside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(inside))
    with pytest.raises(LookupError), open_source(path):
        raise LookupError(len(list(inside.rglob("*"))))
    assert list(inside.iterdir()) == []


def test_what_comes_out_is_counted_whatever_was_said(tmp_path: Path) -> None:
    for info, limits, reason in (
        (member(10, 1_000_000), Limits(total_bytes=2_000_000), "more than 2,000,000 bytes"),
        (member(10, 10), Limits(), "more than 100 times larger"),
    ):
        source = io.BytesIO(bytes(3_000_000))
        target = tmp_path / f"{limits.total_bytes}.csv"
        with pytest.raises(UnsafeArchiveError, match=reason):
            archives._copy("x.zip", info, source, target, limits, limits.total_bytes)


def test_the_ratio_is_for_files_that_are_not_small(tmp_path: Path) -> None:
    path = tmp_path / "directory.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("services.csv", "id,name\n1,Soup\n" + ",\n" * 400_000)
    with open_source(path, Limits(rows=1_000_000)) as folder:
        assert next(folder.rows("service")).cells["name"] == "Soup"


def test_what_systems_put_beside_the_files_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "directory.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("county/services.csv", "id,name\n1,Soup\n")
        archive.writestr("__MACOSX/county/._services.csv", b"\0\5\x16\7")
        archive.writestr("county/.DS_Store", b"\0")
        archive.writestr("county/readme.txt", "hello")
    with open_source(path) as folder:
        assert [row.file for row in folder.rows("service")] == ["county/services.csv"]
        assert folder.notes == []


def test_two_directories_in_one_folder_are_not_taken_for_one(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "services.csv").write_text("id,organization_id,name\n5,1,Soup\n")
    with (
        pytest.raises(UnreadableError, match="there: has a directory in it, and so has here"),
        open_source(tmp_path),
    ):
        pass
