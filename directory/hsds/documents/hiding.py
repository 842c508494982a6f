"""What everybody may know of the rows of a batch, by the rules of ``directory.hsds.knowable``.

Rows are taken out and emptied as soon as they are read, so that nothing further on can give a
place away. What they name and was not read is looked up.
"""

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from sqlmodel import Session

from directory.database import Row, find_rows
from directory.hsds.batches import batches
from directory.hsds.documents.gathered import Gathered
from directory.hsds.knowable import (
    AT_A_PLACE_BY,
    BELONGS,
    is_only_at_public,
    is_silenced,
    is_silenced_if_drawn,
    references,
)
from directory.hsds.known import Known
from directory.models.locations import is_public
from directory.service_areas import is_text


class Hiding:
    """Takes out of what was gathered what not everybody may know."""

    def __init__(self, session: Session, known: Known, found: Gathered) -> None:
        self._session = session
        self._known = known
        self._found = found
        #: What rows name and was not read, by table: all of it, and what is there.
        self._asked: dict[str, set[UUID]] = defaultdict(set)
        self._there: dict[str, set[UUID]] = defaultdict(set)

    def apply(self, table: str) -> None:
        """Apply the rules to the rows of a table, after those of what they belong to."""
        rows, quiet = self._found.rows[table], self._found.quiet
        for column, owner in references(table).items():
            self._look_up(owner, self._found.ids(table, column))
        gone = {id_ for id_, row in rows.items() if not self._is_there(table, row)}
        for id_ in gone:
            del rows[id_]
        self._asked[table] |= gone
        quiet |= {id_ for id_, row in rows.items() if self._is_quiet(table, row)}
        for id_, row in rows.items():
            if emptied := [*self._silenced(table, row), *self._named_in_vain(table, row)]:
                rows[id_] = {**row, **dict.fromkeys(emptied)}

    def _look_up(self, table: str, ids: set[UUID]) -> None:
        strangers = ids - self._found.rows[table].keys() - self._asked[table]
        self._asked[table] |= strangers
        for chunk in batches(sorted(strangers)):
            for row in find_rows(self._session, self._known.among(table, chunk)):
                self._there[table].add(row["id"])
                if row["quiet"]:
                    self._found.quiet.add(row["id"])

    def _is_there(self, table: str, row: Row) -> bool:
        return all(
            row[column] is None or self._may_name(table, column, row)
            for column in BELONGS.get(table, ())
        )

    def _may_name(self, table: str, column: str, row: Row) -> bool:
        owner, id_ = references(table)[column], row[column]
        there = id_ in self._found.rows[owner] or id_ in self._there[owner]
        return there and not (is_only_at_public(table, owner) and id_ in self._found.quiet)

    def _is_quiet(self, table: str, row: Row) -> bool:
        if table == "location":
            return not is_public(row)
        return any(row.get(column) in self._found.quiet for column in AT_A_PLACE_BY)

    def _silenced(self, table: str, row: Row) -> Iterator[str]:
        if row["id"] in self._found.quiet:
            yield from (name for name in row if is_silenced(table, name))
            if table == "service_area" and not is_text(row):
                yield from (name for name in row if is_silenced_if_drawn(table, name))

    def _named_in_vain(self, table: str, row: Row) -> Iterator[str]:
        """Yield the columns that refer to what is not there, though the row does not need it."""
        for column in references(table).keys() - BELONGS.get(table, ()):
            if row[column] is not None and not self._may_name(table, column, row):
                yield column
