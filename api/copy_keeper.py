"""Keeping a process's copy of the search rows current: one look at the database for many requests.

What a request is answered from has to be as new as the request. So it waits for a look that began
after it came; all that come meanwhile share the next one.
"""

import asyncio
import threading
from collections.abc import Hashable

import sqlalchemy as sa
import structlog
from litestar.concurrency import sync_to_thread

from directory.database import Database
from directory.errors import BusyError, UnavailableError
from directory.search_copy.answering import remember_rows
from directory.search_copy.copy import SearchCopy
from directory.watch import Watch

logger = structlog.get_logger(__name__)


class CopyKeeper:
    """Looks after one copy, for the requests of one event loop."""

    def __init__(self, copy: SearchCopy) -> None:
        self.copy = copy
        self._watch: Watch | None = None
        self._moment: Hashable = None
        self._running: asyncio.Task[bool] | None = None
        self._next: asyncio.Task[bool] | None = None
        self._loading = threading.Lock()

    async def refreshed(self, database: Database) -> bool:
        """Wait until the copy is as of now or later, and say whether it can be asked."""
        if database.is_sqlite and self._nothing_changed(database):
            return True
        if self._next is None:
            self._next = asyncio.create_task(self._look_next(database))
        return await asyncio.shield(self._next)

    def _nothing_changed(self, database: Database) -> bool:
        """Look on the spot: SQLite needs nobody's answer to say that nobody wrote."""
        if self._running is not None and not self._running.done():
            return False  # it uses the connection
        try:
            return self.copy.is_loaded and self._watch_of(database).moment() == self._moment
        except sa.exc.OperationalError:  # somebody keeps everybody out
            return False

    async def _look_next(self, database: Database) -> bool:
        if self._running is not None:
            await asyncio.wait([self._running])
        self._running, self._next = self._next, None
        return await sync_to_thread(self._look, database)

    def _look(self, database: Database) -> bool:
        try:
            moment = self._watch_of(database).moment()
            if moment == self._moment and self.copy.is_loaded:
                return True
            with database.reading() as session:
                if self.copy.refresh(session) is not None:
                    self._moment = moment
                    return True
        except (BusyError, UnavailableError, sa.exc.OperationalError):
            return False
        self.load(database)
        return False

    def _watch_of(self, database: Database) -> Watch:
        if self._watch is None or self._watch.database is not database:
            self.close()
            self._watch = Watch(database)
        return self._watch

    def load(self, database: Database) -> None:
        """Read all rows in the background, unless that is done or being done; then them whole."""
        if not self.copy.is_loaded and self._loading.acquire(blocking=False):
            threading.Thread(target=self._load, args=[database], daemon=True).start()

    def _load(self, database: Database) -> None:
        try:
            with database.snapshot() as session:
                self.copy.load(session)
            with database.snapshot() as session:
                remember_rows(self.copy, session)
        except Exception:
            logger.exception("search_copy_not_loaded")  # the tables still answer
        finally:
            self._loading.release()

    def close(self) -> None:
        """Give back what is held of the database."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None
