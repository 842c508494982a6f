"""An export is there whole or not at all, and never over something else."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from directory.hsds.export.errors import (
    CannotWriteError,
    NoFolderForTargetError,
    TargetTakenError,
)
from directory.hsds.export.parcels import new_parcel
from tests.directory.hsds.conftest import NOW


def write(path: Path, text: str = "hello", meanwhile: Callable[[], object] = lambda: None) -> None:
    with new_parcel(path, NOW) as parcel:
        for name in ("a.csv", "b.csv"):
            with parcel.part(name) as part:
                part.write(text)
        meanwhile()


@pytest.mark.parametrize("name", ["new", "new.zip", "new.ZIP"])
def test_nothing_is_seen_before_the_end(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with new_parcel(path, NOW) as parcel, parcel.part("a.csv") as part:
        part.write("hello")
        assert not path.exists()
        assert [each.name[0] for each in tmp_path.iterdir()] == ["."]

    assert [each.name for each in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["new", "there", "new.zip"])
def test_after_an_error_nothing_is_left(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "there":
        path.mkdir()

    with pytest.raises(ZeroDivisionError):
        write(path, meanwhile=lambda: 1 / 0)

    assert [*tmp_path.rglob("*")] == ([path] if name == "there" else [])


def test_a_part_knows_its_length_and_hash(tmp_path: Path) -> None:
    with new_parcel(tmp_path / "new", NOW) as parcel, parcel.part("a.csv") as part:
        part.write("hé")
        part.write("llo")

    assert part.bytes == len("héllo".encode())
    assert part.sha256 == "3c48591d8d098a4538f5e013dfcf406e948eac4d3277b10bf614e295d6068179"


def test_an_empty_folder_is_filled_and_stays_the_same_folder(tmp_path: Path) -> None:
    path = tmp_path / "there"
    path.mkdir()
    before = path.stat().st_ino

    write(path)

    assert path.stat().st_ino == before
    assert sorted(each.name for each in path.iterdir()) == ["a.csv", "b.csv"]


def test_the_folder_where_one_stands_can_be_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    write(Path())

    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.csv", "b.csv"]


@pytest.mark.parametrize("name", ["full", "file", "file.zip", "folder.zip", "link"])
def test_what_is_there_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "file.zip").write_text("mine")
    (tmp_path / "folder.zip").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(TargetTakenError):
        write(tmp_path / name)

    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "file.zip").read_text() == "mine"


@pytest.mark.parametrize("name", ["new", "new.zip"])
def test_what_came_meanwhile_is_left_alone(tmp_path: Path, name: str) -> None:
    path = tmp_path / name

    with pytest.raises(TargetTakenError):
        write(path, meanwhile=lambda: path.write_text("theirs"))

    assert [each.name for each in tmp_path.iterdir()] == [name]
    assert path.read_text() == "theirs"


def test_a_file_that_came_meanwhile_into_an_empty_folder_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "there"
    path.mkdir()

    with pytest.raises(TargetTakenError):
        write(path, meanwhile=lambda: (path / "b.csv").write_text("theirs"))

    assert [(each.name, each.read_text()) for each in path.iterdir()] == [("b.csv", "theirs")]


def test_there_has_to_be_a_folder_to_write_in(tmp_path: Path) -> None:
    with pytest.raises(NoFolderForTargetError, match="There is no folder"):
        write(tmp_path / "nowhere" / "new")


def test_a_name_that_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotWriteError, match="too long"):
        write(tmp_path / ("x" * 300))


@pytest.mark.parametrize("name", ["new", "there", "new.zip"])
def test_a_full_disk_is_told_and_nothing_is_left(tmp_path: Path, name: str) -> None:
    """In a process that may write no file of more than 100,000 bytes."""
    path = tmp_path / name
    if name == "there":
        path.mkdir()
    code = (
        "import resource, sys, random, pathlib\n"
        "from tests.directory.hsds.export.test_parcels import write\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "text = ''.join(random.choices('abcdefghijklmnopqrstuvwxyz0123456789', k=600_000))\n"
        "write(pathlib.Path(sys.argv[1]), text)\n"
    )
    done = subprocess.run(  # noqa: S603  (ours)
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "CannotWriteError" in done.stderr
    assert "File too large. Nothing was left there." in done.stderr
    assert [*tmp_path.rglob("*")] == ([path] if name == "there" else [])
