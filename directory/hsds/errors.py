"""Why a whole directory can be refused. Single rows are refused in the report instead."""

from collections.abc import Mapping
from pathlib import Path

from directory.errors import DomainError
from directory.hsds.brake import LARGEST_PART, Change
from directory.hsds.report import ImportReport


class ImportRefusedError(DomainError):
    """Nothing of this directory was read in."""

    code = "import-refused"


class NoSuchFolderError(ImportRefusedError):
    """There is nothing to read at that path."""

    code = "import-no-such-folder"

    def __init__(self, path: Path) -> None:
        super().__init__(f"There is no folder or file called {path.name!r} to import.")


class NotADirectoryOfServicesError(ImportRefusedError):
    """What was given has none of the tables that a directory has."""

    code = "import-no-tables"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} has nothing of a directory in it: no organizations, services, locations "
            "or taxonomy terms, as CSV files with those names or as HSDS JSON."
        )


class TooLargeError(ImportRefusedError):
    """More than we read in one go."""

    code = "import-too-large"


class UnreadableError(ImportRefusedError):
    """A file is not the CSV or JSON it claims to be, or cannot be opened.

    ``line`` is where that shows, 0 where it is about the whole file.
    """

    code = "import-unreadable"

    def __init__(self, file: str, line: int, reason: str) -> None:
        where = f"{file}, line {line}" if line else file
        super().__init__(f"{where}: {reason}.")


class UnsafeArchiveError(ImportRefusedError):
    """A zip file is made to harm: too tight, nested, encrypted, or with links in it."""

    code = "import-unsafe-archive"

    def __init__(self, archive: str, reason: str) -> None:
        super().__init__(f"{archive}: {reason}.")


class BadPackageError(ImportRefusedError):
    """A datapackage.json names files that are not its own, or names none."""

    code = "import-bad-package"

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}.")


class BadUrlError(ImportRefusedError):
    """The address of an HSDS API is not one that we ask."""

    code = "import-bad-url"


class SourceFailedError(ImportRefusedError):
    """An HSDS API did not answer, or not as one. The same import again goes on from there."""

    code = "import-source-failed"


class LargeChangeError(ImportRefusedError):
    """More would change or vanish than an import may do by itself. ``report`` has it all."""

    code = "import-large-change"

    def __init__(self, large: Mapping[str, Change], report: ImportReport) -> None:
        counted = "; ".join(
            f"{'in all' if table == 'all' else f'of {table}'}: {change.changed} would change and "
            f"{change.gone} would vanish of {change.stored}"
            for table, change in large.items()
        )
        super().__init__(
            f"More than {LARGEST_PART:.0%} of what {report.source} has here would change or "
            f"vanish ({counted}). Nothing was changed. If that is right, import again with "
            "--accept-large-change."
        )
        self.report = report


class IdsTakenError(ImportRefusedError):
    """Records of somebody else's have identifiers that this import wants to keep."""

    code = "import-ids-taken"

    def __init__(self, taken: Mapping[str, int]) -> None:
        counted = ", ".join(f"{count} of {table}" for table, count in sorted(taken.items()))
        super().__init__(
            f"Identifiers of this import are taken by records that are not of this source: "
            f"{counted}. Give the name of the source that they came from, or leave --keep-ids "
            "out; then they get identifiers of their own."
        )


class BadSourceNameError(ImportRefusedError):
    """A source needs a short name, by which its records are known ever after."""

    code = "import-bad-source-name"

    def __init__(self) -> None:
        super().__init__("Give the source a name of 1 to 80 characters.")
