"""Plan my day: of many free times for a few needs, the best few ways to meet them all. Pure.

A *plan* gives some of the needs a time each. On each day of it the client leaves the start not
before ``leave_after``, goes from appointment to appointment in the order of time, and is back at
the start by ``back_by``; between two appointments there is at least the time for the way
(``scheduling.ways``). Nobody goes back to the start in between. Each need has an appointment of
its own, also where one service would do for two.

A plan is better the more needs it meets. Among those that meet the most, what counts is

1. *days*: on how many days the client has to go out,
2. *idle minutes*: travel and waiting, from leaving the start until being back, of all its days:
   everything but the appointments themselves,
3. *done*: when the client is back on the last day.

The first proposal is the best in this order: fewest days, then least travel and waiting, then
done earliest. The others are all the plans that beat every plan before them in some way that
counts: together they are the Pareto front of the three, exactly. No plan is missing from it, and
none on it could be improved in one of the three without loss in another. One plan stands for each
such triple.

How: within a day, the best way to have met a set of needs and to be at a place by a minute is
found set by set (Held and Karp's dynamic programming). That is exact, because what is still to
come depends on where and when one is and what is still needed, and on nothing else. Days are then
put together set by set in the same way. Only one thing is ever left out beforehand: a time that
equals another in need, place, start and end, since wherever the one fits the other does.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from directory.intervals import local_instant
from scheduling.day_plans import DayPlans, Places, Time
from scheduling.rules import MINUTE
from scheduling.ways import Spot, Ways

MOST_NEEDS = 6
MOST_DAYS = 14


@dataclass(frozen=True, slots=True)
class Candidate:
    """A free time that meets a need, by the need's number; ``slot_id`` is whatever names it."""

    need: int
    slot_id: object
    spot: Spot
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """From where, how, and between which clock times of the days the client may be out.

    Nobody leaves before ``not_before``: it is later than that.
    """

    start: Spot
    ways: Ways
    zone: ZoneInfo
    leave_after: time = time(7)
    back_by: time = time(19)
    not_before: datetime | None = None

    def opens(self, day: date) -> datetime:
        """Return when the client can leave on a day."""
        opens = local_instant(day, self.leave_after, self.zone)
        return opens if self.not_before is None else max(opens, _whole_minute(self.not_before))

    def closes(self, day: date) -> datetime:
        """Return when the client has to be back on a day."""
        return local_instant(day, self.back_by, self.zone)

    def day_of(self, at: datetime) -> date:
        """Return the client's day."""
        return at.astimezone(self.zone).date()


def _whole_minute(at: datetime) -> datetime:
    return at + (at.replace(second=0, microsecond=0) - at) % MINUTE


class Worth(NamedTuple):
    """What plans are compared by; the less the better, the first first."""

    days: int
    idle_minutes: int
    done_at: datetime

    def beats(self, other: "Worth") -> bool:
        """Say whether it is at least as good in everything, and different."""
        return (
            self != other
            and self.days <= other.days
            and self.idle_minutes <= other.idle_minutes
            and self.done_at <= other.done_at
        )


class Plan(NamedTuple):
    """Which times to book, in order, and what that is worth."""

    worth: Worth
    stops: tuple[Candidate, ...]


class Planned(NamedTuple):
    """The best plans, best first; and of each subset of needs, by their bits, the best plan."""

    plans: Sequence[Plan]
    without: Mapping[int, Plan]

    @property
    def met(self) -> frozenset[int]:
        """The needs that the first plan meets."""
        return frozenset(stop.need for stop in self.plans[0].stops) if self.plans else frozenset()


def plan(candidates: Sequence[Candidate], trip: Trip, needs: int) -> Planned:
    """Return the best plans for needs 0 to ``needs`` - 1.

    ``without`` has, for each need that the best plan meets, the best plan for the others of it.
    """
    places = Places(trip.start, (each.spot for each in candidates), trip.ways)
    days = [
        _day(day, mine, trip, places) for day, mine in sorted(_by_day(candidates, trip).items())
    ]
    whole = _Whole(days, needs)
    sets = whole.largest_sets()
    plans = whole.front(sets)
    if not plans:
        return Planned((), {})
    met = {stop.need for stop in plans[0].stops}
    best = {
        need: whole.front([sum(1 << other for other in met if other != need)])
        for need in sorted(met)
    }
    return Planned(plans, {need: front[0] for need, front in best.items() if front})


def best_few(plans: Sequence[Plan], most: int) -> list[Plan]:
    """Return the best, what is done first, and then the next best, in order of worth."""
    if not plans:
        return []
    soonest = min(plans, key=lambda each: (each.worth.done_at, each.worth))
    kept = dict.fromkeys((plans[0].worth, soonest.worth, *(each.worth for each in plans)))
    chosen = set(list(kept)[:most])
    return [each for each in plans if each.worth in chosen]


def _by_day(candidates: Sequence[Candidate], trip: Trip) -> dict[date, list[Candidate]]:
    """Group the candidates by the day on which they begin, without those that equal another."""
    first: dict[object, Candidate] = {}
    for each in candidates:
        place = "remote" if each.spot.remote else each.spot.key
        first.setdefault((each.need, place, each.starts_at, each.ends_at), each)
    days: dict[date, list[Candidate]] = {}
    for each in first.values():
        days.setdefault(trip.day_of(each.starts_at), []).append(each)
    return days


class _Day(NamedTuple):
    opens: datetime
    candidates: Sequence[Candidate]
    plans: DayPlans

    def stops(self, subset: int, end: int) -> list[Candidate]:
        return [self.candidates[number] for number in self.plans.stops(subset, end)]


def _day(day: date, candidates: Sequence[Candidate], trip: Trip, places: Places) -> _Day:
    """Say a day's candidates in whole minutes after leaving is possible; ends rounded up."""
    opens, closes = trip.opens(day), trip.closes(day)
    times = [
        Time(
            each.need,
            (each.starts_at - opens) // MINUTE,
            -((opens - each.ends_at) // MINUTE),
            each,
        )
        for each in candidates
    ]
    plans = DayPlans(times, places, (closes - opens) // MINUTE)
    return _Day(opens, candidates, plans)


class _Before(NamedTuple):
    """The least idle minutes for a set on days gone by, and how: the last day and its set."""

    idle: int
    day: int
    subset: int
    end: int


class _Whole:
    """The days put together: ``_before[n][k][s]`` is the best for set s on k of the first n."""

    def __init__(self, days: Sequence[_Day], needs: int) -> None:
        self._days = days
        self._all = (1 << needs) - 1

    @cached_property
    def _before(self) -> list[list[dict[int, _Before]]]:
        most = self._all.bit_count()
        table: list[dict[int, _Before]] = [{0: _Before(0, -1, 0, -1)}, *({} for _ in range(most))]
        tables = [table]
        for number, day in enumerate(self._days):
            table = [dict(row) for row in table]
            for subset, ends in day.plans.ends.items():
                idle, _, end = min(ends)
                for used in range(most):
                    for done, before in tables[-1][used].items():
                        if done & subset == 0:
                            now = _Before(before.idle + idle, number, subset, end)
                            known = table[used + 1].get(done | subset)
                            if known is None or now.idle < known.idle:
                                table[used + 1][done | subset] = now
            tables.append(table)
        return tables

    def largest_sets(self) -> list[int]:
        """Return the sets of the most needs that can be met together."""
        found = {done for row in self._before[-1] for done in row}
        most = max(done.bit_count() for done in found)
        return sorted(done for done in found if done.bit_count() == most and done)

    def front(self, sets: Sequence[int]) -> list[Plan]:
        """Return a plan for each worth that no other plan for one of the sets beats."""
        ways: dict[Worth, tuple[int, int, int, int, int]] = {}
        for number, day in enumerate(self._days):
            for subset, ends in day.plans.ends.items():
                for wanted in sets:
                    if wanted & subset != subset:
                        continue
                    for used, row in enumerate(self._before[number]):
                        before = row.get(wanted ^ subset)
                        if before is None:
                            continue
                        for idle, back, end in ends:
                            worth = Worth(used + 1, before.idle + idle, day.opens + back * MINUTE)
                            ways.setdefault(worth, (number, used, wanted ^ subset, subset, end))
        kept = _unbeaten(sorted(ways))
        return [Plan(worth, tuple(self._stops(*ways[worth]))) for worth in kept]

    def _stops(
        self, number: int, used: int, done: int, subset: int, end: int
    ) -> Iterator[Candidate]:
        if used:
            before = self._before[number][used][done]
            rest = done ^ before.subset
            yield from self._stops(before.day, used - 1, rest, before.subset, before.end)
        yield from self._days[number].stops(subset, end)


def _unbeaten(worths: Sequence[Worth]) -> list[Worth]:
    """Return the Pareto front of what comes in order."""
    kept: list[Worth] = []
    for worth in worths:  # whatever beats it stands before it
        if not any(other.beats(worth) for other in kept):
            kept.append(worth)
    return kept
