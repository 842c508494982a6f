"""What a search leaves behind: which need, from what area, and how it ended. Pure.

Enough to see that nobody near takes families without papers; too little to see who asked. What
was typed, told and shown is not among it, nor the time, and where a need is itself sensitive only
the state is kept.
"""

import enum
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from directory.needs import NEEDS_BY_CODE
from geo.areas import county_token
from geo.places import Place

#: Needs that say something about a person's health or safety: of these no county is kept.
SENSITIVE: Final = frozenset({"domestic-violence", "mental-health", "substance-use"})

#: In place of a need: nothing or words were asked for, several needs, or a term of other lists.
ANYTHING: Final = "anything"
WORDS: Final = "words"
SEVERAL: Final = "several"
OTHER: Final = "other"

_FEW: Final = 3


class Results(enum.StrEnum):
    """How many there were, roughly."""

    NONE = "0"
    FEW = "1-3"
    MORE = "4+"


class Outcome(enum.StrEnum):
    """How a search ended: what was found, or what stood against what there is."""

    FOUND = "found"
    FARTHER = "farther"
    NOT_ELIGIBLE = "not_eligible"
    STEPS = "step_free"
    NOT_REMOTE = "remote"
    LANGUAGE = "language"
    COST = "cost"
    FULL = "full"
    NO_TIME = "no_time"
    CLOSED = "closed"
    NOTHING = "nothing"


class Kind(NamedTuple):
    """What searches are counted by."""

    day: date
    need: str
    area: str
    results: Results
    outcome: Outcome


def kind_of(
    *,
    needs: Sequence[str],
    words: str,
    origin: Place | None,
    total: int,
    outcome: Outcome,
    now: datetime,
) -> Kind:
    """Return what a search is counted by. The day is that of where it was asked from."""
    need = need_of(needs, words)
    zone = ZoneInfo(origin.timezone) if origin else now.tzinfo
    return Kind(
        now.astimezone(zone).date(), need, area_of(need, origin), results_of(total), outcome
    )


def need_of(needs: Sequence[str], words: str) -> str:
    """Return the everyday need that was asked for, or what stands for it."""
    asked = set(needs)
    if not asked:
        return WORDS if words.strip() else ANYTHING
    if not asked <= NEEDS_BY_CODE.keys():
        return OTHER
    return asked.pop() if len(asked) == 1 else SEVERAL


def area_of(need: str, origin: Place | None) -> str:
    """Return the county, else the first three digits of the ZIP code; of some only the state."""
    if origin is None:
        return ""
    if need in SENSITIVE:
        return origin.state
    return county_token(origin) or (origin.postal_code or "")[:3] or origin.state


def results_of(total: int) -> Results:
    """Return how many there were, roughly."""
    if total == 0:
        return Results.NONE
    return Results.FEW if total <= _FEW else Results.MORE


def most_common(outcomes: Sequence[Outcome]) -> Outcome:
    """Return what stood against most of what there is; of equals, what was told first."""
    return Counter(outcomes).most_common(1)[0][0] if outcomes else Outcome.NOTHING
