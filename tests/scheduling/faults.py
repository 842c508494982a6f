"""Planting a fault in a function: the test of the tests."""

import inspect
import sys
import textwrap
from collections.abc import Callable
from typing import Any

import pytest


def plant(
    monkeypatch: pytest.MonkeyPatch, function: Callable[..., Any], right: str, wrong: str
) -> None:
    """Replace a piece of a function's text, wherever the scheduler has imported the function.

    Fails when the text is no longer there, so that a fault cannot quietly become none.
    """
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(right) == 1, f"{function.__qualname__} no longer says {right!r} once"
    home = sys.modules[function.__module__]
    scope = dict(vars(home))
    exec(source.replace(right, wrong), scope)  # noqa: S102  (our own text, and only in tests)
    replace_everywhere(monkeypatch, function, scope[function.__name__])


def replace_everywhere(
    monkeypatch: pytest.MonkeyPatch, function: Callable[..., Any], other: Callable[..., Any]
) -> None:
    """Put another function in the place of one, in every module that has it by name."""
    found = [
        module
        for name, module in sys.modules.items()
        if name.startswith(("scheduling.", "api."))
        and vars(module).get(function.__name__) is function
    ]
    assert found
    for module in found:
        monkeypatch.setattr(module, function.__name__, other)
