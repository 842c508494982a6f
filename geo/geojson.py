"""Reading the area in a piece of GeoJSON (RFC 7946), with every mistake in it named.

Taken are a Polygon, a MultiPolygon, a Feature or FeatureCollection of them, and a
GeometryCollection. Properties, heights and other members are passed over. What is no area (a
point, a line) is a mistake, and so is a ring that goes round a pole without touching it: draw it as
a box whose upper edge is the pole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import msgspec

from geo.polygons import FULL_TURN, POLE, Polygon, Ring, RoundAPoleError, Shape, ring_of

LONGEST: Final = 400_000
"""Letters: as many as the positions below need with four decimals, which is ten metres."""

MOST_POSITIONS: Final = 20_000
"""Positions of one area. The outlines of counties and states have from 50 to 10,000."""

DEEPEST: Final = 4
"""How often collections and features may be inside each other."""

MOST_TOLD: Final = 5
"""Mistakes that are told; a file of another kind would have thousands."""

_FEWEST_IN_RING: Final = 4
_MEMBERS: Final = {
    "Polygon": "coordinates",
    "MultiPolygon": "coordinates",
    "GeometryCollection": "geometries",
    "FeatureCollection": "features",
    "Feature": "geometry",
}


class Mistake(NamedTuple):
    """What is wrong, and where: `coordinates[0][3]`; "" where it is the whole."""

    at: str
    words: str

    def __str__(self) -> str:
        """Say both."""
        return f"{self.at}: {self.words}" if self.at else self.words


class GeoJSONError(ValueError):
    """The text is no area. `mistakes` are the first few."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__(" ".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


def read_shape(text: str) -> Shape:
    """Return the area that a piece of GeoJSON draws; `GeoJSONError` where it draws none."""
    if len(text) > LONGEST:
        raise GeoJSONError([Mistake("", f"Use at most {LONGEST} letters.")])
    reading = _Reading()
    polygons = tuple(reading.read(_parsed(text), "", DEEPEST))
    if not polygons and not reading.mistakes:
        reading.wrong("", "Draw at least one polygon.")
    if reading.mistakes:
        raise GeoJSONError(reading.mistakes[:MOST_TOLD])
    return Shape(polygons)


def _parsed(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise GeoJSONError([Mistake("", "Give GeoJSON: this cannot be read as JSON.")]) from None


@dataclass(slots=True)
class _Reading:
    """What has been wrong so far, and how many positions have been read."""

    mistakes: list[Mistake] = field(default_factory=list)
    positions: int = 0

    def wrong(self, at: str, words: str) -> None:
        self.mistakes.append(Mistake(at, words))

    def read(self, value: Any, at: str, deeper: int) -> Iterator[Polygon]:
        """Yield the polygons in a GeoJSON object."""
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in _MEMBERS:
            self.wrong(at, 'Give a "type": Polygon, MultiPolygon, Feature or a collection of them.')
            return
        member = _MEMBERS[kind]
        inner, inside = value.get(member), f"{at}.{member}" if at else member
        if not deeper:
            self.wrong(at, f"Put at most {DEEPEST} collections into each other.")
        elif kind == "Feature":
            yield from self.read(inner, inside, deeper - 1)
        elif not isinstance(inner, list):
            self.wrong(inside, "Give a list.")
        elif kind == "Polygon":
            yield from self._polygon(inner, inside)
        else:
            for index, each in enumerate(self._first(inner)):
                if kind == "MultiPolygon":
                    yield from self._polygon(each, f"{inside}[{index}]")
                else:
                    yield from self.read(each, f"{inside}[{index}]", deeper - 1)

    def _first(self, values: list[Any]) -> Iterator[Any]:
        """Yield values until there is enough to tell that is wrong."""
        for each in values:
            if len(self.mistakes) >= MOST_TOLD or self.positions > MOST_POSITIONS:
                return
            yield each

    def _polygon(self, value: Any, at: str) -> Iterator[Polygon]:
        if not isinstance(value, list) or not value:
            self.wrong(at, "Give a list of rings: the outline, then its holes.")
            return
        rings = [self._ring(each, f"{at}[{i}]") for i, each in enumerate(self._first(value))]
        whole = [ring for ring in rings if ring is not None]
        if len(whole) == len(value):
            yield Polygon(whole[0], tuple(whole[1:]))

    def _ring(self, value: Any, at: str) -> Ring | None:
        if not isinstance(value, list) or len(value) < _FEWEST_IN_RING:
            self.wrong(at, "Give a ring of at least 4 positions.")
            return None
        self.positions += len(value)
        if self.positions > MOST_POSITIONS:
            self.wrong(at, f"Use at most {MOST_POSITIONS} positions; leave out the fine detail.")
            return None
        found = [self._position(each, f"{at}[{i}]") for i, each in enumerate(self._first(value))]
        positions = [position for position in found if position is not None]
        if len(positions) < len(value):
            return None
        if positions[0] != positions[-1]:
            self.wrong(at, "Close the ring: end it with the position that it begins with.")
            return None
        try:
            return ring_of(positions)
        except RoundAPoleError:
            self.wrong(at, "This goes round a pole. Draw it as a box that the pole is an edge of.")
            return None

    def _position(self, value: Any, at: str) -> tuple[float, float] | None:
        if not isinstance(value, list) or len(value) < 2 or not all(map(_is_number, value)):  # noqa: PLR2004  (a longitude and a latitude)
            self.wrong(at, "Give a position: the longitude, then the latitude, as numbers.")
            return None
        longitude, latitude = value[:2]
        if not -FULL_TURN <= longitude <= FULL_TURN:
            self.wrong(at, "Give a longitude from -180 to 180 (or to 360, across the 180th).")
            return None
        if not -POLE <= latitude <= POLE:
            self.wrong(at, "Give a latitude from -90 to 90. The longitude comes first.")
            return None
        return float(longitude), float(latitude)


def _is_number(value: Any) -> bool:
    """Say whether it is a number; to Python, true and false are some too."""
    return type(value) in (int, float)
