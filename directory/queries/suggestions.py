"""What readers have said is wrong."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.models import TABLES
from directory.models.accounts import Role
from directory.models.history import SuggestionState
from directory.offers import at_locations, locations, organizations, services
from directory.viewer import Viewer

suggestions = TABLES["suggestion"]


def find_suggestions(
    session: Session,
    viewer: Viewer,
    *,
    state: SuggestionState = SuggestionState.OPEN,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 100,
) -> Sequence[Row]:
    """Return the suggestions about the viewer's own listings; an administrator's are all.

    Oldest first. ``location_name`` is for staff: a hidden place has its name here.
    """
    found = (
        sa.select(
            suggestions,
            services.c.name.label("service_name"),
            organizations.c.name.label("organization_name"),
            locations.c.name.label("location_name"),
        )
        .join(services, services.c.id == suggestions.c.service_id)
        .join(organizations, organizations.c.id == services.c.organization_id)
        .outerjoin(at_locations, at_locations.c.id == suggestions.c.service_at_location_id)
        .outerjoin(locations, locations.c.id == at_locations.c.location_id)
        .where(suggestions.c.state == state, *_theirs(viewer))
        .order_by(suggestions.c.created_at, suggestions.c.id)
        .limit(limit)
    )
    if after is not None:
        position = sa.tuple_(suggestions.c.created_at, suggestions.c.id)
        seen = sa.tuple_(
            sa.literal(after[0], suggestions.c.created_at.type),
            sa.literal(after[1], suggestions.c.id.type),
        )
        found = found.where(position > seen)
    return find_rows(session, found)


def count_open_suggestions(session: Session, viewer: Viewer) -> int:
    """Count what waits for the viewer to decide."""
    found = (
        sa.select(sa.func.count())
        .select_from(suggestions)
        .join(services, services.c.id == suggestions.c.service_id)
        .where(suggestions.c.state == SuggestionState.OPEN, *_theirs(viewer))
    )
    return int(session.connection().execute(found).scalar_one())


def _theirs(viewer: Viewer) -> Sequence[sa.ColumnElement[bool]]:
    if viewer.role is Role.ADMINISTRATOR:
        return ()
    return (services.c.organization_id == viewer.organization_id,)
