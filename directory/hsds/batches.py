"""Doing much a part at a time, so that memory and statements stay small."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

_T = TypeVar("_T")

#: How many rows go into one statement.
BATCH = 1_000


def batches(items: Iterable[_T], size: int = BATCH) -> Iterator[list[_T]]:
    """Yield the items in lists of ``size``, the last perhaps shorter."""
    waiting = iter(items)
    while batch := list(islice(waiting, size)):
        yield batch
