"""Planting a fault in the scheduler: the test of the tests."""

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from scheduling import later
from scheduling.bookable import Prepared


class Fault(NamedTuple):
    """A mistake that somebody could make, as a change of the text of a function."""

    module: ModuleType
    function: str
    right: str
    wrong: str


def plant(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, right: str, wrong: str
) -> None:
    """Replace a piece of the text of a function or a constant, wherever it has been imported.

    Fails when the text is no longer there, so that a fault cannot quietly become none.
    """
    source = _text_of(module, name)
    assert source.count(right) == 1, f"{name} no longer says {right!r} once"
    scope = dict(vars(module))
    exec(source.replace(right, wrong), scope)  # noqa: S102  (our own text, and only in tests)
    replace_everywhere(monkeypatch, name, getattr(module, name), scope[name])


def replace_everywhere(monkeypatch: pytest.MonkeyPatch, name: str, old: Any, new: Any) -> None:
    """Put one thing in the place of another, in every module that has it by name."""
    found = [module for module in _our_modules() if vars(module).get(name) is old]
    assert found
    for module in found:
        monkeypatch.setattr(module, name, new)
    _forget_prepared(monkeypatch)


def _text_of(module: ModuleType, name: str) -> str:
    text = inspect.getsource(module)
    for node in ast.parse(text).body:
        targets = node.targets if isinstance(node, ast.Assign) else [node]
        if any(name in (getattr(it, "name", None), getattr(it, "id", None)) for it in targets):
            return ast.get_source_segment(text, node) or ""
    raise AssertionError(f"{module.__name__} has no {name}.")


def _forget_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let statements be built anew with the fault, and what was built without it come back."""
    monkeypatch.setattr(later, "EDITION", uuid4())
    for module in _our_modules():
        for value in vars(module).values():
            if isinstance(value, Prepared):
                monkeypatch.setattr(value, "_built", cache(inspect.unwrap(value._built)))


def _our_modules() -> Iterator[ModuleType]:
    for path, module in list(sys.modules.items()):
        if path.startswith(("scheduling.", "api.")):
            yield module
