"""Has anybody committed anything since? One cheap question, before dearer ones."""

from collections.abc import Hashable
from contextlib import closing
from typing import Any

import sqlalchemy as sa

from directory.database import Database

#: SQLite counts what other connections commit. A snapshot of PostgreSQL is another after every
#: transaction that changed something, in any of its databases.
_SQLITE = "PRAGMA data_version"
_POSTGRESQL = "SELECT pg_current_snapshot()::text"


class Watch:
    """Tells moments of a database apart, on a connection of its own. One thread at a time."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._connection: Any = None
        self._connections = 0

    def moment(self) -> Hashable:
        """Return the present moment: equal to another if nothing was committed between them.

        A moment of another connection is never equal. Raises ``OperationalError`` when the
        database cannot be asked; SQLite also, instead of waiting, where a writer keeps everybody
        out.
        """
        asked = _SQLITE if self.database.is_sqlite else _POSTGRESQL
        try:
            if self._connection is None:
                self._connection = self._connect()
            with closing(self._connection.driver_connection.cursor()) as cursor:
                cursor.execute(asked)
                moment = cursor.fetchone()[0]
        except self.database.engine.dialect.loaded_dbapi.Error as error:
            self.close()
            raise sa.exc.OperationalError(None, None, error) from error
        return self._connections, moment

    def _connect(self) -> Any:
        connection = self.database.engine.raw_connection()
        self._connections += 1
        if self.database.is_sqlite:
            connection.driver_connection.execute("PRAGMA busy_timeout = 0")  # type: ignore[union-attr]
        else:
            connection.driver_connection.autocommit = True  # type: ignore[union-attr]
        return connection

    def close(self) -> None:
        """Give the connection up."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection = None
