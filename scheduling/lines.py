"""Who waits for which slot: the one place that says it, in both directions, for the database.

An entry for a service at a location waits for its slots; one for a service anywhere for those
at every location of it; one for an organization for all of its slots; one for a need for those
of every service that has that need, or a narrower one; one for a window, or for one day of it,
for its slots, or that day's.
"""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from directory.database import Row
from scheduling.bookable import slots, windows
from scheduling.models import TABLES
from scheduling.models.waitlists import WaitlistKind, WaitlistStatus

waiting = TABLES["waitlist_entry"]
offers = TABLES["offer"]
skips = TABLES["waitlist_skip"]
services = TABLES["service"]
at_locations = TABLES["service_at_location"]
listed = TABLES["search_entry"]

#: A slot with all that decides who waits for it.
SLOT_WITH_LINE = (
    sa.select(
        slots,
        windows.c.organization_id.label("host_organization_id"),
        windows.c.timezone,
        at_locations.c.service_id,
        listed.c.needs,
        listed.c.latitude,
        listed.c.longitude,
    )
    .join(windows, windows.c.id == slots.c.window_id)
    .join(at_locations, at_locations.c.id == slots.c.service_at_location_id)
    .outerjoin(listed, listed.c.service_at_location_id == slots.c.service_at_location_id)
)

#: A window with all that decides who waits for any of its slots.
WINDOW_WITH_LINE = (
    sa.select(
        windows.c.id.label("window_id"),
        windows.c.organization_id.label("host_organization_id"),
        windows.c.service_at_location_id,
        at_locations.c.service_id,
        listed.c.needs,
    )
    .join(at_locations, at_locations.c.id == windows.c.service_at_location_id)
    .outerjoin(listed, listed.c.service_at_location_id == windows.c.service_at_location_id)
)


def waits_for(slot: Row) -> sa.ColumnElement[bool]:
    """Say of an entry whether it waits for a slot, a row of ``SLOT_WITH_LINE``."""
    day = waiting.c.event_on.is_(None) | (waiting.c.event_on == slot["local_date"])
    return sa.and_(waits_for_any([slot]), day)


def waits_for_any(those: Collection[Row]) -> sa.ColumnElement[bool]:
    """Say of an entry whether it waits for any slot of some windows, on whatever day.

    They are rows of ``WINDOW_WITH_LINE``.
    """

    def one_of(name: str) -> sa.ColumnElement[bool]:
        return waiting.c[name].in_({each[name] for each in those})

    needs = {need for each in those for need in (each["needs"] or "").split()}
    return sa.and_(
        waiting.c.status == WaitlistStatus.WAITING,
        sa.or_(
            one_of("service_at_location_id"),
            one_of("service_id"),
            one_of("window_id"),
            one_of("host_organization_id"),
            waiting.c.need.in_(needs),
        ),
    )


def is_in_line(entry: Row, slot: Row) -> bool:
    """Say the same as ``waits_for`` of one that waits, without asking the database."""
    match entry["kind"]:
        case WaitlistKind.SERVICE:
            return bool(entry["service_id"] == slot["service_id"])
        case WaitlistKind.SERVICE_AT_LOCATION:
            return bool(entry["service_at_location_id"] == slot["service_at_location_id"])
        case WaitlistKind.ORGANIZATION:
            return bool(entry["host_organization_id"] == slot["host_organization_id"])
        case WaitlistKind.NEED:
            return entry["need"] in (slot["needs"] or "").split()
        case WaitlistKind.WINDOW:
            return bool(entry["window_id"] == slot["window_id"])
        case _:
            return (entry["window_id"], entry["event_on"]) == (
                slot["window_id"],
                slot["local_date"],
            )


def slots_of_line(entry: Row) -> sa.ColumnElement[bool]:
    """Say of a slot, joined with its window, whether an entry waits for it."""
    match entry["kind"]:
        case WaitlistKind.SERVICE:
            places = sa.select(at_locations.c.id).where(
                at_locations.c.service_id == entry["service_id"]
            )
            return slots.c.service_at_location_id.in_(places)
        case WaitlistKind.SERVICE_AT_LOCATION:
            return sa.and_(slots.c.service_at_location_id == entry["service_at_location_id"])
        case WaitlistKind.ORGANIZATION:
            return sa.and_(windows.c.organization_id == entry["host_organization_id"])
        case WaitlistKind.NEED:
            return slots.c.service_at_location_id.in_(_places_with(entry["need"]))
        case WaitlistKind.WINDOW:
            return sa.and_(slots.c.window_id == entry["window_id"])
        case _:
            return sa.and_(
                slots.c.window_id == entry["window_id"], slots.c.local_date == entry["event_on"]
            )


def _places_with(need: str) -> sa.Select[Any]:
    return sa.select(listed.c.service_at_location_id).where(
        listed.c.service_at_location_id.is_not(None),
        listed.c.needs.contains(f" {need} ", autoescape=True),
    )
