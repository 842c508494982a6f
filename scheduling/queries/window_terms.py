"""The terms of a published window, as the draft that it was, or would be again."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from scheduling.drafts import WindowDraft
from scheduling.models import TABLES
from scheduling.models.windows import AvailabilityWindow
from scheduling.schedule import AddedDay, Closed, Schedule

closures = TABLES["closure"]
exceptions = TABLES["window_exception"]
added_days = TABLES["window_added_day"]
partners = TABLES["window_partner"]

#: What a draft and a row call by the same name.
SAME_IN_ROW = (
    "service_at_location_id",
    "title",
    "timezone",
    "starts_on",
    "freq",
    "until",
    "opens_at",
    "closes_at",
    "slot_minutes",
    "gap_minutes",
    "capacity",
    "notice_minutes",
    "horizon_days",
    "cancel_cutoff_minutes",
    "bookable_by",
    "approval",
    "instructions",
)


def draft_of(session: Session, window: AvailabilityWindow) -> WindowDraft:
    """Return the draft that would publish a window as it is now."""
    closed = _closed_days(session, window.id)
    return WindowDraft(
        **{name: getattr(window, name) for name in SAME_IN_ROW},
        interval=window.repeat_interval,
        byday=window.byday.split(",") if window.byday else (),
        count=window.repeat_count,
        documents=list(window.documents),
        partner_organization_ids=_partners(session, window.id),
        closed_on=[row["closed_on"] for row in closed],
        closed_because={row["closed_on"]: row["reason"] for row in closed if row["reason"]},
        added_on=_added_days(session, window.id),
    )


def schedule_of(session: Session, window: AvailabilityWindow) -> Schedule:
    """Return all that a window comes to now, with the closures of its organization."""
    return draft_of(session, window).schedule(find_closures(session, window.organization_id))


def find_closures(session: Session, organization_id: UUID | None) -> Sequence[Closed]:
    """Return the days on which an organization is closed as a whole."""
    rows = session.connection().execute(
        sa.select(closures.c.starts_on, closures.c.ends_on)
        .where(closures.c.organization_id == organization_id, closures.c.lifted_at.is_(None))
        .order_by(closures.c.starts_on)
    )
    return [Closed(first, last) for first, last in rows]


def _closed_days(session: Session, window_id: UUID) -> Sequence[Row]:
    return find_rows(
        session,
        sa.select(exceptions)
        .where(exceptions.c.window_id == window_id)
        .order_by(exceptions.c.closed_on),
    )


def _added_days(session: Session, window_id: UUID) -> Sequence[AddedDay]:
    rows = find_rows(
        session,
        sa.select(added_days)
        .where(added_days.c.window_id == window_id)
        .order_by(added_days.c.added_on),
    )
    return [
        AddedDay(row["added_on"], row["opens_at"], row["closes_at"], row["reason"]) for row in rows
    ]


def _partners(session: Session, window_id: UUID) -> Sequence[UUID]:
    found = (
        sa.select(partners.c.organization_id)
        .where(partners.c.window_id == window_id)
        .order_by(partners.c.organization_id)
    )
    return session.connection().execute(found).scalars().all()
