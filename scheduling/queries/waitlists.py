"""Questions about waiting lists: who waits, for what, and what was offered to whom."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row, find_rows
from directory.errors import NotFoundError
from directory.viewer import Viewer
from scheduling.bookable import slots, slots_open_to, windows
from scheduling.lines import at_locations, listed, offers, services, skips, waiting
from scheduling.models import TABLES
from scheduling.models.waitlists import OfferStatus, WaitlistKind, WaitlistStatus

organizations = TABLES["organization"]
accounts = TABLES["account"]
messages = TABLES["outgoing_message"]

#: What the keys of messages about offers begin with, in the outbox.
MAIL_ABOUT = "offer "

_of_place = services.alias("service_of_place")
_at_window = at_locations.alias("at_window")
_hosts = organizations.alias("host")
_enterers = organizations.alias("entered_by")

#: The one agency whose slots an entry waits for; none for a need, which many may meet.
host_id = sa.func.coalesce(
    waiting.c.host_organization_id,
    services.c.organization_id,
    _of_place.c.organization_id,
    windows.c.organization_id,
)


def _all_entries() -> sa.Select[Any]:
    place = sa.func.coalesce(waiting.c.service_at_location_id, _at_window.c.id)
    return (
        sa.select(
            waiting,
            host_id.label("host_id"),
            _hosts.c.name.label("host_name"),
            _enterers.c.name.label("entered_by_name"),
            sa.func.coalesce(services.c.name, _of_place.c.name).label("service_name"),
            listed.c.location_name,
            windows.c.title,
            windows.c.timezone,
        )
        .select_from(waiting)
        .outerjoin(services, services.c.id == waiting.c.service_id)
        .outerjoin(at_locations, at_locations.c.id == waiting.c.service_at_location_id)
        .outerjoin(_of_place, _of_place.c.id == at_locations.c.service_id)
        .outerjoin(windows, windows.c.id == waiting.c.window_id)
        .outerjoin(_at_window, _at_window.c.id == windows.c.service_at_location_id)
        .outerjoin(listed, listed.c.service_at_location_id == place)
        .outerjoin(_hosts, _hosts.c.id == host_id)
        .outerjoin(_enterers, _enterers.c.id == waiting.c.organization_id)
    )


def _sees(viewer: Viewer, *, hosted: bool | None) -> sa.ColumnElement[bool]:
    if viewer.organization_id is None:
        return sa.false()
    mine = waiting.c.organization_id == viewer.organization_id
    theirs = host_id == viewer.organization_id
    return mine | theirs if hosted is None else (theirs if hosted else mine)


def find_entries(
    session: Session,
    viewer: Viewer,
    *,
    hosted: bool | None = None,
    status: WaitlistStatus | None = WaitlistStatus.WAITING,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 500,
) -> Sequence[Row]:
    """Return the entries that the viewer's agency made or hosts, by arrival.

    ``hosted`` True keeps those who wait for the viewer's agency, False those it entered. Whoever
    waits for a need waits for no one agency, and is seen by the agency that entered them.
    """
    found = (
        _all_entries()
        .where(_sees(viewer, hosted=hosted))
        .order_by(waiting.c.arrived_at, waiting.c.id)
        .limit(limit)
    )
    if status is not None:
        found = found.where(waiting.c.status == status)
    if after is not None:
        found = found.where(
            sa.tuple_(waiting.c.arrived_at, waiting.c.id)
            > sa.tuple_(
                sa.literal(after[0], waiting.c.arrived_at.type),
                sa.literal(after[1], waiting.c.id.type),
            )
        )
    return find_rows(session, found)


def get_entry(session: Session, entry_id: UUID, viewer: Viewer) -> Row:
    """Return an entry that the viewer's agency made or hosts."""
    found = _all_entries().where(waiting.c.id == entry_id, _sees(viewer, hosted=None))
    row = find_row(session, found)
    if row is None:
        raise NotFoundError("entry")
    return row


def get_entry_by_token(session: Session, token_hash: str) -> Row:
    """Return the entry of a person who entered themselves, by their link's hash."""
    row = find_row(session, _all_entries().where(waiting.c.manage_token_hash == token_hash))
    if row is None:
        raise NotFoundError("entry")
    return row


def find_offers(
    session: Session, entry_ids: Collection[UUID], *, open_only: bool = True
) -> Sequence[Row]:
    """Return what was offered to some entries, newest first, with what each is about."""
    found = (
        sa.select(
            offers,
            slots.c.starts_at,
            slots.c.ends_at,
            slots.c.service_at_location_id,
            windows.c.title,
            windows.c.timezone,
            windows.c.instructions,
            windows.c.documents,
            windows.c.organization_id.label("host_organization_id"),
            listed.c.service_name,
            listed.c.organization_name.label("host_name"),
            listed.c.location_name,
            listed.c.address,
            listed.c.phone,
        )
        .join(slots, slots.c.id == offers.c.slot_id)
        .join(windows, windows.c.id == slots.c.window_id)
        .outerjoin(listed, listed.c.service_at_location_id == slots.c.service_at_location_id)
        .where(offers.c.entry_id.in_(list(entry_ids)))
        .order_by(offers.c.offered_at.desc(), offers.c.id)
    )
    if open_only:
        found = found.where(offers.c.status == OfferStatus.OPEN)
    return find_rows(session, found) if entry_ids else []


def get_offer(session: Session, offer_id: UUID, viewer: Viewer) -> Row:
    """Return an offer with its entry, if it is the viewer's to answer.

    That is whoever entered the client, and for a dated event also the host, whose people call
    those who wait on the day.
    """
    on_the_day = sa.and_(waiting.c.kind == WaitlistKind.DATE, host_id == viewer.organization_id)
    entry = (
        _all_entries()
        .join(offers, offers.c.entry_id == waiting.c.id)
        .where(offers.c.id == offer_id)
        .where((waiting.c.organization_id == viewer.organization_id) | on_the_day)
    )
    row = find_row(session, entry) if viewer.organization_id is not None else None
    if row is None:
        raise NotFoundError("offer")
    return _offer(session, offer_id, row)


def get_offer_of_entry(session: Session, entry: Row, offer_id: UUID) -> Row:
    """Return an offer that was made to an entry."""
    return _offer(session, offer_id, entry)


def _offer(session: Session, offer_id: UUID, entry: Row) -> Row:
    found = sa.select(offers).where(offers.c.id == offer_id, offers.c.entry_id == entry["id"])
    row = find_row(session, found)
    if row is None:
        raise NotFoundError("offer")
    return {**row, "entry": entry}


def find_skips(session: Session, entry_ids: Collection[UUID], *, limit: int = 200) -> Sequence[Row]:
    """Return when some entries were passed over, and why, newest first."""
    if not entry_ids:
        return []
    return find_rows(
        session,
        sa.select(skips, slots.c.starts_at, slots.c.ends_at, windows.c.title, windows.c.timezone)
        .join(slots, slots.c.id == skips.c.slot_id)
        .join(windows, windows.c.id == slots.c.window_id)
        .where(skips.c.entry_id.in_(list(entry_ids)))
        .order_by(skips.c.at.desc(), skips.c.id)
        .limit(limit),
    )


def find_lapsed_offers(session: Session, *, now: datetime, limit: int = 200) -> Sequence[UUID]:
    """Return the open offers whose time to answer is over, the oldest first."""
    found = (
        sa.select(offers.c.id)
        .where(offers.c.status == OfferStatus.OPEN, offers.c.expires_at <= now)
        .order_by(offers.c.expires_at, offers.c.id)
        .limit(limit)
    )
    return session.connection().execute(found).scalars().all()


def find_offers_to_tell(session: Session, *, now: datetime) -> Sequence[Row]:
    """Return the open offers of which their entry's account has not been told, with its address."""
    told = sa.select(messages.c.dedupe_key).where(messages.c.dedupe_key.startswith(MAIL_ABOUT))
    found = find_rows(
        session,
        sa.select(offers.c.id, offers.c.expires_at, windows.c.timezone, accounts.c.email)
        .join(waiting, waiting.c.id == offers.c.entry_id)
        .join(accounts, accounts.c.id == waiting.c.account_id)
        .join(slots, slots.c.id == offers.c.slot_id)
        .join(windows, windows.c.id == slots.c.window_id)
        .where(offers.c.status == OfferStatus.OPEN, offers.c.expires_at > now)
        .order_by(offers.c.id),
    )
    known = set(session.connection().execute(told).scalars()) if found else set()
    return [row for row in found if f"{MAIL_ABOUT}{row['id']}" not in known]


def find_events(
    session: Session, viewer: Viewer, service_at_location_id: UUID, *, now: datetime, limit: int = 8
) -> Sequence[Row]:
    """Return the next days on which something happens at a place, full or not, by window."""
    coming = slots_open_to(viewer, now=now).where(
        slots.c.service_at_location_id == service_at_location_id, slots.c.bookable_until > now
    )
    days = coming.with_only_columns(slots.c.window_id, windows.c.title, slots.c.local_date)
    return find_rows(
        session,
        days.distinct()
        .order_by(slots.c.local_date, windows.c.title, slots.c.window_id)
        .limit(limit),
    )


def count_open_offers(session: Session, viewer: Viewer, *, now: datetime) -> int:
    """Count the offers that the viewer's agency has to answer for its clients."""
    found = (
        sa.select(sa.func.count())
        .select_from(offers)
        .join(waiting, waiting.c.id == offers.c.entry_id)
        .where(
            waiting.c.organization_id == viewer.organization_id,
            offers.c.status == OfferStatus.OPEN,
            offers.c.expires_at > now,
        )
    )
    return session.connection().execute(found).scalar_one()
