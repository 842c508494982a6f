"""Keeping where a place is to those who may know, in its records and in history."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.history import Change, delete_row, metadata, update_row
from directory.commands.records.planning import find_parts
from directory.database import Row, find_row, find_rows
from directory.duplicates import street_pattern, streets_to_withhold
from directory.kinds import SPECS
from directory.kinds.locations import leads_to_a_door
from directory.models import TABLES
from directory.models.locations import is_public
from directory.offers import addresses, at_locations, locations, organizations, services
from directory.queries.places import tells_where
from directory.recorded_values import as_text, kind_of

WITHHELD: Final = "(address withheld)"

#: What a place that is not public has none of.
NOWHERE: Final[Mapping[str, Any]] = {
    "latitude": None,
    "longitude": None,
    "approximate": False,
    "transportation": None,
    "original": None,
}

#: What hangs on a place, or on a service in a place, by the column that says so.
_AT_PLACE: Final = ("address", "phone", "contact", "language", "accessibility", "schedule")
_AT_OFFER: Final = ("phone", "contact", "schedule", "service_area")

#: What is told of an offer and is no record of the directory: what was said about room, what
#: readers reported, and windows to book, by the columns that are texts.
_SAID: Final = {
    "service_capacity": ("description",),
    "suggestion": ("words", "answer"),
    "availability_window": ("title", "instructions"),
}

_LISTED_AT_ONCE: Final = 500


def keep_hidden(session: Session, change: Change, location_id: UUID) -> None:
    """Forget where a place is that is not public; of one that is, keep all.

    Its streets go, from every text of its agency and its services too; so do the words that
    history has of the place. The point went with the change that hid it: the database sees to
    that. Idempotent.
    """
    place = find_row(session, sa.select(locations).where(locations.c.id == location_id))
    if place is None or is_public(place):
        return
    streets = []
    for address in _rows(session, addresses, addresses.c.location_id == location_id):
        if leads_to_a_door(address):
            streets.append(address["address_1"])
            delete_row(session, change, "address", address)
    spellings = streets_to_withhold(streets)
    if spellings:
        _silence(session, change, place, street_pattern(frozenset(spellings)))
        silence_what_was_said(session, location_id, spellings)
    for street in spellings:
        _forget_words(session, street)
    _forget_history(session, location_id)


def _silence(session: Session, change: Change, place: Row, pattern: re.Pattern[str]) -> None:
    """Take streets out of the texts of a place, its offers, their services and agencies."""
    for table, row in list(_told_of(session, place)):
        update_row(session, change, table, row, _cleaned(TABLES[table], row, pattern))


def _cleaned(table: sa.Table, row: Row, pattern: re.Pattern[str]) -> dict[str, Any]:
    """Return the texts of a row that have a street in them without it."""
    cleaned: dict[str, Any] = {
        name: pattern.sub(WITHHELD, value)[: getattr(kind_of(table.c[name]), "length", None)]
        for name, value in row.items()
        if type(value) is str and pattern.search(value)
    }
    if "original" in row and pattern.search(as_text(row["original"])):
        cleaned["original"] = None
    return cleaned


def silence_what_was_said(session: Session, location_id: UUID, spellings: Iterable[str]) -> None:
    """Take streets out of what was said of the offers at a place, and of their services."""
    pattern = street_pattern(frozenset(spellings))
    offers = sa.select(at_locations.c.id).where(at_locations.c.location_id == location_id)
    offered = sa.select(at_locations.c.service_id).where(at_locations.c.location_id == location_id)
    for name, columns in _SAID.items():
        table = TABLES.get(name)
        if table is None:  # a process that knows no scheduler has no windows
            continue
        which: sa.ColumnElement[bool] = table.c.service_at_location_id.in_(offers)
        if "service_id" in table.c:
            which |= table.c.service_id.in_(offered)
        said = sa.or_(*(table.c[column] != "" for column in columns))
        for row in _rows(session, table, which & said):
            cleaned = _cleaned(table, row, pattern)
            if cleaned:
                update = sa.update(table).where(table.c.id == row["id"]).values(cleaned)
                session.connection().execute(update)


def _told_of(session: Session, place: Row) -> Iterator[tuple[str, Row]]:
    offers = _rows(session, at_locations, at_locations.c.location_id == place["id"])
    offered = _rows(session, services, services.c.id.in_([o["service_id"] for o in offers]))
    agencies = {place["organization_id"], *(row["organization_id"] for row in offered)} - {None}
    yield from _with_parts(session, "location", place)
    for offer in offers:
        yield from _with_parts(session, "service_at_location", offer)
    for service in offered:
        yield from _with_parts(session, "service", service)
    for agency in _rows(session, organizations, organizations.c.id.in_(agencies)):
        yield from _with_parts(session, "organization", agency)


def _with_parts(session: Session, table: str, row: Row) -> Iterator[tuple[str, Row]]:
    yield table, row
    for part in SPECS[table].parts.values():
        for each in find_parts(session, part, row).values():
            yield from _with_parts(session, part.spec.table, each)


def _rows(session: Session, table: sa.Table, which: sa.ColumnElement[bool]) -> list[Row]:
    return list(find_rows(session, sa.select(table).where(which)))


def _forget_words(session: Session, street: str) -> None:
    """Empty every line of history that has a street in it, whosever record it is of."""
    for text in {street, street.lower()}:
        for column in (metadata.c.previous_value, metadata.c.replacement_value):
            said = sa.func.lower(column).contains(text, autoescape=True) | column.contains(
                text, autoescape=True
            )
            _empty(session, said)


def _forget_history(session: Session, location_id: UUID) -> None:
    """Empty the lines of history that can say where a place is, of what is gone from it too."""
    ids = _ever_at(session, {"location_id": {location_id}}, (*_AT_PLACE, "service_at_location"))
    offers = _ids_of(ids, "service_at_location")
    ids |= _ever_at(session, {"service_at_location_id": offers}, _AT_OFFER)
    ids |= _ever_at(session, {"contact_id": _ids_of(ids, "contact")}, ("phone",))
    ids |= _ever_at(session, {"phone_id": _ids_of(ids, "phone")}, ("language",))
    by_table = {"location": {location_id}}
    for table, record_id in ids:
        by_table.setdefault(table, set()).add(record_id)
    for table, record_ids in by_table.items():
        names = [name for name in TABLES[table].c.keys() if tells_where(table, name)]  # noqa: SIM118  (a column collection, not a dict)
        for start in range(0, len(record_ids), _LISTED_AT_ONCE):
            batch = sorted(record_ids)[start : start + _LISTED_AT_ONCE]
            _empty(session, metadata.c.resource_id.in_(batch) & metadata.c.field_name.in_(names))


def _ids_of(records: set[tuple[str, UUID]], table: str) -> set[UUID]:
    return {record_id for name, record_id in records if name == table}


def _ever_at(
    session: Session, owners: Mapping[str, set[UUID]], tables: tuple[str, ...]
) -> set[tuple[str, UUID]]:
    """Return what hangs on the owners now or did before, as (table, id)."""
    found: set[tuple[str, UUID]] = set()
    for column, ids in owners.items():
        texts = [str(each) for each in ids]
        lines = sa.select(metadata.c.resource_type, metadata.c.resource_id).where(
            metadata.c.field_name == column,
            metadata.c.resource_type.in_(tables),
            metadata.c.previous_value.in_(texts) | metadata.c.replacement_value.in_(texts),
        )
        found.update((row[0], row[1]) for row in session.connection().execute(lines))
        for table in tables:
            if column in TABLES[table].c:
                there = sa.select(TABLES[table].c.id).where(TABLES[table].c[column].in_(ids))
                found.update(
                    (table, each) for each in session.connection().execute(there).scalars()
                )
    return found


def _empty(session: Session, which: sa.ColumnElement[bool]) -> None:
    """Empty lines of history; imported ones keep no other account of the value either."""
    emptied = sa.update(metadata).where(which)
    session.connection().execute(
        emptied.values(previous_value="", replacement_value="", original=None)
    )
