"""The demo county, written into a database in one transaction."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.needs import ensure_needs
from directory.commands.search_counts import report_searches
from directory.errors import ConflictError, InvalidError
from directory.index import refresh_services
from directory.models.organizations import Organization
from scheduling.commands.allotments import cover_slots
from scheduling.models import TABLES
from seed.agencies import NETWORK_OFFICE
from seed.agreements import (
    PROMISES,
    agreement_id_of,
    agreement_rows,
    allotment_rows,
    member_rows,
)
from seed.bookings import add_bookings
from seed.checks import answer_rows, check_rows, request_rows
from seed.listings import Offered, list_region, organization_id_of
from seed.logins import DEMO_LOGINS, DemoLogin
from seed.openings import capacity_rows, ensure_units
from seed.places import region
from seed.rows import Rows
from seed.searches import search_rows
from seed.staff import account_rows
from seed.waitlists import waitlist_rows, wish_rows
from seed.windows import publish_plans

#: The most counties at once: 90,000 services.
MAXIMUM_SCALE = 300

HOME_ZONE = ZoneInfo("America/Detroit")


class AlreadySeededError(ConflictError):
    """The demo county is in this database already."""

    code = "already-seeded"

    def __init__(self) -> None:
        super().__init__("The demo county is here already. Nothing was changed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedSummary:
    """How many there are of each in the database now, and who can sign in to look."""

    organizations: int
    locations: int
    services: int
    agreements: int
    windows: int
    slots: int
    appointments: int
    waiting: int
    accounts: int
    logins: tuple[DemoLogin, ...]


def seed_county(session: Session, *, now: datetime, scale: int = 1) -> SeedSummary:
    """Write the demo county, and ``scale`` - 1 copies of its directory in other places.

    The same ``now`` and ``scale`` give the same rows, except for the random identifiers of
    windows and slots. Raises ``AlreadySeededError`` when the county is there, and
    ``InvalidError`` for a scale that is not from 1 to ``MAXIMUM_SCALE``.
    """
    if not 1 <= scale <= MAXIMUM_SCALE:
        raise InvalidError.of("scale", f"Give a whole number from 1 to {MAXIMUM_SCALE}.")
    if session.get(Organization, organization_id_of(NETWORK_OFFICE)) is not None:
        raise AlreadySeededError
    need_ids, unit_ids = ensure_needs(session), ensure_units(session)
    for number in range(scale):
        rows = Rows()
        offered = list_region(rows, region(number), need_ids, now=now)
        if number == 0:
            rows.extend("account", account_rows(now))
            rows.extend("agreement", agreement_rows(now.astimezone(HOME_ZONE).date()))
            rows.extend("verification", check_rows(offered, now=now))
            rows.extend("verification", answer_rows(offered, now=now))
            rows.extend("verification_request", request_rows(offered, now=now))
            rows.extend("search_count", search_rows(now=now))
        rows.extend("service_capacity", capacity_rows(offered, unit_ids, now=now, number=number))
        rows.write(session)
        if number == 0:
            _fill_calendar(session, offered, now)
            report_searches(session, now=now)
        refresh_services(session, {each.service_id for each in offered}, now=now)
    return _count(session)


def _fill_calendar(session: Session, offered: Sequence[Offered], now: datetime) -> None:
    """Publish windows and book into them: only in the county itself, not in its copies."""
    rows = Rows()
    published = publish_plans(session, offered, now=now)
    add_bookings(rows, session, published, now=now)
    # Who waits comes last: a window that is published would be offered to them.
    rows.extend("waitlist_entry", waitlist_rows(offered, now=now))
    rows.extend("waitlist_entry", wish_rows(session, published, now=now))
    _grant_places(rows, offered, now)
    rows.write(session)
    for promise in PROMISES:
        if promise.places is not None:
            cover_slots(session, agreement_id=agreement_id_of(promise))


def _grant_places(rows: Rows, offered: Sequence[Offered], now: datetime) -> None:
    """Add the allotments of agreements, in all services of their hosts, and the consortium."""
    services_of: dict[str, set[UUID]] = defaultdict(set)
    for each in offered:
        services_of[each.agency.key].add(each.service_id)
    for table, row in allotment_rows(services_of):
        rows.add(table, **row)
    rows.extend("consortium_member", member_rows(now))


def _count(session: Session) -> SeedSummary:
    def count(table: str) -> int:
        counting = sa.select(sa.func.count()).select_from(TABLES[table])
        return session.connection().execute(counting).scalar_one()

    return SeedSummary(
        organizations=count("organization"),
        locations=count("location"),
        services=count("service"),
        agreements=count("agreement"),
        windows=count("availability_window"),
        slots=count("slot"),
        appointments=count("appointment"),
        waiting=count("waitlist_entry"),
        accounts=count("account"),
        logins=DEMO_LOGINS,
    )
