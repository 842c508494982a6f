"""What people of the demo county looked for in the last two quarters, and how it ended. Made up."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from directory.quarters import quarter_of
from directory.unmet_need import (
    ANYTHING,
    OTHER,
    SENSITIVE,
    SEVERAL,
    WORDS,
    Outcome,
    Results,
)
from directory.unmet_need_report import open_from

#: In a hundred searches; the county's towns have more than the country around it.
_AREAS = {"MI:Ingham_County": 60, "MI:Eaton_County": 24, "MI:Clinton_County": 13, "": 3}

#: How many there were of what was found.
_RESULTS = {Outcome.FOUND: Results.MORE, Outcome.FARTHER: Results.FEW}


class Demand(NamedTuple):
    """So many searches for a need in a quarter, and of a hundred of them how many ended how."""

    searches: int
    found: int
    against: Mapping[Outcome, int]


_DEMAND = {
    "food-pantry": Demand(620, 86, {Outcome.CLOSED: 9, Outcome.FARTHER: 3, Outcome.NOTHING: 2}),
    "shelter": Demand(410, 31, {Outcome.FULL: 48, Outcome.NOT_ELIGIBLE: 15, Outcome.FARTHER: 6}),
    "rent-help": Demand(380, 42, {Outcome.NOT_ELIGIBLE: 37, Outcome.FULL: 16, Outcome.FARTHER: 5}),
    "dental": Demand(240, 22, {Outcome.NOTHING: 31, Outcome.COST: 28, Outcome.FARTHER: 19}),
    "childcare": Demand(150, 38, {Outcome.FULL: 40, Outcome.COST: 14, Outcome.NO_TIME: 8}),
    "transport": Demand(95, 47, {Outcome.NOTHING: 30, Outcome.STEPS: 12, Outcome.CLOSED: 11}),
    "legal": Demand(70, 60, {Outcome.LANGUAGE: 26, Outcome.NOT_ELIGIBLE: 14}),
    "substance-use": Demand(66, 45, {Outcome.FULL: 41, Outcome.NOT_ELIGIBLE: 14}),
    "domestic-violence": Demand(24, 62, {Outcome.FULL: 38}),
    "furniture": Demand(13, 54, {Outcome.NOTHING: 46}),
    "tax-help": Demand(6, 100, {}),
    SEVERAL: Demand(130, 80, {Outcome.NOT_ELIGIBLE: 12, Outcome.CLOSED: 8}),
    WORDS: Demand(310, 74, {Outcome.NOTHING: 20, Outcome.FARTHER: 6}),
    ANYTHING: Demand(540, 97, {Outcome.CLOSED: 3}),
    OTHER: Demand(40, 70, {Outcome.NOTHING: 30}),
}

#: The quarter before the last: there was less of everything, in a hundred.
_BEFORE = 82


def search_rows(*, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield the counts of the last two quarters that are over, not reported yet."""
    last = open_from(now) - timedelta(days=1)
    before = quarter_of(last).first_day - timedelta(days=1)
    for day, share in ((last, 100), (before, _BEFORE)):
        for need, demand in _DEMAND.items():
            for outcome, percent in {Outcome.FOUND: demand.found, **demand.against}.items():
                for area, searches in _by_area(need, demand.searches * percent * share):
                    yield {
                        "day": day,
                        "need": need,
                        "area": area,
                        "results": _RESULTS.get(outcome, Results.NONE),
                        "outcome": outcome,
                        "searches": searches,
                    }


def _by_area(need: str, ten_thousandths: int) -> Iterator[tuple[str, int]]:
    """Part the searches for a need; of some only the state is counted."""
    areas = {"MI": 97, "": 3} if need in SENSITIVE else _AREAS
    for area, percent in areas.items():
        searches = round(ten_thousandths * percent / 1_000_000)
        if searches:
            yield area, searches
