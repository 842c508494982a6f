import re
from datetime import date, time, timedelta
from html.parser import HTMLParser

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import Session

from directory.commands.needs import ensure_needs
from directory.commands.openings import OpeningReport, report_openings
from directory.database import Database
from directory.index import refresh_services
from directory.models.accounts import Role
from directory.models.locations import Accessibility, AddressVisibility, Location
from directory.models.services import Service, ServiceArea, ServiceAtLocation
from directory.viewer import Viewer
from tests.conftest import NOON
from tests.factories import add_needs, make_offer, make_organization, make_window, weekly

FAR_AWAY = (41.8781, -87.6298)
Client = TestClient[Litestar]


class Links(HTMLParser):
    """The addresses that a page leads to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if tag == "a" and name == "href"]


def make_pantry(session: Session) -> ServiceAtLocation:
    hours = [weekly("MO,TU,WE,TH,FR", time(7), time(17))]
    return make_offer(session, name="Bread & soup", needs=["food-pantry"], hours=hours)


def report(session: Session, offer: ServiceAtLocation, **said: int) -> None:
    host = session.get_one(Service, offer.service_id).organization_id
    viewer = Viewer(host, Role.PUBLISHER)
    report_openings(session, offer.id, OpeningReport(**said), viewer=viewer, now=NOON)  # type: ignore[arg-type]  # counts only


def test_first_page_asks_and_shows_no_results(client: Client, database: Database) -> None:
    with database.transaction() as session:
        make_pantry(session)

    page = client.get("/")

    assert page.status_code == 200
    assert "Find help near you" in page.text
    assert "Bread" not in page.text


def test_result_says_where_when_and_whether_there_is_room(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        offer = make_pantry(session)
        make_window(session, offer)
        report(session, offer, available=3, maximum=10)
        offer_id = offer.id

    page = client.get("/", params={"near": "48933", "need": "food"})

    assert page.status_code == 200
    assert "1 service found near 48933, Lansing, MI" in page.text
    assert "Bread &amp; soup" in page.text
    assert "3 of 10 places free, just now" in page.text
    assert "Open until 5 pm" in page.text
    assert "Book: Tomorrow, 1 pm" in page.text
    assert f"/services/{offer_id}" in Links(page.text).found


def test_old_report_reads_ask(client: Client, database: Database) -> None:
    with database.transaction() as session:
        report(session, make_pantry(session), available=3, maximum=10, valid_for_minutes=1)
    client.app.state.clock = lambda: NOON + timedelta(minutes=1)

    assert "Ask if there is room" in client.get("/?near=48933").text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("near=nowhere+at+all", "We do not know that place."),
        ("near=Springfield", "That could be more than one place."),
        ("near=48933&miles=abc", "Give a number."),
        ("near=48933&miles=9000", "Give at most 300"),
        ("need=100%25(x)s", "There is no need called"),
        ("q=" + "x" * 201, "Give at most 200 letters."),
        ("open_day=SA", "Give a time such as 13:00."),
        ("open_day=SA&open_time=25:00", "Give a time such as 13:00."),
        ("open_day=SA&open_time=22:00+tomorrow", "Give a time such as 13:00."),
        ("open_time=22:00", "Choose a day of the week."),
        ("open_day=XX&open_time=22:00", "Choose a day of the week."),
        ("open_day=SA&open_time=22:00&open_now=yes", "Choose open now, or a day and a time"),
        ("near=48933&next=nonsense", "We could not search yet."),
    ],
)
def test_wrong_values_are_told_beside_their_fields(client: Client, query: str, said: str) -> None:
    page = client.get(f"/?{query}")

    assert page.status_code == 422
    assert said in page.text
    assert 'id="near"' in page.text


def test_what_is_open_on_a_day_at_a_time_is_found_and_the_question_is_kept(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        make_pantry(session)

    friday = client.get("/?near=48933&open_day=FR&open_time=16:30")
    saturday = client.get("/?near=48933&open_day=SA&open_time=16:30")

    assert "1 service found" in friday.text
    assert "Mon\N{EN DASH}Fri 7 am\N{EN DASH}5 pm" in friday.text
    assert '<option value="FR" selected>Friday</option>' in friday.text
    assert 'value="16:30"' in friday.text
    assert "Nothing found" in saturday.text
    assert "/?near=48933" in Links(saturday.text).found


def test_town_of_many_is_chosen_by_a_link_that_keeps_the_rest(client: Client) -> None:
    links = Links(client.get("/?near=Springfield&openings=yes").text).found

    assert "/?near=Springfield%2C+OH&openings=yes" in links


def test_what_was_typed_is_escaped(client: Client) -> None:
    page = client.get("/", params={"near": '"><script>alert(1)</script>'})

    assert "<script>alert" not in page.text


def test_parameters_of_others_are_ignored(client: Client) -> None:
    assert client.get("/?utm_source=poster").status_code == 200


def test_nothing_near_is_looked_for_further_away_and_said(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        make_offer(session, point=(43.2, -84.5555))

    page = client.get("/?near=48933&miles=5")

    assert "Nothing was found within 5.0 mi, so we looked further" in page.text


def test_nothing_found_says_what_to_try(client: Client, database: Database) -> None:
    with database.transaction() as session:
        make_offer(session, point=FAR_AWAY)

    page = client.get("/?near=48933&q=zebra&free=yes&need=")

    assert page.status_code == 200
    assert "Nothing found" in page.text
    assert {"tel:211", "/?near=48933&free=yes", "/?near=48933&q=zebra"} <= set(
        Links(page.text).found
    )


def test_services_without_a_place_come_under_their_own_heading(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        organization = make_organization(session)
        line = Service(organization_id=organization.id, name="Night line")
        session.add(line)
        session.flush()
        refresh_services(session, [line.id], now=NOON)
        make_offer(session, name="Soup kitchen")

    page = client.get("/?near=48933").text

    assert page.index("Soup kitchen") < page.index("By phone, online") < page.index("Night line")


def test_hidden_place_has_neither_point_nor_distance(client: Client, database: Database) -> None:
    with database.transaction() as session:
        offer = make_offer(session, name="Safe house", point=None)
        place = session.get_one(Location, offer.location_id)
        place.address_visibility = AddressVisibility.HIDDEN
        refresh_services(session, [offer.service_id], now=NOON)

    page = client.get("/?near=48933").text

    assert "Safe house" in page
    assert "The address is not public" in page
    assert "The Hall" not in page
    assert "data-latitude" not in page.split('id="results"')[1]


def test_more_results_follow_by_a_plain_link(client: Client, database: Database) -> None:
    with database.transaction() as session:
        organization = make_organization(session)
        for number in range(21):
            make_offer(session, name=f"Meal {number:02}", organization=organization)

    first = client.get("/?near=48933").text
    more = next(link for link in Links(first).found if "next=" in link)
    second = client.get(more).text

    assert first.count('class="card result"') == 20
    assert second.count('class="card result"') == 1
    assert "21 services found" in first
    assert "21 services found" in second


def test_answers_can_be_narrowed_down_by_links(client: Client, database: Database) -> None:
    with database.transaction() as session:
        make_pantry(session)
        make_offer(session, name="Warm coats")
        ensure_needs(session)
        open_ended = make_offer(session, name="Coats", needs=["clothing"])
        add_needs(session, open_ended.service_id, ["showers"])

    links = Links(client.get("/?near=48933").text).found

    assert "/?near=48933&open_now=yes#found" in links
    assert "/?near=48933&need=clothing#found" in links


def test_page_is_in_the_reader_s_language(client: Client, database: Database) -> None:
    with database.transaction() as session:
        make_pantry(session)

    page = client.get("/?near=48933", headers={"Accept-Language": "es-MX,es;q=0.9"})

    assert '<html lang="es">' in page.text
    assert "1 servicio encontrado cerca de 48933" in page.text
    assert "Pregunte si hay lugar" in page.text


def test_a_need_may_be_asked_for_by_an_everyday_word_and_is_then_chosen_in_the_list(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        make_pantry(session)

    page = client.get("/?near=48933&need=GROCERIES")

    assert "1 service found" in page.text
    assert '<option value="food-pantry" selected>' in page.text


def test_words_that_are_another_name_for_a_need_lead_to_it(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        make_pantry(session)

    groceries = client.get("/?near=48933&q=groceries")
    bread = client.get("/?near=48933&q=bread")

    assert "All that helps with:" in groceries.text
    assert "/?near=48933&need=food-pantry#found" in Links(groceries.text).found
    assert "All that helps with:" not in bread.text


def test_a_misspelt_word_is_said_with_what_was_looked_for_instead(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        make_pantry(session)

    english = client.get("/?q=grocerys%3Cb%3E")
    spanish = client.get("/?q=despemsa", headers={"accept-language": "es"})
    right = client.get("/?q=groceries")

    said = "Showing results for <strong>groceries</strong>. Nothing was found for grocerys."
    assert said in english.text
    assert "<b>" not in english.text
    assert "/?need=food-pantry#found" in Links(client.get("/?q=grocerys").text).found
    assert "<strong>despensa</strong>" in spanish.text
    assert "No se encontró nada para despemsa" in spanish.text
    assert "Showing results for" not in right.text


def test_what_is_left_out_and_the_order_are_kept_in_the_form_and_in_links(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        make_pantry(session)

    shown = client.get("/?near=48933&q=bread&exclude=dental,+faith-based&sort=relevance")
    none = client.get("/?near=48933&q=bread&exclude=soup")

    assert "1 service found" in shown.text
    assert 'name="exclude" value="dental, faith-based"' in shown.text
    assert '<option value="relevance" selected>' in shown.text
    assert "/?near=48933&q=bread" in Links(none.text).found


def test_order_by_words_without_words_is_by_distance(client: Client, database: Database) -> None:
    with database.transaction() as session:
        make_pantry(session)

    assert "1 service found" in client.get("/?near=48933&sort=relevance").text


NEAR, NEARER = (42.80, -84.55), (42.74, -84.55)


def names_on(page: str) -> list[str]:
    """The names of the results, in the order of the page."""
    return re.findall(r'<a href="/services/[^"]+">([^<]+)</a></h3>', page)


def test_what_can_be_booked_soonest_comes_first(client: Client, database: Database) -> None:
    with database.transaction() as session:
        make_offer(session, name="No times", point=NEARER)
        for name, point, byday in (("On Friday", NEARER, "FR"), ("On Tuesday", NEAR, "TU"),
                                   ("By phone on Wednesday", None, "WE")):  # fmt: skip
            make_window(session, make_offer(session, name=name, point=point), byday=(byday,))

    page = client.get("/?near=48933&sort=soonest")

    by_time = ["On Tuesday", "By phone on Wednesday", "On Friday", "No times"]
    assert names_on(page.text) == by_time
    assert '<option value="soonest" selected>' in page.text
    assert names_on(client.get("/?sort=soonest").text) == by_time
    assert names_on(client.get("/?near=48933").text)[0] != "On Tuesday"


def test_the_order_by_time_goes_on_over_pages(client: Client, database: Database) -> None:
    with database.transaction() as session:
        for n in range(25):
            offer = make_offer(session, name=f"Service {n:02}", point=NEAR)
            make_window(session, offer, opens_at=time(13 - n // 5), starts_on=date(2030, 6, 4))
        make_offer(session, name="No times", point=NEARER)

    first = client.get("/?near=48933&sort=soonest")
    (more,) = {link for link in Links(first.text).found if "next=" in link}
    both = names_on(first.text) + names_on(client.get(more).text)

    assert "sort=soonest" in more
    by_time = [f"Service {n:02}" for n in sorted(range(25), key=lambda n: (-(n // 5), n))]
    assert both == [*by_time, "No times"]


def test_where_nothing_can_be_booked_the_order_by_time_says_so(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        make_offer(session)
    said = "None of these can be booked here. Call them."

    assert said in client.get("/?near=48933&sort=soonest").text
    assert said not in client.get("/?near=48933").text
    with database.transaction() as session:
        make_window(session)
    assert said not in client.get("/?near=48933&sort=soonest").text


def test_a_further_one_that_comes_first_is_not_said_to_be_all_there_is(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        make_offer(session, name="Near")
        far = make_offer(session, name="Far", point=FAR_AWAY)
        session.add(ServiceArea(service_id=far.service_id, extent="MI", extent_type="text"))
        make_window(session, far)
        refresh_services(session, [far.service_id], now=NOON)

    page = client.get("/?near=48933&sort=soonest")

    assert names_on(page.text) == ["Far", "Near"]
    assert "Nothing was found within" not in page.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("exclude=!!", 'id="exclude-error">Escriba palabras'),
        ("need=food&exclude=food", 'id="exclude-error">Pide una necesidad'),
        ("sort=nearest&q=food", 'id="sort-error">'),
    ],
)
def test_what_is_wrong_with_the_words_is_told_in_the_reader_s_language(
    client: Client, query: str, said: str
) -> None:
    refused = client.get(f"/?{query}", headers={"accept-language": "es"})

    assert refused.status_code == 422
    assert said in refused.text


@pytest.mark.parametrize(
    ("language", "serves", "other", "further"),
    [
        ("en", "Serves your area", "Says it serves other areas: call first", "say that they serve"),
        (
            "es",
            "Atiende su zona",
            "Dice que atiende otras zonas: llame antes",
            "dicen que atienden",
        ),
    ],
)
def test_results_say_whom_they_serve(
    client: Client, database: Database, language: str, serves: str, other: str, further: str
) -> None:
    with database.transaction() as session:
        for point, extent in ((FAR_AWAY, "MI"), ((42.74, -84.55), "OH")):
            offer = make_offer(session, name=extent, point=point)
            session.add(ServiceArea(service_id=offer.service_id, extent=extent))
            refresh_services(session, [offer.service_id], now=NOON)
    headers = {"accept-language": language}

    both = client.get("/", params={"near": "48933"}, headers=headers).text
    only_far = client.get("/", params={"near": "48933", "q": "MI"}, headers=headers).text
    nowhere = client.get("/", params={"q": "MI"}, headers=headers).text

    assert (both.count(serves), both.count(other), both.count(further)) == (1, 1, 0)
    assert (only_far.count(serves), only_far.count(further)) == (1, 1)
    assert serves not in nowhere
    assert further not in nowhere


def test_what_can_be_booked_has_no_steps_or_is_remote_may_be_ticked(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        make_window(session, make_offer(session, name="Bookable"))
        ramp = make_offer(session, name="Ramp")
        session.add(Accessibility(location_id=ramp.location_id, description="wheelchair"))
        line = Service(organization_id=make_organization(session).id, name="Helpline")
        session.add(line)
        session.flush()
        refresh_services(session, [ramp.service_id, line.id], now=NOON)

    def found(tick: str) -> set[str]:
        page = client.get("/", params={"near": "48933", tick: "yes"}).text
        shown = page.partition("Nearer, but left out")[0]
        assert f'name="{tick}" value="yes" checked' in page
        return {name for name in ("Bookable", "Ramp", "Helpline") if f">{name}</a>" in shown}

    assert found("bookable") == {"Bookable"}
    assert found("step_free") == {"Ramp"}
    assert found("remote") == {"Helpline"}


def test_a_nearer_place_that_was_left_out_is_told_with_the_reason(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        make_offer(session, name="Costs something")

    page = client.get("/", params={"near": "48933", "free": "yes"}).text

    assert "Nearer, but left out" in page
    assert "May cost something" in page
