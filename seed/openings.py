"""Reports of openings: fresh, old, run out, full, and never made."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from directory.models.accounts import Role
from directory.models.openings import OpeningStatus, Unit
from seed.listings import Offered
from seed.names import row_id
from seed.staff import account_id_of

#: What is counted, and how long a report of it holds.
LIMITS = {
    "beds": timedelta(hours=12),
    "seats": timedelta(hours=24),
    "intake places": timedelta(days=3),
}


class Report(NamedTuple):
    """What a provider said, how long ago, and the share of places that were free then."""

    age: timedelta
    status: OpeningStatus
    free: float | None


#: Every place that counts something gets one of these in turn; None never reported.
_REPORTS = (
    Report(timedelta(minutes=25), OpeningStatus.OPEN, 0.3),
    Report(timedelta(hours=6), OpeningStatus.OPEN, 0.6),
    Report(timedelta(hours=2), OpeningStatus.FULL, 0.0),
    None,
    Report(timedelta(minutes=70), OpeningStatus.OPEN, 0.15),
    Report(timedelta(days=5), OpeningStatus.OPEN, 0.5),
    Report(timedelta(hours=4), OpeningStatus.WAITLIST, 0.0),
    Report(timedelta(minutes=50), OpeningStatus.CALL, None),
    Report(timedelta(hours=9), OpeningStatus.OPEN, 0.8),
    Report(timedelta(hours=3), OpeningStatus.ASSESSMENT, None),
    None,
    Report(timedelta(days=9), OpeningStatus.FULL, 0.0),
)


def ensure_units(session: Session) -> dict[str, UUID]:
    """Add the units that are missing; return the id of each by its name."""
    known = session.exec(select(Unit.name, Unit.id).where(col(Unit.name).in_(LIMITS)))
    ids = {name: row_id("unit", name) for name in LIMITS} | dict(known.all())
    for name, unit_id in ids.items():
        if session.get(Unit, unit_id) is None:
            session.add(Unit(id=unit_id, name=name))
    session.flush()  # the reports refer to them
    return ids


def newest_reports(offered: Sequence[Offered]) -> Iterator[tuple[Offered, Report]]:
    """Yield every place that has reported, with its newest report."""
    counted = [each for each in offered if each.id is not None and each.offer.room]
    for each, report in zip(counted, cycle(_REPORTS), strict=False):
        if report is not None:
            yield each, report


def capacity_rows(
    offered: Sequence[Offered], unit_ids: Mapping[str, UUID], *, now: datetime, number: int
) -> Iterator[dict[str, Any]]:
    """Yield each place's newest report and the one before it.

    Only in region 0, the demo county, are there accounts that can have said it.
    """
    for each, report in newest_reports(offered):
        account_id = account_id_of(each.agency.key, Role.PUBLISHER) if number == 0 else None
        yesterday = Report(report.age + timedelta(days=1), OpeningStatus.OPEN, 0.5)
        for said in (yesterday, report):
            yield _row(each, said, now) | {
                "unit_id": unit_ids[each.offer.unit],
                "account_id": account_id,
            }


def _row(offered: Offered, report: Report, now: datetime) -> dict[str, Any]:
    updated = now - report.age
    return {
        "id": row_id(offered.id, "report", report.age),
        "service_id": offered.service_id,
        "service_at_location_id": offered.id,
        "status": report.status,
        "available": _free(report, offered.offer.places),
        "maximum": None if report.free is None else offered.offer.places,
        "updated": updated,
        "expires_at": updated + LIMITS[offered.offer.unit],
        "said_by": offered.agency.name,
    }


def _free(report: Report, places: int) -> int | None:
    if not report.free:
        return None if report.free is None else 0
    return max(1, round(places * report.free))
