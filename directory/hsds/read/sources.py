"""Finding out what was given (a folder, a zip file, JSON, an API) and opening it."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

from directory.hsds.dialects import ESSENTIAL, table_of
from directory.hsds.errors import (
    NoSuchFolderError,
    NotADirectoryOfServicesError,
    TooLargeError,
    UnreadableError,
)
from directory.hsds.read.api import Kept, fetch, is_url, kept_pages, name_of
from directory.hsds.read.archives import is_zip, unpack
from directory.hsds.read.csv_files import Named, open_csv
from directory.hsds.read.flatten import Flattener, Origin
from directory.hsds.read.folder import Folder
from directory.hsds.read.http import Pause
from directory.hsds.read.json_events import JsonFile
from directory.hsds.read.json_records import JsonRecords
from directory.hsds.read.kinds import kind_of, table_in_name
from directory.hsds.read.packages import is_descriptor, named_files
from directory.hsds.read.rows import Limits
from directory.hsds.read.spool import Spool

_JSON: Final = frozenset({".json", ".jsonl", ".ndjson"})
_CSV: Final = ".csv"
#: How many folders deep we look, and how many files we look at.
_DEEPEST: Final = 3
_MOST_FILES: Final = 100_000

Tell = Callable[[str], None]


def open_folder(path: Path, limits: Limits | None = None) -> Folder:
    """Find the CSV tables of a directory in a folder, without reading their rows yet."""
    if not path.is_dir():
        raise NoSuchFolderError(path)
    folder = Folder(limits=limits or Limits())
    _add_tables(folder, _files_in(path, folder))
    if not folder.is_a_directory():
        raise NotADirectoryOfServicesError(path.name)
    return folder


def usual_name(source: str) -> str:
    """Return the name of a directory that is given none: its host's, its folder's or its file's."""
    if is_url(source):
        return name_of(source)
    path = Path(source).resolve()
    if is_descriptor(path.name):
        return path.parent.name
    return path.name if path.is_dir() else path.stem


@contextmanager
def open_source(
    source: Path | str,
    limits: Limits | None = None,
    *,
    kept: Kept | None = None,
    tell: Tell = lambda _: None,
    pause: Pause = time.sleep,
) -> Iterator[Folder]:
    """Open a directory in any form: a path, or the address of an HSDS API.

    JSON is taken apart into temporary files, which are gone afterwards. ``kept`` says where the
    pages of an API are kept until the end, so that an import that was stopped goes on from
    there. ``tell`` is told, in words, what is being read; ``pause`` waits so many seconds for a
    server that asks for it. Raises ``ImportRefusedError``.
    """
    folder = Folder(limits=limits or Limits())
    with TemporaryDirectory(prefix="openings-import-") as place:
        temporary = Path(place)
        if is_url(str(source)):
            with kept_pages(str(source), kept, temporary) as pages:
                files = fetch(str(source), pages, folder.limits, folder.note, tell, pause)
                with _spooled(folder, files, temporary, tell):
                    yield _checked(folder, "The API")
            return
        path = Path(source)
        tables, files = _look(path, folder, temporary)
        _add_tables(folder, tables)
        folder.check_rows()
        with _spooled(folder, files, temporary, tell):
            yield _checked(folder, path.name)


def _checked(folder: Folder, name: str) -> Folder:
    if not folder.is_a_directory():
        raise NotADirectoryOfServicesError(name)
    return folder


def _look(path: Path, folder: Folder, temporary: Path) -> tuple[list[Named], list[JsonFile]]:
    """Return the CSV and the JSON files of a path; one of the two is what it is about."""
    if not os.path.lexists(path):
        raise NoSuchFolderError(path)
    if path.is_dir():
        return _split(_files_in(path, folder), folder)
    if is_zip(path):
        unpacked = temporary / "unpacked"
        unpacked.mkdir()
        files = unpack(path, unpacked, folder.limits)
        return _split([file for file in files if _suffix(file) in {_CSV, *_JSON}], folder)
    if is_descriptor(path.name):
        return _split(_files_in(path.parent, folder), folder)
    file = Named(path.name, path)
    if path.suffix.casefold() in {_CSV, *_JSON}:
        return _split([file], folder)
    raise UnreadableError(
        path.name, 0, "is neither a folder nor a .zip, .csv, .json or .jsonl file"
    )


def _files_in(path: Path, folder: Folder) -> list[Named]:
    """Return the files of a folder and of the folders in it, by their paths from there."""
    found: list[Named] = []
    for here, folders, names in os.walk(path, onerror=_raise):
        depth = len(Path(here).relative_to(path).parts)
        folders[:] = sorted(each for each in folders if depth < _DEEPEST and each[:1] != ".")
        for name in sorted([*names, *folders]):
            file = Path(here, name)
            if file.suffix.casefold() not in {_CSV, *_JSON}:
                continue
            if not file.is_file():
                folder.note(name, "not a file: not read")
                continue
            found.append(Named(file.relative_to(path).as_posix(), file))
            if len(found) > _MOST_FILES:
                raise TooLargeError(f"{path.name} has more than {_MOST_FILES:,} files in it.")
    return found


def _raise(error: OSError) -> None:
    name = Path(str(error.filename)).name
    raise UnreadableError(name, 0, f"cannot be opened ({error.strerror})") from error


def _split(files: list[Named], folder: Folder) -> tuple[list[Named], list[JsonFile]]:
    """Return either the CSV or the JSON files: whichever of the two lies nearer to the top."""
    tables = [file for file in files if _suffix(file) == _CSV]
    others = [file for file in files if file not in tables]
    descriptors = [file for file in others if is_descriptor(file.name)]
    records = [file for file in others if file not in descriptors]
    essential = [_depth(file) for file in tables if _is_essential(file)]
    if records and (not essential or min(map(_depth, records)) < min(essential)):
        return [], [_json(file) for file in records]
    if not descriptors:
        _refuse_several(tables)
    for file in records:
        folder.note(file.name, "not read: the CSV files are")
    return [*tables, *descriptors], []


def _refuse_several(tables: list[Named]) -> None:
    """Refuse folders that each have a directory in them, unless a descriptor joins them."""
    essential = [file for file in tables if _is_essential(file)]
    nearest = min(map(_depth, essential), default=0)
    folders = sorted(
        {Path(file.name).parent.as_posix() for file in essential if _depth(file) == nearest}
    )
    if len(folders) > 1:
        raise UnreadableError(
            folders[1], 0, f"has a directory in it, and so has {folders[0]}: give one of them"
        )


def _json(file: Named) -> JsonFile:
    return JsonFile(file.name, file.path, table_in_name(file.name))


def _suffix(file: Named) -> str:
    return PurePosixPath(file.name).suffix.casefold()


def _depth(file: Named) -> int:
    return len(PurePosixPath(file.name).parts)


def _is_essential(file: Named) -> bool:
    known = table_of(PurePosixPath(file.name).stem, [])
    return known is not None and known.table in ESSENTIAL


def _add_tables(folder: Folder, files: list[Named]) -> None:
    """Add the CSV files that a descriptor names, or else those beside the nearest table."""
    descriptors = sorted((file for file in files if is_descriptor(file.name)), key=_depth)
    tables = [file for file in files if _suffix(file) == _CSV]
    described: list[Named] = []
    if descriptors:
        described = named_files(descriptors[0], tables, folder.limits, folder.note)
    for file in _together(tables, described):
        if descriptors and file not in described:
            folder.note(file.name, f"not in {descriptors[0].name}: read by its own name")
        opened = open_csv(file, folder.limits, folder.note)
        if opened is not None:
            folder.files.append(opened)


def _together(tables: list[Named], described: list[Named]) -> list[Named]:
    """Return the described files, and with them the others of the folder of the first table."""
    by_path = {file.path: file for file in [*tables, *described]}
    essential = sorted((file for file in tables if _is_essential(file)), key=_depth)
    first = (described or essential or tables)[:1]
    where = {PurePosixPath(file.name).parent for file in first}
    paths = {file.path for file in described}
    return [
        file
        for path, file in by_path.items()
        if path in paths or PurePosixPath(file.name).parent in where
    ]


@contextmanager
def _spooled(folder: Folder, files: list[JsonFile], temporary: Path, tell: Tell) -> Iterator[None]:
    """Take the records of JSON files apart into a spool, as long as the folder is in use."""
    if not files:
        yield
        return
    with closing(Spool(temporary / "spool.sqlite", folder.limits, folder.note)) as spool:
        folder.spool = spool
        flattener = Flattener(spool, folder.limits, folder.note)
        total = sum(file.path.stat().st_size for file in files if file.path.is_file())
        if total > folder.limits.total_bytes:
            raise TooLargeError(f"More than {folder.limits.total_bytes:,} bytes of JSON in all.")
        for file in files:
            tell(f"Reading {file.name}")
            _take_apart(file, folder, flattener)
        yield


def _take_apart(file: JsonFile, folder: Folder, flattener: Flattener) -> None:
    for record in JsonRecords(file, folder.limits, folder.note):
        kind = kind_of(record.value, record.table)
        if kind is None:
            folder.note(file.name, "has records of no kind we know: not read")
        else:
            flattener.take(kind, record.value, Origin(file.name, record.number))
