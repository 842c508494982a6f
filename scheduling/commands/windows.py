"""Publishing availability windows, and making their slots ahead of time."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.database import Row, find_rows, insert_new
from directory.errors import FieldError, InvalidError, NotFoundError
from directory.models.services import Service, ServiceAtLocation
from directory.viewer import Viewer
from scheduling.bookable import slots
from scheduling.commands.allotments import cover_slots
from scheduling.commands.offers import pass_on_opened
from scheduling.drafts import WindowDraft, find_mistakes
from scheduling.models import TABLES
from scheduling.models.agreements import Agreement, AgreementStatus
from scheduling.models.windows import AvailabilityWindow, WindowStatus
from scheduling.queries.window_terms import SAME_IN_ROW, schedule_of
from scheduling.replanning import plan_slots
from scheduling.rules import DAY, MINUTE
from scheduling.schedule import DatedSlot

organizations = TABLES["organization"]
_PARTNERS = TABLES["window_partner"]
_CLOSED = TABLES["window_exception"]
_ADDED = TABLES["window_added_day"]


def publish_window(
    session: Session, draft: WindowDraft, *, viewer: Viewer, now: datetime
) -> AvailabilityWindow:
    """Publish a window of the viewer's organization and make its slots.

    Raises ``InvalidError`` naming every bad field, and ``NotFoundError`` for a service that is
    not theirs.
    """
    host_id = _host_of(session, draft.service_at_location_id, viewer)
    refuse_mistakes(session, draft, host_id)
    lock_host(session, host_id)
    window = AvailabilityWindow(
        **terms_of(draft), organization_id=host_id, created_at=now, account_id=viewer.account_id
    )
    session.add(window)
    session.flush()  # the days, partners and slots refer to it
    write_lists(session, window.id, draft)
    roll_window(session, window, now=now)
    pass_on_opened(session, [window.id], now=now)
    return window


def lock_host(session: Session, organization_id: UUID) -> None:
    """Make others who publish or close for the same organization wait: none overlooks the other.

    Bookings do not wait: they only refer to the organization.
    """
    session.connection().execute(
        sa.select(organizations.c.id)
        .where(organizations.c.id == organization_id)
        .with_for_update(key_share=True)
    )


def roll_windows(session: Session, *, now: datetime) -> int:
    """Make the slots that have come within the horizon of each window; return how many.

    Safe to run twice, late, or in two places at once. A window that somebody is changing, or
    rolling, at this moment is left to them and to the next time. Nobody who waits is offered
    what this makes: it is not to be booked before its time, when the worker finds it.
    """
    published = session.exec(
        select(AvailabilityWindow)
        .where(AvailabilityWindow.status == WindowStatus.PUBLISHED)
        .order_by(col(AvailabilityWindow.id))
        .with_for_update(skip_locked=True, key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    return sum(roll_window(session, window, now=now) for window in published)


def roll_window(session: Session, window: AvailabilityWindow, *, now: datetime) -> int:
    """Make the slots of one locked window from the day after the last roll to its horizon.

    Slots that exist are never touched. What is left of last night belongs to yesterday.
    """
    today = now.astimezone(ZoneInfo(window.timezone)).date()
    last = today + timedelta(window.horizon_days)
    first = max(today - DAY, window.starts_on, _day_after(window.rolled_through))
    if first > last:
        return 0
    schedule = schedule_of(session, window)
    wanted = (slot for slot in schedule.slots(first, last) if slot.interval.starts_at > now)
    made = plan_slots(wanted, _slots_since(session, window, first)).made
    insert_slots(session, window, made)
    window.rolled_through = last
    session.flush()
    return len(made)


def _slots_since(session: Session, window: AvailabilityWindow, first: date) -> Sequence[Row]:
    """Return the slots that there are already where a roll begins: as a rule there are none."""
    return find_rows(
        session,
        sa.select(slots).where(slots.c.window_id == window.id, slots.c.local_date >= first),
    )


def _day_after(day: date | None) -> date:
    return date.min if day is None else day + DAY


def insert_slots(session: Session, window: AvailabilityWindow, made: Iterable[DatedSlot]) -> None:
    """Insert slots that a window does not have yet; the one place where slots are made."""
    rows = [
        {
            "id": uuid4(),
            "window_id": window.id,
            "service_at_location_id": window.service_at_location_id,
            "local_date": slot.day,
            "slot_index": window.first_number + slot.number,
            "starts_at": slot.interval.starts_at,
            "ends_at": slot.interval.ends_at,
            "capacity": window.capacity,
            **bookable_span(window, slot.interval.starts_at),
        }
        for slot in made
    ]
    insert_new(session, slots, rows, key=["window_id", "local_date", "slot_index"])
    if rows:
        cover_slots(session, window.id)


def bookable_span(window: AvailabilityWindow, starts_at: datetime) -> dict[str, datetime]:
    """Return from when and until when a slot may be booked, by column."""
    return {
        "bookable_from": starts_at - timedelta(window.horizon_days),
        "bookable_until": starts_at - window.notice_minutes * MINUTE,
    }


def terms_of(draft: WindowDraft) -> dict[str, Any]:
    """Return what a draft says in the columns of ``availability_window``."""
    return {
        **{name: getattr(draft, name) for name in SAME_IN_ROW},
        "repeat_interval": draft.interval,
        "repeat_count": draft.count,
        "byday": ",".join(draft.byday) or None,
        "documents": list(draft.documents),
    }


def write_lists(session: Session, window_id: UUID, draft: WindowDraft) -> None:
    """Write a draft's partners, closed days and added days, in place of those there are."""
    partners = [{"organization_id": id_} for id_ in set(draft.partner_organization_ids)]
    closed = [
        {"closed_on": day, "reason": draft.closed_because.get(day)} for day in set(draft.closed_on)
    ]
    added = [
        {
            "added_on": added.day,
            "opens_at": added.opens_at,
            "closes_at": added.closes_at,
            "reason": added.reason,
        }
        for added in draft.added_on
    ]
    connection = session.connection()
    for table, rows in ((_PARTNERS, partners), (_CLOSED, closed), (_ADDED, added)):
        connection.execute(sa.delete(table).where(table.c.window_id == window_id))
        if rows:
            connection.execute(sa.insert(table), [{"window_id": window_id, **row} for row in rows])


def refuse_mistakes(session: Session, draft: WindowDraft, host_id: UUID) -> None:
    """Raise ``InvalidError`` naming every bad field of a draft, its partners among them."""
    mistakes = [*find_mistakes(draft), *_wrong_partners(session, draft, host_id)]
    if mistakes:
        raise InvalidError(mistakes)


def _host_of(session: Session, service_at_location_id: UUID, viewer: Viewer) -> UUID:
    host_id = session.exec(
        select(Service.organization_id)
        .join(ServiceAtLocation, col(ServiceAtLocation.service_id) == Service.id)
        .where(ServiceAtLocation.id == service_at_location_id)
    ).one_or_none()
    if host_id is None or host_id != viewer.organization_id:
        raise NotFoundError("service at a location")
    return host_id


def _wrong_partners(session: Session, draft: WindowDraft, host_id: UUID) -> list[FieldError]:
    """Refuse partners with whom the host has no active agreement."""
    partners = set(
        session.exec(
            select(Agreement.partner_organization_id)
            .where(Agreement.host_organization_id == host_id)
            .where(Agreement.status == AgreementStatus.ACTIVE)
        )
    )
    return [
        FieldError(
            f"partner_organization_ids.{index}",
            "There is no active agreement with this organization.",
        )
        for index, partner in enumerate(draft.partner_organization_ids)
        if partner not in partners
    ]
