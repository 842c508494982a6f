"""A disk that forgets what was not synced when its power is cut, and SQLite upon it.

The library is APSW's SQLite, because its files can be ours; ``Driver`` gives it the face of the
standard module ``sqlite3`` that the application expects. One connection at a time: files of ours
have no shared memory, so SQLite locks them for itself.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Self
from uuid import uuid4

import apsw

#: What a disk writes whole or not at all, in bytes.
SECTOR = 512


class PowerCutError(Exception):
    """The power is gone: this write did not happen, and none after it."""


class DiskFile:
    """The content as its process sees it, and what of it has reached the disk."""

    def __init__(self, durable: bytes = b"") -> None:
        self.live = bytearray(durable)
        self.durable = bytearray(durable)
        self.unsynced: list[tuple[int, bytes] | int] = []  # writes, and sizes to truncate to

    def write(self, data: bytes, offset: int) -> None:
        """Write, for the process to see."""
        _write(self.live, data, offset)
        self.unsynced.append((offset, data))

    def truncate(self, size: int) -> None:
        """Cut off what is longer."""
        del self.live[size:]
        self.unsynced.append(size)

    def sync(self) -> None:
        """Have everything reach the disk."""
        self.durable[:] = self.live
        self.unsynced.clear()

    def after_cut(self, dice: random.Random) -> bytes:
        """Return what is there when the power comes back: of what was not synced, any sectors."""
        left = bytearray(self.durable)
        chance = dice.choice((0.0, 0.5, 0.9, 1.0))
        for change in self.unsynced:
            if isinstance(change, int):
                if dice.random() < chance:
                    del left[change:]
                continue
            offset, data = change
            for begin in range(0, len(data), SECTOR):
                if dice.random() < chance:
                    _write(left, data[begin : begin + SECTOR], offset + begin)
        return bytes(left)


def _write(content: bytearray, data: bytes, offset: int) -> None:
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


class Disk(apsw.VFS):
    """Files by name. After ``power_lasts`` writes and syncs the power is cut."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = {name: DiskFile(content) for name, content in files.items()}
        self.power_lasts: int | None = None
        self.done = 0
        self.name = f"disk-{uuid4()}"
        super().__init__(self.name, "")

    def use_power(self) -> None:
        """Count a write or a sync. Raises ``PowerCutError`` when the power is gone."""
        self.done += 1
        if self.power_lasts is not None and self.done > self.power_lasts:
            raise PowerCutError

    def after_cut(self, dice: random.Random) -> dict[str, bytes]:
        """Return the content of all files when the power comes back."""
        return {name: file.after_cut(dice) for name, file in self.files.items()}

    def xOpen(self, name: Any, flags: list[int]) -> Any:  # noqa: N802  (APSW's names)
        """Open a file, or make it."""
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        flags[1] = flags[0]
        return OpenFile(self, self.files.setdefault(path or f"temporary-{uuid4()}", DiskFile()))

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: ARG002, FBT001, N802
        """Delete a file; as if its folder was synced at once."""
        self.use_power()
        self.files.pop(name, None)

    def xAccess(self, name: str, flags: int) -> bool:  # noqa: ARG002, N802
        """Say whether a file is there."""
        return name in self.files

    def xFullPathname(self, name: str) -> str:  # noqa: N802
        """Return the name: there are no folders."""
        return name


class OpenFile:
    """A file that SQLite has open (the methods of ``apsw.VFSFile``)."""

    def __init__(self, disk: Disk, file: DiskFile) -> None:
        self._disk, self._file = disk, file

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        return bytes(self._file.live[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.use_power()
        self._file.write(bytes(data), offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._disk.use_power()
        self._file.truncate(size)

    def xSync(self, flags: int) -> None:  # noqa: ARG002, N802
        self._disk.use_power()
        self._file.sync()

    def xFileSize(self) -> int:  # noqa: N802
        return len(self._file.live)

    def xSectorSize(self) -> int:  # noqa: N802
        return SECTOR

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return int(apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE)

    def xFileControl(self, op: int, ptr: int) -> bool:  # noqa: ARG002, N802
        return False

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xLock(self, level: int) -> None: ...  # noqa: N802
    def xUnlock(self, level: int) -> None: ...  # noqa: N802
    def xClose(self) -> None: ...  # noqa: N802


class Driver:
    """Enough of the module ``sqlite3`` for the application, on a disk of ours.

    ``synchronous`` replaces what the application asks for: the weaker mutant.
    """

    paramstyle = "qmark"
    threadsafety = 1
    sqlite_version = apsw.sqlite_lib_version()
    sqlite_version_info = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))

    class Error(Exception):
        """Any error."""

    class DatabaseError(Error):
        """Of the database."""

    class OperationalError(DatabaseError):
        """Locked, full, broken."""

    class IntegrityError(DatabaseError):
        """A constraint says no."""

    InterfaceError = ProgrammingError = DataError = DatabaseError
    InternalError = NotSupportedError = DatabaseError

    def __init__(self, disk: Disk, synchronous: str = "FULL") -> None:
        self._disk, self._synchronous = disk, synchronous

    def connect(self, path: str, **_options: Any) -> "_Connection":
        """Open a database for one connection alone."""
        connection = _Connection(apsw.Connection(path, vfs=self._disk.name), self._synchronous)
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        return connection


@contextmanager
def _errors_by_their_names() -> Iterator[None]:
    try:
        yield
    except apsw.ConstraintError as error:
        raise Driver.IntegrityError(str(error)) from error
    except (apsw.Error, PowerCutError) as error:
        raise Driver.OperationalError(str(error)) from error


class _Connection:
    isolation_level: str | None = None

    def __init__(self, connection: apsw.Connection, synchronous: str) -> None:
        self.raw = connection
        self.synchronous = synchronous

    def cursor(self) -> "_Cursor":
        return _Cursor(self)

    def execute(self, statement: str, values: Sequence[Any] = ()) -> "_Cursor":
        return self.cursor().execute(statement, values)

    def create_function(self, name: str, count: int, function: Any, **_: Any) -> None:
        self.raw.create_scalar_function(name, function, count, deterministic=True)

    def commit(self) -> None:
        if self.raw.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        if self.raw.in_transaction:
            self.execute("ROLLBACK")

    def close(self) -> None:
        with suppress(apsw.Error, PowerCutError):
            self.raw.close(force=True)


class _Cursor:
    arraysize = 1

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Self:
        statement = statement.replace(
            "synchronous = FULL", f"synchronous = {self._connection.synchronous}"
        )
        before = self._connection.raw.total_changes()
        cursor = self._connection.raw.cursor()
        self.description = None
        cursor.exec_trace = self._describe
        with _errors_by_their_names():
            self._rows = list(cursor.execute(statement, tuple(values)))
        self.rowcount = (
            self._connection.raw.changes()
            if self._connection.raw.total_changes() > before
            else (0 if statement.lstrip()[:6].upper() in ("UPDATE", "DELETE") else -1)
        )
        self.lastrowid = self._connection.raw.last_insert_rowid()
        return self

    def _describe(self, cursor: apsw.Cursor, _statement: str, _values: Any) -> bool:
        named = cursor.get_description()
        self.description = [(name, None, None, None, None, None, None) for name, _ in named] or None
        return True

    def executemany(self, statement: str, many: Sequence[Sequence[Any]]) -> Self:
        done = 0
        for values in many:
            self.execute(statement, values)
            done += max(0, self.rowcount)
        self.rowcount = done
        return self

    def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = 1) -> list[Any]:
        taken, self._rows = self._rows[:size], self._rows[size:]
        return taken

    def fetchall(self) -> list[Any]:
        taken, self._rows = self._rows, []
        return taken

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchall())

    def close(self) -> None: ...
