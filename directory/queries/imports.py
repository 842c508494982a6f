"""What came in from elsewhere: the account of imports, and the places that wait for a person."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row, find_rows
from directory.errors import NotFoundError
from directory.models import TABLES
from directory.offers import locations, organizations

runs = TABLES["import_run"]
reviews = TABLES["place_review"]

#: All but the report, which can be megabytes.
_TOLD = (
    runs.c.id,
    runs.c.source,
    runs.c.outcome,
    runs.c.reason,
    runs.c.started_at,
    runs.c.finished_at,
)


def find_import_runs(
    session: Session, *, before: datetime | None = None, limit: int = 50
) -> Sequence[Row]:
    """Return the imports that ended before an instant, newest first, without their reports."""
    found = sa.select(*_TOLD).order_by(runs.c.finished_at.desc(), runs.c.id).limit(limit)
    if before is not None:
        found = found.where(runs.c.finished_at < before)
    return find_rows(session, found)


def get_import_run(session: Session, run_id: UUID) -> Row:
    """Return one import with its report."""
    row = find_row(session, sa.select(runs).where(runs.c.id == run_id))
    if row is None:
        raise NotFoundError("import")
    return row


def find_place_reviews(session: Session, *, decided: bool, limit: int = 200) -> Sequence[Row]:
    """Return the places that wait for a decision, oldest first, or the last ones decided."""
    found = (
        sa.select(
            reviews,
            locations.c.name,
            locations.c.source,
            organizations.c.name.label("organization_name"),
        )
        .join(locations, locations.c.id == reviews.c.location_id)
        .outerjoin(organizations, organizations.c.id == locations.c.organization_id)
        .limit(limit)
    )
    if decided:
        decided_at = reviews.c.decided_at
        found = found.where(decided_at.is_not(None)).order_by(decided_at.desc())
    else:
        found = found.where(reviews.c.decided_at.is_(None)).order_by(reviews.c.asked_at)
    return find_rows(session, found.order_by(reviews.c.location_id))


def count_places_to_review(session: Session) -> int:
    """Count the places that wait for a decision."""
    waiting = sa.select(sa.func.count()).where(reviews.c.decided_at.is_(None))
    return int(session.connection().execute(waiting).scalar_one())
