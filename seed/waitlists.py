"""The lines in front of services that are full."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from directory.models.openings import OpeningStatus
from scheduling.models.waitlists import WaitlistStatus
from seed.bookings import CLIENTS, client_handle
from seed.listings import Offered, organization_id_of
from seed.names import dice, row_id
from seed.openings import newest_reports

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
