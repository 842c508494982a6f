"""The tables of the scheduler.

Importing this package fills the metadata; import each class from its own module.
``TABLES`` has those of the directory too.
"""

from directory.models import TABLES
from scheduling.models import (
    agreements,
    allotments,
    bookings,
    idempotency,
    slots,
    ticklers,
    waitlists,
    windows,
)

__all__ = [
    "TABLES",
    "agreements",
    "allotments",
    "bookings",
    "idempotency",
    "slots",
    "ticklers",
    "waitlists",
    "windows",
]
