"""Work that happens by the clock. Wiring only; what is done lives in the domain.

Every tick is safe to run twice, late, or never: no rule depends on a job. Of many processes
one does the work, whoever holds the lock.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import IO, Any, Protocol

import sqlalchemy as sa
import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlmodel import Session

from api.asking import ask_agencies
from api.clock import Clock
from api.mail import post_of, send_messages
from api.settings import Settings
from api.waiting import move_lines_on, tell_of_offers
from directory.commands.accounts import forget_old_sessions
from directory.commands.asking import close_requests
from directory.commands.prices import refresh_prices
from directory.commands.search_counts import report_searches
from directory.commands.suggestions import forget_old_suggestions
from directory.database import Database
from directory.errors import BusyError
from directory.index import refresh_hours
from directory.search_copy.feed import forget_old_changes
from scheduling.commands.agreements import end_overdue_agreements
from scheduling.commands.approvals import decline_unanswered
from scheduling.commands.holds import forget_lapsed_holds
from scheduling.commands.idempotency import forget_old_keys
from scheduling.commands.ticklers import remind
from scheduling.commands.windows import roll_windows

logger = structlog.get_logger(__name__)

#: The advisory lock of the one worker (any constant will do).
WORKER_LOCK = 7_463_002

#: The first ticks wait until the process they may share with a server has started.
FIRST_TICK_AFTER = timedelta(seconds=2)

Tick = Callable[..., int]

#: What is done, and how often, in seconds.
TICKS: tuple[tuple[str, int, Tick], ...] = (
    ("roll_windows", 3600, roll_windows),
    ("end_overdue_agreements", 3600, end_overdue_agreements),
    ("forget_lapsed_holds", 60, forget_lapsed_holds),
    ("decline_unanswered", 60, decline_unanswered),
    ("remind", 300, remind),
    ("refresh_hours", 60, refresh_hours),
    ("refresh_prices", 60, refresh_prices),
    ("forget_old_sessions", 3600, forget_old_sessions),
    ("forget_old_keys", 3600, forget_old_keys),
    ("forget_old_suggestions", 86_400, forget_old_suggestions),
    ("forget_old_changes", 3600, forget_old_changes),
    ("close_requests", 600, close_requests),
    ("report_searches", 3600, report_searches),
)

Errand = Callable[[Database, Settings, Clock], int]


def send_mail(database: Database, settings: Settings, clock: Clock) -> int:
    """Send what waits in the outbox, if there is a mail server."""
    post = post_of(settings)
    return send_messages(database, post, clock) if post is not None else 0


#: What is done like a tick, but bounds its transactions itself: a mail server is never waited
#: for inside of one.
ERRANDS: tuple[tuple[str, int, Errand], ...] = (
    ("ask_agencies", 3600, ask_agencies),
    ("move_lines_on", 20, move_lines_on),
    ("tell_of_offers", 30, tell_of_offers),
    ("send_mail", 30, send_mail),
)


class Leadership(Protocol):
    """A lock that one process of many holds for as long as it lives."""

    def held(self) -> bool:
        """Hold on to the lock, or try to get it; say whether it is ours."""

    def release(self) -> None:
        """Let another process have it."""


class FileLeadership:
    """Leadership over an SQLite file: a lock on a file beside it, freed when the process ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def held(self) -> bool:
        """See ``Leadership``."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._path.open("a")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.close()
                return False
            self._file = file
        return True

    def release(self) -> None:
        """See ``Leadership``."""
        if self._file is not None:
            self._file.close()
            self._file = None


class AdvisoryLeadership:
    """Leadership over a PostgreSQL database: an advisory lock, freed when the connection ends."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine
        self._connection: sa.Connection | None = None
        self._lock = Lock()  # ticks run in several threads

    def held(self) -> bool:
        """See ``Leadership``."""
        with self._lock:
            try:
                return self._ask()
            except sa.exc.DBAPIError:  # the server went away, and the lock with it
                self._connection = None
                return False

    def _ask(self) -> bool:
        if self._connection is not None:
            self._connection.exec_driver_sql("SELECT 1")
            return True
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        got = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({WORKER_LOCK})").scalar()
        if not got:
            connection.close()
            return False
        self._connection = connection
        return True

    def release(self) -> None:
        """See ``Leadership``."""
        with self._lock:
            if self._connection is not None:
                self._connection.invalidate()  # a pooled connection would keep the lock
                self._connection.close()
                self._connection = None


def leadership_of(database: Database, data_dir: Path) -> Leadership:
    """Return the lock that fits the database."""
    if database.is_sqlite:
        return FileLeadership(data_dir / "worker.lock")
    return AdvisoryLeadership(database)


def run_tick(
    database: Database, leadership: Leadership, clock: Clock, name: str, tick: Tick
) -> int | None:
    """Run one tick in one transaction, if this process leads; return what it counted."""
    if not leadership.held():
        return None
    try:
        with database.transaction() as session:
            done = _do(tick, session, clock())
    except BusyError:  # the next tick does it
        return None
    if done:
        logger.info("tick", job=name, done=done)
    return done


def _do(tick: Tick, session: Session, now: datetime) -> int:
    return tick(session, now=now)


def run_errand(
    database: Database,
    leadership: Leadership,
    settings: Settings,
    clock: Clock,
    name: str,
    errand: Errand,
) -> int | None:
    """Run one errand, if this process leads; return what it counted."""
    if not leadership.held():
        return None
    try:
        done = errand(database, settings, clock)
    except BusyError:  # the next time does it
        return None
    if done:
        logger.info("errand", job=name, done=done)
    return done


@contextmanager
def background_jobs(database: Database, settings: Settings, clock: Clock) -> Iterator[None]:
    """Run the jobs in threads of this process for as long as the block lasts."""
    leadership = leadership_of(database, settings.data_dir)
    scheduler = BackgroundScheduler(timezone=UTC)
    jobs: list[tuple[str, int, Callable[..., Any], list[Any]]] = [
        (name, seconds, run_tick, [database, leadership, clock, name, tick])
        for name, seconds, tick in TICKS
    ]
    jobs += [
        (name, seconds, run_errand, [database, leadership, settings, clock, name, errand])
        for name, seconds, errand in ERRANDS
    ]
    for name, seconds, run, arguments in jobs:
        scheduler.add_job(
            run,
            "interval",
            seconds=seconds,
            args=arguments,
            id=name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=3600,
            next_run_time=clock() + FIRST_TICK_AFTER,
        )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown()
        leadership.release()
