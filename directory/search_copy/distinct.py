"""A column of texts of which many rows have the same: each text once, and a number for each row."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]
Mask = NDArray[np.bool_]

#: So many conditions are remembered, each for every text.
_MOST_CONDITIONS: Final = 256


class Distinct:
    """The texts of a column, numbered from 0 in the order in which they came.

    A condition is asked of each text once, and then of rows by their numbers.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}
        self._known: OrderedDict[Hashable, Mask] = OrderedDict()
        self._codes = _Codes()

    def numbers_of(self, texts: Iterable[str]) -> list[int]:
        """Return the numbers of texts; a new text gets the next."""
        return [self._number_of(text) for text in texts]

    def _number_of(self, text: str) -> int:
        number = self._numbers.setdefault(text, len(self.texts))
        if number == len(self.texts):
            self.texts.append(text)
        return number

    def holds(self, key: Hashable, condition: Callable[[str], bool], numbers: Numbers) -> Mask:
        """Say which of these numbers' texts meet a condition, which is remembered as ``key``."""
        known = self._known.get(key)
        known_of = 0 if known is None else len(known)
        if known is None or known_of < len(self.texts):
            new = np.fromiter(map(condition, self.texts[known_of:]), np.bool_)
            known = new if known is None else np.concatenate((known, new))
            self._known[key] = known
            if len(self._known) > _MOST_CONDITIONS:
                self._known.popitem(last=False)
        return known[numbers]

    def tally(self, numbers: Numbers) -> Mapping[str, int]:
        """Count the codes in these numbers' texts, which are codes between spaces."""
        return self._codes.tally(self.texts, numbers)


class _Codes:
    """The codes that texts consist of: for each text a stretch of one long array."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._number: dict[str, int] = {}
        self._flat = np.empty(0, np.int32)
        self._begin = np.zeros(1, np.int64)

    def tally(self, texts: list[str], numbers: Numbers) -> Mapping[str, int]:
        self._read(texts)
        times = np.bincount(numbers, minlength=1)
        used = times.nonzero()[0]
        begin = self._begin[used]
        lengths = self._begin[used + 1] - begin
        # The positions of all stretches, one after the other.
        before = np.cumsum(lengths) - lengths
        positions = np.arange(lengths.sum()) + np.repeat(begin - before, lengths)
        counts = np.bincount(self._flat[positions], np.repeat(times[used], lengths))
        found = counts.nonzero()[0].tolist()
        return {self._names[code]: int(counts[code]) for code in found}

    def _read(self, texts: list[str]) -> None:
        known = len(self._begin) - 1
        if known == len(texts):
            return
        codes = [self._codes_of(text) for text in texts[known:]]
        ends = self._begin[-1] + np.cumsum([len(each) for each in codes])
        flat = np.fromiter((code for each in codes for code in each), np.int32)
        self._flat = np.concatenate((self._flat, flat))
        self._begin = np.concatenate((self._begin, ends))

    def _codes_of(self, text: str) -> list[int]:
        found = []
        for name in text.split():
            code = self._number.setdefault(name, len(self._names))
            if code == len(self._names):
                self._names.append(name)
            found.append(code)
        return found
