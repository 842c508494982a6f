"""Removing records, but never one that something else needs."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.history import Change, delete_row, metadata
from directory.commands.records.errors import StillReferredToError
from directory.commands.records.planning import find_parts
from directory.database import Row, find_rows
from directory.index import forget_rows
from directory.kinds import SPECS
from directory.models import TABLES
from directory.offers import at_locations, attributes, entries

#: What refers to a record, as people call several of them.
_CALLED: Final[Mapping[str, str]] = {
    "availability_window": "windows",
    "slot": "times to book",
    "service_capacity": "reports of openings",
    "service_at_location": "services at places",
    "appointment": "appointments",
    "waitlist_entry": "people waiting",
    "place_review": "reviews of the place",
}


def remove_whole(session: Session, change: Change, table: str, row: Row) -> None:
    """Remove a record with all that hangs on it.

    Raises ``StillReferredToError`` where anything else refers to it: bookings, windows, reports.
    """
    for part in SPECS[table].parts.values() if table in SPECS else ():
        for each in find_parts(session, part, row).values():
            remove_whole(session, change, part.spec.table, each)
    if table == "service":
        for offer in _rows(session, at_locations, "service_id", row):
            remove_whole(session, change, "service_at_location", offer)
    for attribute in _rows(session, attributes, "link_id", row):
        if attribute["link_entity"] == table:
            delete_row(session, change, "attribute", attribute)
    remove_alone(session, change, table, row)


def remove_alone(session: Session, change: Change, table: str, row: Row) -> None:
    """Remove one record, to which nothing may refer any more."""
    if table in ("service", "service_at_location"):  # made anew when the change ends
        forget_rows(session, entries.c[f"{table}_id"] == row["id"])
    if table == "organization":
        lines = sa.update(metadata).where(metadata.c.organization_id == row["id"])
        session.connection().execute(lines.values(organization_id=None))
        change.organization_id = None
    referring = Counter(dict(_references(session, table, row)))
    if referring:
        raise StillReferredToError(
            SPECS[table].words if table in SPECS else table.replace("_", " "), referring
        )
    delete_row(session, change, table, row)


def _rows(session: Session, table: sa.Table, column: str, owner: Row) -> list[Row]:
    return list(find_rows(session, sa.select(table).where(table.c[column] == owner["id"])))


def _references(session: Session, table: str, row: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield how many rows of each other table have this one's id."""
    for other in TABLES.values():
        columns = [key.parent for key in other.foreign_keys if key.column.table.name == table]
        if columns:
            named = sa.or_(*(column == row["id"] for column in columns))
            count = sa.select(sa.func.count()).select_from(other).where(named)
            found = session.connection().execute(count).scalar_one()
            if found:
                yield _CALLED.get(other.name, other.name.replace("_", " ")), found
