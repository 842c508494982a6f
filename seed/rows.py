"""Rows gathered while the county is made up, then written table by table."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from scheduling.models import TABLES


class Rows:
    """Rows by table. Tens of thousands go in by one statement each, so there are no objects."""

    def __init__(self) -> None:
        self._by_table: dict[str, list[Mapping[str, Any]]] = defaultdict(list)

    def add(self, table: str, **columns: Any) -> None:
        """Gather one row; columns left out have their default."""
        self._by_table[table].append(columns)

    def extend(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Gather several rows of one table."""
        self._by_table[table].extend(rows)

    def write(self, session: Session) -> None:
        """Insert everything, a table before those that refer to it, and forget it."""
        for table in sa.schema.sort_tables(TABLES.values()):
            for alike in _by_columns(self._by_table.pop(table.name, ())):
                session.connection().execute(sa.insert(table), alike)


def _by_columns(rows: Iterable[Mapping[str, Any]]) -> Iterable[list[Mapping[str, Any]]]:
    """Part the rows by the columns they name: one statement has one set of columns."""
    parted: dict[frozenset[str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        parted[frozenset(row)].append(row)
    return parted.values()
