"""How people write towns, and how the postal data does: one key for every spelling.

"St. John's", "saint johns" and "Saint Johns" are one name; so are "O'Fallon" and "O Fallon",
"Winston-Salem" and "winston salem", "DeKalb" and "De Kalb". A key is the words without accents,
capitals, punctuation and spaces, with the usual abbreviations put in.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from geo.states import state_of, states_beginning

_ABBREVIATIONS: Final = {"saint": "st", "sainte": "ste", "mount": "mt", "fort": "ft"}
_LONGEST_STATE_NAME: Final = 4  # words: Federated States of Micronesia
_COUNTRY: Final = "usa"
_ODDLY_WRITTEN: Final = re.compile(r"\b(?:[A-Z]{2}\b|Mc |[DO] )|-[a-z]")
_WORD: Final = re.compile(r"[a-z0-9]+")
_WITHIN_WORDS: Final = re.compile(r"[.'`\u2018\u2019\u02bb\u0300-\u036f]")


@dataclass(frozen=True, slots=True)
class TownReading:
    """One way to understand what was typed: a town's name, and the states it may be in.

    `states` is None when none was named.
    """

    words: tuple[str, ...]
    states: frozenset[str] | None

    @property
    def key(self) -> str:
        """The name as towns are filed."""
        return key_of(self.words)

    @property
    def beginnings(self) -> frozenset[str]:
        """What the keys or full spellings of towns may begin with, while the name is typed."""
        return frozenset({self.key, "".join(self.words)})

    def allows(self, state: str) -> bool:
        """Whether a town in this state can be meant."""
        return self.states is None or state in self.states


def words_of(text: str) -> tuple[str, ...]:
    """Split a name into words without accents, capitals and punctuation."""
    # Accents come apart from their letters here, and are dropped. So are dots and apostrophes,
    # which stand inside words ("D.C.", "O'Fallon"); all else parts them.
    letters = unicodedata.normalize("NFKD", text).casefold()
    return tuple(_WORD.findall(_WITHIN_WORDS.sub("", letters)))


def key_of(words: tuple[str, ...]) -> str:
    """Make the key under which every spelling of a name is filed."""
    return "".join([_ABBREVIATIONS.get(word, word) for word in words])


def town_readings(text: str) -> list[TownReading]:
    """List the ways to read a town: "Port La" may be Port in Louisiana or the start of a name."""
    name, comma, state = text.partition(",")
    if comma:
        after = "".join(word for word in words_of(state) if word != _COUNTRY)
        return _if_named([TownReading(words_of(name), states_beginning(after) if after else None)])
    words = words_of(text)
    with_state = [
        TownReading(words[:-size], frozenset({code}))
        for size in range(_LONGEST_STATE_NAME, 0, -1)
        if (code := state_of("".join(words[-size:])))
    ]
    return _if_named([*with_state, TownReading(words, None)])


def state_alone(text: str) -> str | None:
    """Give the code of the state when the text names a state and nothing else."""
    return state_of("".join(words_of(text)))


def display_name(name: str) -> str:
    """Write a town of the postal data as its people do: "O Fallon" is O'Fallon."""
    if not _ODDLY_WRITTEN.search(name):
        return name
    name = re.sub(r"\b[A-Z]{2}\b", lambda word: word[0].capitalize(), name)  # TY TY
    name = re.sub(r"\bMc (?=[A-Z])", "Mc", name)
    name = re.sub(r"\b([DO]) (?=[A-Z])(?!Lakes)", r"\1'", name)
    return re.sub(r"-[a-z]", lambda small: small[0].upper(), name)


def _if_named(readings: list[TownReading]) -> list[TownReading]:
    """Keep the readings that have a name at all."""
    return [reading for reading in readings if reading.words]
