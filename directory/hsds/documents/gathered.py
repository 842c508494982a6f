"""Rows that were read, and what belongs to what among them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from directory.database import Row
from directory.hsds.standard import HSDS_TABLES


class Gathered:
    """Rows by table and id, and those that belong to a record, by the column that says so."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[UUID, Row]] = defaultdict(dict)
        #: Records at hidden places: neither their attributes nor their history are told.
        self.quiet: set[UUID] = set()
        #: The newest verifications, by the service at a location, or the service, they are of.
        self.verified: dict[UUID, list[Row]] = defaultdict(list)
        self._owned: dict[tuple[str, str, UUID], list[Row]] = defaultdict(list)

    def add(self, table: str, rows: Iterable[Row]) -> None:
        """Take rows in; those that are there already are passed over."""
        for row in rows:
            self.rows[table].setdefault(row["id"], row)

    def ids(self, table: str, column: str = "id") -> set[UUID]:
        """Return what the rows of a table have in a column of ids."""
        return {row[column] for row in self.rows[table].values() if row[column] is not None}

    def index(self) -> None:
        """Sort every row under its owners, in the order of ids (metadata: of time)."""
        for name, rows in self.rows.items():
            owners = list(_owner_columns(name))
            for row in sorted(rows.values(), key=_by_time if name == "metadata" else _by_id):
                for column in owners:
                    if row[column] is not None:
                        self._owned[name, column, row[column]].append(row)

    def owned(self, table: str, column: str, owner: UUID) -> Sequence[Row]:
        """Return the rows of a table that name this owner in this column."""
        return self._owned.get((table, column, owner), ())


def _by_id(row: Row) -> Any:
    return row["id"]


def _by_time(row: Row) -> Any:
    return row["last_action_at"], row["id"]


def _owner_columns(table: str) -> Iterator[str]:
    """Yield the columns by which a row of the table belongs to others."""
    if table in _OF_ANYTHING:
        yield _OF_ANYTHING[table]
        return
    for field in HSDS_TABLES[table].fields:
        if field.refers_to:
            yield field.name


#: What may belong to a record of any table, and the column with that record's id.
_OF_ANYTHING = {"attribute": "link_id", "metadata": "resource_id"}


def owner_column(owner: str, child: str) -> str:
    """Return the column in which a child names its owner: a phone its service in service_id."""
    if child in _OF_ANYTHING:
        return _OF_ANYTHING[child]
    return next(f.name for f in HSDS_TABLES[child].fields if f.refers_to == owner)
