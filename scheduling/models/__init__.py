"""The tables of the scheduler.

Importing this package fills the metadata; import each class from its own module.
"""

from scheduling.models import agreements, bookings, idempotency, slots, waitlists, windows

__all__ = ["agreements", "bookings", "idempotency", "slots", "waitlists", "windows"]
