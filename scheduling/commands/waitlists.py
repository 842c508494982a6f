"""Getting in line, leaving it, and being raised in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_row
from directory.errors import BusyError, FieldError, InvalidError, NotFoundError
from directory.needs import NEEDS_BY_CODE
from directory.tokens import hash_token, new_code, new_token, read_code
from directory.viewer import Viewer
from geo.gazetteer import resolve_place
from geo.places import Place
from scheduling.bookable import slots, slots_open_to
from scheduling.commands.offers import (
    end_entry,
    find_offered_slot,
    lock_offered_slot,
    pass_on,
    withdraw_offers,
)
from scheduling.errors import AlreadyWaitingError, EntryEndedError, LineFullError
from scheduling.lines import listed, waiting
from scheduling.models import TABLES
from scheduling.models.waitlists import TARGET_OF_KIND, WaitlistKind, WaitlistStatus
from scheduling.queries.waitlists import get_entry
from scheduling.waiting import wrong_stretches

MAXIMUM_PLACES: Final = 20
MAXIMUM_PRIORITY: Final = 9
FARTHEST_KM: Final = 500

#: How many people may have entered themselves into one line: more is somebody at play.
MOST_PERSONS: Final = 200

organizations = TABLES["organization"]
terms = TABLES["taxonomy_term"]

#: A day is over everywhere on earth twelve hours after it is in Greenwich.
_BEHIND_EVERYBODY = timedelta(hours=12)

_TARGETS = tuple(dict.fromkeys(name for names in TARGET_OF_KIND.values() for name in names))


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDraft:
    """What somebody waits for, named as in ``WaitlistEntry``, and what would suit them.

    ``near`` is a ZIP code or a town, never an address. ``client_handle`` is an agency's; left
    out, a new one is made. The public has none.
    """

    kind: WaitlistKind
    service_at_location_id: UUID | None = None
    service_id: UUID | None = None
    window_id: UUID | None = None
    host_organization_id: UUID | None = None
    need: str | None = None
    event_on: date | None = None
    near: str | None = None
    within_km: float | None = None
    client_handle: str | None = None
    places: int = 1
    priority: int = 0
    earliest_on: date | None = None
    latest_on: date | None = None
    suits: Sequence[dict[str, Any]] = field(default=())


@dataclass(frozen=True, slots=True)
class Joined:
    """A new entry, and the secret of its link where a person entered themselves."""

    id: UUID
    client_handle: str | None
    code: str | None
    token: str | None


def join_waitlist(session: Session, draft: EntryDraft, *, viewer: Viewer, now: datetime) -> Joined:
    """Put somebody at the end of a line.

    Raises ``InvalidError`` naming every bad field, ``NotFoundError`` for what the viewer could
    never book, ``AlreadyWaitingError`` for a client in that very line, and ``LineFullError``.
    """
    mistakes = [*_find_mistakes(draft, viewer), *wrong_stretches(draft.suits)]
    point = _resolve(draft.near, mistakes) if draft.near else None
    if mistakes:
        raise InvalidError(mistakes)
    host_id = _host_of(session, draft, viewer, now=now)
    if draft.priority and host_id != viewer.organization_id:
        raise InvalidError.of("priority", "Only the host's own staff raise somebody in its line.")
    handle = _handle_of(draft, viewer)
    _refuse_second(session, draft, viewer, handle)
    token = new_token() if viewer.is_public else None
    row = {
        **{name: getattr(draft, name) for name in (*_TARGETS, "within_km", "places", "priority")},
        "id": uuid4(),
        "kind": draft.kind,
        "near_latitude": point.point.latitude if point else None,
        "near_longitude": point.point.longitude if point else None,
        "organization_id": viewer.organization_id,
        "account_id": viewer.account_id,
        "client_handle": handle,
        "code": new_code() if token else None,
        "manage_token_hash": hash_token(token) if token else None,
        "earliest_on": draft.earliest_on,
        "latest_on": draft.latest_on,
        "suits": list(draft.suits),
        "status": WaitlistStatus.WAITING,
        "arrived_at": now,
    }
    session.connection().execute(sa.insert(waiting), row)
    return Joined(row["id"], handle, row["code"], token)


def leave_waitlist(
    session: Session,
    entry_id: UUID,
    *,
    now: datetime,
    status: WaitlistStatus = WaitlistStatus.LEFT,
) -> None:
    """End somebody's waiting; what they are offered just now passes on. Twice is once.

    The caller has found the entry as its viewer, or by its link. Raises ``EntryEndedError`` for
    one that is booked, and ``BusyError`` where an offer is made at this very moment.
    """
    slot_id = lock_offered_slot(session, entry_id)
    locked = sa.select(waiting.c.status).where(waiting.c.id == entry_id).with_for_update()
    was = session.connection().execute(locked).scalar_one()
    if was is WaitlistStatus.BOOKED:
        raise EntryEndedError
    if was is not WaitlistStatus.WAITING:
        return
    if find_offered_slot(session, entry_id) not in (None, slot_id):
        raise BusyError  # offered since; its slot would have to be locked first
    end_entry(session, entry_id, status, now=now)
    freed = withdraw_offers(session, entry_id, now=now)
    pass_on(session, freed, now=now)


def set_priority(session: Session, entry_id: UUID, priority: int, *, viewer: Viewer) -> None:
    """Raise somebody in the line of the viewer's own agency, or lower them again.

    Only the host may: an agency that could raise its own clients would, and so would all others.
    """
    entry = get_entry(session, entry_id, viewer)
    if not 0 <= priority <= MAXIMUM_PRIORITY:
        raise InvalidError.of("priority", f"Give a number from 0 to {MAXIMUM_PRIORITY}.")
    if entry["host_id"] != viewer.organization_id:
        raise InvalidError.of("priority", "Only the host's own staff raise somebody in its line.")
    raised = session.connection().execute(
        sa.update(waiting)
        .where(waiting.c.id == entry_id, waiting.c.status == WaitlistStatus.WAITING)
        .values(priority=priority)
    )
    if raised.rowcount != 1:
        raise EntryEndedError


def find_overdue(session: Session, *, now: datetime, limit: int = 200) -> Sequence[UUID]:
    """Return the entries whose last day has passed everywhere, or whose event has."""
    over = (now - _BEHIND_EVERYBODY).date()
    found = (
        sa.select(waiting.c.id)
        .where(
            waiting.c.status == WaitlistStatus.WAITING,
            (waiting.c.latest_on < over) | (waiting.c.event_on < over),
        )
        .order_by(waiting.c.id)
        .limit(limit)
    )
    return session.connection().execute(found).scalars().all()


def _find_mistakes(draft: EntryDraft, viewer: Viewer) -> Iterator[FieldError]:
    for name in _TARGETS:
        if (getattr(draft, name) is not None) != (name in TARGET_OF_KIND[draft.kind]):
            wanted = name in TARGET_OF_KIND[draft.kind]
            yield FieldError(
                name, "Say what is waited for." if wanted else "Leave it out for this kind."
            )
    if not 1 <= draft.places <= MAXIMUM_PLACES:
        yield FieldError("places", f"Give a number from 1 to {MAXIMUM_PLACES}.")
    if not 0 <= draft.priority <= MAXIMUM_PRIORITY:
        yield FieldError("priority", f"Give a number from 0 to {MAXIMUM_PRIORITY}.")
    if draft.earliest_on and draft.latest_on and draft.latest_on < draft.earliest_on:
        yield FieldError("latest_on", "The last day comes before the first.")
    yield from _wrong_place(draft)
    if viewer.is_public and draft.client_handle is not None:
        yield FieldError("client_handle", "Leave it out: only agencies have handles.")


def _wrong_place(draft: EntryDraft) -> Iterator[FieldError]:
    anywhere = draft.kind in (WaitlistKind.NEED, WaitlistKind.SERVICE)
    if draft.within_km is not None and not 0 < draft.within_km <= FARTHEST_KM:
        yield FieldError("within_km", f"Give a number from 1 to {FARTHEST_KM}.")
    if (draft.within_km is None) != (not draft.near):
        yield FieldError("near", "Give a place and a distance, or neither.")
    elif draft.near and not anywhere:
        yield FieldError("near", "Leave it out: what is waited for has its place.")


def _resolve(near: str, mistakes: list[FieldError]) -> Place | None:
    try:
        return resolve_place(near)
    except (ValueError, LookupError) as error:
        mistakes.append(FieldError("near", str(error)))
        return None


def _handle_of(draft: EntryDraft, viewer: Viewer) -> str | None:
    if viewer.is_public:
        return None
    if draft.client_handle is None:
        return new_code()
    handle = read_code(draft.client_handle)
    if handle is None:
        raise InvalidError.of(
            "client_handle", 'Give a handle such as "7K2M-QX4P", or leave it out for a new one.'
        )
    return handle


def _host_of(session: Session, draft: EntryDraft, viewer: Viewer, *, now: datetime) -> UUID | None:
    """Return the agency that hosts what is waited for; None for a need.

    Raises ``NotFoundError`` for what is not listed, or never open to the viewer.
    """
    match draft.kind:
        case WaitlistKind.NEED:
            _check_need(session, draft.need)
            return None
        case WaitlistKind.ORGANIZATION:
            found = sa.select(listed.c.organization_id).where(
                listed.c.organization_id == draft.host_organization_id
            )
        case WaitlistKind.SERVICE:
            found = sa.select(listed.c.organization_id).where(
                listed.c.service_id == draft.service_id
            )
        case WaitlistKind.SERVICE_AT_LOCATION:
            found = sa.select(listed.c.organization_id).where(
                listed.c.service_at_location_id == draft.service_at_location_id
            )
        case _:
            return _host_of_window(session, draft, viewer, now=now)
    host_id: UUID | None = session.connection().execute(found.limit(1)).scalar_one_or_none()
    if host_id is None:
        raise NotFoundError("service")
    return host_id


def _check_need(session: Session, need: str | None) -> None:
    known = need in NEEDS_BY_CODE or (
        session.connection().execute(sa.select(terms.c.id).where(terms.c.code == need)).first()
    )
    if not known:
        raise InvalidError.of("need", "Give codes of everyday needs, such as food or shelter.")


def _host_of_window(session: Session, draft: EntryDraft, viewer: Viewer, *, now: datetime) -> UUID:
    """Return who hosts a window that is open to the viewer and still happens, that day if named."""
    coming = slots_open_to(viewer, now=now).where(
        slots.c.window_id == draft.window_id, slots.c.starts_at > now
    )
    row = find_row(session, coming.limit(1))
    if row is None:
        raise NotFoundError("window")
    host_id: UUID = row["host_organization_id"]
    if draft.event_on is not None:
        on_the_day = coming.where(slots.c.local_date == draft.event_on).limit(1)
        if find_row(session, on_the_day) is None:
            raise InvalidError.of("event_on", "Nothing more happens there on that day.")
    return host_id


def _refuse_second(session: Session, draft: EntryDraft, viewer: Viewer, handle: str | None) -> None:
    same = [
        waiting.c[name].is_not_distinct_from(sa.literal(getattr(draft, name), waiting.c[name].type))
        for name in _TARGETS
    ]
    line = sa.select(sa.func.count()).where(
        waiting.c.status == WaitlistStatus.WAITING, waiting.c.kind == draft.kind, *same
    )
    count = session.connection().execute
    if viewer.is_public:
        if count(line.where(waiting.c.organization_id.is_(None))).scalar_one() >= MOST_PERSONS:
            raise LineFullError
        return
    mine = line.where(
        waiting.c.organization_id == viewer.organization_id, waiting.c.client_handle == handle
    )
    if count(mine).scalar_one():
        raise AlreadyWaitingError
