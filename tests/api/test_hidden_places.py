"""Confidential places against three attack scripts (T51): nothing is learnt beyond the area.

Three hundred shelters come in by import, each with its street and point, all for one county.
What searches tell of them is the same for all three hundred, wherever they are: so an attacker
who asks all these questions has each of the three hundred places left, all equally likely.
The same scripts find a place within a metre when its point is kept (the negative control).
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from directory.database import Database
from directory.hsds import load
from directory.hsds.guard import HeldBack
from directory.hsds.load import import_directory
from geo.gazetteer import get_zip
from geo.points import Point, kilometres_between
from tests.api.attacks import Told, by_order, by_radius, by_tipping
from tests.api.conftest import Client
from tests.conftest import NOON
from tests.factories import make_offer, make_organization

SHELTERS = 300
KNOWN = 60
COUNTY = "Ingham County, MI"


def random_points(count: int, seed: int) -> list[Point]:
    """Points of the county, which is very nearly a square."""
    chance = random.Random(seed)  # noqa: S311  (a test that is the same each time)
    return [
        Point(chance.uniform(42.44, 42.76), chance.uniform(-84.59, -84.15)) for _ in range(count)
    ]


HIDDEN = random_points(SHELTERS, seed=1)
PUBLIC = random_points(KNOWN, seed=2)
ORIGINS = random_points(40, seed=3)


def write_shelters(folder: Path) -> Path:
    """A directory whose author forgot that it would be read by everybody."""
    chance = random.Random(4)  # noqa: S311  (as above)
    names = [f"Thistle {n:03}" for n in range(SHELTERS)]
    chance.shuffle(names)
    tables: dict[str, list[str]] = defaultdict(list)
    tables["organizations"] = ["id,name,description", "1,Thistledown Trust,"]
    tables["locations"] = ["id,organization_id,name,latitude,longitude"]
    tables["addresses"] = ["id,location_id,address_1,city,state_province,postal_code,country"]
    tables["services"] = ["id,organization_id,name,status"]
    tables["service_at_location"] = ["id,service_id,location_id"]
    tables["service_areas"] = ["id,service_id,name"]
    for n, (name, point) in enumerate(zip(names, HIDDEN, strict=True)):
        tables["locations"].append(f"{n},1,{name} Shelter,{point.latitude},{point.longitude}")
        tables["addresses"].append(f"{n},{n},{n} Bramble Lane,Mason,MI,48854,US")
        tables["services"].append(f"{n},1,{name} beds,active")
        tables["service_at_location"].append(f"{n},{n},{n}")
        tables["service_areas"].append(f'{n},{n},"{COUNTY}"')
    for table, lines in tables.items():
        (folder / f"{table}.csv").write_text("\n".join(lines) + "\n")
    return folder


def import_shelters(database: Database, folder: Path) -> None:
    with database.transaction() as session:
        organization = make_organization(session)
        for n, point in enumerate(PUBLIC):
            make_offer(session, name=f"Pantry {n}", organization=organization, point=point)
        import_directory(
            session, write_shelters(folder), source="thistle", now=NOON, find_zip=get_zip
        )


def results(client: Client, origin: Point, within_km: float) -> Iterator[dict[str, Any]]:
    """All results of one search, page after page."""
    asked = {
        "near": f"{origin.latitude},{origin.longitude}",
        "within_km": str(within_km),
        "limit": "100",
    }
    while True:
        answer = client.get("/api/v1/search", params=asked).json()
        yield from answer["results"]
        if answer["next"] is None:
            return
        asked["next"] = answer["next"]


def without_identity(hit: dict[str, Any]) -> str:
    """What is told of a result, but for which one it is."""
    return str(
        {name: hit[name] for name in hit if name not in ("id", "service_at_location_id", "service")}
    )


def transcript(client: Client, questions: list[tuple[Point, float]]) -> dict[str, list[str]]:
    """For each shelter, what every question told of it, and after how many known places."""
    told: dict[str, list[str]] = {f"Thistle {n:03} beds": [] for n in range(SHELTERS)}
    for origin, within_km in questions:
        before, seen = 0, {}
        for hit in results(client, origin, within_km):
            if hit["service"]["name"] in told:
                seen[hit["service"]["name"]] = f"{before} {without_identity(hit)}"
            else:
                before += 1
        for name, lines in told.items():
            lines.append(seen.get(name, "not there"))
    return told


def questions() -> list[tuple[Point, float]]:
    """What the three scripts ask, whatever they are told: all radii, all steps, all origins."""
    asked: list[tuple[Point, float]] = []

    def ask(origin: Point, within_km: float) -> Told | None:
        asked.append((origin, within_km))
        return Told(None, KNOWN)

    by_radius(ask)
    by_tipping(ask)
    by_order(ask, PUBLIC, ORIGINS, [])
    outside = [(Point(43.4, -83.9), 40.0), (Point(41.9, -84.4), 25.0)]
    return [*asked[::6], *((origin, 7.5) for origin in ORIGINS[:10]), *outside]


def test_searches_tell_the_same_of_every_hidden_place(
    database: Database, client: Client, tmp_path: Path
) -> None:
    import_shelters(database, tmp_path)

    told = transcript(client, questions())

    alike: dict[tuple[str, ...], int] = defaultdict(int)
    for lines in told.values():
        alike[tuple(lines)] += 1
    assert list(alike.values()) == [SHELTERS]  # each of the 300 is as likely as the others
    told_of_each = set(next(iter(alike)))
    assert "not there" in told_of_each  # outside the county
    told_of_each.remove("not there")
    assert told_of_each
    assert all("'distance_km': None" in line for line in told_of_each)


def of_one(client: Client, name: str, origin: Point, within_km: float) -> Told | None:
    """What is told of one place; nothing where it is only found by the area that it serves."""
    before = 0
    for hit in results(client, origin, within_km):
        if hit["service"]["name"] == name:
            return Told(hit["distance_km"], before) if hit["match"] == "near" else None
        before += hit["service"]["name"].startswith("Pantry")
    return None


def test_the_scripts_do_find_a_place_whose_point_is_kept(
    database: Database, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "hold_back", lambda *_args, **_options: HeldBack())
    monkeypatch.setattr("tests.api.test_hidden_places.SHELTERS", 1)
    monkeypatch.setattr("tests.api.test_hidden_places.HIDDEN", HIDDEN[:1])
    import_shelters(database, tmp_path)
    true = HIDDEN[0]

    def ask(origin: Point, within_km: float) -> Told | None:
        return of_one(client, "Thistle 000 beds", origin, within_km)

    for attack in (by_radius, by_tipping):
        found = attack(ask)
        assert found is not None
        assert kilometres_between(found, true) < 0.001  # a metre
    area = random_points(4000, seed=5)
    possible = by_order(ask, PUBLIC, ORIGINS, area)
    assert len(possible) < 0.05 * len(area)
