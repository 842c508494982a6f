"""What becomes of pooled connections whose server has gone, or has let them go."""

from contextlib import ExitStack

import pytest
import sqlalchemy as sa

from directory.database import Database
from directory.errors import UnavailableError
from directory.quick import QuickStatement

ONE = QuickStatement(sa.select(sa.literal_column("1").label("one")))


def ask(database: Database, how: str) -> bool:
    """Ask something, and say whether it was answered."""
    try:
        with getattr(database, how)() as asking:
            return ONE.row(asking, {}) == {"one": 1}
    except UnavailableError:
        return False


@pytest.mark.postgres
@pytest.mark.parametrize("how", ["asking", "reading", "transaction"])
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_of_many_connections_that_are_lost_at_once_one_fails(database_url: str, how: str) -> None:
    """They are all tried before they are used once it is known that one was lost."""
    database, other = Database(database_url, pool_size=4), Database(database_url)
    with ExitStack() as pool:
        open_ones = [pool.enter_context(database.engine.connect()) for _ in range(4)]
        pids = [one.exec_driver_sql("SELECT pg_backend_pid()").scalar() for one in open_ones]
    with other.reading() as session:
        for pid in pids:
            session.connection().execute(sa.select(sa.func.pg_terminate_backend(pid, 5000)))

    answered = [ask(database, how) for _ in range(6)]

    other.close()
    database.close()
    assert answered == [False, True, True, True, True, True]
