"""What a provider says is free, beside what the booking calendar knows. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from directory.models.openings import OpeningStatus
from directory.openings import Opening


class FreeToday(NamedTuple):
    """What can still be booked today: in how many times, and how many places in all of them."""

    times: int
    places: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many are free by the provider's own word, None where that is no number, and by the
    calendar.
    """  # noqa: D205  (the summary needs its second line)

    said: int | None
    free: FreeToday

    @property
    def differs(self) -> bool:
        """Whether the two disagree."""
        return self.said is not None and self.said != self.free.places


def compare(live: Iterable[Opening], free: FreeToday | None) -> Comparison | None:
    """Compare what counts at a place with its calendar; None where no window is left today."""
    return None if free is None else Comparison(count_said(live), free)


def count_said(live: Iterable[Opening]) -> int | None:
    """Return how many are free by what counts, all units and populations together.

    A waiting list or "call first" says nothing about a number; neither does "open" without one.
    """
    numbers = [_number(each) for each in live if each.status in _BY_NUMBER]
    return None if not numbers or None in numbers else sum(filter(None, numbers))


_BY_NUMBER = (OpeningStatus.OPEN, OpeningStatus.FULL)


def _number(opening: Opening) -> int | None:
    if opening.available is None and opening.status is OpeningStatus.FULL:
        return 0
    return opening.available
