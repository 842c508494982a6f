"""From schedule rows to opening rules."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.models import TABLES
from directory.opening_rules import OpeningRule, parse_byday

schedules = TABLES["schedule"]

#: An offer: what identifies a service at a location, or a service without one.
Offer = Row


def find_opening_rules(session: Session, offers: Iterable[Offer]) -> dict[UUID, list[OpeningRule]]:
    """Return the published hours of each offer, by its ``id``.

    An offer has ``id``, ``service_at_location_id``, ``service_id`` and ``location_id``. The most
    particular hours count: those of the service at the location, else of the service, else of
    the location.
    """
    offers = list(offers)
    levels = ("service_at_location_id", "service_id", "location_id")
    wanted = {level: {o[level] for o in offers if o[level] is not None} for level in levels}
    found = find_rows(
        session,
        sa.select(*(each for each in schedules.columns if each.name != "original")).where(
            sa.or_(*(schedules.c[name].in_(wanted[name]) for name in levels))
        ),
    )
    by_owner: dict[tuple[str, UUID], list[OpeningRule]] = defaultdict(list)
    for row in found:
        for level in levels:
            if row[level] is not None:
                by_owner[level, row[level]].append(as_rule(row))
    return {
        offer["id"]: next(
            (
                by_owner[level, offer[level]]
                for level in levels
                if (level, offer[level]) in by_owner
            ),
            [],
        )
        for offer in offers
    }


def as_rule(row: Row) -> OpeningRule:
    """Read a row of ``schedule``. The import and the editor let no row in that cannot be read."""
    return OpeningRule(
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        dtstart=row["dtstart"],
        until=row["until"],
        freq=row["freq"],
        interval=row["repeat_interval"],
        byday=parse_byday(row["byday"]) if row["byday"] else (),
        bymonthday=tuple(int(day) for day in row["bymonthday"].split(","))
        if row["bymonthday"]
        else (),
        count=row["count"],
        opens_at=row["opens_at"],
        closes_at=row["closes_at"],
        by_appointment=row["by_appointment"],
    )
