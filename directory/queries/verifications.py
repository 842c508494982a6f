"""How true listings are, and which of them most want to be checked."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row, find_rows
from directory.errors import NotFoundError
from directory.models.verifications import VitalField
from directory.offers import capacities, entries
from directory.queries.checks import requests, verifications
from directory.truth import DUE_AFTER, is_claimed, risk


def find_entries_of_service(session: Session, service_id: UUID) -> Sequence[Row]:
    """Return the search rows of a service, one for each of its places, by their names."""
    return find_rows(
        session,
        sa.select(entries)
        .where(entries.c.service_id == service_id)
        .order_by(entries.c.location_name, entries.c.id),
    )


def get_entry(session: Session, listing_id: UUID) -> Row:
    """Return the search row of a listing; of a service with several places, the first."""
    row = find_row(
        session,
        sa.select(entries)
        .where((entries.c.id == listing_id) | (entries.c.service_id == listing_id))
        .order_by(entries.c.location_name, entries.c.id)
        .limit(1),
    )
    if row is None:
        raise NotFoundError("listing")
    return row


def vital_fields_of(entry: Row) -> list[VitalField]:
    """Return what a listing says that can be wrong, in the order of ``VitalField``."""
    there = str(entry["vital"]).split()
    return [field for field in VitalField if field in there]


def find_own_listings(session: Session, organization_id: UUID | None) -> Sequence[Row]:
    """Return the search rows of an agency, those that wait longest for a check first."""
    return find_rows(
        session,
        sa.select(entries)
        .where(entries.c.organization_id == organization_id)
        .order_by(
            entries.c.checked_at.is_not(None),
            entries.c.checked_at,
            entries.c.service_name,
            entries.c.id,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a service stands: all its places together.

    ``checked_at`` is that of the place that waits longest, empty where one was never checked.
    ``request`` is the last question about it. ``risk`` as in ``directory.truth``.
    """

    service_id: UUID
    organization_id: UUID
    checked_at: datetime | None
    claimed: bool
    uses: int
    checks: int
    changed: int
    request: Row | None
    risk: float

    def is_due(self, now: datetime) -> bool:
        """Say whether it is time to check it again."""
        return self.checked_at is None or now - self.checked_at >= DUE_AFTER

    @property
    def is_waiting(self) -> bool:
        """Whether a question is out."""
        return self.request is not None and self.request["closed_at"] is None

    @property
    def is_undelivered(self) -> bool:
        """Whether the last question reached nobody."""
        return self.request is not None and self.request["undelivered_at"] is not None

    def is_unanswered(self, now: datetime) -> bool:
        """Say whether the last question arrived, and its deadline went by without a check."""
        last = self.request
        if last is None or last["answered_at"] is not None or last["undelivered_at"] is not None:
            return False
        if last["expires_at"] > (last["closed_at"] or now):
            return False
        return self.checked_at is None or self.checked_at < last["asked_at"]


def find_standings(session: Session, uses: Mapping[UUID, int], *, now: datetime) -> list[Standing]:
    """Return how every listed service stands, the riskiest first. Reads the whole directory.

    ``uses`` counts, by service, how often people turned to it lately.
    """
    found, last = _tallies(session), _last_requests(session)
    standings = [
        _standing(row, found.get(row["service_id"]), last, uses, now)
        for row in find_rows(session, _PLACES_TOGETHER)
    ]
    return sorted(standings, key=lambda each: (-each.risk, each.service_id))


_PLACES_TOGETHER = sa.select(
    entries.c.service_id,
    entries.c.organization_id,
    sa.func.count().label("places"),
    sa.func.count(entries.c.checked_at).label("checked_places"),
    sa.func.min(entries.c.checked_at).label("checked_at"),
    sa.func.min(entries.c.hours_claimed_until).label("hours_claimed_until"),
).group_by(entries.c.service_id, entries.c.organization_id)


def _standing(
    row: Row,
    tally: Row | None,
    last: Mapping[UUID, Row],
    uses: Mapping[UUID, int],
    now: datetime,
) -> Standing:
    checked_at = row["checked_at"] if row["places"] == row["checked_places"] else None
    checks, changed = (tally["checks"], tally["changed"]) if tally else (0, 0)
    use = uses.get(row["service_id"], 0)
    age = None if checked_at is None else now - checked_at
    return Standing(
        service_id=row["service_id"],
        organization_id=row["organization_id"],
        checked_at=checked_at,
        claimed=is_claimed(row, now),
        uses=use,
        checks=checks,
        changed=changed,
        request=last.get(row["service_id"]),
        risk=risk(uses=use, age=age, checks=checks, changed=changed),
    )


def _tallies(session: Session) -> dict[UUID, Row]:
    """Count each service's checks, and those that found a mistake."""
    found = find_rows(
        session,
        sa.select(
            verifications.c.service_id,
            sa.func.count().label("checks"),
            sa.func.count().filter(verifications.c.changed).label("changed"),
        ).group_by(verifications.c.service_id),
    )
    return {row["service_id"]: row for row in found}


def _last_requests(session: Session) -> dict[UUID, Row]:
    nth = sa.func.row_number().over(
        partition_by=requests.c.service_id, order_by=(requests.c.asked_at.desc(), requests.c.id)
    )
    numbered = sa.select(requests, nth.label("nth")).subquery()
    found = find_rows(session, sa.select(numbered).where(numbered.c.nth == 1))
    return {row["service_id"]: row for row in found}


def count_reports(session: Session, *, since: datetime) -> Counter[UUID]:
    """Count the reports of openings since then, by service."""
    found = find_rows(
        session,
        sa.select(capacities.c.service_id, sa.func.count().label("reports"))
        .where(capacities.c.updated >= since)
        .group_by(capacities.c.service_id),
    )
    return Counter({row["service_id"]: row["reports"] for row in found})


def count_truth(session: Session, *, now: datetime) -> Row:
    """Count the services of the network's front page: checked, never checked, not claimed."""
    row = find_row(
        session,
        sa.select(
            sa.func.count().filter(entries.c.checked_at > now - DUE_AFTER).label("checked"),
            sa.func.count().filter(entries.c.checked_at <= now - DUE_AFTER).label("due"),
            sa.func.count().filter(entries.c.checked_at.is_(None)).label("never"),
            sa.func.count().filter(entries.c.hours_claimed_until <= now).label("unclaimed"),
        ),
    )
    return row or {}


def find_service_names(session: Session, service_ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Return the search row of each service's first place, by service."""
    found = find_rows(
        session,
        sa.select(entries)
        .where(entries.c.service_id.in_(service_ids))
        .order_by(entries.c.location_name.desc(), entries.c.id.desc()),
    )
    return {row["service_id"]: row for row in found}
