"""The account of an import that stays in the database, and the places that wait for a person."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows
from directory.hsds.batches import batches
from directory.hsds.guard import HeldBack
from directory.hsds.report import ImportReport
from directory.models import TABLES
from directory.models.imports import ImportOutcome, ImportRun

_LONGEST_SOURCE: Final = 80


def record_run(
    session: Session, report: ImportReport, *, started_at: datetime, now: datetime
) -> UUID:
    """Note that an import was taken; belongs into its transaction."""
    return _record(session, report, ImportOutcome.APPLIED, started_at=started_at, now=now)


def record_refusal(
    session: Session, report: ImportReport, *, started_at: datetime, now: datetime
) -> UUID:
    """Note that an import was refused whole, and why; needs a transaction of its own."""
    return _record(session, report, ImportOutcome.REFUSED, started_at=started_at, now=now)


def _record(
    session: Session,
    report: ImportReport,
    outcome: ImportOutcome,
    *,
    started_at: datetime,
    now: datetime,
) -> UUID:
    run = ImportRun(
        source=report.source[:_LONGEST_SOURCE],
        outcome=outcome,
        reason=report.refused_because,
        report=report.to_dict(is_kept=True),
        started_at=started_at,
        finished_at=now,
    )
    session.add(run)
    session.flush()
    return run.id


def ask_for_reviews(session: Session, held: HeldBack, *, now: datetime) -> None:
    """Put the places that words speak of on the list for a person, unless they were on it."""
    reviews = TABLES["place_review"]
    for batch in batches(held.reviews):
        wanted = {UUID(bytes=place): held.reviews[place] for place in batch}
        asked = sa.select(reviews.c.location_id).where(reviews.c.location_id.in_(list(wanted)))
        known = {row["location_id"] for row in find_rows(session, asked)}
        rows: list[dict[str, Any]] = [
            {"location_id": place, "reason": reason, "asked_at": now}
            for place, reason in wanted.items()
            if place not in known
        ]
        if rows:
            session.connection().execute(sa.insert(reviews), rows)
