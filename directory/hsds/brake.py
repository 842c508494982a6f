"""Stopping an import that would change too much at once: mostly a broken export. Pure."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

#: More than this part of what is here changes or vanishes: somebody has to say that it may.
LARGEST_PART: Final = 0.2
#: Of fewer records than this one or two make a large part; their changes are not counted.
FEWEST: Final = 20
#: The tables that are counted by themselves, beside the whole of the source.
ESSENTIAL: Final = ("organization", "service", "location", "service_at_location")


class Change(NamedTuple):
    """Of how many records so many change, and so many vanish."""

    stored: int
    changed: int
    gone: int

    @property
    def is_large(self) -> bool:
        """Whether somebody has to say that it may be."""
        return self.stored >= FEWEST and (self.changed + self.gone) / self.stored > LARGEST_PART


def large_changes(
    stored: Mapping[str, int], changed: Mapping[str, int], gone: Mapping[str, int]
) -> dict[str, Change]:
    """Return what would change too much: essential tables, and "all" for the whole."""
    return {name: change for name, change in _changes(stored, changed, gone) if change.is_large}


def _changes(
    stored: Mapping[str, int], changed: Mapping[str, int], gone: Mapping[str, int]
) -> Iterator[tuple[str, Change]]:
    counts = (stored, changed, gone)
    yield "all", Change(*(sum(each.values()) for each in counts))
    for table in ESSENTIAL:
        yield table, Change(*(each.get(table, 0) for each in counts))
