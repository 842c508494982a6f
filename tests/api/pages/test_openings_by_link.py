"""The page of a link: one place, no account, nothing else, and nothing by looking."""

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from httpx import Response
from sqlmodel import select

from directory.commands.openings import OpeningReport, report_openings
from directory.commands.openings_links import make_openings_link, revoke_openings_link
from directory.index import refresh_services
from directory.models.accounts import Role
from directory.models.locations import AddressVisibility, Location
from directory.models.openings import OpeningsLink, ServiceCapacity
from directory.models.organizations import Organization
from directory.models.services import Service, ServiceAtLocation, ServiceStatus
from directory.queries.openings import find_openings_history
from directory.viewer import Viewer
from scheduling.commands.holds import place_hold
from scheduling.models.windows import BookableBy
from tests.api.pages.browsing import Forms, goes_to, send
from tests.api.pages.conftest import Scene
from tests.api.pages.test_desk import words_of
from tests.api.pages.test_front_desk import questions
from tests.api.pages.test_roles import contents
from tests.conftest import NOON
from tests.factories import TEN_MINUTES, make_offer, make_slot

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


class Phone:
    """Somebody at night with a link on a phone."""

    def __init__(self, scene: Scene, token: str) -> None:
        self.scene, self.token = scene, token
        self.path = f"/openings/{token}"

    def look(self) -> Response:
        shown: Response = self.scene.client.get(self.path)
        return shown

    def tap(self, button: str, page: Response | None = None, **filled: str) -> Response:
        """Press a button of the first form of a page, as it was when it was loaded."""
        return send(self.scene.client, page or self.look(), self.path, do=button, **filled)

    def said(self) -> list[dict[str, Any]]:
        """Every report of the place, newest first."""
        with self.scene.database.reading() as session:
            return [dict(row) for row in find_openings_history(session, self.scene.offer)]


def make_link(scene: Scene, **terms: Any) -> str:
    terms = {"label": "night desk", "days": 30, "now": NOON, **terms}
    place = terms.pop("place", scene.offer)
    with scene.database.transaction() as session:
        viewer = Viewer(scene.host, Role.PUBLISHER)
        return make_openings_link(session, place, viewer=viewer, **terms)[1]


def report(scene: Scene, **said: Any) -> None:
    """Said by the front desk, ten minutes before NOON."""
    with scene.database.transaction() as session:
        report_openings(
            session,
            scene.offer,
            OpeningReport(**said),
            viewer=Viewer(scene.host, Role.PUBLISHER),
            now=NOON - TEN_MINUTES,
        )


@pytest.fixture
def phone(scene: Scene) -> Phone:
    report(scene, unit="beds", available=3, maximum=10, note="Ring twice.")
    return Phone(scene, make_link(scene))


def test_secret_of_a_link_is_not_kept_and_cannot_be_guessed(scene: Scene) -> None:
    token = make_link(scene)

    assert len(token) * 6 >= 128
    assert token not in str(contents(scene.database))


def test_taps_count_up_and_down_and_the_rest_stays(phone: Phone) -> None:
    assert goes_to(phone.tap("more")) == phone.path
    phone.tap("more")
    phone.tap("fewer")

    said = phone.said()
    assert [row["available"] for row in said] == [4, 5, 4, 3]
    assert {(row["maximum"], row["description"], row["unit"]) for row in said} == {
        (10, "Ring twice.", "beds")
    }
    assert "4 of 10 beds free, just now" in phone.scene.client.get("/?near=48933").text


def test_history_says_which_link_it_was_and_the_public_does_not_read_it(phone: Phone) -> None:
    phone.tap("more")

    newest = phone.said()[0]
    assert newest["said_by"] == "Lanternfish Pantry"
    assert newest["account_id"] is None
    assert newest["link_label"] == "night desk"
    for path in (f"/services/{phone.scene.offer}", "/?near=48933"):
        assert "night desk" not in phone.scene.client.get(path).text
    public = f"/api/v1/service-at-locations/{phone.scene.offer}/openings"
    assert "night desk" not in phone.scene.client.get(public).text
    phone.scene.sign_in(phone.scene.host, Role.PUBLISHER)
    history = phone.scene.client.get(f"/front-desk/openings/{phone.scene.offer}/history").text
    assert "by Lanternfish Pantry via link “night desk”" in words_of(history)


def test_two_taps_on_two_stale_pages_count_twice(phone: Phone) -> None:
    pages = [phone.look(), phone.look()]

    for page in pages:
        phone.tap("more", page)

    assert phone.said()[0]["available"] == 5


def test_the_same_form_sent_twice_counts_once(phone: Phone) -> None:
    page = phone.look()

    first, second = phone.tap("more", page), phone.tap("more", page)

    assert goes_to(first) == goes_to(second) == phone.path
    assert [row["available"] for row in phone.said()] == [4, 3]


def test_another_button_of_the_same_page_counts_too(phone: Phone) -> None:
    page = phone.look()

    phone.tap("more", page)
    phone.tap("fewer", page)

    assert [row["available"] for row in phone.said()] == [3, 4, 3]


def test_number_can_be_typed_and_is_checked(phone: Phone) -> None:
    assert phone.tap("say", available="7").status_code == 303

    refused = phone.tap("say", available="11")

    assert refused.status_code == 422
    assert "There cannot be more free than there are." in refused.text
    assert 'value="11"' in refused.text
    assert phone.tap("say", available="many").status_code == 422
    assert phone.said()[0]["available"] == 7


def test_waiting_list_that_is_still_so_stays_one(scene: Scene) -> None:
    report(scene, available=0, status="waitlist")
    phone = Phone(scene, make_link(scene))

    phone.tap("say")
    assert phone.said()[0]["status"] == "waitlist"

    phone.tap("more")
    assert phone.said()[0]["status"] == "open"


def test_full_today_holds_until_midnight_there(phone: Phone) -> None:
    phone.tap("full-today")

    newest = phone.said()[0]
    assert (newest["available"], newest["status"]) == (0, "full")
    assert newest["expires_at"] == NOON + timedelta(hours=16)  # midnight in Detroit


def test_undo_goes_back_and_says_to_what(phone: Phone) -> None:
    phone.tap("full-today")
    page = phone.look()
    assert "Undo: back to “3 of 10 beds free”, said 10 min ago" in page.text

    assert phone.tap("undo", page).status_code == 303
    again = phone.tap("undo", page)  # the same form
    assert again.status_code == 303

    newest = phone.said()[0]
    assert newest["available"] == 3
    assert newest["link_label"] == "night desk"
    assert "Said 10 min ago." in words_of(phone.look().text)


def test_undo_on_a_stale_page_takes_back_nothing_else(phone: Phone) -> None:
    phone.tap("more")
    page = phone.look()
    phone.tap("more")

    refused = phone.tap("undo", page)

    assert refused.status_code == 409
    assert "Something else was said since." in refused.text
    assert phone.said()[0]["available"] == 5


def test_place_that_never_reported_begins_with_places(scene: Scene) -> None:
    phone = Phone(scene, make_link(scene))
    assert "Nothing has been said yet" in phone.look().text

    phone.tap("more")

    assert [(row["available"], row["unit"]) for row in phone.said()] == [(1, "places")]


@pytest.mark.parametrize("counted", [{"unit": "boats"}, {"population": "men"}, {"unit": ""}])
def test_link_speaks_only_of_what_is_counted_here(phone: Phone, counted: dict[str, str]) -> None:
    assert phone.tap("more", None, **counted).status_code == 404
    assert len(phone.said()) == 1


@pytest.mark.parametrize(
    "fields", [{"status": "open"}, {"maximum": "99"}, {"note": "x"}, {"valid_for_minutes": "9"}]
)
def test_link_changes_nothing_but_the_number(phone: Phone, fields: dict[str, str]) -> None:
    assert phone.tap("say", None, **fields).status_code == 422
    assert len(phone.said()) == 1


def expired(scene: Scene, token: str) -> None:
    scene.set_clock(NOON + 30 * DAY)
    del token


def revoked(scene: Scene, token: str) -> None:
    with scene.database.transaction() as session:
        link = session.exec(select(OpeningsLink)).one()
        viewer = Viewer(scene.host, Role.PUBLISHER)
        revoke_openings_link(session, link.id, viewer=viewer, now=NOON)
    del token


def unlisted(scene: Scene, token: str) -> None:
    with scene.database.transaction() as session:
        place = session.get_one(ServiceAtLocation, scene.offer)
        session.get_one(Service, place.service_id).status = ServiceStatus.INACTIVE
        refresh_services(session, [place.service_id], now=NOON)
    del token


@pytest.mark.parametrize("end", [expired, revoked, unlisted])
def test_links_that_do_not_work_look_alike(phone: Phone, end: Callable[[Scene, str], None]) -> None:
    page = phone.look()
    end(phone.scene, phone.token)
    unknown = Phone(phone.scene, "A" * len(phone.token))

    def seen(link: Phone) -> list[tuple[int, str]]:
        replies = [link.look(), link.scene.client.post(link.path, data=fields_of(page))]
        return [(each.status_code, plain(each.text, link.token)) for each in replies]

    assert seen(phone) == seen(unknown)
    assert [status for status, _ in seen(phone)] == [404, 404]
    assert len(phone.said()) == 1


def fields_of(page: Response) -> dict[str, str]:
    forms = Forms(page.text).found
    (path,) = (each for each in forms if each.startswith("/openings/"))
    return {**forms[path], "do": "more"}


def plain(text: str, token: str) -> str:
    """Return a page without what is new each time."""
    return re.sub(r'value="[0-9a-f]{64,}"', "", text.replace(token, "TOKEN"))


def test_link_works_up_to_its_last_instant(phone: Phone) -> None:
    phone.scene.set_clock(NOON + 30 * DAY - timedelta(microseconds=1))

    assert phone.look().status_code == 200


@pytest.mark.parametrize("path", ["%ff", "%00", "a%2Fb", "x" * 3000, "%F0%9F%98%80", " "])
def test_nonsense_is_not_found(scene: Scene, path: str) -> None:
    assert scene.client.get(f"/openings/{path}").status_code == 404


def test_link_of_one_place_says_nothing_of_another(phone: Phone) -> None:
    with phone.scene.database.transaction() as session:
        other = make_offer(session, name="Secret soup", organization=_host(session, phone.scene))
        report_openings(
            session,
            other.id,
            OpeningReport(unit="bowls", available=1),
            viewer=Viewer(phone.scene.host, Role.PUBLISHER),
            now=NOON,
        )
    page = phone.look()

    assert "Secret soup" not in page.text
    assert "bowls" not in page.text
    assert phone.tap("more", unit="bowls").status_code == 404
    forms = [path for path in Forms(page.text).found if path != "/language"]
    assert forms == [phone.path]


def _host(session: Any, scene: Scene) -> Any:
    return session.get_one(Organization, scene.host)


@pytest.mark.parametrize("visibility", [AddressVisibility.HIDDEN, AddressVisibility.AREA_ONLY])
def test_link_of_a_place_that_is_not_public_does_not_tell_where_it_is(
    phone: Phone, visibility: AddressVisibility
) -> None:
    with phone.scene.database.transaction() as session:
        place = session.get_one(ServiceAtLocation, phone.scene.offer)
        place.description = "CANARY-directions"
        location = session.get_one(Location, place.location_id)
        location.name = "CANARY-name"
        location.latitude = location.longitude = None
        location.address_visibility = visibility
        session.flush()
        refresh_services(session, [place.service_id], now=NOON)

    pages = [phone.look(), phone.tap("say", available="99"), phone.tap("more")]
    phone.scene.sign_in(phone.scene.host, Role.PUBLISHER)

    assert [each.status_code for each in pages] == [200, 422, 303]
    assert "CANARY" not in "".join(each.text for each in pages)
    assert "CANARY-name" in phone.scene.client.get("/front-desk/links").text


def test_looking_changes_nothing(phone: Phone) -> None:
    before = contents(phone.scene.database)

    assert phone.look().status_code == 200
    assert phone.scene.client.get(phone.path + "?do=more&available=9").status_code == 200

    assert contents(phone.scene.database) == before


def test_head_changes_nothing(server: Any, phone: Phone) -> None:
    before = contents(phone.scene.database)

    answered = server.head(phone.path)

    assert (answered.status_code, answered.text) == (200, "")
    assert contents(phone.scene.database) == before


def test_form_without_its_token_is_refused(phone: Phone) -> None:
    fields = fields_of(phone.look())
    del fields["_csrf_token"]

    assert phone.scene.client.post(phone.path, data=fields).status_code == 403
    assert len(phone.said()) == 1


def test_saying_something_is_the_last_use_of_a_link(phone: Phone) -> None:
    def last_used() -> Any:
        with phone.scene.database.reading() as session:
            return session.exec(select(OpeningsLink.last_used_at)).one()

    phone.look()
    phone.tap("say", available="99")
    assert last_used() is None

    phone.tap("more")
    assert last_used() == NOON


def test_signed_in_staff_of_another_agency_gain_nothing_by_a_link(phone: Phone) -> None:
    """The link speaks for its agency, whoever opens it."""
    phone.scene.sign_in(phone.scene.stranger, Role.COORDINATOR)

    phone.tap("more")

    newest = phone.said()[0]
    assert (newest["said_by"], newest["account_id"]) == ("Lanternfish Pantry", None)


def test_page_is_kept_nowhere_and_told_to_nobody(phone: Phone) -> None:
    headers = phone.look().headers

    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"


def test_page_is_in_spanish(phone: Phone) -> None:
    phone.tap("full-today")
    spanish = phone.scene.client.get(phone.path, headers={"accept-language": "es"}).text

    for words in ("¿Cuántos hay libres?", "Uno más", "Lleno hoy", "Deshacer: volver a"):
        assert words in spanish


def with_windows_today(scene: Scene) -> None:
    """Ten places in half hours from 1 pm to 3:30 pm today, by the scene's own organization."""
    with scene.database.transaction() as session:
        offer = session.get_one(ServiceAtLocation, scene.offer)
        first = make_slot(
            session,
            offer=offer,
            capacity=2,
            starts_on=date(2030, 6, 3),
            byday=("MO",),
            closes_at=time(15, 30),
            bookable_by=BookableBy.PUBLIC,
        )
        place_hold(session, first, viewer=Viewer(scene.host, Role.PUBLISHER), now=NOON)


def test_number_of_the_calendar_is_beside_the_one_that_was_said(phone: Phone) -> None:
    with_windows_today(phone.scene)
    page = phone.look()

    words = words_of(page.text)
    assert "You say 3 places. Your calendar has 9 free places today. The two differ." in words

    phone.tap("calendar", page)

    newest = phone.said()[0]
    assert (newest["available"], newest["maximum"]) == (9, 10)
    assert newest["expires_at"] == NOON + timedelta(hours=16)
    agreed = words_of(phone.look().text)
    assert "You say 9 places. Your calendar has 9 free places today." in agreed
    assert "The two differ." not in agreed


def test_calendar_with_more_than_there_are_raises_the_whole(scene: Scene) -> None:
    report(scene, available=3, maximum=4)
    with_windows_today(scene)
    phone = Phone(scene, make_link(scene))

    phone.tap("calendar")

    assert (phone.said()[0]["available"], phone.said()[0]["maximum"]) == (9, 9)


def test_calendar_takes_the_place_of_no_number_where_there_are_several(phone: Phone) -> None:
    report(phone.scene, unit="beds", population="men", available=1)
    with_windows_today(phone.scene)

    page = phone.look()

    assert "You say 4 places. Your calendar has 9 free places today." in words_of(page.text)
    assert 'value="calendar"' not in page.text


def test_more_windows_and_counts_need_no_more_questions(phone: Phone) -> None:
    few = questions(phone.scene, phone.path)
    for population in ("men", "women", "families"):
        report(phone.scene, unit="beds", population=population, available=1)
    with_windows_today(phone.scene)

    assert questions(phone.scene, phone.path) == few


def test_counts_keep_their_order_whatever_was_said_last(phone: Phone) -> None:
    report(phone.scene, unit="beds", population="men", available=1)

    def order() -> list[str]:
        return re.findall(r'name="population" value="([^"]*)"', phone.look().text)

    assert order() == ["", "men"]
    phone.tap("more", unit="beds", population="")
    assert order() == ["", "men"]


def test_count_that_was_taken_back_altogether_is_gone(phone: Phone) -> None:
    report(phone.scene, unit="bedz", available=1)
    phone.scene.sign_in(phone.scene.host, Role.PUBLISHER)
    assert "bedz" in phone.look().text
    page = phone.look()
    (undo,) = re.findall(r'value="bedz".*?name="report_id" value="([^"]+)"', page.text, re.DOTALL)

    phone.tap("undo", page, unit="bedz", population="", report_id=undo)

    assert "bedz" not in phone.look().text
    with phone.scene.database.reading() as session:
        assert len(session.exec(select(ServiceCapacity)).all()) == 3


@pytest.mark.parametrize(
    "fields",
    [
        {"available": "1\x00"},
        {"unit": "be\x00ds"},
        {"report_id": "x"},
        {"do": "everything"},
        {"available": "-1"},
        {"available": "99999999999999999999"},
        {"available": "1e3"},
        {"key": "x" * 10_000, "available": "11"},
    ],
)
def test_nonsense_in_the_form_is_refused(phone: Phone, fields: dict[str, Any]) -> None:
    sent = {**fields_of(phone.look()), "do": "say", **fields}

    refused = phone.scene.client.post(phone.path, data=sent)

    assert refused.status_code in (404, 422)
    assert len(phone.said()) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"available": ["1", "2"]},
        {"unit": ["boats", "beds"], "available": "2"},
        {"key": ["a", "b"], "available": "2"},
    ],
)
def test_of_a_field_that_was_sent_twice_the_last_counts(
    phone: Phone, fields: dict[str, Any]
) -> None:
    sent = {**fields_of(phone.look()), "do": "say", **fields}

    assert phone.scene.client.post(phone.path, data=sent).status_code == 200
    assert phone.said()[0]["available"] == 2
