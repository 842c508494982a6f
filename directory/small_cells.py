"""Counts that give no small number away. Pure.

Counts are kept by paths, from the widest to the narrowest: how it ended, for which need, where,
why. On each step of a path one word is *home*: it takes in what is too few by itself, and with it
as few others as make it many. Home is always something that can really be counted.

So nobody who sees the result can tell it from counts that never had a small number among them:
it is such counts, and would come out of them unchanged. Whatever is worked out from it, by any
sums and differences, is not known to be small.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

#: The fewest that are told. 1 to 10 are small, and 0 is left out in the same way.
LEAST: Final = 11

Path = tuple[str, ...]


def without_small(counts: Mapping[Path, int], homes: Sequence[str]) -> Counter[Path]:
    """Return counts of which none is below ``LEAST``, by paths of the same length.

    ``homes`` are the words that take in, from the second step of a path on. The first step is
    never mixed: what is few of it in all is left out. All else is only moved, so that the counts
    below any part of a path that is still there add up to what they did.
    """
    firsts = _sums_below(counts, 0)[()]
    kept = Counter({path: n for path, n in counts.items() if n and firsts[path[0]] >= LEAST})
    for step, home in enumerate(homes, start=1):
        kept = _gathered(kept, step, home)
    return kept


def _gathered(counts: Mapping[Path, int], step: int, home: str) -> Counter[Path]:
    """Move home what is too few at a step of the paths."""
    going = {before: _going(parts, home) for before, parts in _sums_below(counts, step).items()}
    gathered: Counter[Path] = Counter()
    for path, n in counts.items():
        goes = path[step] in going[path[:step]]
        gathered[(*path[:step], home, *path[step + 1 :]) if goes else path] += n
    return gathered


def _sums_below(counts: Mapping[Path, int], step: int) -> Mapping[Path, Counter[str]]:
    """Add up the counts by the word at a step, for each beginning before it."""
    sums: defaultdict[Path, Counter[str]] = defaultdict(Counter)
    for path, n in counts.items():
        sums[path[:step]][path[step]] += n
    return sums


def _going(parts: Mapping[str, int], home: str) -> set[str]:
    """Return the parts that go home: the small ones, and the smallest of the others if need be."""
    going = {part for part, n in parts.items() if n < LEAST}
    at_home = sum(n for part, n in parts.items() if part == home or part in going)
    for part in sorted(parts.keys() - going - {home}, key=lambda each: (parts[each], each)):
        if at_home == 0 or at_home >= LEAST:
            break
        going.add(part)
        at_home += parts[part]
    return going
