"""Counting how searches end, in memory, and writing the sums down now and then.

A search does not wait for a write, and no row tells when it was. What was counted since the last
write is lost when a process is killed: these are statistics, and nobody is owed them.
"""

from collections import Counter
from datetime import datetime, timedelta
from threading import Lock

from litestar.concurrency import sync_to_thread
from litestar.datastructures import State

from directory.commands.search_counts import add_counts
from directory.database import Database
from directory.errors import BusyError, UnavailableError
from directory.search_query import Answer, Asked, SearchQuery
from directory.unmet_need import Kind, Outcome, kind_of, most_common

EVERY = timedelta(minutes=1)

_AGAINST = {
    Asked.ELIGIBLE: Outcome.NOT_ELIGIBLE,
    Asked.STEP_FREE: Outcome.STEPS,
    Asked.REMOTE: Outcome.NOT_REMOTE,
    Asked.LANGUAGE: Outcome.LANGUAGE,
    Asked.FREE: Outcome.COST,
    Asked.PRICE: Outcome.COST,
    Asked.ROOM: Outcome.FULL,
    Asked.TIME: Outcome.NO_TIME,
    Asked.OPEN: Outcome.CLOSED,
}


class SearchTally:
    """The searches of this process that are not written down yet."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counted: Counter[Kind] = Counter()
        self._written_at: datetime | None = None

    def note(self, query: SearchQuery, answer: Answer, *, now: datetime) -> None:
        """Count a search; a later page of one is none."""
        if query.after is not None:
            return
        kind = kind_of(
            needs=query.needs,
            words=query.words,
            origin=query.origin,
            total=answer.total,
            outcome=outcome_of(answer),
            now=now,
        )
        with self._lock:
            self._counted[kind] += 1
            self._written_at = self._written_at or now

    def is_due(self, now: datetime) -> bool:
        """Say whether there is something to write, and it was not written for a while."""
        with self._lock:
            return (
                bool(self._counted)
                and self._written_at is not None
                and now - self._written_at >= EVERY
            )

    def write(self, database: Database, *, now: datetime) -> None:
        """Write the sums down; when the database is busy, with the next."""
        with self._lock:
            taken, self._counted = self._counted, Counter()
            self._written_at = now
        if not taken:
            return
        try:
            with database.transaction() as session:
                add_counts(session, taken, now=now)
        except (BusyError, UnavailableError):
            with self._lock:
                self._counted += taken


def outcome_of(answer: Answer) -> Outcome:
    """Say how a search ended."""
    if answer.total:
        return Outcome.FARTHER if answer.widened else Outcome.FOUND
    if answer.refused:
        return Outcome.NOT_ELIGIBLE
    return most_common([_AGAINST[each.asked] for each in answer.excluded_nearer])


async def write_if_due(state: State) -> None:
    """Write down how searches ended, after a response, so that nobody waits for it."""
    if state.tally.is_due(state.clock()):
        await sync_to_thread(write_now, state)


def write_now(state: State) -> None:
    """Write down how searches ended."""
    state.tally.write(state.database, now=state.clock())
