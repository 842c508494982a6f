"""What is imported is declared: an installation has nothing of what only development needs."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parent.parent
#: Brought along by an extra that is declared: ``litestar[jinja]``.
BROUGHT_ALONG = {"jinja2", "markupsafe"}

ROOMS = ("api", "directory", "geo", "migrations", "scheduling", "seed")


def imported(path: Path) -> set[str]:
    """Return the packages that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def name_of(requirement: str) -> str:
    return re.split(r"[\[<>=;~! ]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def test_every_import_of_the_application_is_a_dependency_of_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    postgres = project["optional-dependencies"]["postgres"]
    declared = {name_of(each) for each in (*project["dependencies"], *postgres)}
    installed = packages_distributions()

    used = {
        package
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for package in imported(path)
    }
    foreign = used - sys.stdlib_module_names - BROUGHT_ALONG - set(ROOMS)

    undeclared = {
        package
        for package in foreign
        if declared.isdisjoint(name_of(each) for each in installed.get(package, [package]))
    }
    assert undeclared == set()
