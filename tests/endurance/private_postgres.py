"""A PostgreSQL server of a test's own, that may be stopped without mercy.

PostgreSQL refuses to run as root; then it runs as the user ``postgres``.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import skip_or_fail

DEBIAN = Path("/usr/lib/postgresql")


def find_programs() -> Path:
    """Return the folder with ``initdb`` and ``pg_ctl``, the newest there is; skips without."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    installed = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not installed:
        skip_or_fail("postgres programs", "there is no initdb")
    return installed[-1].parent


class PrivatePostgres:
    """One cluster in a folder of its own, on a free port of this machine."""

    def __init__(self, folder: Path, **options: str) -> None:
        self._programs = find_programs()
        self._folder = folder
        self._as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self._port = listener.getsockname()[1]
        given = {"port": str(self._port), "unix_socket_directories": "", **options}
        self._options = " ".join(
            f"-c {name}={value or chr(39) * 2}" for name, value in given.items()
        )
        self._run("initdb", "--auth=trust", "--username=postgres", "--no-sync", "-D", self._data)
        self.start()

    @property
    def url(self) -> str:
        """The address of its one database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/postgres"

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def start(self) -> None:
        """Start it, and wait until it has recovered."""
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", self._data, "-l", log, "-w", "-o", self._options, "start")

    def stop_at_once(self) -> None:
        """Stop it as a crash would: no checkpoint, no goodbye."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = [*self._as_user, str(self._programs / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=60)  # noqa: S603


@contextmanager
def private_postgres(**options: str) -> Iterator[PrivatePostgres]:
    """Run one for as long as the block lasts; ``options`` as in ``postgresql.conf``."""
    find_programs()
    with tempfile.TemporaryDirectory(prefix="openings-postgres-") as name:
        if os.geteuid() == 0:
            shutil.chown(name, "postgres")
        server = PrivatePostgres(Path(name), **options)
        try:
            yield server
        finally:
            server.stop_at_once()
