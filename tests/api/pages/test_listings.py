"""A tired person keeps a listing true, without JavaScript; and two of them at once."""

import re
from collections.abc import Mapping
from datetime import date, time, timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import Response
from sqlmodel import select

from api.languages import language
from api.pages.listings.history_words import value_words
from directory.index import find_stale_services, refresh_services
from directory.models.accounts import Role
from directory.models.contacts import Phone
from directory.models.locations import Address, Location
from directory.models.schedules import Schedule
from directory.models.services import CostOption, RequiredDocument, Service, ServiceAtLocation
from tests.api.pages.browsing import goes_to
from tests.api.pages.conftest import Scene
from tests.conftest import NOON
from tests.factories import post_form


class Fields(HTMLParser):
    """What a browser would send of one form, with boxes, lists and longer texts."""

    def __init__(self, page: str, action: str) -> None:
        super().__init__()
        self.action, self.inside = action, False
        self.found: dict[str, Any] = {}
        self.area: str | None = None
        self.select: str | None = None
        self.feed(page)

    def put(self, name: str, value: str) -> None:
        if name in self.found:
            before = self.found[name]
            self.found[name] = [*(before if isinstance(before, list) else [before]), value]
        else:
            self.found[name] = value

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = dict(attrs)
        if tag == "form":
            self.inside = given["action"] == self.action
        elif not self.inside:
            return
        elif tag == "input":
            ticked = given.get("type") not in ("checkbox", "radio") or "checked" in given
            if ticked and given.get("name"):
                self.put(given["name"], given.get("value") or "")
        elif tag == "textarea":
            self.area = given["name"]
            self.put(self.area, "")
        elif tag == "select":
            self.select = given["name"]
        elif (
            tag == "option"
            and self.select
            and ("selected" in given or self.select not in self.found)
        ):
            self.found[self.select] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area:
            self.found[self.area] = self.found[self.area].removeprefix("\n")
            self.area = None
        elif tag == "select":
            self.select = None


class Desk:
    """A publisher at the pages of one agency."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.client = scene, scene.client
        with scene.database.reading() as session:
            offer = session.get_one(ServiceAtLocation, scene.offer)
            self.service, self.place = offer.service_id, offer.location_id
        self.paths = {
            "services": f"/listings/services/{self.service}",
            "places": f"/listings/places/{self.place}",
            "offers": f"/listings/offers/{scene.offer}",
            "agencies": f"/listings/agencies/{scene.host}",
        }

    def open(self, path: str) -> Response:
        page: Response = self.client.get(path)
        assert page.status_code == 200, page.text
        return page

    def fill(self, page: Response, action: str, **filled_in: Any) -> Response:
        fields = {**Fields(page.text, action).found, **filled_in}
        fields.pop("_csrf_token", None)
        return post_form(self.client, action, **fields)

    def save(self, path: str, **filled_in: Any) -> Response:
        return self.fill(self.open(path), path, do="save", **filled_in)

    def rows(self, kind: type[Any], **where: Any) -> list[Any]:
        with self.scene.database.reading() as session:
            wanted = [getattr(kind, name) == value for name, value in where.items()]
            assert find_stale_services(session, now=NOON) == set()
            return [row.model_dump() for row in session.exec(select(kind).where(*wanted))]


@pytest.fixture
def desk(scene: Scene) -> Desk:
    scene.sign_in(scene.host, Role.PUBLISHER)
    return Desk(scene)


def words(page: Response) -> str:
    said = unescape(re.sub(r"<[^>]+>", " ", page.text)).replace("\N{EN DASH}", "-")
    return " ".join(said.split())


def test_the_desk_leads_to_the_listings_and_those_to_their_forms(desk: Desk) -> None:
    assert 'href="/listings"' in desk.open("/front-desk").text
    page = desk.open("/listings?q=food")

    for path in (desk.paths["services"], desk.paths["places"], desk.paths["offers"]):
        assert f'href="{path}"' in page.text
    assert "Nothing has such a name." in words(desk.open("/listings?q=zebra"))


def test_a_publisher_sees_their_own_and_an_administrator_all(scene: Scene, desk: Desk) -> None:
    scene.sign_in(scene.stranger, Role.PUBLISHER)
    assert "Food parcels" not in desk.open("/listings").text
    for path in desk.paths.values():
        for more in ("", "/history"):
            assert desk.client.get(path + more).status_code == 404
            missing = re.sub("[0-9a-f-]{36}", str(uuid4()), path) + more
            assert desk.client.get(missing).status_code == 404
        assert post_form(desk.client, path, version="1").status_code == 404
        assert post_form(desk.client, f"{path}/remove", version="1").status_code == 404

    scene.sign_in(scene.stranger, Role.ADMINISTRATOR)
    assert "Food parcels" in desk.open("/listings").text
    assert 'href="/listings"' in desk.open("/network").text
    for path in desk.paths.values():
        desk.open(path)


@pytest.mark.parametrize("kind", ["services", "places", "offers", "agencies"])
def test_saving_what_is_there_changes_nothing(desk: Desk, kind: str) -> None:
    fill_all(desk)
    before = {table: desk.rows(table) for table in (Service, Schedule, Phone, CostOption, Location)}

    assert goes_to(desk.save(desk.paths[kind])) == f"{desk.paths[kind]}?saved=1"

    assert {table: desk.rows(table) for table in before} == before
    assert "Saved." in words(desk.open(f"{desk.paths[kind]}?saved=1"))


SERVICE = {
    "name": "Food boxes",
    "description": "Groceries.\r\nTwice a month.",
    "minimum_age": "18",
    "needs": ["food", "baby-supplies"],
    "documents": "Photo ID\r\n\r\nProof of address",
    "costs-0-option": "Adults",
    "costs-0-amount": "$1,012.5",
    "phones-0-number": "517 555 0101",
    "phones-0-type": "voice",
    "phones-1-number": "517 555 0102",
    "phones-1-type": "pager",
}
HOURS = {
    "hours-MO-0-opens": "09:00",
    "hours-MO-0-closes": "12:00",
    "hours-MO-1-opens": "13:00",
    "hours-MO-1-closes": "17:00",
    "hours-WE-0-opens": "09:00",
    "hours-WE-0-closes": "12:00",
    "closed": "2030-07-04\r\n2030-12-25",
}


def fill_all(desk: Desk) -> None:
    goes_to(desk.save(desk.paths["services"], **SERVICE, **HOURS))
    goes_to(desk.save(desk.paths["offers"], note="Side door", **HOURS))
    goes_to(
        desk.save(
            desk.paths["places"],
            **{"address-address_1": "1 Lantern Way", "address-city": "Lansing",
               "address-state_province": "MI", "address-postal_code": "48933"},
            accessibility="Ramp\r\nLow counter",
        )
    )  # fmt: skip


def test_a_service_is_filled_in_and_read_by_all(desk: Desk) -> None:
    fill_all(desk)

    (service,) = desk.rows(Service, id=desk.service)
    assert (service["name"], service["minimum_age"]) == ("Food boxes", 18)
    assert service["description"] == "Groceries.\nTwice a month."
    assert {row["document"] for row in desk.rows(RequiredDocument)} == {
        "Photo ID",
        "Proof of address",
    }
    assert [(row["amount_cents"], row["currency"]) for row in desk.rows(CostOption)] == [
        (101_250, "USD")
    ]
    public = words(desk.open(f"/services/{desk.scene.offer}"))
    for said in ("Food boxes", "(517) 555-0101", "Photo ID", "Adults", "1 Lantern Way", "Ramp"):
        assert said in public


def test_hours_are_a_week_and_closed_days(desk: Desk) -> None:
    goes_to(desk.save(desk.paths["offers"], **HOURS))

    rows = desk.rows(Schedule, service_at_location_id=desk.scene.offer)
    assert {(r["byday"], r["opens_at"], r["closes_at"]) for r in rows if r["freq"]} == {
        ("MO,WE", time(9), time(12)),
        ("MO", time(13), time(17)),
    }
    assert {r["valid_from"] for r in rows if not r["freq"]} == {
        date(2030, 7, 4),
        date(2030, 12, 25),
    }
    page = desk.open(desk.paths["offers"])
    preview = desk.fill(page, desk.paths["offers"], do="preview")
    assert "Mon: 9 am-noon, 1 pm-5 pm" in words(preview)
    assert "Nothing is saved yet." in words(preview)


def test_hours_that_do_not_fit_stay_until_they_are_unticked(desk: Desk) -> None:
    with desk.scene.database.transaction() as session:
        session.add(
            Schedule(
                service_at_location_id=desk.scene.offer,
                freq="MONTHLY",
                byday="2TU",
                opens_at=time(18),
                closes_at=time(20),
                notes="Evening",
            )
        )
        refresh_services(session, [desk.service], now=NOON)
    page = desk.open(desk.paths["offers"])
    assert "each month, 2TU, 6 pm-8 pm, Evening" in words(page)

    goes_to(desk.save(desk.paths["offers"], **HOURS))
    assert "2TU" in {row["byday"] for row in desk.rows(Schedule)}
    goes_to(desk.save(desk.paths["offers"], **{"hours-kept": []}))
    assert "2TU" not in {row["byday"] for row in desk.rows(Schedule)}


@pytest.mark.parametrize(
    ("kind", "field", "value", "said"),
    [
        ("services", "name", "", "Give a name."),
        ("services", "email", "nobody", "Give an e-mail address"),
        ("services", "url", "javascript:alert(1)", "Give a web address"),
        ("services", "minimum_age", "old", "Give a number."),
        ("services", "minimum_age", "nan", "Give an age from 0 to 130 years."),
        ("services", "phones-0-number", "12", "Give one phone number"),
        ("services", "costs-0-amount", "lots", "Give an amount such as 12.50."),
        ("services", "costs-0-amount", "²", "Give an amount such as 12.50."),
        ("services", "name", "a\x00b", "Leave out control characters."),
        ("services", "needs", "money", "Give codes of everyday needs"),
        ("services", "status", "asleep", "Give one of:"),
        ("offers", "hours-MO-0-opens", "09:00", "Give both when it opens"),
        ("offers", "closed", "tomorrow", "Write each day as 2030-07-04"),
        ("places", "address-postal_code", "4893", "Give a ZIP code such as 48933."),
    ],
)
def test_a_mistake_is_said_beside_its_field_and_nothing_is_lost(
    desk: Desk, kind: str, field: str, value: str, said: str
) -> None:
    refused = desk.save(desk.paths[kind], **{"phones-1-description": "Not lost", field: value,
                                              "phones-1-number": "211"})  # fmt: skip

    assert refused.status_code == 422
    assert said in words(refused)
    assert "Not lost" in refused.text
    assert desk.rows(Phone) == []
    linked = re.search(r'<li><a href="#([^"]+)"', refused.text)
    assert linked
    assert f'id="{linked[1]}"' in refused.text


def test_a_clock_that_is_none_is_refused(desk: Desk) -> None:
    for do in ("save", "preview"):
        page = desk.open(desk.paths["offers"])
        refused = desk.fill(page, desk.paths["offers"], do=do, **{
            "hours-MO-0-opens": "9 o'clock", "hours-MO-0-closes": "17:00"})  # fmt: skip
        assert refused.status_code == 422
        assert "Give a time such as 13:00." in words(refused)


def test_two_people_at_once_lose_nothing(desk: Desk) -> None:
    path = desk.paths["services"]
    mine, theirs = desk.open(path), desk.open(path)
    goes_to(desk.fill(theirs, path, do="save", name="Theirs", alert="Closed today"))

    page = desk.fill(mine, path, do="save", name="Mine", url="https://mine.example")
    assert page.status_code == 409
    said = words(page)
    assert "Somebody changed this while you were typing" in said
    assert "Theirs: Theirs" in said
    assert "Yours: Mine" in said
    assert "Closed today" in said
    assert [row["name"] for row in desk.rows(Service)] == ["Theirs"]

    goes_to(desk.fill(page, path, do="save", **{"choose-name": "mine"}))
    (row,) = desk.rows(Service)
    assert (row["name"], row["alert"], row["url"]) == (
        "Mine", "Closed today", "https://mine.example",
    )  # fmt: skip


def test_whoever_chooses_theirs_keeps_the_rest_of_their_own(desk: Desk) -> None:
    path = desk.paths["services"]
    mine = desk.open(path)
    goes_to(desk.save(path, name="Theirs", **{"phones-0-number": "211"}))
    page = desk.fill(mine, path, do="save", name="Mine", documents="Photo ID")

    goes_to(desk.fill(page, path, do="save", **{"choose-name": "theirs"}))

    assert [row["name"] for row in desk.rows(Service)] == ["Theirs"]
    assert [row["document"] for row in desk.rows(RequiredDocument)] == ["Photo ID"]
    assert [row["number"] for row in desk.rows(Phone)] == ["211"]


def test_a_third_save_while_choosing_is_seen_too(desk: Desk) -> None:
    path = desk.paths["services"]
    mine = desk.open(path)
    goes_to(desk.save(path, name="Second"))
    page = desk.fill(mine, path, do="save", name="Mine")
    goes_to(desk.save(path, name="Third"))

    again = desk.fill(page, path, do="save", **{"choose-name": "mine"})

    assert again.status_code == 409
    assert "Theirs: Third" in words(again)


@pytest.mark.parametrize("was", ["", "{", "[]", '{"name": 7, "phones": "x"}', "[" * 50_000])
def test_a_form_that_does_not_say_what_it_showed_asks_about_all(desk: Desk, was: str) -> None:
    path = desk.paths["services"]
    mine = desk.open(path)
    goes_to(desk.save(path, alert="Theirs"))

    page = desk.fill(mine, path, do="save", name="Mine", was=was)

    assert page.status_code == 409
    assert {"choose-name", "choose-alert"} <= set(re.findall(r'name="(choose-\w+)"', page.text))


@pytest.mark.parametrize("version", ["1", "0"])
@pytest.mark.parametrize(
    "was",
    [
        '{"phones": [1], "documents": {"a": 1}, "costs": [["x"]], "needs": [[1]]}',
        '{"phones": [{"number": {"a": 1}}], "hours": {"week": 7, "closed": 5, "kept": [1]}}',
        '{"phones": [{}], "costs": [{"amount": "x"}], "hours": {"week": {"ZZ": [["x", "y"]]}}}',
        '{"hours": {"week": {"MO": [["1"]]}, "closed": "", "kept": []}, "needs": ["zebra"]}',
        '{"rule": {"kept": "x", "all": [{"fact": "zebra"}], "any": 7}}',
        """{"rule": {"kept": "x", "any": [], "all": [{"fact": "zebra", "least": "", "most": "",
        "flag": "", "text": "", "choices": ["x"]}]}}""",
    ],
)
def test_a_form_that_says_it_showed_nonsense_breaks_nothing(
    desk: Desk, was: str, version: str
) -> None:
    path = desk.paths["services"]
    theirs = {f"choose-{name}": "theirs" for name in ("phones", "hours", "costs", "needs", "rule")}

    page = desk.save(path, version=version, was=was, name="Mine", **theirs)

    assert page.status_code in (303, 409, 422)


def test_history_says_who_changed_what_and_undoes_it(desk: Desk) -> None:
    path = desk.paths["services"]
    goes_to(desk.save(path, name="Other", alert="Closed today"))
    page = desk.open(f"{path}/history")
    said = words(page)
    assert "Test Person, on this site" in said
    assert "Name Food parcels → became Other" in said

    (change,) = set(re.findall(r'name="change_id" value="([^"]+)"', page.text))
    undo = f"{path}/undo"
    one = {"change_id": change, "resource_id": str(desk.service), "field": "alert"}
    assert goes_to(post_form(desk.client, undo, **one)) == f"{path}/history"
    assert [(r["name"], r["alert"]) for r in desk.rows(Service)] == [("Other", None)]

    refused = post_form(desk.client, undo, change_id=change)
    assert refused.status_code == 409
    assert "Test Person changed this again on 2030-06-03" in words(refused)


def test_history_speaks_of_hours_and_prices_as_people_do(desk: Desk) -> None:
    path = desk.paths["services"]
    hours = {"hours-MO-0-opens": "13:00", "hours-MO-0-closes": "17:30"}
    goes_to(desk.save(path, status="inactive", closed="2030-07-04", needs="shelter", **hours,
                      **{"costs-0-option": "A bag", "costs-0-amount": "2.50"}))  # fmt: skip

    said = words(desk.open(f"{path}/history"))
    for each in ("Hours: From (empty) → became 1 pm", "Hours: To (empty) → became 5:30 pm",
                 "Hours: Days (empty) → became Mon", "Hours: Repeats (empty) → became each week",
                 "Hours: First day (empty) → became July 4, 2030", "→ became no",
                 "What people need: Need (empty) → became Shelter tonight",
                 "Prices: Dollars (empty) → became 2.50", "became Not listed for now"):  # fmt: skip
        assert each in said
    assert not re.search(r"WEEKLY|opens|byday|:00:00|false|link", said)
    page = desk.client.get(f"{path}/history", headers={"accept-language": "es"})
    assert "4 de julio de 2030" in page.text


def test_two_versions_are_laid_side_by_side_in_words(desk: Desk) -> None:
    path = desk.paths["services"]
    mine = desk.open(path)
    tuesday = {"hours-TU-0-opens": "09:00", "hours-TU-0-closes": "12:00"}
    goes_to(desk.save(path, status="inactive", needs="shelter", **tuesday))

    page = desk.fill(mine, path, do="save", status="defunct", needs="clothing",
                     **{"hours-MO-0-opens": "10:00", "hours-MO-0-closes": "12:00"})  # fmt: skip

    said = words(page)
    for each in ("Theirs: Not listed for now", "Yours: Over for good", "Theirs: Tue 09:00-12:00",
                 "Yours: Mon 10:00-12:00", "Theirs: Shelter tonight"):  # fmt: skip
        assert each in said


@pytest.mark.parametrize(
    ("field", "value"),
    [("opens_at", "noonish"), ("byday", "XX"), ("amount_cents", "much"), ("zebra", "1")],
)
def test_history_from_elsewhere_is_told_as_it_is(field: str, value: str) -> None:
    assert value_words("schedule", field, value, language("es")) == value
    assert value_words("zebra", field, value, language("es")) == value


def test_a_polygon_is_told_as_what_it_is_and_not_by_its_numbers() -> None:
    drawn = ' {"type": "Polygon"}'

    assert value_words("service_area", "extent", drawn, language("es")) == (
        "Una zona dibujada en el mapa"
    )
    assert value_words("service", "description", drawn, language("es")) == drawn


def test_a_new_service_goes_into_a_new_place_once(desk: Desk) -> None:
    page = desk.open("/listings/services/new")
    first = goes_to(desk.fill(page, "/listings/services/new", do="save", name="Coats"))
    assert goes_to(desk.fill(page, "/listings/services/new", do="save", name="Coats")) == first
    place = goes_to(
        desk.save("/listings/places/new", name="Barn", **{"address-city": "Lansing",
                  "address-postal_code": "48933", "address-address_1": "2 Lantern Way"})
    )  # fmt: skip
    service = first.removesuffix("?saved=1")
    add = f"{service}/places"
    offer = goes_to(post_form(desk.client, add, location_id=place.split("/")[-1].split("?")[0]))

    assert offer.startswith("/listings/offers/")
    assert "Coats" in desk.client.get("/?near=48933&q=coats").text
    assert goes_to(post_form(desk.client, add, location_id=place.split("/")[-1].split("?")[0]))
    assert len(desk.rows(ServiceAtLocation)) == 2


def test_nothing_new_is_made_of_other_kinds(desk: Desk) -> None:
    for kind in ("offers", "agencies", "zebras"):
        assert desk.client.get(f"/listings/{kind}/new").status_code == 404
        assert post_form(desk.client, f"/listings/{kind}/new").status_code == 404
    assert desk.client.get(f"/listings/zebras/{desk.service}").status_code == 404


def test_what_is_needed_elsewhere_is_not_removed_and_the_page_says_by_what(desk: Desk) -> None:
    path = desk.paths["services"]
    refused = desk.fill(desk.open(path), f"{path}/remove")

    assert refused.status_code == 409
    assert "1 windows" in words(refused)
    assert "Over for good" in words(refused)
    goes_to(desk.save(path, status="defunct"))
    assert "Food parcels" not in desk.client.get("/?near=48933&q=food").text


def test_a_service_nobody_needs_is_removed_and_comes_back(desk: Desk) -> None:
    path = goes_to(desk.save("/listings/services/new", name="Coats")).removesuffix("?saved=1")
    for version in ("9", "", "9" * 5000):
        assert desk.fill(desk.open(path), f"{path}/remove", version=version).status_code == 409
    desk.scene.set_clock(NOON + timedelta(minutes=1))
    assert goes_to(desk.fill(desk.open(path), f"{path}/remove")) == "/listings"
    history = desk.open(f"{path}/history")

    undone = re.findall(r'name="change_id" value="([^"]+)"', history.text)[0]
    goes_to(post_form(desk.client, f"{path}/undo", change_id=undone))
    assert "Coats" in {row["name"] for row in desk.rows(Service)}


@pytest.mark.parametrize("visibility", ["hidden", "area only"])
def test_a_place_is_hidden_by_one_choice(desk: Desk, visibility: str) -> None:
    fill_all(desk)
    canary = {"address-address_1": "77 Canary Lane", "name": "The Hall"}
    goes_to(desk.save(desk.paths["places"], **canary, transportation="Canary bus"))
    goes_to(desk.save(desk.paths["places"], address_visibility=visibility))

    assert desk.rows(Address) == []
    pages = [desk.open(path + more) for path in desk.paths.values() for more in ("", "/history")]
    pages += [desk.open("/listings"), desk.open(f"/services/{desk.scene.offer}")]
    assert not [page.url for page in pages if "anary" in page.text]
    assert "What it was is not kept" in words(desk.open(f"{desk.paths['places']}/history"))

    refused = desk.save(desk.paths["places"], address_visibility="public")
    assert refused.status_code == 422
    assert "Give the address again" in words(refused)


def test_the_name_of_a_hidden_place_is_for_its_own_staff(scene: Scene, desk: Desk) -> None:
    goes_to(desk.save(desk.paths["places"], address_visibility="hidden", name="Canary House"))
    assert "Canary House" in desk.open(desk.paths["places"]).text
    assert "Canary" not in desk.open(f"{desk.paths['places']}/history").text

    desk.client.cookies.clear()
    assert "Canary" not in desk.client.get(f"/services/{scene.offer}").text


def test_the_forms_are_in_spanish_too(desk: Desk) -> None:
    goes_to(desk.save(desk.paths["services"], name="Otra"))
    for path in (*desk.paths.values(), "/listings", "/listings/services/new",
                 f"{desk.paths['services']}/history"):  # fmt: skip
        page = desk.client.get(path, headers={"accept-language": "es"})
        assert page.status_code == 200
        assert "Guardar" in page.text or "Fichas" in page.text


def as_ids(rows: list[Mapping[str, Any]]) -> set[UUID]:
    return {row["id"] for row in rows}


def test_rows_that_stay_keep_their_identity_and_what_the_form_does_not_show(desk: Desk) -> None:
    fill_all(desk)
    with desk.scene.database.transaction() as session:
        for document in session.exec(select(RequiredDocument)):
            document.uri = "https://form.example"
    before = as_ids(desk.rows(RequiredDocument)), as_ids(desk.rows(Phone))

    goes_to(
        desk.save(desk.paths["services"], documents="Proof of address\r\nPhoto ID\r\nA pay stub")
    )

    after = desk.rows(RequiredDocument)
    assert before[0] < as_ids(after)
    assert {row["uri"] for row in after} == {"https://form.example", None}
    assert as_ids(desk.rows(Phone)) == before[1]


def test_a_long_list_loses_nothing_when_something_else_is_saved(desk: Desk) -> None:
    fill_all(desk)
    with desk.scene.database.transaction() as session:
        service = session.exec(select(Service)).first()
        assert service is not None
        session.add_all(
            Phone(service_id=service.id, number=f"(517) 555-01{n:02}") for n in range(60)
        )
        refresh_services(session, [service.id], now=NOON)
    before = as_ids(desk.rows(Phone))

    goes_to(desk.save(desk.paths["services"], alert="Closed for the fair"))

    assert as_ids(desk.rows(Phone)) == before
