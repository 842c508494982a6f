"""The reference is made from the code; these tests say when it is behind.

``OPENINGS_UPDATE_DOCS=1`` writes what they expect.
"""

import os
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest
import rich_click as click

from api.app import API_HANDLERS, PLAIN_HANDLERS, create_app
from api.cli import COMMANDS, openings
from api.handlers import hsds
from api.problems import STATUS_OF
from api.settings import Settings
from directory.errors import DomainError
from seed import county  # its refusal is told too

REFERENCE = Path(__file__).parent.parent.parent / "docs" / "reference"


def expect(name: str, text: str) -> None:
    path = REFERENCE / name
    if os.environ.get("OPENINGS_UPDATE_DOCS"):
        path.write_text(text)
    assert path.read_text() == text, f"Run with OPENINGS_UPDATE_DOCS=1 to update {name}."


def test_every_setting_is_in_the_reference() -> None:
    lines = [
        "# Settings",
        "",
        (
            "Read once, at start, from environment variables. A wrong value stops the start and "
            "names the variable."
        ),
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for setting in fields(Settings):
        default = str(setting.default) or "(empty)"
        meaning = get_args(setting.type)[1]
        lines.append(f"| `OPENINGS_{setting.name.upper()}` | {default} | {meaning} |")
    expect("settings.md", "\n".join(lines) + "\n")


def commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def test_every_command_is_in_the_reference() -> None:
    lines = ["# Commands", "", "`./openings COMMAND`; `--help` after any of them.", ""]
    for path, command in commands(openings, "openings"):
        arguments = " ".join(
            parameter.make_metavar(click.Context(command))
            for parameter in command.params
            if isinstance(parameter, click.Argument)
        )
        lines += [f"## `{path}{' ' + arguments if arguments else ''}`", ""]
        lines += [" ".join((command.help or "").split()), ""]
        options = [p for p in command.params if isinstance(p, click.Option)]
        if options:
            lines += ["| option | meaning |", "|---|---|"]
            lines += [f"| `{option.opts[0]}` | {option.help} |" for option in options]
            lines += [""]
    expect("commands.md", "\n".join(lines))


def all_refusals(kind: type[DomainError] = DomainError) -> set[type[DomainError]]:
    return {kind}.union(*(all_refusals(k) for k in kind.__subclasses__()))


def test_every_refusal_is_in_the_reference() -> None:
    lines = [
        "# Refusals",
        "",
        (
            "Every refusal is an `application/problem+json` document (RFC 9457). Its `type` is "
            "`/problems/` and the code below, and never changes for the same reason."
        ),
        "",
        "| code | status | meaning |",
        "|---|---|---|",
    ]
    refusals = {e.code: e for e in all_refusals() if "code" in vars(e) and not _of_tests(e)}
    for code, kind in sorted(refusals.items()):
        status = next(STATUS_OF[k] for k in kind.__mro__ if k in STATUS_OF)
        meaning = (kind.__doc__ or "").split("\n\n")[0].replace("\n", " ")
        lines.append(f"| `{code}` | {status} | {' '.join(meaning.split())} |")
    expect("refusals.md", "\n".join(lines) + "\n")
    assert county.AlreadySeededError.code in refusals


def _of_tests(kind: type) -> bool:
    return kind.__module__.startswith("tests.")


def guard_words(handler: Any) -> str:
    words = []
    for guard in handler.guards or ():
        roles = getattr(guard, "roles", None)
        words.append(", ".join(roles) if roles else guard.__name__.replace("_", " "))
    return "; ".join(words)


def test_every_api_route_is_in_the_reference(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path))
    handlers = [*API_HANDLERS, *PLAIN_HANDLERS, *hsds.HANDLERS]
    by_name = {handler.fn: handler for handler in handlers}
    lines = [
        "# API routes",
        "",
        (
            "Described in full by `/api/openapi.json` of a running installation, and what is below "
            "`/hsds` by `/hsds/openapi.json`. Every `GET` is answered as `HEAD` too."
        ),
        "",
        "| call | who | does |",
        "|---|---|---|",
    ]
    rows = set()
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            # Once it is part of the application, the function is wrapped to run in a thread.
            function = getattr(handler.fn, "func", handler.fn)
            if function in by_name:
                does = (function.__doc__ or "").split("\n\n")[0].replace("\n", " ")
                for method in handler.http_methods:
                    rows.add(
                        (route.path, str(method), guard_words(handler), " ".join(does.split()))
                    )
    lines += [f"| `{method} {path}` | {who} | {does} |" for path, method, who, does in sorted(rows)]
    assert len(rows) >= len(by_name) == len(handlers)
    expect("api.md", "\n".join(lines) + "\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    command = openings.get_command(click.Context(openings), name)

    assert command is not None
    assert command.help or isinstance(command, click.Group)
