"""The tables of the directory. A column that HSDS has keeps its HSDS name.

Importing this package fills the metadata; import each class from its own module.
"""

from sqlmodel import SQLModel

from directory.models import (
    accounts,
    contacts,
    history,
    imports,
    locations,
    messages,
    openings,
    organizations,
    schedules,
    search_changes,
    search_counts,
    search_entries,
    services,
    taxonomies,
    verifications,
)

#: Every table that is defined, by its name in the database.
TABLES = SQLModel.metadata.tables

__all__ = [
    "TABLES",
    "accounts",
    "contacts",
    "history",
    "imports",
    "locations",
    "messages",
    "openings",
    "organizations",
    "schedules",
    "search_changes",
    "search_counts",
    "search_entries",
    "services",
    "taxonomies",
    "verifications",
]
