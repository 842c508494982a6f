"""Has anybody written to the SQLite file since? A question of microseconds."""

from contextlib import closing
from typing import Any

import sqlalchemy as sa

from directory.database import SQLITE_DRIVER, Database


class Watch:
    """Tells moments of an SQLite file apart, on a connection of its own. One thread at a time."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._connection: Any = None

    def moment(self) -> tuple[int, int]:
        """Return the present moment: equal to another if nothing was committed between them.

        A moment of another connection is never equal. Raises ``OperationalError`` instead of
        waiting where a writer keeps everybody out.
        """
        try:
            if self._connection is None:
                self._connection = self.database.engine.raw_connection()
                self._connection.driver_connection.execute("PRAGMA busy_timeout = 0")
            with closing(self._connection.driver_connection.cursor()) as cursor:
                version = cursor.execute("PRAGMA data_version").fetchone()[0]
        except SQLITE_DRIVER.Error as error:
            self.close()
            raise sa.exc.OperationalError(None, None, error) from error
        return id(self._connection), version

    def close(self) -> None:
        """Give the connection up."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection = None
