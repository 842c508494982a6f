"""Writing down what a booking really asks of the database, so that the ceiling does the same.

Nothing here knows the statements: they are taken from the application at work, so the ceiling
moves with it and can never flatter it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import sqlalchemy as sa

from directory.database import Database


class Step(NamedTuple):
    """One statement as the driver got it: ``values`` by name, or in order with ``names``.

    ``names`` are the parameters' names in SQLAlchemy's statement, in the order of ``values``.
    """

    sql: str
    names: Sequence[str] = ()
    values: Sequence[Any] = ()


@contextmanager
def recording(database: Database) -> Iterator[list[Step]]:
    """Yield a list that fills with every statement, and with every end of a transaction."""
    steps: list[Step] = []

    def on_execute(_c: Any, _cursor: Any, sql: str, values: Any, context: Any, many: Any) -> None:
        steps.extend(_steps(sql, values if many else [values], context))

    def noting(words: str) -> Callable[[sa.Connection], None]:
        def note(connection: sa.Connection) -> None:
            if connection.get_execution_options().get("begin", words) is not None:
                steps.append(Step(words))

        return note

    listeners: dict[str, Callable[..., Any]] = {
        "before_cursor_execute": on_execute,
        "commit": noting("COMMIT"),
        "rollback": noting("ROLLBACK"),
    }
    if not database.is_sqlite:  # there, "BEGIN" is a statement like the others
        listeners["begin"] = noting("BEGIN")
    for name, listener in listeners.items():
        sa.event.listen(database.engine, name, listener)
    try:
        yield steps
    finally:
        for name, listener in listeners.items():
            sa.event.remove(database.engine, name, listener)


def _steps(sql: str, sets: Sequence[Any], context: Any) -> Iterator[Step]:
    for values in sets:
        if isinstance(values, Mapping):
            yield Step(sql, tuple(values), tuple(values.values()))
        else:
            names = getattr(context.compiled, "positiontup", None) or ()
            known = len(names) == len(values)  # a list has more values than names
            yield Step(sql, tuple(names) if known else (), tuple(values))
