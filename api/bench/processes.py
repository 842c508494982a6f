"""Child processes that end when we do.

A child answers one line with one line. It ends when its input ends, so that nothing stays
behind even where this process is killed and can clean up nothing.
"""

import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

ROOT = Path(__file__).parent.parent.parent

#: How long a child may take to end by itself, in seconds.
GRACE_SECONDS = 5


class BenchError(Exception):
    """A measurement could not be made; the message says why."""


class Child:
    """A module of ours that runs in a process of its own, deaf to the terminal's Ctrl+C."""

    def __init__(
        self, module: str, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed in `close`)
        self._process = subprocess.Popen(  # noqa: S603  (our own module)
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def ask(self, line: str, *, within_seconds: float) -> str:
        """Send a line and return the line it answers."""
        self.tell(line)
        return self.hear(within_seconds=within_seconds)

    def tell(self, line: str) -> None:
        """Send a line."""
        stdin = _pipe(self._process.stdin)
        try:
            stdin.write(line.encode() + b"\n")
            stdin.flush()
        except BrokenPipeError:
            raise BenchError(self._last_words()) from None

    def hear(self, *, within_seconds: float) -> str:
        """Return the next line. Raises ``BenchError`` when none comes in time."""
        stdout = _pipe(self._process.stdout)
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            if not selector.select(within_seconds):
                raise BenchError(f"A process did not answer within {within_seconds:.0f} seconds.")
        line = stdout.readline().decode()
        if not line:
            raise BenchError(self._last_words())
        return line.rstrip("\n")

    def close(self) -> None:
        """End the process, gently if it lets us."""
        _pipe(self._process.stdin).close()
        try:
            self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _pipe(self._process.stdout).close()
        self._errors.close()

    def _last_words(self) -> str:
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        return f"A process ended early: {' '.join(said[-3:]) or 'it said nothing'}"


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise BenchError("A process has no pipe.")
    return stream
