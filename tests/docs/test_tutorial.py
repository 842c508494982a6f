"""The tutorial is run as it stands."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TUTORIAL = ROOT / "docs" / "tutorial" / "first-booking.md"
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)

#: A script that stands where `./openings` stands, and uses the tests' own interpreter.
STAND_IN = f'#!/bin/sh\nexec "{sys.executable}" -m api.cli "$@"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    command = tmp_path / "openings"
    command.write_text(STAND_IN)
    command.chmod(0o755)
    return tmp_path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(site: str) -> bool:
    try:
        with urllib.request.urlopen(f"{site}/health", timeout=5) as reply:  # noqa: S310  (http)
            return bool(reply.status == 200)
    except OSError:
        return False


@contextmanager
def server(folder: Path, environment: dict[str, str], port: int) -> Iterator[str]:
    site = f"http://127.0.0.1:{port}"
    command = ["./openings", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=folder, env=environment) as process:  # noqa: S603  (ours)
        try:
            deadline = time.monotonic() + 60
            while not answers(site):
                assert process.poll() is None, "the server has stopped"
                assert time.monotonic() < deadline, "the server does not answer"
                time.sleep(0.1)
            yield site
        finally:
            process.terminate()


@pytest.mark.skipif(shutil.which("bash") is None, reason="the tutorial's commands are for a shell")
def test_tutorial_works_as_it_stands(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = BLOCK.findall(TUTORIAL.read_text())
    shell = "\n".join(code for kind, code in blocks if kind == "sh")
    python = "\n".join(code for kind, code in blocks if kind == "python")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENINGS_DATA_DIR": "tutorial-data"}
    environment.pop("OPENINGS_DATABASE_URL", None)

    script = ["bash", "-eu", "-c", shell]
    subprocess.run(script, cwd=folder, env=environment, check=True)  # noqa: S603  (our own page)
    with server(folder, environment, free_port()) as site:
        monkeypatch.chdir(folder)
        monkeypatch.setenv("OPENINGS_SITE", site)
        exec(compile(python, str(TUTORIAL), "exec"), {})  # noqa: S102  (our own page)

    assert '"refused": 1' in (folder / "report.json").read_text()
