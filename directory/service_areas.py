"""What services say of whom they serve, as words that an index compares.

Of ``service_area`` count ``extent`` and ``extent_type``. A search row keeps, between spaces:

- what is stated: short names (``geo.areas``), and for a polygon ``@`` and a digest of its text;
- ``?`` where something is stated that is not understood: a name alone, KML, a broken polygon;
- ``~MI`` where nothing is understood and the agency's address is in a state, which stands in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

from geo.areas import area_tokens, is_in_one_of, short_names
from geo.geojson import GeoJSONError, read_shape
from geo.nested_grid import cells_of_boxes
from geo.places import Place

GEOJSON: Final = "geojson"
POLYGON: Final = "@"
NOT_UNDERSTOOD: Final = "?"
IMPLIED: Final = "~"

#: Under this word a service without a known place is found from everywhere.
ANYWHERE: Final = "*"

_LONGEST_STATE: Final = 60


def is_geojson(row: Mapping[str, Any]) -> bool:
    """Say whether an extent is GeoJSON, by its type or, where that is empty, by how it begins."""
    kind = (row["extent_type"] or "").strip().casefold()
    return kind == GEOJSON or (not kind and (row["extent"] or "").lstrip().startswith("{"))


def is_text(row: Mapping[str, Any]) -> bool:
    """Say whether an extent is text, and neither GeoJSON nor another kind of drawing."""
    kind = (row["extent_type"] or "").strip().casefold()
    return kind in ("", "text") and not is_geojson(row)


def areas_stated(row: Mapping[str, Any]) -> frozenset[str]:
    """Return the words for what a ``service_area`` states."""
    extent = row["extent"] or ""
    if is_geojson(row):
        names: Iterable[str] | None = [polygon_word(extent)] if polygon_cells(extent) else None
    else:
        names = short_names(extent) if is_text(row) else None
    return frozenset(names or (NOT_UNDERSTOOD,))


def implied_area(state: str) -> str:
    """Return the word for a state that only stands in, as an address names it, in one word."""
    return IMPLIED + state[:_LONGEST_STATE]


def polygon_word(extent: str) -> str:
    """Return the word for a polygon: the same for the same text, and for no other."""
    return POLYGON + blake2b(extent.encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=16)  # the places of a service, and a county's services, have the same
def polygon_cells(extent: str) -> frozenset[int]:
    """Return the cells (``geo.nested_grid``) of a polygon; none where it cannot be read."""
    try:
        return cells_of_boxes(read_shape(extent).boxes)
    except GeoJSONError:
        return frozenset()


def understood(areas: str) -> frozenset[str]:
    """Return what is stated and understood, of the words of a search row."""
    return frozenset(
        word for word in areas.split() if not word.startswith((NOT_UNDERSTOOD, IMPLIED))
    )


def found_under(areas: str, *, placed: bool) -> frozenset[str]:
    """Return the words under which a search row is found by area.

    A row with a place is found near it; by area only where it states one. Without a place what
    stands in for that counts too, and where nothing does it is found from everywhere.
    """
    stated = understood(areas)
    if stated or placed:
        return stated
    implied = frozenset(word for word in areas.split() if word.startswith(IMPLIED))
    return implied or frozenset((ANYWHERE,))


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Somewhere a search starts from, and the words of the polygons that it is in."""

    place: Place
    polygons: frozenset[str] = frozenset()
    _served: dict[str, bool | None] = field(default_factory=dict, compare=False, repr=False)

    @property
    def stated(self) -> frozenset[str]:
        """The words for every area that it lies in."""
        return area_tokens(self.place) | self.polygons

    @property
    def found_by(self) -> frozenset[str]:
        """The words under which there is what serves it, or may."""
        return self.stated | {implied_area(self.place.state), ANYWHERE}

    def is_served(self, areas: str) -> bool | None:
        """Say whether what a search row states takes it in.

        None where nothing is stated, or what is stated or where this is does not settle it.
        """
        if areas not in self._served:
            self._served[areas] = self._settles(areas)
        return self._served[areas]

    def _settles(self, areas: str) -> bool | None:
        words = understood(areas)
        if not words:
            return None
        if words & self.polygons:
            return True
        served = is_in_one_of({word for word in words if word[0] != POLYGON}, self.place)
        is_open = served is False and NOT_UNDERSTOOD in areas.split()
        return None if is_open else served
