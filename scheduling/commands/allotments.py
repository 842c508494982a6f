"""Laying allotments over slots, and noting who was refused for lack of places."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows, insert_new
from scheduling.bookable import agreements, allotments, slots, window_partners, windows
from scheduling.commands.places import (
    allotment_places,
    at_locations,
    covered,
    named_services,
    named_windows,
)
from scheduling.errors import AllotmentUsedError
from scheduling.models import TABLES
from scheduling.models.agreements import AgreementStatus
from scheduling.models.windows import BookableBy
from scheduling.rules import week_of

refusals = TABLES["allotment_refusal"]

#: Only these are laid over slots; of a suspended one nothing is kept until it is resumed.
_SIGNED = (AgreementStatus.ACTIVE, AgreementStatus.SUSPENDED)


def cover_slots(
    session: Session, window_id: UUID | None = None, *, agreement_id: UUID | None = None
) -> int:
    """Write down which slots of a window, or which for an agreement, allotments count in.

    To be called after slots were made or an agreement was signed, and after a window changed who
    may book it. Safe to run twice. Returns how many rows are new. What is no longer so is taken
    away, except for weeks in which places have been used: they keep their account.
    """
    about = (
        slots.c.window_id == window_id if window_id else allotments.c.agreement_id == agreement_id
    )
    wanted = find_rows(session, _in_scope().where(about))
    now_there = {
        (row["slot_id"], row["allotment_id"]) for row in find_rows(session, _covered(about))
    }
    rows = [
        {
            "slot_id": row["slot_id"],
            "allotment_id": row["allotment_id"],
            "week_on": week_of(row["local_date"]),
            "released_at": row["starts_at"] - timedelta(minutes=row["release_minutes"] or 0),
        }
        for row in wanted
    ]
    right = {(row["slot_id"], row["allotment_id"]) for row in rows}
    new = [row for row in rows if (row["slot_id"], row["allotment_id"]) not in now_there]
    for slot_id, allotment_id in sorted(now_there - right):
        session.connection().execute(_UNCOVER, {"its_slot": slot_id, "its_allotment": allotment_id})
    insert_new(
        session,
        covered,
        sorted(new, key=lambda row: (row["slot_id"], row["allotment_id"])),
        key=["slot_id", "allotment_id"],
    )
    return len(new)


def note_refusal(session: Session, refused: AllotmentUsedError, *, now: datetime) -> None:
    """Write down, for the account, that an allotment was used up when somebody asked."""
    session.connection().execute(
        sa.insert(refusals),
        {
            "id": uuid4(),
            "allotment_id": refused.allotment_id,
            "week_on": refused.week_on,
            "organization_id": refused.organization_id,
            "at": now,
        },
    )


_used = allotment_places.alias("used")
_UNCOVER = sa.delete(covered).where(
    covered.c.slot_id == sa.bindparam("its_slot"),
    covered.c.allotment_id == sa.bindparam("its_allotment"),
    ~sa.exists().where(
        _used.c.allotment_id == covered.c.allotment_id, _used.c.week_on == covered.c.week_on
    ),
)


def _covered(about: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return (
        sa.select(covered.c.slot_id, covered.c.allotment_id)
        .join(slots, slots.c.id == covered.c.slot_id)
        .join(allotments, allotments.c.id == covered.c.allotment_id)
        .where(about)
    )


def _in_scope() -> sa.Select[Any]:
    """Select the slots that allotments name, by window or by service, and may open."""
    window_named = sa.exists().where(
        named_windows.c.allotment_id == allotments.c.id,
        named_windows.c.window_id == slots.c.window_id,
    )
    service_named = sa.exists().where(
        named_services.c.allotment_id == allotments.c.id,
        named_services.c.service_id == at_locations.c.service_id,
    )
    kept = sa.exists().where(window_partners.c.window_id == windows.c.id)
    for_partner = kept.where(
        window_partners.c.organization_id == agreements.c.partner_organization_id
    )
    return (
        sa.select(
            slots.c.id.label("slot_id"),
            slots.c.local_date,
            slots.c.starts_at,
            allotments.c.id.label("allotment_id"),
            allotments.c.release_minutes,
        )
        .select_from(slots)
        .join(windows, windows.c.id == slots.c.window_id)
        .join(at_locations, at_locations.c.id == slots.c.service_at_location_id)
        .join(agreements, agreements.c.host_organization_id == windows.c.organization_id)
        .join(allotments, allotments.c.agreement_id == agreements.c.id)
        .where(
            agreements.c.status.in_(_SIGNED),
            agreements.c.starts_on <= slots.c.local_date,
            agreements.c.ends_on.is_(None) | (agreements.c.ends_on >= slots.c.local_date),
            window_named | service_named,
            sa.or_(
                windows.c.bookable_by == BookableBy.PUBLIC,
                sa.and_(windows.c.bookable_by != BookableBy.OWN, ~kept | for_partner),
            ),
        )
    )
