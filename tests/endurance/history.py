"""Checks from outside what clients saw: was a slot over capacity, was "full" said falsely?

Nobody outside knows when exactly a place was taken: some time between request and reply. So each
taking has two intervals. It *surely* had its places from the reply that granted them to the request
that gave them back; it *may* have had them from the request to the reply of giving back. What
surely was taken never exceeds the capacity; and whenever somebody was told "full", what may have
been taken left too little room at some moment in between. Moments are readings of
``time.monotonic``.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

S = TypeVar("S")


class Span(NamedTuple):
    """From a moment up to another."""

    begins: float
    ends: float


@dataclass(frozen=True, slots=True)
class Taking(Generic[S]):
    """Places of a slot that a client had."""

    slot: S
    places: int
    surely: Span
    maybe: Span


@dataclass(frozen=True, slots=True)
class Refusal(Generic[S]):
    """A client was told that so many places are not to be had."""

    slot: S
    places: int
    during: Span


@dataclass(frozen=True, slots=True)
class Verdict(Generic[S]):
    """What cannot have been right."""

    over_capacity: list[S]
    false_refusals: list[Refusal[S]]


def judge(
    capacity: int, takings: Iterable[Taking[S]], refusals: Iterable[Refusal[S]]
) -> Verdict[S]:
    """Hold what clients saw against the capacity that every slot has."""
    by_slot: dict[S, list[Taking[S]]] = defaultdict(list)
    for taking in takings:
        by_slot[taking.slot].append(taking)
    return Verdict(
        [
            slot
            for slot, taken in by_slot.items()
            if any(places > capacity for _, places in _levels((t.surely, t.places) for t in taken))
        ],
        list(_false(capacity, by_slot, refusals)),
    )


def _false(
    capacity: int, by_slot: Mapping[S, list[Taking[S]]], refusals: Iterable[Refusal[S]]
) -> Iterator[Refusal[S]]:
    levels = {
        slot: list(_levels((t.maybe, t.places) for t in taken)) for slot, taken in by_slot.items()
    }
    for refusal in refusals:
        most = _most_during(levels.get(refusal.slot, []), refusal.during)
        if most + refusal.places <= capacity:
            yield refusal


def _levels(spans: Iterable[tuple[Span, int]]) -> Iterator[tuple[float, int]]:
    """Yield, at each moment of change, how many places are taken from then on."""
    changes: dict[float, int] = defaultdict(int)
    for span, places in spans:
        if span.begins < span.ends:
            changes[span.begins] += places
            changes[span.ends] -= places
    taken = 0
    for moment in sorted(changes):
        taken += changes[moment]
        yield moment, taken


def _most_during(levels: list[tuple[float, int]], during: Span) -> int:
    most = before = 0
    for moment, taken in levels:
        if moment > during.ends:
            break
        if moment <= during.begins:
            before = taken
        else:
            most = max(most, taken)
    return max(most, before)
