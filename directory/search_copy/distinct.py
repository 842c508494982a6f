"""A column of texts of which many rows have the same: each text once, and a number for each row."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Final

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
        self._begin = np.empty(0, np.int64)
        self._length = np.empty(0, np.int64)

    def tally(self, texts: list[str], numbers: Numbers) -> Mapping[str, int]:
        self._read(texts)
        if len(numbers) <= len(texts):
            return self._named(np.bincount(self._flat[self._positions(numbers)[0]]))
        times = np.bincount(numbers, minlength=1)
        used = times.nonzero()[0]
        positions, lengths = self._positions(used)
        return self._named(np.bincount(self._flat[positions], np.repeat(times[used], lengths)))

    def _positions(self, numbers: NDArray[np.integer]) -> tuple[NDArray[np.int64], Any]:
        """Return where the codes of these texts are, text after text, and how many each has."""
        begin = self._begin[numbers]
        lengths = self._length[numbers]
        ends = lengths.cumsum()
        count = int(ends[-1]) if len(ends) else 0
        return np.arange(count) + (begin - ends + lengths).repeat(lengths), lengths

    def _named(self, counts: NDArray[Any]) -> Mapping[str, int]:
        names = self._names
        return {names[code]: int(count) for code, count in enumerate(counts.tolist()) if count}

    def _read(self, texts: list[str]) -> None:
        known = len(self._begin)
        if known == len(texts):
            return
        codes = [self._codes_of(text) for text in texts[known:]]
        lengths = np.fromiter(map(len, codes), np.int64, len(codes))
        flat = np.fromiter((code for each in codes for code in each), np.int32)
        self._begin = np.concatenate((self._begin, len(self._flat) + lengths.cumsum() - lengths))
        self._length = np.concatenate((self._length, lengths))
        self._flat = np.concatenate((self._flat, flat))

    def _codes_of(self, text: str) -> list[int]:
        found = []
        for name in text.split():
            code = self._number.setdefault(name, len(self._names))
            if code == len(self._names):
                self._names.append(name)
            found.append(code)
        return found
