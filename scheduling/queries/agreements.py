"""Questions about agreements: their allotments, their members, their history, their account."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.viewer import Viewer
from scheduling.bookable import (
    agreements,
    allotments,
    members,
    places_taken,
    slots,
    window_partners,
    windows,
)
from scheduling.models import TABLES
from scheduling.models.agreements import Agreement, AgreementStatus, MemberStatus
from scheduling.models.bookings import CAN_BE_CANCELLED, AppointmentStatus
from scheduling.models.windows import BookableBy, WindowStatus
from scheduling.rules import week_of

covered = TABLES["allotment_slot"]
refusals = TABLES["allotment_refusal"]
named_windows = TABLES["allotment_window"]
named_services = TABLES["allotment_service"]
changes = TABLES["agreement_change"]
appointments = TABLES["appointment"]
organizations = TABLES["organization"]
services = TABLES["service"]

#: Cancelling later than this leaves hardly anybody time to take the place.
LATE = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountWeek:
    """What became of an allotment in one of the host's local weeks, from Monday on.

    All but ``refused``, ``no_shows`` and ``cancelled_late`` count places. ``published`` is what
    the host offered in slots of the allotment. ``released`` were not used and are kept no longer.
    An agreement without allotments has one line a week, with ``allotment_id`` empty.
    """

    allotment_id: UUID | None
    week_on: date
    granted: int = 0
    published: int = 0
    used: int = 0
    released: int = 0
    refused: int = 0
    no_shows: int = 0
    cancelled_late: int = 0


def find_allotments(session: Session, agreement_id: UUID) -> list[dict[str, Any]]:
    """Return the allotments of an agreement with the windows and services that each names."""
    rows = find_rows(
        session,
        sa.select(allotments)
        .where(allotments.c.agreement_id == agreement_id)
        .order_by(allotments.c.id),
    )
    return [
        {
            **row,
            "windows": _named(session, named_windows, "window_id", windows, "title", row["id"]),
            "services": _named(session, named_services, "service_id", services, "name", row["id"]),
        }
        for row in rows
    ]


def _named(
    session: Session, table: sa.Table, column: str, of: sa.Table, name: str, allotment_id: UUID
) -> Sequence[Row]:
    return find_rows(
        session,
        sa.select(of.c.id, of.c[name].label("name"))
        .join(table, table.c[column] == of.c.id)
        .where(table.c.allotment_id == allotment_id)
        .order_by(of.c[name], of.c.id),
    )


def find_successors(session: Session, agreement_id: UUID) -> Sequence[Row]:
    """Return what is to replace an agreement, or has replaced it; what was withdrawn is not."""
    return find_rows(
        session,
        sa.select(agreements)
        .where(
            agreements.c.replaces_id == agreement_id,
            agreements.c.status != AgreementStatus.ENDED,
        )
        .order_by(agreements.c.starts_on, agreements.c.id),
    )


class Promisable(NamedTuple):
    """The windows and services of a host that an allotment may name, as ids and names."""

    windows: Sequence[Row]
    services: Sequence[Row]


def find_what_may_be_promised(session: Session, agreement: Agreement, viewer: Viewer) -> Promisable:
    """Return what a party may name in other terms of an agreement.

    A host names what it offers to others than its own staff. Its partner sees no more of that
    than it can see anyway: what the agreement names already, what the public may book, and while
    the agreement is in force the windows for partners. Services are in the directory.
    """
    host_id = agreement.host_organization_id
    named = (
        sa.select(named_windows.c.window_id)
        .join(allotments, allotments.c.id == named_windows.c.allotment_id)
        .where(allotments.c.agreement_id == agreement.id)
    )
    offered = sa.and_(
        windows.c.status != WindowStatus.ENDED,
        windows.c.bookable_by != BookableBy.OWN,
        sa.true() if viewer.organization_id == host_id else _seen_by_partner(agreement),
    )
    return Promisable(
        find_rows(
            session,
            sa.select(windows.c.id, windows.c.title.label("name"))
            .where(windows.c.organization_id == host_id, offered | windows.c.id.in_(named))
            .order_by(windows.c.title, windows.c.id),
        ),
        find_rows(
            session,
            sa.select(services.c.id, services.c.name)
            .where(services.c.organization_id == host_id)
            .order_by(services.c.name, services.c.id),
        ),
    )


def _seen_by_partner(agreement: Agreement) -> sa.ColumnElement[bool]:
    public = windows.c.bookable_by == BookableBy.PUBLIC
    if agreement.status not in (AgreementStatus.ACTIVE, AgreementStatus.SUSPENDED):
        return public
    kept = sa.exists().where(window_partners.c.window_id == windows.c.id)
    for_us = kept.where(window_partners.c.organization_id == agreement.partner_organization_id)
    return sa.or_(public, ~kept, for_us)


def find_agreement_changes(session: Session, agreement_id: UUID) -> Sequence[Row]:
    """Return the steps in an agreement's life, first to last, with the agency that took each."""
    return find_rows(
        session,
        sa.select(changes, organizations.c.name.label("organization_name"))
        .outerjoin(organizations, organizations.c.id == changes.c.organization_id)
        .where(changes.c.agreement_id == agreement_id)
        .order_by(changes.c.version),
    )


def find_standing_appointments(
    session: Session, agreement_id: UUID, *, now: datetime
) -> Sequence[Row]:
    """Return what is booked under an agreement and still to come; it stands when that ends."""
    return find_rows(
        session,
        sa.select(appointments.c.id, appointments.c.code, slots.c.starts_at, windows.c.timezone)
        .join(slots, slots.c.id == appointments.c.slot_id)
        .join(windows, windows.c.id == slots.c.window_id)
        .where(
            appointments.c.agreement_id == agreement_id,
            appointments.c.status.in_(CAN_BE_CANCELLED),
            slots.c.starts_at > now,
        )
        .order_by(slots.c.starts_at, appointments.c.id),
    )


def find_members(session: Session, viewer: Viewer) -> Sequence[Row]:
    """Return the memberships of the viewer's agency, as lead or as member, with both names."""
    lead, member = organizations.alias("lead"), organizations.alias("member")
    ours = (members.c.lead_organization_id, members.c.member_organization_id)
    return find_rows(
        session,
        sa.select(members, lead.c.name.label("lead_name"), member.c.name.label("member_name"))
        .join(lead, lead.c.id == members.c.lead_organization_id)
        .join(member, member.c.id == members.c.member_organization_id)
        .where(
            members.c.status != MemberStatus.LEFT,
            sa.or_(*(column == viewer.organization_id for column in ours)),
        )
        .order_by(lead.c.name, member.c.name, member.c.id),
    )


def find_other_agencies(session: Session, viewer: Viewer) -> list[tuple[UUID, str]]:
    """Return the ids and names of all agencies but the viewer's, by name."""
    rows = find_rows(
        session,
        sa.select(organizations.c.id, organizations.c.name)
        .where(organizations.c.id != viewer.organization_id)
        .order_by(organizations.c.name, organizations.c.id),
    )
    return [(row["id"], row["name"]) for row in rows]


def account_of(
    session: Session, agreement_id: UUID, *, now: datetime, weeks_from: date, weeks_to: date
) -> list[AccountWeek]:
    """Return the account of an agreement for the weeks from one Monday through another.

    Both sides see the same. Weeks in which nothing was published, booked or refused are left out.
    """
    lines: dict[tuple[UUID | None, date], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    granted = {row["id"]: row["places"] for row in find_rows(session, _of_agreement(agreement_id))}
    for row in find_rows(session, _published(agreement_id, now)):
        line = lines[row["allotment_id"], row["week_on"]]
        line["published"], line["kept"] = int(row["published"]), int(row["kept"])
    for row in find_rows(session, _refused(agreement_id)):
        lines[row["allotment_id"], row["week_on"]]["refused"] = row["refused"]
    for row in find_rows(session, _booked(agreement_id)):
        if granted and row["allotment_id"] is None:
            continue
        line = lines[row["allotment_id"], week_of(row["local_date"])]
        at = row["cancelled_at"]
        line["used"] += row["used"]
        line["no_shows"] += row["no_shows"]
        line["cancelled_late"] += at is not None and at > row["starts_at"] - LATE
    return [
        _line(allotment_id, week, counted, granted.get(allotment_id, 0) if allotment_id else 0)
        for (allotment_id, week), counted in sorted(
            lines.items(), key=lambda item: (item[0][1], str(item[0][0]))
        )
        if weeks_from <= week <= weeks_to
    ]


def _line(
    allotment_id: UUID | None, week: date, counted: dict[str, int], granted: int
) -> AccountWeek:
    offered = min(granted, counted["published"])
    unused = max(0, offered - counted["used"])
    return AccountWeek(
        allotment_id=allotment_id,
        week_on=week,
        granted=granted,
        released=unused - min(unused, counted["kept"]),
        **{
            name: counted[name]
            for name in ("published", "used", "refused", "no_shows", "cancelled_late")
        },
    )


def _of_agreement(agreement_id: UUID) -> sa.Select[Any]:
    return sa.select(allotments.c.id, allotments.c.places).where(
        allotments.c.agreement_id == agreement_id
    )


def _published(agreement_id: UUID, now: datetime) -> sa.Select[Any]:
    """Count, by week, the places of the slots of an allotment, and those free and still kept."""
    kept = sa.and_(
        covered.c.released_at > now,
        slots.c.bookable_until > now,
        windows.c.status == WindowStatus.PUBLISHED,
    )
    free = slots.c.capacity - places_taken(now)
    return (
        sa.select(
            covered.c.allotment_id,
            covered.c.week_on,
            sa.func.sum(slots.c.capacity).label("published"),
            sa.func.sum(sa.case((kept, free), else_=0)).label("kept"),
        )
        .join(slots, slots.c.id == covered.c.slot_id)
        .join(windows, windows.c.id == slots.c.window_id)
        .join(allotments, allotments.c.id == covered.c.allotment_id)
        .join(agreements, agreements.c.id == allotments.c.agreement_id)
        .where(
            agreements.c.id == agreement_id,
            slots.c.withdrawn_at.is_(None),
            agreements.c.starts_on <= slots.c.local_date,
            agreements.c.ends_on.is_(None) | (agreements.c.ends_on >= slots.c.local_date),
        )
        .group_by(covered.c.allotment_id, covered.c.week_on)
    )


def _refused(agreement_id: UUID) -> sa.Select[Any]:
    return (
        sa.select(refusals.c.allotment_id, refusals.c.week_on, sa.func.count().label("refused"))
        .join(allotments, allotments.c.id == refusals.c.allotment_id)
        .where(allotments.c.agreement_id == agreement_id)
        .group_by(refusals.c.allotment_id, refusals.c.week_on)
    )


def _booked(agreement_id: UUID) -> sa.Select[Any]:
    """Select, for each appointment, what it counts for."""
    cancelled = appointments.c.status == AppointmentStatus.CANCELLED
    by_them = sa.and_(cancelled, appointments.c.cancelled_by != "host")
    return (
        sa.select(
            appointments.c.allotment_id,
            slots.c.local_date,
            sa.case((cancelled, 0), else_=appointments.c.places).label("used"),
            sa.case((appointments.c.status == AppointmentStatus.NOSHOW, 1), else_=0).label(
                "no_shows"
            ),
            sa.case((by_them, appointments.c.cancelled_at)).label("cancelled_at"),
            slots.c.starts_at,
        )
        .join(slots, slots.c.id == appointments.c.slot_id)
        .where(appointments.c.agreement_id == agreement_id)
    )
