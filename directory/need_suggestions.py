"""Which everyday needs the words of a service suggest: for a person to accept, never by itself."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from rapidfuzz import fuzz

from directory.folding import fold
from directory.need_words import NEED_WORDS
from directory.needs import EVERYDAY_NEEDS, NEEDS_BY_CODE

#: How sure a suggestion is, in percent: the need's words in the service's name, the same with a
#: slip of the pen (times how alike they are), and in its description only.
IN_NAME: Final = 100
ALIKE_IN_NAME: Final = 95
IN_DESCRIPTION: Final = 75

#: What is less sure than this is not told; words shorter than this are compared exactly.
LEAST_SURE: Final = 70
_SHORT: Final = 6

#: Words that by themselves say too little in the name of a service: "legal clinic", "home".
_SAYS_LITTLE: Final = frozenset(
    {
        *("work", "home", "house", "ride", "court", "na", "aa", "gas", "bed", "clinic", "clinica"),
        *("abuse", "abuso"),  # of whom, or of what?
        *("casa", "baño", "bano", "cama", "mesa", "luz", "clases", "credit", "taxi", "table"),
    }
)


class Suggestion(NamedTuple):
    """A need, how sure it is in percent, and the words that it rests on."""

    need: str
    sure: int
    words: str


def suggest_needs(name: str, description: str | None) -> list[Suggestion]:
    """Return the needs that a service's words suggest, the surest first.

    One above another that is no less sure is left out: whoever has that one has both.
    """
    found: dict[str, Suggestion] = {}
    for each in _found(f" {fold(name)} ", f" {fold(description or '')} "):
        if each.need not in found or each.sure > found[each.need].sure:
            found[each.need] = each
    implied = {
        parent
        for need, each in found.items()
        if (parent := NEEDS_BY_CODE[need].parent) in found and found[parent].sure <= each.sure
    }
    told = (each for need, each in found.items() if need not in implied)
    return sorted(told, key=lambda each: (-each.sure, each.need))


def _found(name: str, description: str) -> Iterator[Suggestion]:
    for need, all_words in _phrases().items():
        for words in all_words:
            if f" {words} " in name:
                yield Suggestion(need, IN_NAME, words)
            elif f" {words} " in description:
                yield Suggestion(need, IN_DESCRIPTION, words)
            elif len(words) >= _SHORT:
                alike = _likeness(words, name.split())
                sure = int(ALIKE_IN_NAME * alike / 100)
                if sure >= LEAST_SURE:
                    yield Suggestion(need, sure, words)


def _likeness(words: str, name: Sequence[str]) -> float:
    """Say how alike, in percent, some words are to as many neighbours in a name."""
    length = len(words.split())
    stretches = (" ".join(name[at : at + length]) for at in range(len(name) - length + 1))
    return max((fuzz.ratio(words, each, score_cutoff=85) for each in stretches), default=0.0)


@cache
def _phrases() -> Mapping[str, tuple[str, ...]]:
    """Return the folded words for each need, its name among them."""
    return {
        need.code: tuple(
            dict.fromkeys(
                folded
                for words in (
                    need.name,
                    *(each for language in NEED_WORDS[need.code].values() for each in language),
                )
                if (folded := fold(words)) not in _SAYS_LITTLE
            )
        )
        for need in EVERYDAY_NEEDS
    }
