"""Where an export is written: a folder or a zip file, which is there whole or not at all."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, Protocol
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from directory.hsds.export.errors import (
    CannotWriteError,
    NoFolderForTargetError,
    TargetTakenError,
)

#: What a zip file says of the rights on a file in it: the owner writes, everybody reads.
_RIGHTS: Final = 0o100644 << 16


class Part:
    """One file of an export while it is written: how long it is by now, and its SHA-256."""

    def __init__(self, stream: BinaryIO) -> None:
        self.bytes = 0
        self._stream = stream
        self._hash = hashlib.sha256()

    def write(self, text: str) -> None:
        """Write text as UTF-8."""
        data = text.encode()
        self._stream.write(data)
        self._hash.update(data)
        self.bytes += len(data)

    @property
    def sha256(self) -> str:
        """The hash of what was written, in hex."""
        return self._hash.hexdigest()


class Parcel(Protocol):
    """Takes the files of an export, one after the other."""

    def part(self, name: str) -> AbstractContextManager[Part]:
        """Open a new file for writing."""


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def part(self, name: str) -> Iterator[Part]:
        with (self._path / name).open("xb") as stream:
            yield Part(stream)
            stream.flush()
            os.fsync(stream.fileno())


class _Zip:
    def __init__(self, file: ZipFile, now: datetime) -> None:
        self._file = file
        self._written_at = now.timetuple()[:6]

    @contextmanager
    def part(self, name: str) -> Iterator[Part]:
        info = ZipInfo(name, self._written_at)
        info.compress_type, info.external_attr = ZIP_DEFLATED, _RIGHTS
        with self._file.open(info, "w", force_zip64=True) as stream:
            yield Part(stream)  # type: ignore[arg-type]  # it has all of BinaryIO that we use


@contextmanager
def new_parcel(path: Path, now: datetime) -> Iterator[Parcel]:
    """Yield what takes the files; put them in their place at the end, or nothing after an error.

    They are written beside their place under a name that begins with a dot. Raises
    ``ExportRefusedError`` where that is not possible, or no longer is.
    """
    path = Path.cwd() / path  # "." has a name then, and a link stays one
    _check(path)
    try:
        if path.suffix.casefold() == ".zip":
            with _zip(path, now) as parcel:
                yield parcel
        else:
            with _folder(path) as parcel:
                yield parcel
    except OSError as error:
        raise CannotWriteError(path, error) from error


def _check(path: Path) -> None:
    """Refuse a place where something is, or that is nowhere."""
    try:
        if not path.parent.is_dir():
            raise NoFolderForTargetError(path)
        is_empty_folder = path.is_dir() and not any(path.iterdir())
        wants_file = path.suffix.casefold() == ".zip"
        if os.path.lexists(path) and (wants_file or not is_empty_folder):
            raise TargetTakenError(path)
    except OSError as error:
        raise CannotWriteError(path, error) from error


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{uuid4().hex[:12]}.partial")


@contextmanager
def _zip(path: Path, now: datetime) -> Iterator[Parcel]:
    partial = _beside(path)
    try:
        with partial.open("xb") as stream:
            with ZipFile(stream, "w") as file:
                yield _Zip(file, now)
            stream.flush()
            os.fsync(stream.fileno())
        _move(partial, path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _folder(path: Path) -> Iterator[Parcel]:
    """Fill a new folder and give it its name, or fill an empty one that may have to stay.

    A folder that is there may be where somebody stands, or where a disk is mounted.
    """
    is_there = path.exists()
    partial = path / f".{uuid4().hex[:12]}.partial" if is_there else _beside(path)
    try:
        partial.mkdir()
        yield _Folder(partial)
        if is_there:
            _move_up(partial, path)
        else:
            _move(partial, path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _move(partial: Path, path: Path) -> None:
    """Give what was written its name, but not over what came there meanwhile."""
    if os.path.lexists(path):
        raise TargetTakenError(path)
    partial.rename(path)


def _move_up(partial: Path, path: Path) -> None:
    """Move files into the folder around theirs; what was moved is taken away after an error."""
    moved: list[Path] = []
    try:
        for file in sorted(partial.iterdir()):
            _move(file, path / file.name)
            moved.append(path / file.name)
    except (OSError, TargetTakenError):
        for file in moved:
            with suppress(OSError):
                file.unlink()
        raise
