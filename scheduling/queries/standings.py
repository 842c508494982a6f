"""Where somebody stands in line, and how long that may take: honestly, and no more precisely.

Two who wait compete where some slot could be offered to either. Somebody is ahead where they
would be asked first for one of those: so what is said is the most that can be ahead.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows, is_one_of
from scheduling.bookable import slots, windows
from scheduling.lines import at_locations, listed, offers, waiting
from scheduling.models.waitlists import WaitlistKind, WaitlistStatus
from scheduling.queries.in_line import find_inside, place_in_line
from scheduling.waiting import LOOK_BACK, WaitRange, expected_wait


class Standing(NamedTuple):
    """A place in line, from 1, and the range of weeks that the wait may last; None: unknown."""

    position: int
    wait: WaitRange | None


@dataclass(frozen=True, slots=True)
class _Reach:
    """What may be offered to an entry: slots at places, of one window, on one day."""

    places: frozenset[UUID]
    window_id: UUID | None
    day: date | None

    def meets(self, other: "_Reach") -> bool:
        """Say whether some slot may be offered to both."""
        return (
            not self.places.isdisjoint(other.places)
            and (None in (self.window_id, other.window_id) or self.window_id == other.window_id)
            and (None in (self.day, other.day) or self.day == other.day)
        )

    def both(self, other: "_Reach") -> "_Reach":
        """Return what may be offered to both, where they meet."""
        return _Reach(
            self.places & other.places, self.window_id or other.window_id, self.day or other.day
        )

    def holds(self, slot: Row) -> bool:
        """Say whether a slot, or an offer's, is one of these."""
        return (
            slot["service_at_location_id"] in self.places
            and self.window_id in (None, slot["window_id"])
            and self.day in (None, slot["local_date"])
        )


def find_standings(
    session: Session, entries: Sequence[Row], *, now: datetime
) -> dict[UUID, Standing]:
    """Return where each of some entries that wait stands."""
    asked = [entry for entry in entries if entry["status"] is WaitlistStatus.WAITING]
    if not asked:
        return {}
    everybody = find_rows(
        session, sa.select(waiting).where(waiting.c.status == WaitlistStatus.WAITING)
    )
    reaches = _reaches(session, everybody)
    ahead_of = _Ahead(session, [reaches[entry["id"]] for entry in asked], everybody, now=now)
    made = _offers_since(session, now=now)
    found = {}
    for entry in asked:
        reach = reaches[entry["id"]]
        ahead = sum(
            1
            for other in everybody
            if other["id"] != entry["id"]
            and reach.meets(reaches[other["id"]])
            and ahead_of.is_ahead(other, entry, reach.both(reaches[other["id"]]))
        )
        offered = sum(1 for offer in made if reach.holds(offer))
        found[entry["id"]] = Standing(ahead + 1, expected_wait(ahead + 1, offered))
    return found


class _Ahead:
    """Knows the slots to come that some who wait could be offered, and who is asked first there."""

    def __init__(
        self, session: Session, reaches: Iterable[_Reach], entries: Sequence[Row], *, now: datetime
    ) -> None:
        places = sorted(frozenset[UUID]().union(*(reach.places for reach in reaches)))
        coming = sa.and_(
            is_one_of(session, slots.c.service_at_location_id, places),
            slots.c.starts_at > now,
            slots.c.withdrawn_at.is_(None),
        )
        names = (slots.c.id, slots.c.service_at_location_id, slots.c.window_id, slots.c.local_date)
        self._coming = find_rows(session, sa.select(*names).where(coming))
        agencies = {entry["organization_id"] for entry in entries}
        self._inside = find_inside(session, agencies, coming, now=now)
        self._slots_of = cache(self._slots_of_reach)

    def is_ahead(self, other: Row, entry: Row, reach: _Reach) -> bool:
        """Say whether another would be asked first for a slot that either could be offered.

        Where none is to come, none is inside an agreement.
        """
        ids = self._slots_of(reach)
        theirs = self._inside[other["organization_id"]] & ids
        mine = self._inside[entry["organization_id"]] & ids
        if theirs - mine:
            return True
        alike = not ids or len(mine - theirs) < len(ids)
        return alike and place_in_line(other, is_inside=False) < place_in_line(
            entry, is_inside=False
        )

    def _slots_of_reach(self, reach: _Reach) -> frozenset[UUID]:
        return frozenset(slot["id"] for slot in self._coming if reach.holds(slot))


def _reaches(session: Session, entries: Sequence[Row]) -> dict[UUID, _Reach]:
    of_window = _group(
        session, sa.select(windows.c.id.label("key"), windows.c.service_at_location_id)
    )
    of_service = _group(
        session,
        sa.select(
            at_locations.c.service_id.label("key"),
            at_locations.c.id.label("service_at_location_id"),
        ),
    )
    of_host = _group(
        session, sa.select(listed.c.organization_id.label("key"), listed.c.service_at_location_id)
    )
    of_need = {
        need: _places_with(session, need) for need in {entry["need"] for entry in entries} if need
    }

    def places_of(entry: Row) -> frozenset[UUID]:
        match entry["kind"]:
            case WaitlistKind.SERVICE_AT_LOCATION:
                return frozenset({entry["service_at_location_id"]})
            case WaitlistKind.SERVICE:
                return of_service[entry["service_id"]]
            case WaitlistKind.ORGANIZATION:
                return of_host[entry["host_organization_id"]]
            case WaitlistKind.NEED:
                return of_need[entry["need"]]
            case _:
                return of_window[entry["window_id"]]

    return {
        entry["id"]: _Reach(places_of(entry), entry["window_id"], entry["event_on"])
        for entry in entries
    }


def _group(session: Session, statement: sa.Select[Any]) -> Mapping[UUID, frozenset[UUID]]:
    groups: dict[UUID, set[UUID]] = defaultdict(set)
    for row in find_rows(session, statement):
        if row["service_at_location_id"] is not None:
            groups[row["key"]].add(row["service_at_location_id"])
    return defaultdict(frozenset, {key: frozenset(ids) for key, ids in groups.items()})


def _places_with(session: Session, need: str) -> frozenset[UUID]:
    found = sa.select(listed.c.service_at_location_id).where(
        listed.c.service_at_location_id.is_not(None),
        listed.c.needs.contains(f" {need} ", autoescape=True),
    )
    return frozenset(session.connection().execute(found).scalars())


def _offers_since(session: Session, *, now: datetime) -> Sequence[Row]:
    return find_rows(
        session,
        sa.select(slots.c.service_at_location_id, slots.c.window_id, slots.c.local_date)
        .join(offers, offers.c.slot_id == slots.c.id)
        .where(offers.c.offered_at > now - LOOK_BACK, offers.c.offered_at <= now),
    )
