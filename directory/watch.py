"""Has anybody committed anything since? One cheap question, for what is remembered from before."""

from collections.abc import Hashable
from contextlib import closing
from typing import Any

import sqlalchemy as sa

from directory.database import Database

#: SQLite counts what others commit, for each connection that does not write itself. A snapshot of
#: PostgreSQL is another after every transaction that changed something, in any of its databases.
_SQLITE = "PRAGMA data_version"
_POSTGRESQL = "SELECT pg_current_snapshot()::text"


class Watch:
    """Tells moments of a database apart, on a connection of its own. One thread at a time."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._connection: Any = None

    def moment(self) -> Hashable:
        """Return the present moment: equal to another if nothing was committed between them.

        A moment of another connection is never equal. Raises SQLAlchemy's errors; on SQLite also,
        instead of waiting, where a writer keeps everybody out.
        """
        if self._connection is None:
            self._connection = self.database.engine.raw_connection()
            if self.database.is_sqlite:
                self._connection.driver_connection.execute("PRAGMA busy_timeout = 0")
            else:
                self._connection.driver_connection.autocommit = True
        driver = self._connection.driver_connection
        try:
            with closing(driver.cursor()) as cursor:
                asked = cursor.execute(_SQLITE if self.database.is_sqlite else _POSTGRESQL)
                return id(self._connection), asked.fetchone()[0]
        except self.database.engine.dialect.loaded_dbapi.Error as error:
            self.close()
            raise sa.exc.OperationalError(None, None, error) from error

    def close(self) -> None:
        """Give the connection up."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection = None
