"""Every test that the page of abuse cases names is there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[a-z_/0-9]+\.py)::(test_[a-z0-9_]+)`")


def functions_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_each_case_has_its_test() -> None:
    page = (ROOT / "docs/reference/abuse-cases.md").read_text()
    cases = [line for line in page.splitlines() if line.startswith("| T")]

    named = [NAMED.findall(line) for line in cases]

    assert all(named)
    for path, name in (one for case in named for one in case):
        assert name in functions_of(path), f"{path} has no {name}"
