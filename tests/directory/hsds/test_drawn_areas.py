"""Service areas as GeoJSON: kept as they came, checked, searched by, and given back."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Database, find_rows
from directory.hsds.documents import find_documents
from directory.hsds.export import export_directory
from directory.hsds.load import import_directory
from directory.hsds.records import Translation
from directory.index import find_stale_services, refresh_services
from directory.models import TABLES
from directory.models.locations import AddressVisibility, Location
from directory.models.services import ServiceArea
from directory.search import search
from directory.search_query import Match, SearchQuery
from directory.service_areas import is_text
from geo.geojson import LONGEST
from geo.places import Place
from geo.points import Point
from tests.conftest import NOON
from tests.directory.hsds.conftest import Import, Translate, find_zip, only
from tests.directory.hsds.export.conftest import read
from tests.factories import make_offer
from tests.geo.shapes import box, feature, geojson

INGHAM = geojson(box(-84.61, 42.42, -84.14, 42.78))
HERE = Place("", Point(42.6, -84.4), "48854", "", "Ingham County", "MI", "America/Detroit", "zip")
ELSEWHERE = replace(HERE, point=Point(42.0, -84.4))
ORGANIZATIONS = "id,name\n1,Acorn Aid"
SERVICES = "id,organization_id,name\n5,1,Soup"

#: What a writer of another habit makes of it; not as we would write it.
ODD = f""" {{"type" : "Feature",
 "geometry": {INGHAM}, "properties":{{"who":"\u00e9 &amp; co"}} }} """


def areas(*rows: tuple[str, str]) -> str:
    """The CSV of areas of the one service: each extent and its type."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(["id", "service_id", "name", "extent", "extent_type"])
    table.writerows([n, 5, f"Area {n}", *row] for n, row in enumerate(rows))
    return written.getvalue()


def directory(*rows: tuple[str, str]) -> dict[str, str]:
    return {
        "organizations": ORGANIZATIONS,
        "services": SERVICES,
        "service_areas": areas(*rows),
    }


def said(translation: Translation) -> list[str]:
    return [mend.reason for mend in translation.report.mends if mend.field == "extent"]


def found(database: Database, origin: Place) -> list[tuple[str, Match | None]]:
    with database.reading() as session:
        answer = search(session, SearchQuery(origin=origin), now=NOON)
        assert find_stale_services(session, now=NOON) == set()
    return [(hit.entry["service_name"], hit.match) for hit in answer.hits]


@pytest.mark.parametrize(
    ("kind", "kept"), [("geojson", "geojson"), ("GeoJSON", "GeoJSON"), ("", None)]
)
def test_geojson_is_kept_as_it_came(translate: Translate, kind: str, kept: str | None) -> None:
    done = translate(**directory((ODD, kind)))

    values = only(done, "service_area").values
    assert (values["extent"], values["extent_type"]) == (ODD.strip(), kept)
    assert only(done, "service_area").original is None
    assert said(done) == []


@pytest.mark.parametrize(
    ("extent", "kind", "reason"),
    [
        (
            geojson(box(0, 0, 1, 95)),
            "geojson",
            "no polygon. Give a latitude from -90 to 90. The longitude comes first.",
        ),
        ("Ingham County", "geojson", "no polygon. Give GeoJSON: this cannot be read as JSON."),
        ("{}", "", 'no polygon. Give a "type": Polygon, MultiPolygon, Feature or a collection'),
        ("<kml/>", "kml", "only text and geojson"),
        ("{}", "topojson", "only text and geojson"),
    ],
)
def test_what_cannot_be_searched_by_is_kept_and_reported(
    translate: Translate, extent: str, kind: str, reason: str
) -> None:
    done = translate(**directory((extent, kind)))

    assert only(done, "service_area").values["extent"] == extent
    (told,) = said(done)
    assert told.startswith(f"kept, but no search goes by it: {reason}")
    assert done.report.of("service_area").mended == 1
    assert done.report.refusals == []


def test_imported_polygons_are_searched_by_until_the_source_says_otherwise(
    database: Database, import_tables: Import
) -> None:
    import_tables(**directory((INGHAM, "geojson"), ("{", "geojson")))
    assert found(database, HERE) == [("Soup", Match.AREA)]
    assert found(database, ELSEWHERE) == []

    import_tables(**directory(("OH", "text")))
    assert found(database, HERE) == []

    import_tables(**directory((INGHAM, "geojson")))
    import_tables(**{**directory(), "service_areas": "id,service_id,name"})
    assert found(database, ELSEWHERE) == [("Soup", Match.ANYWHERE)]


def test_json_may_have_the_polygon_as_an_object(database: Database, tmp_path: Path) -> None:
    area = {"id": "a", "name": "Ingham", "extent": json.loads(INGHAM), "extent_type": "geojson"}
    service = {"id": "s", "name": "Soup", "service_areas": [area]}
    path = tmp_path / "services.json"
    path.write_text(json.dumps([{**service, "organization": {"id": "o", "name": "Acorn"}}]))

    with database.transaction() as session:
        import_directory(session, path, source="invented", now=NOON, find_zip=find_zip)

    assert found(database, HERE) == [("Soup", Match.AREA)]


def fine(length: int) -> str:
    """A polygon whose text is so long."""
    return INGHAM + " " * (length - len(INGHAM))


@pytest.mark.parametrize("form", ["folder", "directory.json"])
def test_an_export_gives_back_what_came_in_however_long(
    database: Database, import_tables: Import, tmp_path: Path, form: str
) -> None:
    long = json.dumps(feature(json.loads(INGHAM), note="x" * (LONGEST - 300)))
    extents = {ODD.strip(), "{ bad", "<kml/>", long, "48854 MI"}
    kinds = {"<kml/>": "kml", "48854 MI": "text"}
    report = import_tables(**directory(*((each, kinds.get(each, "geojson")) for each in extents)))
    assert report.refusals == []
    with database.snapshot() as session:
        export_directory(session, tmp_path / form, now=NOON)
    with database.transaction() as session:
        session.connection().execute(sa.update(TABLES["service_area"]).values(extent="gone"))
        again = import_directory(
            session, tmp_path / form, source="invented", now=NOON, find_zip=find_zip, keep_ids=True
        )

    assert again.refusals == []
    with database.reading() as session:
        stored = find_rows(session, sa.select(TABLES["service_area"].c.extent))
    assert {row["extent"] for row in stored} == extents


def test_longer_ones_are_refused_alone(translate: Translate) -> None:
    done = translate(**directory((fine(LONGEST + 1) + "x", "geojson"), (INGHAM, "geojson")))

    assert only(done, "service_area").values["extent"] == INGHAM
    assert [each.reason for each in done.report.refusals] == [
        f"a cell is longer than {LONGEST} characters"
    ]


@pytest.mark.parametrize("visibility", [AddressVisibility.PUBLIC, AddressVisibility.HIDDEN])
def test_an_area_drawn_for_a_hidden_place_alone_is_searched_by_and_not_told(
    session: Session, tmp_path: Path, visibility: AddressVisibility
) -> None:
    is_public = visibility is AddressVisibility.PUBLIC
    offer = make_offer(session, point=None)
    session.get_one(Location, offer.location_id).address_visibility = visibility
    canary = json.dumps(feature(json.loads(INGHAM), how="canary: the green door"))
    by_place: dict[str, Any] = {"service_at_location_id": offer.id}
    told = {"MI", INGHAM}
    for owner, extent, kind in (
        (by_place, canary, "geojson"),
        (by_place, f" \n{canary}", None),
        (by_place, "<kml>canary</kml>", "KML"),
        (by_place, "MI", "Text"),
        ({"service_id": offer.service_id}, INGHAM, "geojson"),
    ):
        words = "All of us" if owner.get("service_id") else None
        session.add(ServiceArea(**owner, extent=extent, extent_type=kind, description=words))
    refresh_services(session, [offer.service_id], now=NOON)

    export_directory(session, tmp_path / "out", now=NOON)
    (document,) = find_documents(session, "service", [offer.service_id])

    exported_areas = read(tmp_path / "out", "service_areas.csv")
    exported = {row["extent"] for row in exported_areas}
    documented = json.dumps(document)
    assert told <= exported
    assert {row["description"] for row in exported_areas} == {"", "All of us"}
    assert ("canary" in " ".join(exported)) is is_public
    assert ("canary" in documented) is is_public
    assert '"MI"' in documented
    assert [hit.serves for hit in search(session, SearchQuery(origin=HERE), now=NOON).hits] == [
        True
    ]


@pytest.mark.parametrize("extent", ["", "{}", " \t\n{}", "MI", "a {"])
@pytest.mark.parametrize("kind", [None, "", " ", "text", " TEXT ", "geojson", "kml"])
def test_both_who_tell_agree_which_area_is_text(
    session: Session, extent: str, kind: str | None
) -> None:
    from directory.hsds.known import _is_text  # noqa: PLC0415  (the half that is SQL)

    offer = make_offer(session)
    area = ServiceArea(service_id=offer.service_id, extent=extent, extent_type=kind)
    session.add(area)
    session.flush()
    it = TABLES["service_area"]

    in_sql = session.connection().execute(sa.select(_is_text(it)).select_from(it)).scalar_one()

    assert bool(in_sql) is is_text({"extent": extent, "extent_type": kind})
