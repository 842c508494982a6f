"""Commands about everyday needs: what other taxonomies' terms mean, and suggestions."""

from contextlib import closing
from itertools import islice

import rich_click as click
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from api.cli import settings_from_environment
from api.cli.console import console
from api.cli.database import open_database
from api.clock import read_the_clock
from directory.commands.needs import accept_suggestions
from directory.commands.taxonomies import update_needs
from directory.needs import NEEDS_BY_CODE
from directory.queries.need_suggestions import find_need_suggestions

_source = click.option("--source", help="Only services from this directory.")
_need = click.option("--need", type=click.Choice(list(NEEDS_BY_CODE)), help="Only this need.")


@click.group()
def needs() -> None:
    """Which everyday needs services meet."""


@needs.command("map")
def map_terms() -> None:
    """Bring the words for needs, and what other taxonomies' terms mean, up to date.

    An import does so by itself; run this once after an update of Openings.
    """
    now = read_the_clock()
    with closing(open_database(settings_from_environment())) as database:
        with database.transaction() as session:
            mapped, refreshed = update_needs(session, now=now)
    console.print(f"{mapped} more terms mean everyday needs; {refreshed} search rows made.")


@needs.command()
@_source
@_need
@click.option("--at-least", type=click.IntRange(0, 100), default=70, help="How sure, in percent.")
@click.option("--limit", type=click.IntRange(1), default=200, help="So many at most.")
def suggest(source: str | None, need: str | None, at_least: int, limit: int) -> None:
    """List needs that the words of services suggest, where nobody said any. Changes nothing."""
    table = Table(box=SIMPLE)
    for heading in ("sure", "need", "because of", "service"):
        table.add_column(heading, justify="right" if heading == "sure" else "left")
    with closing(open_database(settings_from_environment())) as database:
        with database.reading() as session:
            found = find_need_suggestions(session, source=source, at_least=at_least, need=need)
            for each in islice(found, limit):
                sure, words = each.suggestion.sure, each.suggestion.words
                name = escape(each.service_name)
                table.add_row(str(sure), each.suggestion.need, escape(words), name)
    console.print(table)
    console.print("Accept with: openings needs accept --source NAME --at-least 90")


@needs.command()
@click.option("--source", required=True, help="Only services from this directory.")
@_need
@click.option(
    "--at-least", type=click.IntRange(1, 100), required=True, help="How sure, in percent."
)
def accept(source: str, need: str | None, at_least: int) -> None:
    """Accept suggestions. Searches find them; they are marked as suggested."""
    with closing(open_database(settings_from_environment())) as database:
        with database.transaction() as session:
            found = list(
                find_need_suggestions(session, source=source, at_least=at_least, need=need)
            )
            services = accept_suggestions(session, found, now=read_the_clock())
    console.print(f"{len(found)} needs accepted for {services} services.")
