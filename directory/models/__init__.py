"""The tables of the directory. A column that HSDS has keeps its HSDS name.

Importing this package fills the metadata; import each class from its own module.
"""

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

__all__ = [
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
