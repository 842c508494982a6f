"""Which words a misspelt one may have meant: those that few slips of the finger lead to."""

from collections.abc import Iterable
from itertools import groupby

from rapidfuzz import process
from rapidfuzz.distance import OSA

#: Shorter words are as they are: nearly every one is a slip away from several others.
SHORTEST = 4

#: From so many letters on, two slips are forgiven instead of one.
_LONG = 8


def slips_forgiven(word: str) -> int:
    """Return how many slips a word may have: none in a short one, nor in what has digits."""
    if len(word) < SHORTEST or any(letter.isnumeric() for letter in word):
        return 0
    return 2 if len(word) >= _LONG else 1


def nearest(word: str, known: Iterable[str]) -> list[list[str]]:
    """Return the known words that may have been meant, the nearest first, those as near together.

    A slip is a letter left out, too many, wrong, or two neighbours swapped. Of words as near,
    those that begin with the same letter come first, then in the order of their letters.
    """
    most = slips_forgiven(word)
    if not most:
        return []
    found = process.extract(word, list(known), scorer=OSA.distance, score_cutoff=most, limit=None)
    ordered = sorted((slips, other[:1] != word[:1], other) for other, slips, _ in found)
    return [[other for *_, other in group] for _, group in groupby(ordered, lambda each: each[0])]
