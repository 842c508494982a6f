"""What everybody may know: the rules of every export, and of the documents of the HSDS API.

- A record that was merged into another is not there, nor what belongs to it.
- Of a place that is not public there is that it exists and of which kind. What belongs to it
  is not there. A service there keeps its hours, its telephones and its area, without words that
  may say how to find it, and without the people to ask for. An area that is drawn for it alone is
  not told: it can have such words in it, and be drawn round a door. Both, and what belongs to a
  service there, are *quiet*: nothing is told that was said of them or changed in them.
- What names a record that it belongs to, and that is not there, is not there itself. What else
  it refers to is left empty then.
- Accounts and who of them did what are nowhere.

``directory.hsds.known`` applies them to whole tables, ``directory.hsds.documents.hiding`` to the
rows of a batch. A test compares what the two let out.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final

from directory.hsds.profile import EXTENSIONS
from directory.hsds.standard import HSDS_TABLES
from directory.models import TABLES

#: What a record belongs to: it is not there unless all of these are that it names, and it
#: names one at least. What else it refers to is left empty where that is not there.
BELONGS: Final[Mapping[str, tuple[str, ...]]] = {
    "program": ("organization_id",),
    "service": ("organization_id",),
    "service_at_location": ("service_id", "location_id"),
    "address": ("location_id", "organization_id"),
    "phone": (
        "location_id",
        "service_id",
        "organization_id",
        "contact_id",
        "service_at_location_id",
    ),
    "contact": ("location_id", "service_id", "organization_id", "service_at_location_id"),
    "schedule": ("location_id", "service_id", "service_at_location_id"),
    "language": ("location_id", "service_id", "phone_id"),
    "accessibility": ("location_id",),
    "service_area": ("service_id", "service_at_location_id"),
    "required_document": ("service_id",),
    "cost_option": ("service_id",),
    "funding": ("organization_id", "service_id"),
    "service_capacity": ("service_id", "unit_id", "service_at_location_id"),
    "url": ("organization_id", "service_id"),
    "organization_identifier": ("organization_id",),
    "taxonomy_term": ("taxonomy_id",),
    "attribute": ("taxonomy_term_id",),
}
#: What may be said or changed of a record of any table: the columns with its table and its id.
OF_ANYTHING: Final[Mapping[str, tuple[str, str]]] = {
    "attribute": ("link_entity", "link_id"),
    "metadata": ("resource_type", "resource_id"),
}
#: All that is told of a hidden place: not even whose it is.
TOLD_OF_PLACE: Final = frozenset({"id", "location_type", "address_visibility"})
#: Words and numbers that may say how to find a place, and the hour there.
WORDS: Final = frozenset({"description", "notes", "note", "attention", "schedule_link", "timezone"})
#: By which of its columns a record can be at a hidden place.
AT_A_PLACE_BY: Final = ("location_id", "service_at_location_id", "contact_id", "phone_id")


def is_only_at_public(table: str, owner: str) -> bool:
    """Say whether records of a table are not there where their owner is quiet."""
    at_place = owner == "location" and table != "service_at_location"
    return at_place or (table, owner) == ("contact", "service_at_location")


def is_silenced(table: str, column: str) -> bool:
    """Say whether a column is empty in records that are quiet."""
    if table == "location":
        return column not in TOLD_OF_PLACE
    return column in WORDS and any(name in TABLES[table].c for name in AT_A_PLACE_BY)


def is_silenced_if_drawn(table: str, column: str) -> bool:
    """Say whether a column is empty in records that are quiet where it has a drawing."""
    return (table, column) == ("service_area", "extent")


@cache
def references(table: str) -> Mapping[str, str]:
    """Return the tables that a table's columns refer to."""
    fields = (*HSDS_TABLES[table].fields, *EXTENSIONS.get(table, ()))
    return {field.name: field.refers_to for field in fields if field.refers_to}
