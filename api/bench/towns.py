"""A made-up directory, dense in towns and empty between them, as real ones are."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from directory.eligibility_rules import Condition, Group, Range, as_json
from directory.models.openings import OpeningStatus
from directory.needs import EVERYDAY_NEEDS
from directory.openings import Opening, as_columns
from directory.search_rules import id_of
from geo.grid import cell_of
from geo.places import Place
from geo.points import Point, to_earth_centred
from geo.zip_index import zip_index

Rows = list[dict[str, Any]]

ENTRIES_PER_TOWN = 200
ENTRIES_PER_ORGANIZATION = 8
SPREAD_DEGREES = 0.06  # most of a town is within 7 km of its middle
SEED = 211

#: Numbers begin here, so that all have nine digits, whoever writes them.
FIRST = 100_000_000

#: Half of the services say whom they are for, in one of these ways.
RULES_SHARE = 0.5
_RULES = [
    {"id": id_of(rule), "rule": as_json(rule)}
    for rule in (
        Condition("age", Range(at_least=18)),
        Condition("age", Range(at_least=60)),
        Condition("income_poverty_percent", Range(at_most=200)),
        Group("any", (Condition("veteran", test=True), Condition("age", Range(at_least=65)))),
    )
]

_PARENTS = {need.code: need.parent for need in EVERYDAY_NEEDS}
_LANGUAGES = (" ", " en ", " en es ", " ar en ")


class Directory(NamedTuple):
    """Rows by table, parents first, and the ZIP codes people ask from."""

    tables: dict[str, Rows]
    zips: list[str]


def make_directory(entries: int, *, now: datetime) -> Directory:
    """Make so many search entries with the records they stand for; the same each time."""
    random = Random(SEED)  # noqa: S311  (no secrets here)
    towns = _towns(random, max(1, entries // ENTRIES_PER_TOWN))
    organizations = [_organization(n) for n in range(entries // ENTRIES_PER_ORGANIZATION + 1)]
    offers = [
        _Offer.make(random, n, organizations[n // ENTRIES_PER_ORGANIZATION], town)
        for n, town in enumerate(_choose(random, towns, entries))
    ]
    tables = {
        "search_rule": _RULES,
        "organization": organizations,
        "service": [offer.service for offer in offers],
        "location": [offer.location for offer in offers],
        "service_at_location": [offer.at_location for offer in offers],
        "search_entry": [offer.entry(random, now) for offer in offers],
    }
    return Directory(tables, [str(town.postal_code) for town in towns])


def numbered_id(kind: int, number: int) -> UUID:
    """Return an identifier of decimal digits only: 23 for the kind, 9 for the number."""
    return UUID(prefix_of(kind) + str(FIRST + number))


def prefix_of(kind: int) -> str:
    """Return the first 23 digits of the identifiers of a kind."""
    return f"{kind:023}"


def _towns(random: Random, count: int) -> list[Place]:
    index = zip_index()
    known = [place for digit in "0123456789" for place in index.zip_codes_beginning(digit)]
    return random.sample(known, count)


def _choose(random: Random, towns: Sequence[Place], count: int) -> Iterator[Place]:
    """Yield towns; the second has half as many places as the first, the third a third, ..."""
    weights = list(accumulate(1 / rank for rank in range(1, len(towns) + 1)))
    yield from random.choices(towns, cum_weights=weights, k=count)


def _organization(number: int) -> dict[str, Any]:
    return {"id": numbered_id(1, number), "name": f"Agency {number}"}


class _Offer(NamedTuple):
    """A service, the place where it is offered, and that it is."""

    organization: dict[str, Any]
    service: dict[str, Any]
    location: dict[str, Any]
    at_location: dict[str, Any]

    @classmethod
    def make(cls, random: Random, number: int, organization: Any, town: Place) -> "_Offer":
        service = {
            "id": numbered_id(2, number),
            "organization_id": organization["id"],
            "name": f"Service {number}",
        }
        location = {
            "id": numbered_id(3, number),
            "name": f"{town.city} {number}",
            "latitude": max(-89.0, min(89.0, random.gauss(town.point.latitude, SPREAD_DEGREES))),
            "longitude": max(
                -179.0, min(179.0, random.gauss(town.point.longitude, SPREAD_DEGREES))
            ),
            "timezone": town.timezone,
        }
        at_location = {
            "id": numbered_id(4, number),
            "service_id": service["id"],
            "location_id": location["id"],
        }
        return cls(organization, service, location, at_location)

    def entry(self, random: Random, now: datetime) -> dict[str, Any]:
        names = {
            "service_name": self.service["name"],
            "organization_name": self.organization["name"],
            "location_name": self.location["name"],
            "address": f"{random.randrange(1, 9999)} Main Street",
            "phone": f"555-{random.randrange(10_000):04}",
        }
        ids = {
            "id": self.at_location["id"],
            "service_at_location_id": self.at_location["id"],
            "service_id": self.service["id"],
            "organization_id": self.organization["id"],
            "location_id": self.location["id"],
        }
        return {
            **ids,
            **names,
            "text": f" {' '.join(names.values()).casefold()} ",
            "timezone": self.location["timezone"],
            "needs": _needs(random),
            "languages": random.choice(_LANGUAGES),
            "is_free": random.random() < 0.7,  # noqa: PLR2004  (a share)
            **_position(self.location),
            **_hours(random, now),
            **_opening(random, now),
            "rule_id": random.choice(_RULES)["id"] if random.random() < RULES_SHARE else None,
        }


def _needs(random: Random) -> str:
    codes = set(random.sample(list(_PARENTS), random.randint(1, 3)))
    codes |= {parent for code in codes if (parent := _PARENTS[code])}
    return f" {' '.join(sorted(codes))} "


def _position(location: dict[str, Any]) -> dict[str, Any]:
    point = Point(location["latitude"], location["longitude"])
    return {**point._asdict(), "cell": cell_of(point), **to_earth_centred(point)._asdict()}


def _hours(random: Random, now: datetime) -> dict[str, Any]:
    """Open, or opening later, for longer than a measurement lasts; one in five says nothing."""
    if random.random() < 0.2:  # noqa: PLR2004  (a share)
        return {"hours_known": False, "opens_at": None, "closes_at": None}
    opens_at = now + timedelta(hours=random.randrange(-8, 40))
    return {"hours_known": True, "opens_at": opens_at, "closes_at": opens_at + timedelta(hours=9)}


def _opening(random: Random, now: datetime) -> dict[str, Any]:
    """Report room at one place in three."""
    if random.random() > 1 / 3:
        return as_columns([])
    said = Opening(
        unit="places",
        population="",
        status=OpeningStatus.OPEN,
        available=random.randrange(1, 9),
        maximum=10,
        note=None,
        as_of=now - timedelta(minutes=random.randrange(300)),
        expires_at=now + timedelta(hours=12),
        said_by="Agency",
    )
    return as_columns([said])
