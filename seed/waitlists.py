"""The lines in front of services that are full."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from directory.models.accounts import Role
from directory.models.openings import OpeningStatus
from directory.models.services import ServiceAtLocation
from directory.tokens import hash_token
from geo.gazetteer import resolve_place
from scheduling.bookable import slots
from scheduling.models.waitlists import WaitlistKind, WaitlistStatus
from scheduling.models.windows import AvailabilityWindow, BookableBy
from seed.bookings import CLIENTS, client_handle
from seed.listings import Offered, organization_id_of
from seed.names import code_from, dice, row_id
from seed.openings import newest_reports
from seed.staff import account_id_of
from seed.windows import Published

#: Clients of these agencies wait, beside the host's own.
_REFERRING = ("papercrane", "lanternfish", "velvetotter", "umbrellatree")

_STATUSES = (WaitlistStatus.WAITING,) * 6 + (WaitlistStatus.BOOKED, WaitlistStatus.LEFT)


def waitlist_rows(offered: Sequence[Offered], *, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield three to eight people in line wherever the last word was "waiting list"."""
    for each, report in newest_reports(offered):
        if report.status is OpeningStatus.WAITLIST:
            yield from _line(each, now)


def _line(offered: Offered, now: datetime) -> Iterator[dict[str, Any]]:
    rolling = dice("line", offered.id)
    for index in range(rolling.randint(3, 8)):
        agency = rolling.choice((offered.agency.key, *_REFERRING))
        yield {
            "id": row_id(offered.id, "waiting", index),
            "service_at_location_id": offered.id,
            "organization_id": organization_id_of(agency),
            "client_handle": client_handle(agency, rolling.randrange(CLIENTS)),
            "priority": rolling.choice((0, 0, 0, 1, 2)),
            "status": rolling.choice(_STATUSES),
            "arrived_at": now - timedelta(hours=rolling.randint(2, 500)),
        }


class Wish(NamedTuple):
    """Somebody who waits for more, or for less, than one place: by whom they were entered."""

    agency: str | None
    kind: WaitlistKind
    target: dict[str, Any]
    more: dict[str, Any] | None = None


def wish_rows(
    session: Session, published: Sequence[Published], *, now: datetime
) -> Iterator[dict[str, Any]]:
    """Yield somebody who waits for each other kind of thing, and two who entered themselves."""
    for index, wish in enumerate(_wishes(session, published)):
        rolling = dice("wish", index)
        own = wish.agency is None
        yield {
            "id": row_id("wish", index),
            "kind": wish.kind,
            **wish.target,
            "organization_id": None if own else organization_id_of(wish.agency or ""),
            "account_id": None if own else account_id_of(wish.agency or "", Role.COORDINATOR),
            "client_handle": None if own else client_handle(wish.agency or "", index),
            "code": code_from(rolling) if own else None,
            "manage_token_hash": hash_token(code_from(rolling)) if own else None,
            "suits": [],
            "status": WaitlistStatus.WAITING,
            "arrived_at": now - timedelta(hours=rolling.randint(2, 200)),
            **(wish.more or {}),
        }


def _wishes(session: Session, published: Sequence[Published]) -> Iterator[Wish]:
    """Yield the wishes: hours that suit, a distance from a ZIP code, a family, and one day."""
    legal = _window(published, "moonbeam", BookableBy.PARTNERS)
    pantry = _window(published, "lanternfish", BookableBy.PUBLIC)
    mornings = {"byday": ["MO", "TU", "WE"], "opens_at": "09:00", "closes_at": "12:00"}
    service_id = session.get_one(ServiceAtLocation, pantry.service_at_location_id).service_id
    yield Wish("papercrane", WaitlistKind.SERVICE, {"service_id": service_id})
    yield Wish("papercrane", WaitlistKind.WINDOW, {"window_id": legal.id})
    yield Wish(
        "papercrane",
        WaitlistKind.ORGANIZATION,
        {"host_organization_id": organization_id_of("lanternfish")},
        {"suits": [mornings]},
    )
    near = resolve_place("48933").point
    yield Wish(
        "papercrane",
        WaitlistKind.NEED,
        {"need": "dental"},
        {"near_latitude": near.latitude, "near_longitude": near.longitude, "within_km": 16.0},
    )
    day = _last_day(session, pantry)
    for agency, places in (("papercrane", 4), (None, 1), (None, 2)):
        yield Wish(
            agency,
            WaitlistKind.DATE,
            {"window_id": pantry.id, "event_on": day},
            {"places": places},
        )


def _last_day(session: Session, window: AvailabilityWindow) -> date:
    """Return the last day for which a window has slots."""
    found = sa.select(sa.func.max(slots.c.local_date)).where(slots.c.window_id == window.id)
    day: date = session.connection().execute(found).scalar_one()
    return day


def _window(published: Sequence[Published], agency: str, by: BookableBy) -> AvailabilityWindow:
    return next(
        each.window for each in published if (each.plan.agency, each.plan.by) == (agency, by)
    )
