"""At which place a record is, and whether everybody may know where that is."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_row
from directory.models import TABLES
from directory.models.locations import AddressVisibility
from directory.offers import locations
from directory.recorded_values import kind_of

#: Columns of text that say nothing about where a place is.
_HARMLESS: Final = frozenset(
    {"byday", "bymonthday", "byweekno", "byyearday", "freq", "wkst", "code", "currency"}
    | {"timezone", "source", "link_entity", "link_type"}
)
_COORDINATES: Final = frozenset({"latitude", "longitude", "original"})

#: What a record can hang on.
_OWNERS = (
    "organization",
    "location",
    "service",
    "service_at_location",
    "contact",
    "phone",
)


def owners_of(table: str, row: Mapping[str, Any]) -> Iterator[tuple[str, UUID]]:
    """Yield what a record hangs on, as (table, id)."""
    columns = TABLES[table].c  # asked first: a row finds "phone_id" in a "phone" by itself
    for owner in _OWNERS:
        if f"{owner}_id" in columns and row[f"{owner}_id"] is not None:
            yield owner, row[f"{owner}_id"]
    if "link_entity" in columns and row["link_entity"] in TABLES:
        yield row["link_entity"], row["link_id"]


def find_place_of(session: Session, table: str, row: Mapping[str, Any]) -> UUID | None:
    """Return the location that a record is, or is about, or None where there is none."""
    if table == "location":
        place: UUID = row["id"]
        return place
    owners = dict(owners_of(table, row))
    if "location" in owners:
        return owners["location"]
    for owner, owner_id in owners.items():
        if owner in _ABOUT_NO_PLACE:
            continue
        rows = TABLES[owner]
        above = find_row(session, sa.select(rows).where(rows.c.id == owner_id))
        found = find_place_of(session, owner, above) if above is not None else None
        if found is not None:
            return found
    return None


#: What is not in one place.
_ABOUT_NO_PLACE = frozenset({"organization", "service"})


def is_known_to_all(session: Session, location_id: UUID) -> bool:
    """Say whether everybody may know where a place is; one that is gone hides nothing."""
    visibility = session.connection().execute(
        sa.select(locations.c.address_visibility).where(locations.c.id == location_id)
    )
    return visibility.scalar_one_or_none() in (None, AddressVisibility.PUBLIC)


def tells_where(table: str, column: str) -> bool:
    """Say whether a column of a record at a place can say where that place is."""
    if column in _COORDINATES:
        return True
    kind = kind_of(TABLES[table].c[column])
    is_text = isinstance(kind, sa.String) and not isinstance(kind, sa.Enum)
    return is_text and column not in _HARMLESS
