"""What may be told of a place that is not public, and of a service there.

Rows are emptied as soon as they are read, so that nothing further on can give a place away.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from directory.database import Row
from directory.hsds.documents.gathered import Gathered
from directory.models.locations import is_public

#: All that is told of a hidden place: that there is one.
_TOLD_OF_PLACE: Final = frozenset({"id", "location_type", "address_visibility"})

#: Words that say how to come to a place and the hour there, of what belongs to a service there.
_WORDS: Final = frozenset(
    {"description", "notes", "note", "attention", "schedule_link", "timezone"}
)


def empty_hidden_places(found: Gathered) -> None:
    """Keep of a hidden place that it is, and of a service there no words on how to find it.

    Not even whose place it is: so no organization lists it.
    """
    places = found.rows["location"]
    hidden = {id_ for id_, row in places.items() if not is_public(row)}
    for id_ in hidden:
        row = places[id_]
        places[id_] = {name: row[name] if name in _TOLD_OF_PLACE else None for name in row}
    found.quiet |= hidden
    offers = found.rows["service_at_location"]
    _quieten(offers, {id_ for id_, row in offers.items() if row["location_id"] in hidden}, found)


def quieten(table: str, found: Gathered) -> None:
    """Take the words out of what belongs to a service at a hidden place, and the people there."""
    rows = found.rows[table]
    _leave_out_people(table, found)
    columns = ("service_at_location_id", "contact_id", "phone_id")
    ids = {
        id_
        for id_, row in rows.items()
        if any(row.get(column) in found.quiet for column in columns)
    }
    _quieten(rows, ids, found)


def _leave_out_people(table: str, found: Gathered) -> None:
    """Leave out whom to ask for at a hidden place, with their telephones."""
    rows = found.rows[table]
    if table == "contact":
        there = [row["id"] for row in rows.values() if row["service_at_location_id"] in found.quiet]
        found.people_there |= set(there)
    for id_ in [id_ for id_, row in rows.items() if _contact(table, row) in found.people_there]:
        del rows[id_]


def _contact(table: str, row: Row) -> UUID | None:
    """Return the contact that a row is, or belongs to."""
    found: UUID | None = row["id"] if table == "contact" else row.get("contact_id")
    return found


def _quieten(rows: dict[UUID, Row], ids: set[UUID], found: Gathered) -> None:
    for id_ in ids:
        rows[id_] = _without_words(rows[id_])
    found.quiet |= ids


def _without_words(row: Row) -> Mapping[str, object]:
    return {name: None if name in _WORDS else value for name, value in row.items()}
