"""Whether what searches read says what the directory says."""

import sys
from contextlib import closing

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from api.cli import settings_from_environment
from api.cli.console import console
from api.cli.database import open_database
from api.clock import read_the_clock
from directory.index import BATCH, find_stale_services, refresh_services


def check_deep(*, repair: bool) -> None:
    """Compare every search row with what it is made of; ends with 1 where some differ.

    Making rows anew is done some at a time: nobody waits for long, and no search sees less than
    it did before.
    """
    now = read_the_clock()
    with closing(open_database(settings_from_environment())) as database:
        with database.reading() as session, _progress() as progress:
            task = progress.add_task("Comparing", total=None)

            def tell(done: int, total: int) -> None:
                progress.update(task, completed=done, total=total)

            stale = sorted(find_stale_services(session, now=now, told=tell))
        if not stale:
            console.print("Every search row says what its records say.")
            return
        console.print(f"Services whose search rows differ from their records: {len(stale)}.")
        if not repair:
            sys.exit("Make them anew with: openings check --deep --repair")
        for start in range(0, len(stale), BATCH):
            with database.transaction() as session:
                refresh_services(session, stale[start : start + BATCH], now=now)
        console.print("They were made anew.")


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=console
    )
