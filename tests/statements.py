"""What is asked of the database, and how it goes about answering."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

#: A statement and its values.
Asked = tuple[str, Any]


@contextmanager
def asked(engine: sa.Engine | sa.Connection) -> Iterator[list[Asked]]:
    """Yield a list that fills with what is asked of the database."""
    statements: list[Asked] = []

    def note(_c: Any, _cursor: Any, sql: str, values: Any, _context: Any, _many: Any) -> None:
        statements.append((sql, values))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def plan_of(session: Session, sql: str, values: Any) -> str:
    """Return how the database would answer."""
    explain = "EXPLAIN QUERY PLAN" if session.get_bind().dialect.name == "sqlite" else "EXPLAIN"
    rows = session.connection().exec_driver_sql(f"{explain} {sql}", values)
    return "\n".join(str(row[-1]) for row in rows)


def reading_through(*tables: str) -> re.Pattern[str]:
    """Return what finds, in a plan, that one of some tables is read from end to end.

    SQLite calls them by the names that the statement gives them: ``slot``, ``slot_1``.
    """
    return re.compile(rf"(?:SCAN|Seq Scan on) (?:{'|'.join(tables)})(?:_\d+)?\b(?! VIRTUAL)")
