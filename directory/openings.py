"""What was last said about room, of every unit and population: which of it counts, and comes first.

A place may have several reports at a time: "2 of 10 beds for women with children" and "0 of 20
beds for men". They are put in order once, when they are said; whether one still counts is asked
by whoever reads them, by comparing with now.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from directory.models.openings import OpeningStatus

#: What people want to know first: is there room, then is there any way in.
_RANK = {
    OpeningStatus.OPEN: 0,
    OpeningStatus.WAITLIST: 1,
    OpeningStatus.ASSESSMENT: 2,
    OpeningStatus.CALL: 3,
    OpeningStatus.FULL: 4,
}

#: The unit and the population of a report: of each pair, the newest counts.
Counted = tuple[UUID, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The newest report of one unit and population at a place. It counts until ``expires_at``.

    ``whole_service``: it was said of the service in all its places together.
    """

    unit: str
    population: str
    status: OpeningStatus
    available: int | None
    maximum: int | None
    note: str | None
    as_of: datetime
    expires_at: datetime
    said_by: str
    whole_service: bool = False

    @classmethod
    def of_report(cls, row: Mapping[str, Any]) -> Self:
        """Make it of a row of ``service_capacity`` with the name of its ``unit``."""
        return cls(
            unit=row["unit"],
            population=row["population"],
            status=OpeningStatus(row["status"]),
            available=row["available"],
            maximum=row["maximum"],
            note=row["description"],
            as_of=row["said_at"] or row["updated"],
            expires_at=row["expires_at"],
            said_by=row["said_by"],
            whole_service=row["service_at_location_id"] is None,
        )

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        """Make it of what ``as_json`` returned."""
        return cls(
            **{
                **kept,
                "status": OpeningStatus(kept["status"]),
                "as_of": datetime.fromisoformat(kept["as_of"]),
                "expires_at": datetime.fromisoformat(kept["expires_at"]),
            }
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as a search row keeps it."""
        return {
            **asdict(self),
            "status": self.status.value,
            "as_of": self.as_of.isoformat(),
            "expires_at": self.expires_at.isoformat(),
        }

    @property
    def has_room(self) -> bool:
        """Whether it says that there is room; a count of none is none, whatever else is said."""
        return self.status is OpeningStatus.OPEN and self.available != 0

    def counts(self, now: datetime) -> bool:
        """Say whether it still counts."""
        return self.expires_at > now


def in_order(openings: Iterable[Opening]) -> list[Opening]:
    """Put first what is shown where there is space for one.

    What has room comes before what has none, and of that the most free; open without a count is
    some room, so it comes with one. Then what was said last.
    """
    named = sorted(openings, key=lambda each: (each.unit, each.population))
    newest = sorted(named, key=lambda each: each.as_of, reverse=True)
    return sorted(newest, key=_preference)


def _preference(opening: Opening) -> tuple[int, int]:
    if opening.has_room:
        return 0, -(1 if opening.available is None else opening.available)
    none_free = opening.status is OpeningStatus.OPEN  # "open" with a count of none
    return _RANK[OpeningStatus.FULL if none_free else opening.status], 0


def newest_of_each(rows: Iterable[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Return the newest row of each unit and population.

    What was said of the whole service and what was said of this place stand side by side here:
    the later word counts.
    """
    newest: dict[Counted, Mapping[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (row["updated"], row["id"])):
        newest[row["unit_id"], row["population"]] = row
    return list(newest.values())


def as_columns(openings: Iterable[Opening]) -> dict[str, Any]:
    """Return what was last said as the columns of a search row."""
    ordered = in_order(openings)
    return {
        "openings": [each.as_json() for each in ordered],
        "opening_expires_at": max((each.expires_at for each in ordered), default=None),
        "opening_room_until": max(
            (each.expires_at for each in ordered if each.has_room), default=None
        ),
    }


def find_live(entry: Mapping[str, Any], now: datetime) -> list[Opening]:
    """Return what of a search row still counts, in the order in which it is shown."""
    kept = (Opening.of_json(each) for each in entry["openings"])
    return [each for each in kept if each.counts(now)]
