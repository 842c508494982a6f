"""One slot with everything that somebody who books it wants to know."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row
from directory.errors import NotFoundError
from directory.viewer import Viewer
from scheduling.bookable import slots, slots_as_seen_by, slots_open_to, windows
from scheduling.models import TABLES

entries = TABLES["search_entry"]
documents = TABLES["required_document"]


def get_slot_details(session: Session, slot_id: UUID, viewer: Viewer, *, now: datetime) -> Row:
    """Return a slot of a window that is open to the viewer, whether or not there is room.

    Beside the columns of ``slots_open_to``: the window's ``timezone``, ``instructions``,
    ``documents`` and the search row's ``service_id``, names, ``address`` and ``phone``.
    """
    return _get(session, slot_id, slots_open_to(viewer, now=now))


def get_slot_of_hold(session: Session, hold: Row, viewer: Viewer, *, now: datetime) -> Row:
    """Return the same of a slot that the viewer holds, even if its window has closed since."""
    return _get(session, hold["slot_id"], slots_as_seen_by(viewer, now=now))


def _get(session: Session, slot_id: UUID, seen: sa.Select[Any]) -> Row:
    found = find_row(
        session,
        seen.add_columns(
            windows.c.timezone,
            windows.c.instructions,
            windows.c.documents,
            entries.c.service_id,
            entries.c.service_name,
            entries.c.organization_name,
            entries.c.location_name,
            entries.c.address,
            entries.c.phone,
        )
        .join(entries, entries.c.service_at_location_id == slots.c.service_at_location_id)
        .where(slots.c.id == slot_id),
    )
    if found is None:
        raise NotFoundError("time")
    return found


def find_documents(session: Session, booked: Row) -> list[str]:
    """Return what to bring: the papers that the service asks for, and what the window adds.

    ``booked`` is a slot or an appointment, with the ``documents`` of its window.
    """
    found = session.connection().execute(
        sa.select(documents.c.document)
        .join(entries, entries.c.service_id == documents.c.service_id)
        .where(entries.c.service_at_location_id == booked["service_at_location_id"])
        .order_by(documents.c.id)
    )
    return list(dict.fromkeys([*found.scalars(), *booked["documents"]]))
