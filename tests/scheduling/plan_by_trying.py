"""Planning by trying everything: the yardstick for ``scheduling.planning``."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import product

from scheduling.planning import Candidate, Trip, Worth
from scheduling.rules import MINUTE
from scheduling.ways import legs_between


def worths_by_trying(candidates: Sequence[Candidate], trip: Trip, needs: int) -> list[Worth]:
    """Return the worths that no plan for as many needs beats, by looking at every choice."""
    found: dict[int, set[Worth]] = {}
    for choice in product(*(_or_nothing(candidates, need) for need in range(needs))):
        stops = [each for each in choice if each is not None]
        worth = worth_of(stops, trip)
        if worth is not None:
            found.setdefault(len(stops), set()).add(worth)
    best = found[max(found)] if found else set()
    return sorted(each for each in best if not any(other.beats(each) for other in best))


def _or_nothing(candidates: Sequence[Candidate], need: int) -> list[Candidate | None]:
    return [None, *(each for each in candidates if each.need == need)]


def worth_of(stops: Sequence[Candidate], trip: Trip) -> Worth | None:
    """Return what a plan is worth; None where the client could not keep to it."""
    if not stops:
        return None
    days = [_day_of(day, trip) for day in _by_day(sorted(stops, key=lambda e: e.starts_at), trip)]
    if any(day is None for day in days):
        return None
    kept = [day for day in days if day is not None]
    return Worth(len(kept), sum(idle for idle, _ in kept), kept[-1][1])


def _by_day(stops: Sequence[Candidate], trip: Trip) -> Iterator[list[Candidate]]:
    days: dict[object, list[Candidate]] = {}
    for stop in stops:
        days.setdefault(trip.day_of(stop.starts_at), []).append(stop)
    yield from days.values()


def _day_of(stops: Sequence[Candidate], trip: Trip) -> tuple[int, datetime] | None:
    """Return the idle minutes of a day and when the client is back."""
    day = trip.day_of(stops[0].starts_at)
    free_at, idle = trip.opens(day), 0
    here = trip.start
    for number, (stop, leg) in enumerate(
        zip(stops, legs_between(stops, trip.ways, trip.start), strict=True)
    ):
        if free_at + leg.minutes * MINUTE > stop.starts_at:
            return None
        idle += (stop.starts_at - free_at) // MINUTE if number else leg.minutes
        free_at, here = stop.ends_at, here if stop.spot.remote else stop.spot
    home = trip.ways.leg(here, trip.start).minutes
    back = free_at + home * MINUTE
    if back > trip.closes(day):
        return None
    return idle + home, back
