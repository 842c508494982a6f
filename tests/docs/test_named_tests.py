"""Every test that the tables of what can go wrong name is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[a-z_/0-9]+\.py)::(test_[a-z0-9_]+)`")

#: Each page, and how a line of its table begins.
PAGES = {"abuse-cases.md": "| T", "peers-failures.md": "| P"}


def functions_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("page", PAGES)
def test_each_line_has_its_test(page: str) -> None:
    text = (ROOT / "docs/reference" / page).read_text()
    lines = [line for line in text.splitlines() if line.startswith(PAGES[page])]

    named = [NAMED.findall(line) for line in lines]

    assert named
    assert all(named)
    for path, name in (one for line in named for one in line):
        assert name in functions_of(path), f"{path} has no {name}"


@pytest.mark.parametrize("page", PAGES)
def test_no_number_is_given_twice(page: str) -> None:
    text = (ROOT / "docs/reference" / page).read_text()
    numbers = [int(one) for one in re.findall(rf"(?m)^{re.escape(PAGES[page])}(\d+)", text)]

    assert numbers == sorted(set(numbers))
