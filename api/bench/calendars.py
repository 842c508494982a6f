"""Windows with slots, as rows."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from api.bench.towns import Rows, numbered_id
from scheduling.models.windows import BookableBy

SLOT_MINUTES = 30

#: The kind of a slot's identifier (``numbered_id``).
SLOT = 6

#: Slots begin on the days from tomorrow on, as many on each.
SLOTS_A_DAY = 20


def make_windows(
    at_locations: Sequence[tuple[UUID, UUID]],
    *,
    slots: int,
    capacity: int,
    bookable_by: BookableBy,
    now: datetime,
) -> dict[str, Rows]:
    """Make a window with so many slots for each pair of service at a location and its host."""
    windows = [
        _window(number, at_location_id, host_id, capacity, bookable_by, now)
        for number, (at_location_id, host_id) in enumerate(at_locations)
    ]
    return {
        "availability_window": windows,
        "slot": [
            _slot(window, number * slots + index, index, now)
            for number, window in enumerate(windows)
            for index in range(slots)
        ],
    }


def slot_id(number: int) -> UUID:
    """Return the identifier of the slot with this number, from 0."""
    return numbered_id(SLOT, number)


def _window(
    number: int,
    at_location_id: UUID,
    host_id: UUID,
    capacity: int,
    bookable_by: BookableBy,
    now: datetime,
) -> dict[str, Any]:
    return {
        "id": numbered_id(5, number),
        "organization_id": host_id,
        "service_at_location_id": at_location_id,
        "title": "Intake",
        "timezone": "UTC",
        "starts_on": now.date(),
        "freq": "DAILY",
        "opens_at": time(8),
        "closes_at": time(18),
        "slot_minutes": SLOT_MINUTES,
        "capacity": capacity,
        "horizon_days": 365,
        "bookable_by": bookable_by,
        "created_at": now,
    }


def _slot(window: dict[str, Any], number: int, index: int, now: datetime) -> dict[str, Any]:
    days, place = divmod(index, SLOTS_A_DAY)
    day = now.date() + timedelta(1 + days)
    starts_at = datetime.combine(day, time(8), UTC) + place * timedelta(minutes=SLOT_MINUTES)
    return {
        "id": slot_id(number),
        "window_id": window["id"],
        "service_at_location_id": window["service_at_location_id"],
        "local_date": day,
        "slot_index": place,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=SLOT_MINUTES),
        "bookable_from": now - timedelta(1),
        "bookable_until": starts_at,
        "capacity": window["capacity"],
    }
