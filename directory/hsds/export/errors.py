"""Why a directory cannot be written where, or of whom, it was asked for."""

from collections.abc import Sequence
from pathlib import Path

from directory.errors import DomainError


class ExportRefusedError(DomainError):
    """Nothing was written."""

    code = "export-refused"


class TargetTakenError(ExportRefusedError):
    """There is something already where the export would go, and it is left as it is."""

    code = "export-target-taken"

    def __init__(self, path: Path) -> None:
        what = "is not an empty folder" if path.is_dir() else "is there already"
        super().__init__(f"{path.name!r} {what}. Name a new folder, or a new file ending in .zip.")


class NoFolderForTargetError(ExportRefusedError):
    """The folder in which the export would go is not there."""

    code = "export-no-such-folder"

    def __init__(self, path: Path) -> None:
        super().__init__(f"There is no folder {str(path.parent)!r} to write {path.name!r} in.")


class CannotWriteError(ExportRefusedError):
    """The files could not be written: no room, or no permission. Nothing is left of them."""

    code = "export-cannot-write"

    def __init__(self, path: Path, error: OSError) -> None:
        reason = error.strerror or "it cannot be written"
        super().__init__(f"Cannot write {path.name!r}: {reason}. Nothing was left there.")


class NoSuchSourceError(ExportRefusedError):
    """No record is from that source."""

    code = "export-no-such-source"

    def __init__(self, source: str, sources: Sequence[str]) -> None:
        known = ", ".join(repr(each) for each in sources) or "none; leave --source out"
        super().__init__(f"Nothing here is from {source!r}. The sources are: {known}.")
