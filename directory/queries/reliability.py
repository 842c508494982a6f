"""How reliably each agency says whether there is room."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows
from directory.intervals import Interval
from directory.queries.openings import at_locations, reports, services
from directory.reliability import share_covered

#: The days that are looked at, and for how long a report of ours can count.
DAYS = timedelta(days=30)
LONGEST = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Reliability:
    """The share of the last 30 days, 0 to 1, in which something said counted.

    Of an agency it is the mean of its places that have ever reported; those that began later
    are measured from their first report.
    """

    share: float
    places: Mapping[UUID, float]


def find_reliability(
    session: Session, *, now: datetime, organization_id: UUID | None = None
) -> dict[UUID, Reliability]:
    """Return the reliability of every agency that reports openings, or of one, by its id."""
    begun = _find_beginnings(session, organization_id)
    spans = _find_spans(session, organization_id, now=now)
    by_agency: dict[UUID, dict[UUID, float]] = defaultdict(dict)
    for (agency, place), first in begun.items():
        during = Interval(max(first, now - DAYS), now)
        by_agency[agency][place] = share_covered(spans.get(place, ()), during)
    return {
        agency: Reliability(sum(places.values()) / len(places), places)
        for agency, places in by_agency.items()
    }


def _find_beginnings(
    session: Session, organization_id: UUID | None
) -> dict[tuple[UUID, UUID], datetime]:
    """Return when each place reported first, by its agency and itself."""
    found = (
        sa.select(
            services.c.organization_id,
            at_locations.c.id,
            sa.func.min(reports.c.updated).label("first"),
        )
        .join(at_locations, at_locations.c.service_id == services.c.id)
        .join(reports, reports.c.service_at_location_id == at_locations.c.id)
        .group_by(services.c.organization_id, at_locations.c.id)
    )
    if organization_id is not None:
        found = found.where(services.c.organization_id == organization_id)
    return {(row["organization_id"], row["id"]): row["first"] for row in find_rows(session, found)}


def _find_spans(
    session: Session, organization_id: UUID | None, *, now: datetime
) -> Mapping[UUID, Sequence[Interval]]:
    """Return when each report counted, by place: until it was over, or the next was made."""
    replaced_at = sa.func.lead(reports.c.updated).over(
        partition_by=(
            reports.c.service_at_location_id,
            reports.c.unit_id,
            reports.c.population,
        ),
        order_by=(reports.c.updated, reports.c.id),
    )
    found = (
        sa.select(
            reports.c.service_at_location_id.label("place"),
            reports.c.updated,
            reports.c.expires_at,
            sa.type_coerce(replaced_at, reports.c.updated.type).label("replaced_at"),
        )
        .join(at_locations, at_locations.c.id == reports.c.service_at_location_id)
        .where(reports.c.updated > now - DAYS - LONGEST)
    )
    if organization_id is not None:
        own = sa.select(services.c.id).where(services.c.organization_id == organization_id)
        found = found.where(at_locations.c.service_id.in_(own))
    spans: dict[UUID, list[Interval]] = defaultdict(list)
    for row in find_rows(session, found):
        ends_at = min(row["expires_at"], row["replaced_at"] or row["expires_at"])
        spans[row["place"]].append(Interval(row["updated"], ends_at))
    return spans
