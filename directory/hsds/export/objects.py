"""The directory as JSON: each service with all that belongs to it, and what belongs to none.

A file is a list of objects, or has one object a line; every object validates against the
standard's schema of its kind. What is inside an object of another file is not repeated in a
file of its own, but for terms and taxonomies, which are lists to look up in.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.hsds.documents import Document, find_documents
from directory.hsds.export.parcels import Parcel, Part
from directory.hsds.export.report import ExportReport
from directory.hsds.known import Known, is_hidden

#: How many objects, with all that is inside them, are in memory at once.
BATCH: Final = 200

Tell = Callable[[str, int], None]
Condition = Callable[[Any], sa.ColumnElement[bool]]


class Layout(NamedTuple):
    """How the objects of a file stand in it."""

    ending: str
    before: str
    between: str
    after: str


JSON: Final = Layout("json", "[\n", ",\n", "\n]\n")
NDJSON: Final = Layout("ndjson", "", "\n", "\n")


class _File(NamedTuple):
    """A file, which records of a table are the objects in it, and by what they are sorted."""

    name: str
    table: str
    conditions: tuple[Condition, ...] = ()
    order: tuple[str, ...] = ("id",)


def write_objects(
    session: Session,
    known: Known,
    parcel: Parcel,
    report: ExportReport,
    *,
    layout: Layout,
    now: datetime,
    tell: Tell,
) -> None:
    """Write a file for each kind of object that there is."""
    for file in _files(known):
        documents = _documents(session, known, file, report, now)
        first = next(documents, None)
        if first is None:
            continue
        with parcel.part(f"{file.name}.{layout.ending}") as part:
            _write(part, layout, chain([first], documents), partial(tell, file.table))
        report.files += 1


def _files(known: Known) -> list[_File]:
    def offers_nothing(organization: Any) -> sa.ColumnElement[bool]:
        return ~known.has("service", "organization_id", organization.c.id)

    def is_in_no_object(location: Any) -> sa.ColumnElement[bool]:
        """Say that a place has no service, and is not told with an organization."""
        organization = location.c.organization_id
        alone = sa.or_(
            organization.is_(None),
            is_hidden(location),
            ~known.has("organization", "id", organization),
        )
        return sa.and_(alone, ~known.has("service_at_location", "location_id", location.c.id))

    def has_no_place(address: Any) -> sa.ColumnElement[bool]:
        return sa.and_(address.c.location_id.is_(None))

    def counts_nothing(unit: Any) -> sa.ColumnElement[bool]:
        return ~known.has("service_capacity", "unit_id", unit.c.id)

    return [
        # Those of one organization together: it is inside each of them, and is read once then.
        _File("services", "service", order=("organization_id", "id")),
        _File("organizations", "organization", (offers_nothing,)),
        _File("locations", "location", (is_in_no_object,)),
        _File("addresses", "address", (has_no_place,)),
        _File("taxonomies", "taxonomy"),
        _File("taxonomy_terms", "taxonomy_term"),
        _File("units", "unit", (counts_nothing,)),
        _File("meta_table_descriptions", "meta_table_description"),
    ]


def _documents(
    session: Session, known: Known, file: _File, report: ExportReport, now: datetime
) -> Iterator[list[Document]]:
    """Yield the objects of a file, a batch at a time."""
    for ids in _batches(session, known, file):
        found = find_documents(session, file.table, ids, now=now, source=known.source)
        report.without[file.table] += len(ids) - len(found)
        report.rows[file.table] += len(found)
        if found:
            yield found


def _batches(session: Session, known: Known, file: _File) -> Iterator[list[UUID]]:
    """Yield the ids of a file's records in their order, each batch after the last of another."""
    last: Row | None = None
    while True:
        conditions = [*file.conditions] if last is None else [*file.conditions, _after(file, last)]
        keys = known.keys(file.table, file.order, *conditions).limit(BATCH)
        found = find_rows(session, keys)
        if found:
            yield [row["id"] for row in found]
        if len(found) < BATCH:
            return
        last = found[-1]


def _after(file: _File, last: Row) -> Condition:
    """Return what only the records after a certain one fulfil."""

    def comes_after(table: sa.FromClause) -> sa.ColumnElement[bool]:
        found: sa.ColumnElement[bool] = sa.false()
        for name in reversed(file.order):
            column = table.c[name]
            found = sa.or_(column > last[name], (column == last[name]) & found)
        return found

    return comes_after


def _write(
    part: Part, layout: Layout, batches: Iterator[list[Document]], tell: Callable[[int], None]
) -> None:
    part.write(layout.before)
    between = ""
    for batch in batches:
        objects = (msgspec.json.encode(each).decode() for each in batch)
        part.write(between + layout.between.join(objects))
        between = layout.between
        tell(len(batch))
    part.write(layout.after)
