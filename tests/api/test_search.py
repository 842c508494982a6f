"""The search over HTTP."""

from datetime import date, time
from uuid import uuid4

import pytest

from api.cursors import write_cursor
from directory.commands.taxonomies import add_mappings
from directory.database import Database
from directory.index import refresh_services
from directory.models.services import ServiceArea, ServiceStatus
from directory.models.taxonomies import Attribute, Taxonomy, TaxonomyTerm
from tests.api.conftest import Client, MakeKey, assert_problem, paths_of
from tests.conftest import NOON
from tests.factories import make_offer, make_organization, make_window, weekly


@pytest.fixture(autouse=True)
def county(database: Database) -> None:
    """Two offers near Lansing and one without a place."""
    with database.transaction() as session:
        organization = make_organization(session)
        make_offer(
            session,
            name="Food parcels",
            organization=organization,
            needs=["food-pantry"],
            hours=[weekly("MO", time(6), time(18))],
            fees_description="Free",
        )
        near = make_offer(
            session,
            name="Dentist",
            organization=organization,
            point=(42.75, -84.6),
            needs=["dental"],
        )
        make_window(session, near)
        make_offer(session, name="Helpline", organization=organization, point=None)


def test_by_url_and_by_body_the_answer_is_the_same(client: Client) -> None:
    by_url = client.get("/api/v1/search?near=48933&within_km=30&need=food,dental&limit=2")
    body = {"near": "48933", "within_km": 30, "need": ["food", "dental"], "limit": 2}
    by_body = client.post("/api/v1/search", json=body)

    assert by_url.status_code == by_body.status_code == 200
    assert by_url.json() == by_body.json()
    assert by_url.json()["total"] == 2


def test_a_result_says_where_how_far_until_when_and_what_can_be_booked(client: Client) -> None:
    answer = client.get("/api/v1/search?near=48933&need=dental").json()

    (hit,) = answer["results"]
    assert answer["origin"]["label"] == "48933, Lansing, MI"
    assert hit["service"]["name"] == "Dentist"
    assert 3 < hit["distance_km"] < 5
    assert hit["opening"]["status"] == "ask"
    assert hit["next_slot"]["starts_at"] == "2030-06-04T17:00:00Z"


def test_pages_go_on_where_the_one_before_ended(client: Client) -> None:
    first = client.get("/api/v1/search?near=48933&limit=2").json()
    second = client.get(f"/api/v1/search?near=48933&limit=2&next={first['next']}").json()

    names = [hit["service"]["name"] for hit in first["results"] + second["results"]]
    assert names == ["Food parcels", "Dentist", "Helpline"]
    assert second["next"] is None


@pytest.mark.parametrize("asked", ["MO+17:00", "monday+5+pm", "Lunes+17:00", "mon,17:00"])
def test_what_is_open_at_a_time_of_the_week_may_be_asked_as_people_do(
    client: Client, asked: str
) -> None:
    answer = client.get(f"/api/v1/search?open_at={asked}").json()
    later = client.post("/api/v1/search", json={"open_at": "monday 18:00"}).json()

    assert [hit["service"]["name"] for hit in answer["results"]] == ["Food parcels"]
    assert later["total"] == 0


def test_what_is_open_at_an_instant_may_be_asked_with_a_plus_that_became_a_space(
    client: Client,
) -> None:
    for offset in ("+00:00", "%2B00:00", "Z"):
        answer = client.get(f"/api/v1/search?open_at=2030-06-03T17:00:00{offset}")
        assert answer.json()["total"] == 1


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("limit=0", "limit", "at least 1"),
        ("limit=101", "limit", "at most 100"),
        ("limit=1e400", "limit", "too large"),
        ("within_km=nan", "within_km", "at least"),
        ("within_km=501", "within_km", "at most"),
        ("need=fod", "need", "no need called"),
        ("free=maybe", "free", "true or false"),
        ("open_at=yesterday", "open_at", "coming time"),
        ("open_at=saturday", "open_at", "saturday 22:00"),
        ("open_at=SA+25:00", "open_at", "saturday 22:00"),
        ("open_at=0001-01-01T00:00:00%2B14:00", "open_at", "coming time"),
        ("open_at=9999-12-31T23:59:59-14:00", "open_at", "coming time"),
        ("q=" + "x" * 201, "q", "at most 200"),
        ("q=%00", "q", "control characters"),
        ("near=nowhere-at-all", "near", "do not know"),
        ("near=91,0", "near", "Latitude"),
        ("nera=48933", "nera", "Did you mean near?"),
        ("next=nonsense", "next", "unchanged"),
        ("exclude=!!", "exclude", "to leave out"),
        ("exclude=" + "x" * 201, "exclude.0", "at most 200"),
        ("need=food&exclude=shelter,hungry", "exclude", "leave it out"),
        ("sort=nearest", "sort", "relevance, distance, soonest"),
        ("sort=relevance&near=48933", "sort", "Give words (q)"),
        ("sort=relevance&q=!!", "sort", "Give words (q)"),
        ("sort=distance&q=food", "sort", "Give a place (near)"),
        ("need=diaperz", "need", "Did you mean diapers?"),
    ],
)
def test_a_bad_value_is_named_and_told_what_is_right(
    client: Client, query: str, field: str, words: str
) -> None:
    refused = assert_problem(client.get(f"/api/v1/search?{query}"), 422, "invalid-input")

    assert paths_of(refused) == {field}
    assert words in refused["errors"][0]["message"]


def test_mistakes_of_every_kind_are_named_together(client: Client) -> None:
    refused = client.get("/api/v1/search?need=fod&near=nowhere-at-all&open_at=never")

    assert paths_of(assert_problem(refused, 422, "invalid-input")) == {"need", "near", "open_at"}


def test_an_ambiguous_town_names_its_choices(client: Client) -> None:
    refused = assert_problem(client.get("/api/v1/search?near=Springfield"), 422, "invalid-input")

    assert "Springfield, IL" in refused["errors"][0]["message"]


def test_words_are_in_the_language_that_was_asked_for(client: Client) -> None:
    spanish = client.get("/api/v1/search?need=dental", headers={"accept-language": "es"})
    unknown = client.get("/api/v1/search?need=dental", headers={"accept-language": "xx, *;q=0.5"})

    assert spanish.status_code == 200
    assert unknown.json()["results"][0]["opening"]["words"] == "Ask if there is room"


def forged_cursor() -> dict[str, object]:
    return {
        "within_km": 25.0,
        "corrected": [["abcde", ["\x00", "%' OR", "x" * 999]]],
        "sort": "distance",
        "rank": 0.0,
        "placeless": False,
        "chord_squared": 0.0,
        "name": "",
        "id": uuid4(),
    }


@pytest.mark.parametrize(
    "position",
    [
        {"placeless": "no"},
        {"chord_squared": "far"},
        {"name": 5},
        {"name": "a\x00"},
        {"id": "x"},
        {"within_km": None},
        {"sort": "name"},
        {"rank": "first"},
        {"corrected": [["a", "b"]]},
    ],
)
def test_a_forged_cursor_is_refused(client: Client, position: dict[str, object]) -> None:
    good = forged_cursor()
    assert client.get(f"/api/v1/search?next={write_cursor(good)}").status_code == 200

    refused = client.get(f"/api/v1/search?next={write_cursor({**good, **position})}")

    assert paths_of(assert_problem(refused, 422, "invalid-input")) == {"next"}


@pytest.mark.parametrize("within_km", [-1.0, 0.0, 1e308])
def test_a_cursor_reaches_no_further_than_a_search_can(client: Client, within_km: float) -> None:
    forged = write_cursor(forged_cursor() | {"within_km": within_km})
    answer = client.get(f"/api/v1/search?near=48933&next={forged}")

    assert answer.status_code == 200
    assert 25 <= answer.json()["within_km"] <= 250


FORGED = [
    "x",
    [1, 2, 3],
    [NOON.replace(tzinfo=None), uuid4()],
    ["0001-01-01T00:00:00+14:00", uuid4()],
    ["9999-12-31T23:59:59-14:00", uuid4()],
    [1e300, uuid4()],
]


def test_no_list_takes_a_forged_cursor(client: Client, make_key: MakeKey) -> None:
    key = make_key()
    for path in ("slots", "appointments", "agreements", "windows", "organizations", "services"):
        for position in FORGED:
            refused = client.get(f"/api/v1/{path}?next={write_cursor(position)}", headers=key)
            assert paths_of(assert_problem(refused, 422, "invalid-input")) == {"next"}


def test_an_empty_cursor_is_the_first_page(client: Client) -> None:
    assert len(client.get("/api/v1/services?next=").json()["items"]) == 3


def test_places_are_found_by_their_beginning(client: Client) -> None:
    found = client.get("/api/v1/places?q=489").json()["items"]

    assert all(place["postal_code"].startswith("489") for place in found)
    assert found


def test_a_result_tells_its_usual_hours_in_the_readers_language(client: Client) -> None:
    english, spanish = (
        client.get("/api/v1/search?need=food-pantry", headers={"accept-language": tag}).json()
        for tag in ("en", "es")
    )

    assert english["results"][0]["hours"]["summary"] == "Mon 6 am\N{EN DASH}6 pm"
    assert spanish["results"][0]["hours"]["summary"] == "Lun 6 a.m.\N{EN DASH}6 p.m."
    assert client.get("/api/v1/search?q=dentist").json()["results"][0]["hours"]["summary"] is None


def test_what_is_closed_for_now_is_not_open_and_tells_no_hours(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        make_offer(
            session,
            name="Soup kitchen",
            hours=[weekly("MO", time(6), time(18))],
            status=ServiceStatus.TEMPORARILY_CLOSED,
        )

    (hit,) = client.get("/api/v1/search?q=soup").json()["results"]
    nobody = client.get("/api/v1/search?q=soup&open_at=monday+9:00").json()

    assert hit["hours"] == {
        "open": False,
        "until": None,
        "opens_at": None,
        "words": "Closed for now",
        "summary": None,
    }
    assert nobody["total"] == 0


def test_whether_it_is_open_is_known_when_its_hours_are_over_and_unknown_without_any(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        over = {**weekly("MO", time(6), time(18)), "until": date(2030, 1, 1)}
        make_offer(session, name="Past program", hours=[over])
        make_offer(
            session,
            name="Visits",
            hours=[{"freq": "WEEKLY", "byday": "MO", "by_appointment": True}],
        )

    found = {
        hit["service"]["name"]: hit["hours"]
        for hit in client.get("/api/v1/search").json()["results"]
    }

    assert [(found[name]["open"], found[name]["words"]) for name in ("Past program", "Visits")] == [
        (False, "Closed"),
        (None, "By appointment"),
    ]
    assert found["Helpline"]["open"] is None


def test_needs_may_be_asked_for_by_everyday_words_in_both_languages(client: Client) -> None:
    totals = [
        client.get("/api/v1/search", params={"need": need}).json()["total"]
        for need in ("groceries", "Despensa", "muela", "muela,groceries", "rent")
    ]

    assert totals == [1, 1, 1, 2, 0]


def test_terms_of_other_taxonomies_can_be_asked_for_and_are_not_counted_for_everybody(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        taxonomy = Taxonomy(name="Open Eligibility")
        session.add(taxonomy)
        session.flush()
        term = TaxonomyTerm(code="102-04", name="x", taxonomy_id=taxonomy.id)
        offer = make_offer(session, name="Zinnia")
        session.add(term)
        session.flush()
        session.add(
            Attribute(link_entity="service", link_id=offer.service_id, taxonomy_term_id=term.id)
        )
        add_mappings(session)
        refresh_services(session, [offer.service_id], now=NOON)

    by_code = client.get("/api/v1/search?need=102-04").json()
    by_need = client.get("/api/v1/search?need=food&q=zinnia").json()

    assert [hit["service"]["name"] for hit in by_code["results"]] == ["Zinnia"]
    assert by_need["total"] == 1
    assert {facet["code"] for facet in by_code["facets"]["need"]} == {"food", "food-pantry"}


def names(client: Client, query: str) -> list[str]:
    return [
        hit["service"]["name"] for hit in client.get(f"/api/v1/search?{query}").json()["results"]
    ]


def test_a_misspelt_word_is_read_as_the_nearest_and_the_answer_says_so(client: Client) -> None:
    misspelt = client.get("/api/v1/search?q=Dentits").json()
    right = client.get("/api/v1/search?q=Dentist").json()

    assert misspelt.pop("corrected") == [{"word": "dentits", "read_as": ["dentist"]}]
    assert right.pop("corrected") == []
    assert misspelt == right
    assert right["total"] == 1


def test_corrections_are_spelled_as_people_write(client: Client) -> None:
    answer = client.get("/api/v1/search?q=despenza dentisat").json()
    accented = client.get("/api/v1/search?q=clinnica").json()

    assert [each["read_as"] for each in answer["corrected"]] == [
        ["despensa"],
        ["dentist", "dentista"],
    ]
    assert accented["corrected"] == [{"word": "clinnica", "read_as": ["clínica"]}]


def test_pages_of_a_corrected_search_go_on_with_the_words_it_was_corrected_to(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        organization = make_organization(session, "Ibis")
        for name in ("Dentist A", "Dentist B"):
            make_offer(session, name=name, organization=organization)

    first = client.get("/api/v1/search?q=dentits&limit=2").json()
    second = client.get(f"/api/v1/search?q=dentits&limit=2&next={first['next']}").json()

    assert [hit["service"]["name"] for hit in first["results"]] == ["Dentist", "Dentist A"]
    assert [hit["service"]["name"] for hit in second["results"]] == ["Dentist B"]
    assert second["corrected"] == first["corrected"]


def test_the_next_page_is_of_the_same_order(client: Client) -> None:
    first = client.get("/api/v1/search?near=48933&limit=1").json()

    refused = client.get(f"/api/v1/search?near=48933&q=f&sort=relevance&next={first['next']}")

    assert paths_of(assert_problem(refused, 422, "invalid-input")) == {"next"}
    assert "another order" in refused.json()["errors"][0]["message"]


def test_what_is_left_out_is_named_by_need_everyday_word_or_phrase(client: Client) -> None:
    everything = ["Dentist", "Food parcels", "Helpline"]

    assert names(client, "exclude=food") == ["Dentist", "Helpline"]
    assert names(client, "exclude=groceries,muela") == ["Helpline"]
    assert names(client, "exclude=Food-Parcels!") == ["Dentist", "Helpline"]
    assert names(client, "exclude=parcel") == everything
    assert names(client, "exclude=faith-based") == everything
    by_body = client.post("/api/v1/search", json={"exclude": ["food", "dental"]}).json()
    assert by_body["total"] == 1


def test_words_come_in_the_order_of_the_name_unless_a_place_is_given(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        make_offer(
            session,
            name="Ibis",
            description="A helpline, too.",
            organization=make_organization(session),
        )

    assert names(client, "q=helpline") == ["Helpline", "Ibis"]
    assert names(client, "q=helpline&near=48933") == ["Ibis", "Helpline"]
    assert names(client, "q=helpline&near=48933&sort=relevance") == ["Helpline", "Ibis"]
    assert names(client, "q=helpline&near=48933&sort=distance") == ["Ibis", "Helpline"]


def test_a_result_says_how_it_has_to_do_with_where_the_search_starts(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        for name, point, extent in (
            ("Legal aid", (42.3314, -83.0458), "MI"),
            ("Toledo pantry", (42.74, -84.55), "OH"),
        ):
            offer = make_offer(session, name=name, point=point)
            session.add(ServiceArea(service_id=offer.service_id, extent=extent))
            refresh_services(session, [offer.service_id], now=NOON)

    answer = client.get("/api/v1/search?near=48933").json()
    nowhere = client.get("/api/v1/search").json()

    assert {
        hit["service"]["name"]: (hit["match"], hit["serves_your_area"]) for hit in answer["results"]
    } == {
        "Food parcels": ("near", None),
        "Toledo pantry": ("near", False),
        "Dentist": ("near", None),
        "Legal aid": ("area", True),
        "Helpline": ("anywhere", None),
    }
    assert answer["total"] == 5
    assert {(hit["match"], hit["serves_your_area"]) for hit in nowhere["results"]} == {(None, None)}
