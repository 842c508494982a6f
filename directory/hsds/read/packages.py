"""datapackage.json: the descriptor that names a directory's files and says what they are."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from directory.hsds.errors import BadPackageError, TooLargeError, UnreadableError
from directory.hsds.read.csv_files import Named
from directory.hsds.read.json_events import JsonFile
from directory.hsds.read.json_records import JsonRecords
from directory.hsds.read.rows import Limits, Note

DESCRIPTOR: Final = "datapackage.json"
_LONGEST: Final = 5_000_000
_DELIMITERS: Final = frozenset({",", ";", "\t"})


def is_descriptor(name: str) -> bool:
    """Say whether a file is a descriptor, by its name."""
    return PurePosixPath(name).name.casefold() == DESCRIPTOR


def named_files(descriptor: Named, files: list[Named], limits: Limits, note: Note) -> list[Named]:
    """Return the CSV files that a descriptor names, as it describes them.

    Files it does not name keep their own names and are left to the caller. Raises
    ``BadPackageError`` where it names what is not beside it, or is no descriptor.
    """
    folder = PurePosixPath(descriptor.name).parent
    by_name = {PurePosixPath(file.name): file for file in files}
    named: list[Named] = []
    for resource in _resources(descriptor, limits, note):
        for path in _paths(descriptor.name, resource):
            found = by_name.get(folder / path) or by_name.get(folder / path.name)
            if found is None:
                note(descriptor.name, f"names {path.name}, which is not there")
            elif path.suffix.casefold() in {".csv", ".tsv", ".txt"}:
                named.append(_described(found, resource))
    return named


def _resources(descriptor: Named, limits: Limits, note: Note) -> list[Mapping[str, Any]]:
    try:
        if descriptor.path.stat().st_size > _LONGEST:
            raise TooLargeError(f"{descriptor.name} is larger than {_LONGEST:,} bytes.")
        file = JsonFile(descriptor.name, descriptor.path)
        (record,) = JsonRecords(file, limits, note)
        resources = record.value["resources"]
    except (OSError, ValueError, KeyError) as error:
        raise BadPackageError(descriptor.name, "has no list of resources in it") from error
    except UnreadableError as error:
        raise BadPackageError(descriptor.name, str(error).rstrip(".")) from error
    if not isinstance(resources, list) or not all(isinstance(each, dict) for each in resources):
        raise BadPackageError(descriptor.name, "its resources are not a list of objects")
    return resources


def _paths(name: str, resource: Mapping[str, Any]) -> list[PurePosixPath]:
    """Return the paths of a resource, relative to the descriptor; refuse those that lead away."""
    paths = resource.get("path", [])
    paths = paths if isinstance(paths, list) else [paths]
    if not paths and "data" in resource:
        raise BadPackageError(name, "has rows in itself; put them in CSV files beside it")
    return [_path(name, path) for path in paths]


def _path(name: str, path: Any) -> PurePosixPath:
    if not isinstance(path, str) or not path.strip() or "\0" in path:
        raise BadPackageError(name, "a resource has no path")
    if "://" in path:
        raise BadPackageError(name, "names a file on another computer; fetch it first")
    parts = PurePosixPath(path).parts
    if path.startswith("/") or ".." in parts or "\\" in path or ":" in parts[0]:
        raise BadPackageError(name, "names a file outside of its own folder")
    return PurePosixPath(path)


def _described(file: Named, resource: Mapping[str, Any]) -> Named:
    """Return a file with the table and the delimiter that its resource gives."""
    dialect = resource.get("dialect")
    delimiter = dialect.get("delimiter") if isinstance(dialect, dict) else None
    named = resource.get("name")
    return Named(
        file.name,
        file.path,
        named if isinstance(named, str) else None,
        delimiter if delimiter in _DELIMITERS else None,
    )
