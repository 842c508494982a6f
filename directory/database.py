"""Opening the database and bounding transactions."""

import enum
import json
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlmodel import Session, SQLModel, create_engine

from directory import quick
from directory.errors import BusyError, UnavailableError
from directory.together import Together

try:  # its SQLite is newer than the interpreter's
    import pysqlite3.dbapi2 as sqlite
except ImportError:  # no wheel for this machine
    import sqlite3 as sqlite

#: The DB-API module behind every SQLite connection.
SQLITE_DRIVER: Any = sqlite

R = TypeVar("R")

#: One row of a result, by column name.
Row = quick.Row

logger = structlog.get_logger(__name__)

# Constraint names must not depend on the database, or migrations cannot drop them.
# This has to run before any table is defined.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: How long a writer waits for another before it is told to come back (invariant I3).
LOCK_TIMEOUT_SECONDS = 3

#: A connection to PostgreSQL that was not used for so long is tried before it is used.
PAUSE_SECONDS = 2

#: SQLite releases in which WAL with several connections can corrupt the file
#: (sqlite.org/wal.html#walresetbug); 3.44.6 and 3.50.7 carry the mend.
_WAL_RESET_MENDED = (3, 51, 3)
_WAL_RESET_BACKPORTS = ((3, 44, 6), (3, 50, 7))

#: PostgreSQL: lock not available, deadlock, serialization failure, query cancelled by timeout.
_BUSY_STATES = frozenset({"55P03", "40P01", "40001", "57014"})

#: PostgreSQL: connection exception, out of resources, stopped by an operator, system error.
_GONE_CLASSES = frozenset({"08", "53", "57", "58"})


class Database:
    """One engine, and the only two ways to get a session: to read, or to change.

    ``terms`` is what commands may ask of the installation: each session has them as its ``info``.
    """

    def __init__(
        self, url: str, *, pool_size: int = 10, terms: Mapping[str, Any] | None = None
    ) -> None:
        self.url = url
        if sa.make_url(url).get_backend_name() == "sqlite":
            # One more connection than reading threads; a file, never ":memory:".
            self.engine = create_engine(
                url,
                module=SQLITE_DRIVER,
                pool_size=pool_size,
                max_overflow=10,
                hide_parameters=True,
            )
            _use_explicit_transactions(self.engine)
        else:
            self.engine = create_engine(
                url,
                pool_size=pool_size,
                max_overflow=10,
                hide_parameters=True,  # errors are logged, and parameters name clients
                connect_args={
                    "options": f"-c lock_timeout={LOCK_TIMEOUT_SECONDS}s -c timezone=UTC"
                    " -c statement_timeout=30s"
                },
            )
            _try_after_a_pause(self.engine)
        self._terms = dict(terms or {})
        # SQLite's driver begins nothing by itself here, and its way back from AUTOCOMMIT would.
        by_itself = {} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._alone = self.engine.execution_options(begin=None, **by_itself)
        self._one_writer = threading.Lock()
        self._together = Together(self.transaction, patience=LOCK_TIMEOUT_SECONDS)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the single-file database."""
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session whose work is thrown away at the end."""
        with _busy_is_said_plainly(), Session(self.engine, info=self._terms) as session:
            yield session

    @contextmanager
    def asking(self) -> Iterator[sa.Connection]:
        """Yield a connection for a single ``QuickStatement`` that only reads.

        That needs no session, and no transaction that lasts longer than it does.
        """
        with _busy_is_said_plainly(), self._alone.connect() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a session that commits at the end, or undoes everything on an error.

        Raises ``BusyError`` when another writer kept a lock for longer than
        ``LOCK_TIMEOUT_SECONDS``; nothing was changed then.
        """
        with (
            _busy_is_said_plainly(),
            self._turn_to_write(),
            self.engine.connect() as connection,
            connection.execution_options(begin="BEGIN IMMEDIATE").begin(),
            Session(connection, join_transaction_mode="rollback_only", info=self._terms) as session,
        ):
            quick.keep_in_hand(session)
            yield session
            session.commit()  # writes what is left to write; the transaction commits after it

    def change(self, work: Callable[[Session], R]) -> R:
        """Do ``work`` in a transaction and return what it returns, once that is on disk.

        On SQLite, changes that wait for their turn at the same moment share a commit; each is
        undone by itself when it fails. Raises ``BusyError`` as ``transaction`` does.
        """
        if not self.is_sqlite:
            with self.transaction() as session:
                return work(session)
        with _busy_is_said_plainly():
            return self._together.change(work)

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Yield a session that sees one moment of the database for as long as it reads.

        ``reading`` is for single questions: on PostgreSQL, the next one sees what was written
        in between.
        """
        with self.reading() as session:
            if not self.is_sqlite:  # which keeps to the moment of the first question by itself
                session.connection(
                    execution_options={
                        "isolation_level": "REPEATABLE READ",
                        "postgresql_readonly": True,
                    }
                )
            yield session

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        """Queue this process's writers to one SQLite file.

        SQLite's own waiting is a sleep of growing length, unfair under load; a lock is fair
        enough and wakes the next writer at once. Other processes still wait SQLite's way.
        """
        if not self.is_sqlite:
            yield
            return
        if not self._one_writer.acquire(timeout=LOCK_TIMEOUT_SECONDS):
            raise BusyError
        try:
            yield
        finally:
            self._one_writer.release()


@contextmanager
def _busy_is_said_plainly() -> Iterator[None]:
    """Turn the databases' ways to say "a lock was not to be had" into ``BusyError``."""
    try:
        yield
    except sa.exc.TimeoutError as error:  # no connection free in the pool
        raise BusyError from error
    except sa.exc.DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state in _BUSY_STATES or "database is locked" in str(error.orig):
            raise BusyError from error
        if isinstance(error, sa.exc.OperationalError) and _is_gone(state, str(error.orig)):
            raise UnavailableError from error
        raise


def _is_gone(state: str | None, message: str) -> bool:
    """Say whether the server or the file cannot be reached, or is full; SQLite has no states."""
    if state is not None:
        return state[:2] in _GONE_CLASSES
    return any(sign in message for sign in ("connection", "unable to open", "disk is full"))


def _use_explicit_transactions(engine: sa.Engine) -> None:
    """Make SQLite lock when a writing transaction begins, not when it first writes.

    By default two transactions can both read the last free place and both take it.
    """
    journal = journal_mode(SQLITE_DRIVER.sqlite_version_info)
    if journal != "WAL":
        logger.warning(
            "sqlite_wal_unsafe", version=SQLITE_DRIVER.sqlite_version, journal_mode=journal
        )

    @sa.event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the "begin" listener below takes over
        connection.execute(f"PRAGMA busy_timeout = {LOCK_TIMEOUT_SECONDS * 1000}")
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute("PRAGMA synchronous = FULL")  # acknowledged means on disk
        connection.execute("PRAGMA foreign_keys = ON")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        begin = connection.get_execution_options().get("begin", "BEGIN")
        if begin is not None:
            connection.exec_driver_sql(begin)


def _try_after_a_pause(engine: sa.Engine) -> None:
    """Find out whether a pooled connection still lives, if it was not used since it may have died.

    That is for a while, or since another was lost: a server that stops takes all of them along,
    and only the first to notice hears of it. To ask each time costs two round trips, as much as
    the statements of a booking.
    """
    lost_at = -math.inf

    @sa.event.listens_for(engine, "checkin")
    def _note_use(_connection: Any, record: Any) -> None:
        record.info["used_at"] = time.monotonic()

    @sa.event.listens_for(engine, "invalidate")
    def _note_loss(_connection: Any, _record: Any, _error: Any) -> None:
        nonlocal lost_at
        lost_at = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def _try(connection: Any, record: Any, _proxy: Any) -> None:
        used_at = record.info.get("used_at", math.inf)
        if used_at <= max(lost_at, time.monotonic() - PAUSE_SECONDS):
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise sa.exc.InvalidatePoolError from error


def journal_mode(version: tuple[int, ...]) -> str:
    """Return the fastest journal that this SQLite release keeps safely."""
    backported = any(version[:2] == fix[:2] and version >= fix for fix in _WAL_RESET_BACKPORTS)
    return "WAL" if version >= _WAL_RESET_MENDED or backported else "DELETE"


def enum_type(members: type[enum.StrEnum]) -> Any:
    """Column type that stores an enum by value, as checked text, on every database."""
    return sa.Enum(
        members,
        name=members.__name__.lower(),
        values_callable=lambda cls: [member.value for member in cls],
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=32,
    )


def lock_name(session: Session, *parts: object) -> None:
    """Make others who lock the same name wait until this transaction ends.

    For what has no row to lock. SQLite's one writer has locked everything already. Lock rows
    first and names after, so that nobody waits for whom they keep waiting.
    """
    if session.get_bind().dialect.name == "postgresql":
        _LOCK_NAME.row(session, {"name": " ".join(map(str, parts))})


_LOCK_NAME = quick.QuickStatement(
    sa.select(
        sa.func.pg_advisory_xact_lock(
            sa.func.hashtextextended(sa.bindparam("name", type_=sa.Text), sa.literal_column("0"))
        )
    )
)


def find_rows(
    session: Session, statement: sa.Executable, values: Mapping[str, Any] | None = None
) -> Sequence[Row]:
    """Run a Core statement and return its rows by column name: no objects, no identity map.

    ``values`` fill the statement's named parameters.
    """
    return cast("Sequence[Row]", session.connection().execute(statement, values).mappings().all())


def stream_rows(
    session: Session, statement: sa.Executable, *, size: int
) -> Iterator[Sequence[sa.Row[Any]]]:
    """Yield the rows of a Core statement in batches of ``size``, holding one batch at a time."""
    streaming = statement.execution_options(yield_per=size)
    with session.connection().execute(streaming) as result:
        yield from result.partitions()


def find_row(
    session: Session, statement: sa.Executable, values: Mapping[str, Any] | None = None
) -> Row | None:
    """Return the one row of a Core statement, or None."""
    row = session.connection().execute(statement, values).mappings().one_or_none()
    return cast("Row | None", row)


def insert_new(
    session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]], *, key: Sequence[str]
) -> None:
    """Insert those rows whose ``key`` no row has yet, also when somebody else adds it now.

    Give them in the order of their keys: two writers who each wait for a row of the other's
    would wait for ever.
    """
    if rows:
        new = insert_into(session, table).on_conflict_do_nothing(index_elements=[*key])
        session.connection().execute(new, [dict(row) for row in rows])


def insert_into(session: Session, table: sa.Table) -> Any:
    """Return an INSERT of the session's database that can say what to do about a conflict."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    return (insert_postgresql if is_postgresql else insert_sqlite)(table)


def is_one_of(
    session: Session, column: sa.ColumnElement[Any], ids: Sequence[UUID]
) -> sa.ColumnElement[bool]:
    """Say "the column is one of these" with a single value: of those a statement has few."""
    if session.get_bind().dialect.name == "sqlite":
        array: Any = sa.func.json_each(json.dumps([each.hex for each in ids]))
        return column.in_(sa.select(array.table_valued("value").c.value))
    return column == sa.any_(sa.literal(list(ids), postgresql.ARRAY(sa.Uuid())))
