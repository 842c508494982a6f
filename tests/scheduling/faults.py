"""Planting a fault in a function: the test of the tests."""

import inspect
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest


def plant(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, right: str, wrong: str
) -> None:
    """Replace a piece of a function's text, wherever the scheduler has imported the function.

    Fails when the text is no longer there, so that a fault cannot quietly become none.
    """
    function = getattr(module, name)
    source = inspect.getsource(function)
    assert source.count(right) == 1, f"{name} no longer says {right!r} once"
    scope = dict(vars(module))
    exec(source.replace(right, wrong), scope)  # noqa: S102  (our own text, and only in tests)
    replace_everywhere(monkeypatch, function, scope[name])


def replace_everywhere(
    monkeypatch: pytest.MonkeyPatch, function: Callable[..., Any], other: Callable[..., Any]
) -> None:
    """Put another function in the place of one, in every module that has it by name."""
    found = [
        module
        for path, module in sys.modules.items()
        if path.startswith(("scheduling.", "api."))
        and vars(module).get(function.__name__) is function
    ]
    assert found
    for module in found:
        monkeypatch.setattr(module, function.__name__, other)
