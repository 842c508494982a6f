"""The command line: ``openings COMMAND``. One file for each group of commands.

A command's module is imported when the command is run, so that none waits for the others.
"""

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import rich_click as click

from api.settings import Settings, SettingsError
from directory.errors import DomainError

#: Command, the module it is in, and what it does in a line.
COMMANDS = {
    "demo": ("api.cli.serving", "Try it out: a demo county, a web server and the worker."),
    "serve": ("api.cli.serving", "Serve pages and the API."),
    "worker": ("api.cli.serving", "Do what has to be done by the clock."),
    "migrate": ("api.cli.database", "Make or update the tables."),
    "import": ("api.cli.database", "Bring a directory in."),
    "export": ("api.cli.exchange", "Write the directory out for others."),
    "needs": ("api.cli.needs", "Which everyday needs services meet."),
    "report": ("api.cli.unmet_need", "Reports for those who run and fund the network."),
    "seed": ("api.cli.database", "Fill the database with the demo county."),
    "key": ("api.cli.access", "Keys for software."),
    "user": ("api.cli.access", "Accounts for people."),
    "outbox": ("api.cli.outbox", "Print the e-mails that wait."),
    "bench": ("api.cli.bench", "Measure against the ceiling, in the same run."),
    "test": ("api.cli.development", "Run all tests."),
    "check": ("api.cli.development", "Check style, types, imports, migrations and docs."),
}


class LazyCommands(click.RichGroup):
    """Finds a command's module only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's interface)
        """Return the commands in the order they are told."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command's module."""
        if cmd_name not in COMMANDS:
            return None
        module, short_help = COMMANDS[cmd_name]
        name = {"import": "import_group", "export": "export_group"}.get(cmd_name, cmd_name)
        command: click.Command = getattr(import_module(module), name)
        command.short_help = short_help
        if module != "api.cli.serving":  # which goes on quickly, and then does this itself
            gc.enable()
        return command


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
def openings() -> None:
    """Run a shared directory of community services, and a scheduler that agencies share."""


def settings_from_environment() -> Settings:
    """Read the settings."""
    return Settings.from_environment(os.environ)


def main(arguments: Sequence[str] | None = None) -> Any:
    """Run a command. What a person did wrong ends in a sentence, not in a traceback."""
    try:
        openings.main(arguments, prog_name="openings")
    except (DomainError, SettingsError) as error:
        sys.exit(f"openings: {error}")
