"""Whether what searches read says what the directory says."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing, nullcontext
from datetime import datetime
from uuid import UUID

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from api.cli import settings_from_environment
from api.cli.console import console
from api.cli.database import open_database
from api.clock import read_the_clock
from directory.database import Database
from directory.index import BATCH, find_stale_services, mend_services
from directory.search_upkeep import (
    count_index_mistakes,
    find_wrong_words,
    make_index_anew,
    mend_vocabulary,
)


def check_deep(*, repair: bool, at_once: bool = False) -> None:
    """Compare all that searches read with what it is made of; ends with 1 where some differs.

    The index for words comes first, since what is made anew is looked up in it; the vocabulary
    is compared with it, so only once it is right. Making rows anew is done some at a time:
    nobody waits for long, and no search sees less than it did before. Or ``at_once``: searches
    see all of the old rows until they see all of the new ones.
    """
    now = read_the_clock()
    with closing(open_database(settings_from_environment())) as database:
        index = _check_index(database, repair=repair)
        rows = _check_rows(database, now, repair=repair, at_once=at_once)
        words = (repair or not index) and _check_vocabulary(database, repair=repair)
    if not (index or rows or words):
        console.print("Every search row says what its records say, and is found by its words.")
    elif repair:
        console.print("They were made anew.")
    else:
        sys.exit("Make them anew with: openings check --deep --repair")


def _check_index(database: Database, *, repair: bool) -> int:
    """Return in how many places the index for words differs from the search rows."""
    with database.snapshot() as session:
        mistakes = count_index_mistakes(session)
    if mistakes:
        console.print(f"Differences between the index for words and the rows: {mistakes}.")
        if repair:
            with database.transaction() as session:
                make_index_anew(session)
    return mistakes


def _check_rows(database: Database, now: datetime, *, repair: bool, at_once: bool) -> int:
    """Return how many services have search rows that differ from their records."""
    with database.snapshot() as session, _progress() as progress:
        task = progress.add_task("Comparing", total=None)

        def tell(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        stale = sorted(find_stale_services(session, now=now, told=tell))
    if stale:
        console.print(f"Services whose search rows differ from their records: {len(stale)}.")
    if repair:
        _make_anew(database, stale, now, at_once=at_once)
    return len(stale)


def _make_anew(
    database: Database, service_ids: Sequence[UUID], now: datetime, *, at_once: bool
) -> None:
    with ExitStack() as stack:
        whole = stack.enter_context(database.transaction()) if at_once else None
        progress = stack.enter_context(_progress())
        batches = range(0, len(service_ids), BATCH)
        for start in progress.track(batches, description="Making anew"):
            some = service_ids[start : start + BATCH]
            with database.transaction() if whole is None else nullcontext(whole) as session:
                mend_services(session, some, now=now)


def _check_vocabulary(database: Database, *, repair: bool) -> int:
    """Return how many words are missing in the vocabulary, or are in no row any more."""
    with database.snapshot() as session:
        missing, left = map(len, find_wrong_words(session))
    if missing or left:
        console.print(
            f"Words for the correction of typos: {missing} missing, {left} that no row has."
        )
        if repair:
            with database.transaction() as session:
                mend_vocabulary(session)
    return missing + left


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=console
    )
