"""Publishing availability windows, and making their slots ahead of time."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from directory.database import insert_new
from directory.errors import FieldError, InvalidError, NotFoundError
from directory.models.services import Service, ServiceAtLocation
from directory.opening_rules import parse_byday
from directory.viewer import Viewer
from scheduling.bookable import slots
from scheduling.commands.allotments import cover_slots
from scheduling.drafts import WindowDraft, find_mistakes
from scheduling.models.agreements import Agreement, AgreementStatus
from scheduling.models.windows import (
    AvailabilityWindow,
    WindowException,
    WindowPartner,
    WindowStatus,
)
from scheduling.patterns import Pattern
from scheduling.rules import DAY, MINUTE, cut_into_slots

#: What a draft and a row call by the same name.
_SAME_IN_ROW = (
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


def publish_window(
    session: Session, draft: WindowDraft, *, viewer: Viewer, now: datetime
) -> AvailabilityWindow:
    """Publish a window of the viewer's organization and make its slots.

    Raises ``InvalidError`` naming every bad field, and ``NotFoundError`` for a service that is
    not theirs.
    """
    host_id = _host_of(session, draft.service_at_location_id, viewer)
    mistakes = [*find_mistakes(draft), *_wrong_partners(session, draft, host_id)]
    if mistakes:
        raise InvalidError(mistakes)
    window = _as_row(draft, host_id, viewer, now)
    session.add(window)
    session.flush()  # the exceptions, partners and slots refer to it
    session.add_all(
        WindowPartner(window_id=window.id, organization_id=partner)
        for partner in set(draft.partner_organization_ids)
    )
    session.add_all(
        WindowException(window_id=window.id, closed_on=day) for day in set(draft.closed_on)
    )
    session.flush()
    roll_window(session, window, now=now)
    return window


def roll_windows(session: Session, *, now: datetime) -> int:
    """Make the slots that have come within the horizon of each window; return how many.

    Safe to run twice, late, or in two places at once.
    """
    published = session.exec(
        select(AvailabilityWindow)
        .where(AvailabilityWindow.status == WindowStatus.PUBLISHED)
        .order_by(col(AvailabilityWindow.id))
    )
    return sum(roll_window(session, window, now=now) for window in published)


def roll_window(session: Session, window: AvailabilityWindow, *, now: datetime) -> int:
    """Make the slots of one window from the day after the last roll to its horizon.

    Slots that exist are never touched.
    """
    today = now.astimezone(ZoneInfo(window.timezone)).date()
    last = today + timedelta(window.horizon_days)
    first = max(today, window.starts_on, _day_after(window.rolled_through))
    if first > last:
        return 0
    closed = set(
        session.exec(
            select(col(WindowException.closed_on)).where(WindowException.window_id == window.id)
        )
    )
    made = [
        slot
        for day in _pattern_of(window).days(first, last)
        if day not in closed
        for slot in _slots_of_day(window, day)
        if slot["starts_at"] > now
    ]
    _add_missing_slots(session, made)
    if made:
        cover_slots(session, window.id)
    window.rolled_through = last
    return len(made)


def _day_after(day: date | None) -> date:
    return date.min if day is None else day + DAY


def _pattern_of(window: AvailabilityWindow) -> Pattern:
    return Pattern(
        window.starts_on,
        window.freq,
        window.repeat_interval,
        parse_byday(window.byday) if window.byday else (),
        window.until,
        window.repeat_count,
    )


def _slots_of_day(window: AvailabilityWindow, day: date) -> Iterator[dict[str, Any]]:
    cut = cut_into_slots(
        day,
        window.opens_at,
        window.closes_at,
        ZoneInfo(window.timezone),
        slot_minutes=window.slot_minutes,
        gap_minutes=window.gap_minutes,
    )
    for number, interval in cut:
        yield {
            "id": uuid4(),
            "window_id": window.id,
            "service_at_location_id": window.service_at_location_id,
            "local_date": day,
            "slot_index": number,
            "starts_at": interval.starts_at,
            "ends_at": interval.ends_at,
            "bookable_from": interval.starts_at - timedelta(window.horizon_days),
            "bookable_until": interval.starts_at - window.notice_minutes * MINUTE,
            "capacity": window.capacity,
        }


def _add_missing_slots(session: Session, made: list[dict[str, Any]]) -> None:
    insert_new(session, slots, made, key=["window_id", "local_date", "slot_index"])


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


def _as_row(draft: WindowDraft, host_id: UUID, viewer: Viewer, now: datetime) -> AvailabilityWindow:
    return AvailabilityWindow(
        **{name: getattr(draft, name) for name in _SAME_IN_ROW},
        organization_id=host_id,
        repeat_interval=draft.interval,
        repeat_count=draft.count,
        byday=",".join(draft.byday) or None,
        documents=list(draft.documents),
        created_at=now,
        account_id=viewer.account_id,
    )
