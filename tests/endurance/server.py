"""A server of its own process that can be killed at any moment and started again.

``python -m tests.endurance.server FD DATABASE_URL DATA_DIR STARTED SPEED GUARDED``: listens on the
socket it inherits, so that its clients find the next one at the same place; see ``FastClock``.
Unguarded, writers of a slot pass each other: the negative control.
"""

import signal
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

import pytest

from scheduling.commands.hold_limits import NO_LIMITS
from tests.api.server_at_noon import serve
from tests.endurance.clock import FastClock
from tests.scheduling.unguarded import UnlockedDatabase, remove_slot_lock

ROOT = Path(__file__).parents[2]


class Server:
    """The server, seen from the test that starts and kills it."""

    def __init__(
        self, database_url: str, folder: Path, *, speed: float = 0.0, guarded: bool = True
    ) -> None:
        self.clock = FastClock(monotonic(), speed)
        times = (str(self.clock.started), str(speed))
        self._arguments = [database_url, str(folder), *times, str(int(guarded))]
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()
        self._listener.close()

    def start(self) -> None:
        """Start it; connections wait in the socket until it is ready."""
        descriptor = self._listener.fileno()
        self._process = subprocess.Popen(  # noqa: S603  (our own server)
            [sys.executable, "-m", "tests.endurance.server", str(descriptor), *self._arguments],
            cwd=ROOT,
            pass_fds=[descriptor],
        )

    def kill(self) -> None:
        """Give it no chance to tidy up: SIGKILL."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


def main() -> None:
    descriptor, database_url, data_dir, started, speed, guarded = sys.argv[1:]
    clock = FastClock(float(started), float(speed))
    if guarded == "1":
        serve(int(descriptor), database_url, data_dir, clock)
        return
    remove_slot_lock(pytest.MonkeyPatch())
    unlocked = UnlockedDatabase(database_url, begin="SELECT 1", terms={"hold_limits": NO_LIMITS})
    serve(int(descriptor), database_url, data_dir, clock, unlocked)


if __name__ == "__main__":
    main()
