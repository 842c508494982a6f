"""From schedule rows to opening rules."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.models import TABLES
from directory.opening_rules import (
    MOST_MONTH_DAYS,
    MOST_YEAR_DAYS,
    MOST_YEAR_WEEKS,
    OpeningRule,
    parse_byday,
    parse_numbers,
    parse_weekday,
)

schedules = TABLES["schedule"]
at_locations = TABLES["service_at_location"]

#: An offer: what identifies a service at a location, or a service without one.
Offer = Row

#: So many offers are looked up at a time: databases limit how many values a statement has.
BATCH = 1_000

#: Whose hours count, the most particular first.
_LEVELS = ("service_at_location_id", "service_id", "location_id")


def find_opening_rules(session: Session, offers: Iterable[Offer]) -> dict[UUID, list[OpeningRule]]:
    """Return the published hours of each offer, by its ``id``.

    An offer has ``id``, ``service_at_location_id``, ``service_id`` and ``location_id``. The most
    particular hours count: those of the service at the location, else of the service, else of
    the location. The search row of a hidden place does not name its location; it is looked up.

    A row whose days cannot be read says nothing: one bad row must not silence a directory.
    """
    waiting = iter(offers)
    found: dict[UUID, list[OpeningRule]] = {}
    while batch := list(islice(waiting, BATCH)):
        found |= _rules_of_batch(session, _with_their_places(session, batch))
    return found


def _rules_of_batch(session: Session, offers: Sequence[Offer]) -> dict[UUID, list[OpeningRule]]:
    by_owner: dict[tuple[str, UUID], list[OpeningRule]] = defaultdict(list)
    for row in _rows_of(session, offers):
        for level in _LEVELS:
            if row[level] is not None:
                by_owner[level, row[level]] += _readable(row)
    return {
        offer["id"]: next(
            (
                by_owner[level, offer[level]]
                for level in _LEVELS
                if (level, offer[level]) in by_owner
            ),
            [],
        )
        for offer in offers
    }


def _rows_of(session: Session, offers: Sequence[Offer]) -> Sequence[Row]:
    wanted = {level: {o[level] for o in offers if o[level] is not None} for level in _LEVELS}
    owned = (schedules.c[level].in_(ids) for level, ids in wanted.items() if ids)
    return find_rows(session, sa.select(schedules).where(sa.or_(sa.false(), *owned)))


def _with_their_places(session: Session, offers: Sequence[Offer]) -> Sequence[Offer]:
    hidden = [o["id"] for o in offers if o["location_id"] is None and o["service_at_location_id"]]
    if not hidden:
        return offers
    places = find_rows(
        session,
        sa.select(at_locations.c.id, at_locations.c.location_id).where(
            at_locations.c.id.in_(hidden)
        ),
    )
    place_of = {row["id"]: row["location_id"] for row in places}
    return [{**o, "location_id": o["location_id"] or place_of.get(o["id"])} for o in offers]


def _readable(row: Row) -> Iterator[OpeningRule]:
    try:
        yield as_rule(row)
    except ValueError:
        return


def as_rule(row: Row) -> OpeningRule:
    """Read a row of ``schedule``. Raises ValueError where its lists of days cannot be read."""
    return OpeningRule(
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        dtstart=row["dtstart"],
        until=row["until"],
        freq=row["freq"],
        interval=row["repeat_interval"],
        byday=parse_byday(row["byday"] or ""),
        bymonthday=parse_numbers(row["bymonthday"] or "", MOST_MONTH_DAYS),
        byyearday=parse_numbers(row["byyearday"] or "", MOST_YEAR_DAYS),
        byweekno=parse_numbers(row["byweekno"] or "", MOST_YEAR_WEEKS),
        wkst=parse_weekday(row["wkst"]) if row["wkst"] else 0,
        count=row["count"],
        opens_at=row["opens_at"],
        closes_at=row["closes_at"],
        by_appointment=row["by_appointment"],
    )
