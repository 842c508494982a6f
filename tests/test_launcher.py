"""The launcher, run as people run it, on a tiny project that needs no network to install.

Each test has a copy of `./openings` in a folder of its own, beside a stub of `api.cli` that prints
what reached it and a build backend of a few lines. The package index it is pointed at is closed.
"""

import ast
import hashlib
import http.server
import inspect
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import sysconfig
import threading
import venv
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="symlinks, signals and locks of Unix")

LAUNCHER = Path(__file__).parents[1] / "openings"
PYPROJECT = """\
[project]
name = "tiny"
version = "1"
dependencies = []
[project.optional-dependencies]
dev = ["stub-tool"]
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
CLI = """\
import json, os, sys
print(json.dumps([sys.argv[1:], os.getcwd(), sys.prefix, sys.version_info[:2]]))
sys.exit(int(sys.argv[-1]) if sys.argv[-1:] and sys.argv[-1].isdigit() else 0)
"""
BACKEND = """
def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    root = Path(__file__).parent
    if (root / "begun").exists():  # a test wants to stand in the middle of an installation
        (root / "begun").write_text("begun")
        (root / "go-on").read_text()
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    needs = [f"Requires-Dist: {name}" for name in project["dependencies"]]
    for extra, names in project["optional-dependencies"].items():
        needs += [f"Provides-Extra: {extra}"]
        needs += [f"Requires-Dist: {name}; extra == '{extra}'" for name in names]
    return write_wheel(Path(wheel_directory), "tiny", {"tiny.pth": str(root)}, needs)
"""


def write_wheel(folder: Path, name: str, files: dict[str, str], needs: list[str]) -> str:
    about = f"{name}-1.dist-info"
    metadata = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1", *needs]
    format_ = ["Wheel-Version: 1.0", "Root-Is-Purelib: true", "Tag: py3-none-any"]
    contents = files | {
        f"{about}/METADATA": "\n".join([*metadata, ""]),
        f"{about}/WHEEL": "\n".join([*format_, ""]),
        f"{about}/RECORD": "",
    }
    with zipfile.ZipFile(folder / f"{name}-1-py3-none-any.whl", "w") as wheel:
        for path, content in contents.items():
            wheel.writestr(path, content)
    return f"{name}-1-py3-none-any.whl"


class Tree:
    """A tiny project with the launcher in it, and the environment variables it is run with."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "tiny"
        self.venv = self.root / ".venv"
        self.record = self.venv / "openings-installed.json"
        wheels = folder / "wheels"
        for directory in (self.root / "api", wheels, folder / "home"):
            directory.mkdir(parents=True)
        shutil.copy(LAUNCHER, self.root)
        write_wheel(wheels, "stub_tool", {"stub_tool.py": ""}, [])
        (self.root / "pyproject.toml").write_text(PYPROJECT)
        (self.root / "api" / "cli.py").write_text(CLI)
        imports = "import tomllib, zipfile\nfrom pathlib import Path\n\n"
        source = imports + inspect.getsource(write_wheel) + BACKEND
        (self.root / "backend.py").write_text(source)
        self.environment = {
            "HOME": str(folder / "home"),
            "PATH": os.environ["PATH"],
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_FIND_LINKS": str(wheels),
            "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
            "PIP_NO_INDEX": "1",
            "https_proxy": "http://127.0.0.1:9",  # nor is there a way to any other index
        }

    def start(
        self,
        *arguments: str,
        cwd: Path | None = None,
        python: str = sys.executable,
        launcher: Path | None = None,
        **environment: str,
    ) -> subprocess.Popen[str]:
        """Begin a start; it has a process group of its own."""
        return subprocess.Popen(  # noqa: S603 (the program under test)
            [python, str(launcher or self.root / "openings"), *arguments],
            cwd=cwd,
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **options: object) -> "Ended":
        """Make a start and wait for its end."""
        return Ended(self.start(*arguments, **options))  # type: ignore[arg-type]  # as start's

    def has(self, module: str) -> bool:
        """Whether the environment can import a module."""
        python = self.venv / "bin" / "python"
        status = subprocess.call(  # noqa: S603 (an interpreter made here)
            [python, "-P", "-c", f"import {module}"], stderr=subprocess.DEVNULL
        )
        return status == 0

    def pause_installation(self) -> None:
        """Let the next installation wait in its middle: `begun` is written, then `go-on` read."""
        os.mkfifo(self.root / "begun")
        os.mkfifo(self.root / "go-on")

    def wait_for_installation(self) -> None:
        """Return when the next installation stands in its middle; the one after it will not."""
        (self.root / "begun").read_text()
        (self.root / "begun").unlink()

    def go_on(self) -> None:
        """Let the waiting installation go on."""
        (self.root / "go-on").write_text("")


class Ended:
    """What a start left: exit status, what the stub printed, what the person was told."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.out, self.told = process.communicate()
        self.status = process.returncode

    @property
    def seen(self) -> list[object]:
        """What reached the stub: arguments, working directory, environment, Python version."""
        return list(json.loads(self.out))


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """A tree that was started once. For tests that leave it as it is."""
    tree = Tree(tmp_path_factory.mktemp("installed"))
    first = tree.run("demo")
    assert (first.status, first.seen[0]) == (0, ["demo"]), first.told
    assert "Setting up Openings" in first.told
    return tree


@pytest.fixture
def ready(installed: Tree, tree: Tree) -> Tree:
    """A tree that was started once, to do anything with: a copy, since installing takes seconds."""
    shutil.copytree(installed.venv, tree.venv, symlinks=True)
    for file in (tree.record, *tree.venv.glob("lib/*/site-packages/tiny.pth")):
        file.write_text(file.read_text().replace(str(installed.root), str(tree.root)))
    return tree


def snapshot(folder: Path) -> dict[Path, int]:
    return {path: path.lstat().st_mtime_ns for path in folder.rglob("*")}


def test_the_first_start_installs_and_the_second_touches_nothing(installed: Tree) -> None:
    before = snapshot(installed.venv)
    second = installed.run("demo")
    assert (second.status, second.told) == (0, "")
    assert second.seen[2] == str(installed.venv)
    assert snapshot(installed.venv) == before


def test_an_ordinary_start_loads_nothing_that_only_an_installation_needs(installed: Tree) -> None:
    imported = installed.run("demo", PYTHONPROFILEIMPORTTIME="1").told
    assert "json" in imported
    assert not {"fcntl", "ssl", "subprocess"} & set(imported.split())


def test_arguments_and_exit_status_pass_through_as_they_are(installed: Tree) -> None:
    ended = installed.run("book", "two words", "--now", "", "*", "37")
    assert ended.status == 37
    assert ended.seen[0] == ["book", "two words", "--now", "", "*", "37"]


def test_the_callers_folder_stays_and_its_modules_do_not_get_in(
    installed: Tree, tmp_path: Path
) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "cli.py").write_text("print('the wrong one')")
    ended = installed.run("import", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert ended.status == 0
    assert ended.seen[1] == str(tmp_path)


def test_it_can_be_called_through_a_symlink(installed: Tree, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(installed.root / "openings")
    ended = installed.run("demo", cwd=tmp_path, launcher=Path("link"))
    assert (ended.status, ended.told) == (0, "")
    assert ended.seen[1:3] == [str(tmp_path), str(installed.venv)]


def test_it_is_executable_and_finds_python_by_itself() -> None:
    assert LAUNCHER.stat().st_mode & stat.S_IXUSR
    assert LAUNCHER.read_text().startswith("#!/usr/bin/env python3\n")


def test_an_old_python_can_read_it() -> None:
    ast.parse(LAUNCHER.read_text(), feature_version=(3, 5))


def pretend_old(installed: Tree, path: Path) -> Ended:
    """Run the launcher in a Python that says it is 3.9, with only the interpreters in `path`."""
    launcher = path / "old.py"
    launcher.write_text(
        "import runpy, sys\n"
        "sys.version_info = (3, 9, 2, 'final', 0)\n"
        f"runpy.run_path({str(installed.root / 'openings')!r}, run_name='__main__')\n"
    )
    return installed.run("demo", launcher=launcher, PATH=str(path))


def test_a_python_too_old_is_told_in_one_sentence(installed: Tree, tmp_path: Path) -> None:
    ended = pretend_old(installed, tmp_path)
    assert ended.status == 2
    assert ended.told == "Openings needs Python 3.11 or newer, and this is Python 3.9.\n"


def test_a_python_too_old_hands_over_to_one_that_works(installed: Tree, tmp_path: Path) -> None:
    for name, script in (
        ("python3.11", "exit 127"),
        ("python3.12", f'exec "{sys.executable}" "$@"'),
    ):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    ended = pretend_old(installed, tmp_path)
    assert (ended.status, ended.told) == (0, "")
    assert ended.seen[0] == ["demo"]


def test_a_changed_pyproject_is_installed_and_extras_stay(ready: Tree) -> None:
    assert not ready.has("stub_tool")
    assert "up to date" in ready.run("test").told
    assert ready.has("stub_tool")
    assert ready.run("check").told == ready.run("demo").told == ""
    write_wheel(Path(ready.environment["PIP_FIND_LINKS"]), "another", {"another.py": ""}, [])
    changed = PYPROJECT.replace("dependencies = []", 'dependencies = ["another"]', 1)
    (ready.root / "pyproject.toml").write_text(changed)
    assert "up to date" in ready.run("demo").told
    assert ready.has("another")
    assert json.loads(ready.record.read_text())["extras"] == "dev"


def test_postgresql_in_the_settings_asks_for_its_driver(tree: Tree) -> None:
    needs = PYPROJECT.replace("dev = [", "postgres = [")
    (tree.root / "pyproject.toml").write_text(needs)
    tree.run("demo", OPENINGS_DATABASE_URL="postgresql://localhost/openings")
    assert tree.has("stub_tool")


def test_what_pip_cannot_find_is_said_and_what_was_there_stays(ready: Tree) -> None:
    changed = PYPROJECT.replace("dependencies = []", 'dependencies = ["nowhere-to-be-had"]', 1)
    (ready.root / "pyproject.toml").write_text(changed)
    ended = ready.run("demo")
    assert (ended.status, ended.out) == (1, "")
    assert "No matching distribution found for nowhere-to-be-had" in ended.told
    assert "run the same command again" in ended.told
    (ready.root / "pyproject.toml").write_text(PYPROJECT)
    assert ready.run("demo").told == ""


def test_a_moved_project_is_installed_anew(ready: Tree) -> None:
    ready.root = ready.root.rename(ready.root.with_name("moved"))
    ready.venv = ready.root / ".venv"
    ended = ready.run("demo")
    assert "Setting up Openings" in ended.told
    assert ended.seen[2] == str(ready.venv)


def test_an_environment_whose_python_is_gone_is_made_anew(ready: Tree) -> None:
    give_python(ready, ready.root / "gone")
    record = json.loads(ready.record.read_text()) | {"interpreter": str(ready.root / "gone")}
    ready.record.write_text(json.dumps(record))
    ended = ready.run("demo")
    assert "Setting up Openings" in ended.told
    assert ended.status == 0


def test_an_environment_whose_python_was_replaced_is_made_anew(ready: Tree) -> None:
    upgraded = ready.root / "python4"
    upgraded.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    upgraded.chmod(0o755)
    give_python(ready, upgraded)
    assert "Setting up Openings" in ready.run("demo").told


def give_python(tree: Tree, python: Path) -> None:
    """Let the environment's interpreter be another, as when the system's Python was upgraded."""
    (tree.venv / "bin" / "python").unlink()
    (tree.venv / "bin" / "python").symlink_to(python)


def test_an_environment_made_by_hand_is_taken_over(tree: Tree) -> None:
    venv.create(tree.venv, with_pip=False, symlinks=True)
    (tree.venv / "kept").touch()
    ended = tree.run("demo")
    assert ended.status == 0
    assert "up to date" in ended.told
    assert (tree.venv / "kept").exists()


def test_a_folder_of_something_else_is_left_alone(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "home" / "letters.txt").write_text("dear")
    ended = tree.run("demo", cwd=tmp_path, OPENINGS_VENV="home")
    assert ended.status == 1
    assert "OPENINGS_VENV" in ended.told
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["letters.txt"]


def test_two_first_starts_at_once_install_once(tree: Tree) -> None:
    tree.pause_installation()
    first = tree.start("one")
    tree.wait_for_installation()
    second = tree.start("two")
    assert second.stderr
    assert "waiting" in second.stderr.readline()
    tree.go_on()
    ended = [Ended(first), Ended(second)]
    assert [end.seen[0] for end in ended] == [["one"], ["two"]]
    assert "Setting up" in ended[0].told
    assert ended[1].told == ""


@pytest.fixture
def _at_a_keyboard() -> Iterator[None]:
    """What is started in the background ignores interruptions, and so would what it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_at_a_keyboard")
def test_an_interruption_by_the_keyboard_is_no_traceback(ready: Tree) -> None:
    ready.pause_installation()
    first = ready.start("test")
    ready.wait_for_installation()
    os.killpg(first.pid, signal.SIGINT)
    ended = Ended(first)
    assert ended.status == 130
    assert ended.told.endswith("Interrupted. The same command begins again.\n")
    assert not ready.record.exists()


def test_a_killed_installation_is_waited_for_and_done_anew(ready: Tree) -> None:
    ready.pause_installation()
    first = ready.start("test")
    ready.wait_for_installation()
    first.kill()  # its pip lives on, and still writes
    Ended(first)
    second = ready.start("demo")
    assert second.stderr
    assert "waiting" in second.stderr.readline()
    (ready.venv / "half-written").touch()
    ready.go_on()
    ended = Ended(second)
    assert (ended.status, ended.seen[0]) == (0, ["demo"])
    assert "Setting up" in ended.told
    assert not (ready.venv / "half-written").exists()


# Pythons that come without pip


@pytest.fixture(scope="module")
def pip_wheel() -> Path:
    """The pip that comes with this Python."""
    bundled = Path(sysconfig.get_path("stdlib"), "ensurepip", "_bundled")
    wheels = [*bundled.glob("pip-*.whl"), *Path("/usr/share/python-wheels").glob("pip-*.whl")]
    if not wheels:
        pytest.skip("this Python brings no pip wheel to try with (Debian: python3-venv has one)")
    return wheels[0]


@pytest.fixture
def bare_python(tmp_path: Path) -> str:
    """This Python without ensurepip and pip, as Debian's package python3 alone installs it."""
    base = Path(sys._base_executable).resolve()  # type: ignore[attr-defined]
    version = "python{}.{}".format(*sys.version_info[:2])
    library = tmp_path / "bare" / "lib" / version
    library.mkdir(parents=True)
    for entry in Path(sysconfig.get_path("stdlib")).iterdir():
        if entry.name not in {"ensurepip", "site-packages", "EXTERNALLY-MANAGED"}:
            (library / entry.name).symlink_to(entry)
    (tmp_path / "bare" / "bin").mkdir()
    return str(shutil.copy(base, tmp_path / "bare" / "bin" / version))


def output_of(python: str, code: str) -> str:
    return subprocess.check_output([python, "-c", code], text=True).strip()  # noqa: S603 (made here)


def test_without_ensurepip_a_pip_at_hand_serves(
    tree: Tree, bare_python: str, pip_wheel: Path
) -> None:
    site = Path(output_of(bare_python, "import site; print(site.getsitepackages()[0])"))
    with zipfile.ZipFile(pip_wheel) as wheel:
        wheel.extractall(site)
    shutil.copy(pip_wheel, tree.environment["PIP_FIND_LINKS"])
    ended = tree.run("test", python=bare_python)
    assert ended.status == 0, ended.told
    assert tree.has("stub_tool")


@pytest.fixture
def index(tmp_path: Path, pip_wheel: Path) -> Iterator[str]:
    """A package index on this machine that offers one pip; its URL, with a login in it."""
    page = tmp_path / "index" / "simple" / "pip" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text(f'<a href="../../{pip_wheel.name}#sha256=0">{pip_wheel.name}</a>')
    shutil.copy(pip_wheel, tmp_path / "index")
    handler = partial(Guarded, directory=str(tmp_path / "index"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://me:s%40crt@127.0.0.1:{server.server_port}/simple"
        server.shutdown()


class Guarded(http.server.SimpleHTTPRequestHandler):
    """Serves files to who logs in as `me` with `s@crt`, and keeps no log."""

    def do_GET(self) -> None:
        if self.headers["Authorization"] == "Basic bWU6c0BjcnQ=":
            super().do_GET()
        else:
            self.send_error(401)

    def log_message(self, *_: object) -> None:
        pass


def test_without_any_pip_one_is_fetched_from_the_configured_index(
    tree: Tree, bare_python: str, pip_wheel: Path, index: str
) -> None:
    digest = hashlib.sha256(pip_wheel.read_bytes()).hexdigest()
    names = inspect.cleandoc(f"""
        PIP_WHEEL = "{pip_wheel.name}"
        PIP_SHA256 = "{digest}"
    """)
    replace_pip_constants(tree, names)
    configuration = tree.root / "pip.conf"
    configuration.write_text(f"[global]\nindex-url = {index}\n")
    tree.environment["PIP_INDEX_URL"] = ""
    ended = tree.run("test", python=bare_python, PIP_CONFIG_FILE=str(configuration))
    assert ended.status == 0, ended.told
    assert tree.has("stub_tool")
    assert not (tree.venv / pip_wheel.name).exists()


def test_without_any_pip_and_index_one_comes_out_of_debians_packages(
    tree: Tree, bare_python: str, pip_wheel: Path, tmp_path: Path
) -> None:
    scripts = tmp_path / "debian-tools"
    scripts.mkdir()
    write_script(
        scripts / "apt-get",
        'for word in "$@"; do [ "$word" = python3-pip-whl ] && : > python3-pip-whl.deb; done; true',
    )
    wheels = "$3/usr/share/python-wheels"
    write_script(scripts / "dpkg-deb", f'mkdir -p "{wheels}" && cp "{pip_wheel}" "{wheels}"')
    tree.environment["PIP_INDEX_URL"] = ""
    path = f"{scripts}{os.pathsep}{os.environ['PATH']}"
    ended = tree.run("test", python=bare_python, PATH=path, PIP_CONFIG_FILE=os.devnull)
    assert ended.status == 0, ended.told
    assert tree.has("stub_tool")
    assert not (tree.venv / "debian").exists()


def write_script(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def replace_pip_constants(tree: Tree, constants: str) -> None:
    """Let the launcher look for another pip than it does for people."""
    launcher = tree.root / "openings"
    lines = launcher.read_text().splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith("PIP_WHEEL"))
    lines[at : at + 2] = [constants + "\n"]
    launcher.write_text("".join(lines))


def test_a_pip_that_is_not_the_expected_one_is_not_run(
    tree: Tree, bare_python: str, pip_wheel: Path, index: str
) -> None:
    replace_pip_constants(tree, f'PIP_WHEEL = "{pip_wheel.name}"\nPIP_SHA256 = "{64 * "0"}"')
    ended = tree.run("demo", python=bare_python, PIP_INDEX_URL=index)
    assert ended.status == 1
    assert "is something else" in ended.told
    assert "s%40crt" not in ended.told
    assert not tree.has("pip")


def test_without_any_pip_and_index_it_says_what_to_install(tree: Tree, bare_python: str) -> None:
    ended = tree.run("demo", python=bare_python)
    assert ended.status == 1
    assert "apt install python{}.{}-venv".format(*sys.version_info[:2]) in ended.told
