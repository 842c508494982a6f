"""Who says that they serve here: found at any distance, said of each, and kept true."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from directory.database import find_rows
from directory.drawn_areas import _Kept, find_whereabouts
from directory.index import find_stale_services, refresh_services
from directory.models.locations import Address, AddressVisibility, Location
from directory.models.services import Service, ServiceArea, ServiceAtLocation, ServiceStatus
from directory.offers import entries, search_areas, search_shapes
from directory.search import _reachable, search
from directory.search_query import Answer, Hit, Match, SearchQuery
from directory.service_areas import Whereabouts, areas_stated, found_under, understood
from geo.geojson import read_shape
from geo.places import Place
from geo.points import Point
from tests.conftest import NOON
from tests.factories import LANSING, make_offer, make_organization
from tests.geo.shapes import box, covers, geojson, point, points_by, polygons

HERE = Place("here", Point(*LANSING), "48933", "", "Ingham County", "MI", "America/Detroit", "zip")
DETROIT = (42.3314, -83.0458)  # some 130 km away
MARQUETTE = (46.5436, -87.3954)  # further than any search reaches
BEYOND = (43.3, -84.5555)  # some 63 km north
INGHAM = geojson(box(-84.61, 42.42, -84.14, 42.78))
WAYNE = geojson(box(-83.56, 42.03, -82.86, 42.46))


def state_area(
    session: Session,
    offer: ServiceAtLocation,
    extent: str | None,
    kind: str | None = "text",
    *,
    here_alone: bool = False,
) -> ServiceArea:
    owner: dict[str, Any] = (
        {"service_at_location_id": offer.id} if here_alone else {"service_id": offer.service_id}
    )
    area = ServiceArea(**owner, name="Our people", extent=extent, extent_type=kind)
    session.add(area)
    refresh_services(session, [offer.service_id], now=NOON)
    return area


def draw(session: Session, offer: ServiceAtLocation, extent: str) -> ServiceArea:
    return state_area(session, offer, extent, "geojson")


def find(session: Session, origin: Place | None = HERE, **asked: Any) -> Answer:
    return search(session, SearchQuery(origin=origin, **asked), now=NOON)


def told(answer: Answer) -> list[tuple[str, Match | None, bool | None]]:
    return [(hit.entry["service_name"], hit.match, hit.serves) for hit in answer.hits]


# ------------------------------------------------------------------------------- what is found


@pytest.mark.parametrize("extent", ["48933", "MI", "OH MI:Ingham_County", INGHAM])
def test_what_states_that_it_serves_here_is_found_beyond_the_radius(
    session: Session, extent: str
) -> None:
    far = make_offer(session, name="Far", point=DETROIT, needs=["food"])
    state_area(session, far, extent, "geojson" if extent is INGHAM else "text")
    make_offer(session, name="Near")

    answer = find(session)

    assert told(answer) == [("Near", Match.NEAR, None), ("Far", Match.AREA, True)]
    assert (answer.total, answer.needs["food"], answer.within_km) == (2, 1, 25.0)
    assert answer.hits[1].distance_km == pytest.approx(130, abs=5)


@pytest.mark.parametrize("extent", ["48201", "OH", "MI:Wayne_County", WAYNE, None, "Greater MI"])
def test_what_states_no_area_or_another_one_is_not(session: Session, extent: str | None) -> None:
    far = make_offer(session, point=MARQUETTE)
    state_area(session, far, extent, "geojson" if extent is WAYNE else "text")

    assert find(session).total == 0


def test_the_state_of_the_agency_is_no_stated_area_where_there_is_a_place(session: Session) -> None:
    organization = make_organization(session)
    session.add(
        Address(
            organization_id=organization.id,
            address_1="1 Elm",
            city="Detroit",
            state_province="MI",
            postal_code="48201",
        )
    )
    for name, where in (("Far", DETROIT), ("Near", LANSING), ("Helpline", None)):
        make_offer(session, name=name, organization=organization, point=where)

    answer = find(session)

    assert told(answer) == [("Near", Match.NEAR, None), ("Helpline", Match.ANYWHERE, None)]
    ohio = replace(HERE, state="OH", county="Lucas County", postal_code="43604")
    assert told(find(session, ohio)) == [("Near", Match.NEAR, None)]
    nowhere = replace(HERE, state="", county="", postal_code=None)
    assert told(find(session, nowhere)) == [("Near", Match.NEAR, None)]


def test_state_of_blanks_stands_for_nothing(session: Session) -> None:
    offer = make_offer(session, point=None)
    session.add(
        Address(
            location_id=offer.location_id,
            address_1="",
            city="",
            state_province="  ",
            postal_code="",
        )
    )
    refresh_services(session, [offer.service_id], now=NOON)

    assert words_of(session, offer) == {"*"}


def test_area_of_the_offer_takes_the_place_of_that_of_its_service(session: Session) -> None:
    offer = make_offer(session, point=MARQUETTE)
    draw(session, offer, INGHAM)
    state_area(session, offer, "OH", here_alone=True)

    assert find(session).total == 0


@pytest.mark.parametrize("hidden", [True, False])
def test_without_a_known_place_it_comes_last_and_says_whom_it_serves(
    session: Session, hidden: object
) -> None:
    offer = make_offer(session, name="Shelter", point=None)
    if hidden:
        place = session.get_one(Location, offer.location_id)
        place.address_visibility = AddressVisibility.HIDDEN
    draw(session, offer, INGHAM)
    draw(session, make_offer(session, name="Far", point=DETROIT), INGHAM)
    draw(session, make_offer(session, name="Elsewhere", point=None), WAYNE)
    make_offer(session, name="Helpline", point=None)

    answer = find(session)

    assert told(answer) == [
        ("Far", Match.AREA, True),
        ("Helpline", Match.ANYWHERE, None),
        ("Shelter", Match.AREA, True),
    ]
    assert answer.hits[2].distance_km is None


def test_hit_tells_whether_what_it_states_takes_in_the_origin(session: Session) -> None:
    for name, extents in (
        ("a", ["OH"]),
        ("b", ["OH", INGHAM]),
        ("c", [WAYNE]),
        ("d", ["OH", "Greater Lansing"]),
        ("e", ["48912"]),
        ("f", ["MI:Eaton_County"]),
    ):
        offer = make_offer(session, name=name)
        for extent in extents:
            state_area(session, offer, extent, "geojson" if extent.startswith("{") else "text")

    assert [hit.serves for hit in find(session).hits] == [False, True, False, None, False, False]
    town = replace(HERE, postal_code=None)  # which has several ZIP codes, maybe this one
    assert [hit.serves for hit in find(session, town).hits][4:] == [None, False]
    assert {(hit.match, hit.serves) for hit in find(session, None).hits} == {(None, None)}


# -------------------------------------------------------------------------------- how far


def test_place_further_away_that_serves_here_is_as_good_as_near(session: Session) -> None:
    make_offer(session, name="Beyond", point=BEYOND)
    draw(session, make_offer(session, name="Far", point=DETROIT), INGHAM)

    answer = find(session)

    assert (told(answer), answer.widened) == ([("Far", Match.AREA, True)], False)


def test_helpline_that_serves_here_does_not_keep_a_search_from_looking_further(
    session: Session,
) -> None:
    make_offer(session, name="Beyond", point=BEYOND)
    draw(session, make_offer(session, name="Helpline", point=None), INGHAM)

    answer = find(session)

    assert [name for name, _, _ in told(answer)] == ["Beyond", "Helpline"]
    assert (answer.widened, answer.within_km) == (True, 100.0)


def test_pages_go_on_from_near_to_far_to_no_place(session: Session) -> None:
    organization = make_organization(session)
    for name, where in (("a", LANSING), ("b", DETROIT), ("c", DETROIT), ("d", None)):
        draw(
            session, make_offer(session, name=name, organization=organization, point=where), INGHAM
        )
    query = SearchQuery(origin=HERE, limit=1)
    seen: list[Hit] = []
    for _ in range(4):
        answer = search(session, query, now=NOON)
        seen += answer.hits
        query = replace(query, after=answer.hits[0].cursor)

    assert [hit.entry["service_name"] for hit in seen] == ["a", "b", "c", "d"]
    assert (answer.more, answer.total) == (False, 4)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), drawn=st.lists(polygons(), min_size=1, max_size=3))
def test_polygon_decides_exactly_whatever_an_index_brings(
    session: Session, data: st.DataObject, drawn: list[list[list[tuple[float, float]]]]
) -> None:
    at = data.draw(points_by(data.draw(st.sampled_from(drawn))))
    with session.begin_nested() as savepoint:
        for number, rings in enumerate(drawn):
            offer = make_offer(session, name=str(number), point=(40.0, 100.0))
            draw(session, offer, geojson(*rings))
        found = find(session, replace(HERE, point=point(at)), within_km=0.1)
        savepoint.rollback()
        session.expunge_all()

    names = [hit.entry["service_name"] for hit in found.hits]
    assert names == [str(n) for n, rings in enumerate(drawn) if covers(rings, at)]


# ------------------------------------------------------------------------- what is kept true


def words_of(session: Session, offer: ServiceAtLocation) -> set[str]:
    mine = sa.select(search_areas.c.word).where(search_areas.c.entry_id == offer.id)
    return set(session.connection().execute(mine).scalars())


def count(session: Session, table: sa.Table) -> int:
    return session.connection().execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_rows_of_areas_come_and_go_with_what_is_stated(session: Session) -> None:
    offer = make_offer(session)
    assert words_of(session, offer) == set()

    first, twin = (draw(session, offer, INGHAM) for _ in range(2))
    assert len(words_of(session, offer)) == 1
    assert count(session, search_shapes) in range(1, 5)

    session.delete(first)
    refresh_services(session, [offer.service_id], now=NOON)
    assert told(find(session)) == [("Food parcels", Match.NEAR, True)]

    twin.extent, twin.extent_type = "48933 OH", "text"
    refresh_services(session, [offer.service_id], now=NOON)
    assert words_of(session, offer) == {"48933", "OH"}
    assert count(session, search_shapes) == 0

    session.get_one(Service, offer.service_id).status = ServiceStatus.DEFUNCT
    refresh_services(session, [offer.service_id], now=NOON)
    assert count(session, search_areas) == 0


def test_rows_that_hang_on_a_search_row_go_with_it(session: Session) -> None:
    offer = make_offer(session)
    draw(session, offer, INGHAM)

    session.connection().execute(sa.delete(entries).where(entries.c.id == offer.id))

    assert (count(session, search_areas), count(session, search_shapes)) == (0, 0)


@pytest.mark.parametrize("table", [search_areas, search_shapes])
@pytest.mark.parametrize("fault", ["lost", "wrong", "too many"])
def test_wrong_rows_of_areas_are_found(session: Session, table: sa.Table, fault: str) -> None:
    offer, fine = make_offer(session), make_offer(session)
    draw(session, offer, INGHAM)
    draw(session, fine, INGHAM)
    assert find_stale_services(session, now=NOON) == set()
    mine = table.c.entry_id == offer.id
    row = find_rows(session, sa.select(table).where(mine))[0]
    change: dict[str, sa.Executable] = {
        "lost": sa.delete(table).where(mine, table.c.word == row["word"]),
        "wrong": sa.update(table).where(mine).values(word="@0"),
        "too many": sa.insert(table).values({**row, "word": "@0"}),
    }

    session.connection().execute(change[fault])

    assert find_stale_services(session, now=NOON) == {offer.service_id}


def test_same_polygon_of_many_is_read_from_one_that_is_still_there(session: Session) -> None:
    offers = [make_offer(session, name=str(n), point=DETROIT) for n in range(3)]
    drawn = [draw(session, offer, INGHAM) for offer in offers]
    session.delete(drawn[0])
    refresh_services(session, [offers[0].service_id], now=NOON)

    assert [name for name, _, _ in told(find(session))] == ["1", "2"]


def test_area_that_changed_since_the_index_was_read_holds_nothing(session: Session) -> None:
    """As another reader sees it between two statements."""
    unknown = geojson(box(-84.7, 42.3, -84.2, 42.9))  # in no memory yet
    drawn = draw(session, make_offer(session, point=DETROIT), unknown)
    for extent in (WAYNE, "{"):
        drawn.extent = extent
        session.flush()
        assert find_whereabouts(session, HERE).polygons & words_of_all(session) == set()


def words_of_all(session: Session) -> set[str]:
    return set(session.connection().execute(sa.select(search_areas.c.word)).scalars())


def test_memory_of_polygons_is_bounded_and_forgets_the_oldest() -> None:
    kept = _Kept(most=12)
    square = read_shape(INGHAM)  # five positions
    for word in ("a", "b"):
        kept.put(word, square)
    kept.get("a")
    kept.put("c", square)
    kept.put("c", square)

    assert [word for word in "abc" if kept.get(word)] == ["a", "c"]


# ------------------------------------------------------------------------------ by an index


def plan_of(session: Session, statement: sa.Select[Any]) -> str:
    dialect = session.get_bind().dialect
    text = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    is_sqlite = dialect.name == "sqlite"
    if not is_sqlite:  # so few rows are read quicker without
        session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")
    prefix = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
    rows = session.connection().exec_driver_sql(prefix + text.replace("%", "%%"))
    return "\n".join(str(row[-1]) for row in rows)


def test_what_serves_here_is_found_by_indexes_and_no_table_is_read_through(
    session: Session,
) -> None:
    draw(session, make_offer(session, point=DETROIT), INGHAM)
    here = Whereabouts(HERE, frozenset({"@1"}))
    found = _reachable(session, SearchQuery(origin=HERE), here, sa.literal(0.0))

    plan = plan_of(session, sa.select(entries.c.service_name).where(found))

    if session.get_bind().dialect.name == "sqlite":
        assert "SCAN" not in plan
        assert "SEARCH search_area USING COVERING INDEX" in plan
        assert "MULTI-INDEX OR" in plan
    else:
        assert "Seq Scan" not in plan
        assert "pk_search_area" in plan
        assert "BitmapOr" in plan
        assert "pk_search_entry" in plan


def test_polygons_around_a_point_are_found_by_an_index(session: Session) -> None:
    near = sa.select(search_shapes.c.word).where(search_shapes.c.cell.in_([1, 2])).distinct()

    plan = plan_of(session, near)

    assert "Seq Scan" not in plan
    assert "SCAN search_shape" not in plan
    assert "search_shape" in plan


# ------------------------------------------------------------------------------------ words


def stated(extent: str | None, kind: str | None) -> Sequence[str]:
    return sorted(areas_stated({"extent": extent, "extent_type": kind}))


@pytest.mark.parametrize(
    ("extent", "kind", "words"),
    [
        ("MI 48933 MI:Ingham_County", "text", ["48933", "MI", "MI:Ingham_County"]),
        ("MI", None, ["MI"]),
        ("MI", "TEXT", ["MI"]),
        ("MI", "kml", ["?"]),
        ("Greater Lansing", "text", ["?"]),
        ("MI * ~OH", "text", ["?"]),
        (None, None, ["?"]),
        ("{}", "geojson", ["?"]),
        ("{}", None, ["?"]),
        ("MI", "geojson", ["?"]),
    ],
)
def test_only_what_is_understood_becomes_a_word(
    extent: str | None, kind: str | None, words: list[str]
) -> None:
    assert stated(extent, kind) == words


def test_polygon_becomes_one_word_by_its_text_and_type_or_by_how_it_begins() -> None:
    typed, bare, other = stated(INGHAM, "GeoJSON"), stated(INGHAM, None), stated(WAYNE, None)

    assert typed == bare != other
    assert len(typed) == 1
    assert understood(f" {typed[0]} ? ") == {*typed}


@pytest.mark.parametrize(
    ("areas", "with_place", "without"),
    [
        (" ", set(), {"*"}),
        (" ? ", set(), {"*"}),
        (" ~MI ", set(), {"~MI"}),
        (" ? ~MI ", set(), {"~MI"}),
        (" MI @1 ", {"MI", "@1"}, {"MI", "@1"}),
        (" ? OH ", {"OH"}, {"OH"}),
    ],
)
def test_words_to_be_found_under(areas: str, with_place: set[str], without: set[str]) -> None:
    assert found_under(areas, placed=True) == with_place
    assert found_under(areas, placed=False) == without


def test_made_up_word_of_a_polygon_needs_its_polygon(session: Session) -> None:
    """An extent cannot name another's polygon, nor the words that we make."""
    offer = make_offer(session, point=DETROIT)
    word = stated(INGHAM, "geojson")[0]
    state_area(session, offer, f"{word} * ~MI")

    assert words_of(session, offer) == set()
