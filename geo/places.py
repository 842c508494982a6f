"""Places a search can start from, and the towns they are made of."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final, Literal

from geo.points import Point

_WELL_KNOWN_ZIPS: Final = 3
"""An unofficial name of so many ZIP codes is one that people use: Manhattan, Hollywood, Edina."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a search can start from.

    `label` is what people read; `resolve_place` finds a ZIP code or town again by it. `county`
    ("Ingham County"), `state` ("MI") and `timezone` (an IANA name) are those of the ZIP code, of
    most ZIP codes of the town, or of the ZIP code nearest to the coordinates. County is "" where
    the postal data has none; for coordinates more than 300 km from every ZIP code so is the
    state, and the time zone is "UTC". `city` is "" for coordinates.
    """

    label: str
    point: Point
    postal_code: str | None
    city: str
    county: str
    state: str
    timezone: str
    kind: Literal["zip", "town", "coordinates"]


@dataclass(frozen=True, slots=True, eq=False)
class Town:
    """A town of one state and its ZIP codes.

    `zips` are the active ones that mail is delivered to, or all when it has none of those.
    `official` is False for a name the postal service only tolerates: Manhattan is New York to it.
    """

    name: str
    state: str
    official: bool
    zips: tuple[Place, ...]

    @property
    def well_known(self) -> bool:
        """Whether people who name no state can mean this town.

        A single ZIP code's tolerated name must not put San Francisco, CA in doubt.
        """
        return self.official or len(self.zips) >= _WELL_KNOWN_ZIPS

    def place(self) -> Place:
        """Where a search from this town starts: the middle of its ZIP codes."""
        return Place(
            label=f"{self.name}, {self.state}",
            point=Point(
                round(fmean(zip_code.point.latitude for zip_code in self.zips), 4),
                round(fmean(zip_code.point.longitude for zip_code in self.zips), 4),
            ),
            postal_code=None,
            city=self.name,
            county=most_common([zip_code.county for zip_code in self.zips]),
            state=self.state,
            timezone=most_common([zip_code.timezone for zip_code in self.zips]),
            kind="town",
        )


def most_common(names: Sequence[str]) -> str:
    """Give the name that comes most often; of equals, the first."""
    return Counter(names).most_common(1)[0][0] if len(names) > 1 else names[0]
