"""The tables of the directory. A column that HSDS has keeps its HSDS name.

Importing this package fills the metadata; import each class from its own module.
"""

from sqlmodel import SQLModel

from directory.models import (
    accounts,
    contacts,
    locations,
    openings,
    organizations,
    schedules,
    search_entries,
    services,
    taxonomies,
)

#: Every table that is defined, by its name in the database.
TABLES = SQLModel.metadata.tables

__all__ = [
    "TABLES",
    "accounts",
    "contacts",
    "locations",
    "openings",
    "organizations",
    "schedules",
    "search_entries",
    "services",
    "taxonomies",
]
