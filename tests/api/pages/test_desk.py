import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from directory.index import refresh_services
from directory.models.accounts import Role
from directory.models.services import RequiredDocument, ServiceArea
from scheduling.models.agreements import Agreement, AgreementStatus
from scheduling.models.waitlists import WaitlistEntry
from tests.api.pages.browsing import Forms
from tests.api.pages.conftest import Scene
from tests.conftest import NOON
from tests.factories import make_offer, make_window, post_form


@pytest.fixture
def desk(scene: Scene) -> Scene:
    """The partner's coordinator has signed in."""
    scene.sign_in(scene.partner, Role.COORDINATOR)
    return scene


def read(scene: Scene, path: str) -> str:
    reply = scene.client.get(path)
    assert reply.status_code == 200
    return reply.text


def test_day_shows_what_was_booked_and_where(desk: Scene) -> None:
    shown = read(desk, "/desk?day=2030-06-04")

    assert "Tue, Jun 4" in shown
    assert "1 pm\u20131:30 pm" in shown
    assert desk.code in shown
    assert "Lanternfish Pantry, The Hall" in shown


def test_other_days_are_empty_or_counted(desk: Scene) -> None:
    assert "No appointments on this day." in read(desk, "/desk?day=2030-06-05")
    assert "<summary>Tue, Jun 4 (1)</summary>" in read(desk, "/desk")


def test_day_leads_to_its_neighbours_over_a_change_of_clocks(desk: Scene) -> None:
    shown = read(desk, "/desk?day=2030-11-03")

    assert "/desk?day=2030-11-02" in shown
    assert "/desk?day=2030-11-04" in shown


@pytest.mark.parametrize("day", ["soon", "1999-12-31", "9999-12-31", "2030-02-30"])
def test_day_that_is_none_is_refused(desk: Scene, day: str) -> None:
    assert desk.client.get("/desk", params={"day": day}).status_code == 422


def test_what_comes_to_the_agency_is_not_on_its_desk(scene: Scene) -> None:
    scene.sign_in(scene.host, Role.COORDINATOR)

    assert scene.code not in read(scene, "/desk?day=2030-06-04")


def test_time_elsewhere_is_said_by_the_clock_there(desk: Scene) -> None:
    with desk.database.transaction() as session:
        chicago = make_offer(session, timezone="America/Chicago")
        make_window(session, chicago, timezone="America/Chicago")
        place = chicago.id

    times = read(desk, f"/desk/times/{place}")

    assert "By the clock there: Central Time." in times
    assert "1 pm, 1 left" in words_of(times)


def words_of(page: str) -> str:
    """The page without its tags, and all space alike."""
    text = "".join(part.partition(">")[2] for part in page.split("<"))
    return " ".join(text.split()).replace(" to 1:30 pm,", ",")


def test_search_finds_partners_times_and_puts_nothing_into_an_address(desk: Scene) -> None:
    found = post_form(desk.client, "/desk/search", near="48933", q="parcels")

    assert found.status_code == 200
    assert "1 service found" in found.text
    assert "Tue, Jun 4, 1 pm" in found.text
    assert f'href="/desk/times/{desk.offer}"' in found.text
    assert "48933" not in str(found.url)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"near": "99999999", "need": "nonsense"}, ["near", "need"]),
        ({"q": "x" * 201, "within_miles": "0"}, ["q", "within_miles"]),
    ],
)
def test_search_says_what_is_wrong_beside_the_field(
    desk: Scene, fields: dict[str, str], wrong: list[str]
) -> None:
    refused = post_form(desk.client, "/desk/search", **fields)

    assert refused.status_code == 422
    for field in wrong:
        assert f'id="{field}-error"' in refused.text
    assert all(text in refused.text for name, text in fields.items() if name != "need")


def test_times_are_those_that_the_agency_may_book_and_no_others(desk: Scene) -> None:
    mine = read(desk, f"/desk/times/{desk.offer}")
    desk.sign_in(desk.stranger, Role.COORDINATOR)
    theirs = read(desk, f"/desk/times/{desk.offer}")

    assert all(f'action="/book/{slot}"' in mine for slot in desk.slots)
    assert "There is no time that you can book here" in theirs


def test_chosen_time_is_kept_once_however_often_it_is_pressed(desk: Scene) -> None:
    path = f"/book/{desk.slots[1]}"
    once = post_form(desk.client, path, key="a-key-of-the-page")
    twice = post_form(desk.client, path, key="a-key-of-the-page")

    assert once.status_code == twice.status_code == 303
    assert once.headers["location"] == twice.headers["location"]


def test_agreements_name_the_other_party_and_its_side(desk: Scene) -> None:
    with desk.database.transaction() as session:
        session.add(
            Agreement(
                host_organization_id=desk.partner,
                partner_organization_id=desk.stranger,
                title="Ended",
                status=AgreementStatus.ENDED,
                starts_on=NOON.date() - timedelta(400),
                ends_on=NOON.date(),
            )
        )

    said = words_of(read(desk, "/desk"))

    assert "Lanternfish Pantry: you book with them, since Jan 1 In force" in said
    assert "No Agreement Inc.: they book with you, Apr 29, 2029 to Jun 3 Ended" in said


def test_own_clients_on_waiting_lists_are_counted_by_place(desk: Scene) -> None:
    with desk.database.transaction() as session:
        for handle, agency in (("AAAA-AAAA", desk.partner), ("BBBB-BBBB", desk.partner)):
            session.add(waiting(desk, handle, agency))
        session.add(waiting(desk, "CCCC-CCCC", desk.stranger))

    shown = read(desk, "/desk")

    assert "2 for Food parcels, Lanternfish Pantry, The Hall" in words_of(shown)
    assert "AAAA-AAAA" not in shown


def waiting(scene: Scene, handle: str, agency: UUID) -> WaitlistEntry:
    return WaitlistEntry(
        service_at_location_id=scene.offer,
        organization_id=agency,
        client_handle=handle,
        arrived_at=NOON,
    )


def test_desk_search_reads_typos_leaves_out_and_sorts(desk: Scene) -> None:
    def search(**typed: str) -> str:
        return post_form(desk.client, "/desk/search", **typed).text

    assert "Nothing was found for parcelz." in search(q="parcelz")
    assert "Nothing found" in search(q="parcels", exclude="food parcels")
    assert "service found" in search(q="parcels", sort="relevance", near="48933")
    assert "service found" in search(sort="relevance")


def test_desk_search_shows_first_what_can_be_booked_soonest(desk: Scene) -> None:
    with desk.database.transaction() as session:
        for n in range(25):
            offer = make_offer(session, name=f"Service {n:02}")
            make_window(session, offer, byday=("FR",) if n < 20 else ("WE",))

    first = post_form(desk.client, "/desk/search", sort="soonest", near="48933").text
    fields = Forms(first).found["/desk/search"]
    (next_,) = re.findall(r'name="next" value="([^"]+)"', first)
    second = post_form(desk.client, "/desk/search", **{**fields, "next": next_}).text

    assert '<option value="soonest" selected>' in first
    names = re.findall(r'<h3><a href="[^"]+">([^<]+)', first + second)
    assert names[:2] == ["Food parcels", "Service 20"]  # on Tuesday, and on Wednesday
    assert names[6:] == [f"Service {n:02}" for n in range(20)]


def test_desk_search_says_where_all_that_is_found_is_further_away(desk: Scene) -> None:
    with desk.database.transaction() as session:
        far = make_offer(session, name="Far soup", point=(41.8781, -87.6298))
        session.add(ServiceArea(service_id=far.service_id, extent="MI", extent_type="text"))
        refresh_services(session, [far.service_id], now=NOON)

    found = post_form(desk.client, "/desk/search", q="soup", near="48933")

    assert found.status_code == 200
    assert "These say that they serve this area." in found.text


@pytest.fixture
def help_for_some(desk: Scene) -> Scene:
    with desk.database.transaction() as session:
        make_offer(session, name="Adults only", minimum_age=18)
        rent = make_offer(session, name="Rent fund")
        session.add(RequiredDocument(service_id=rent.service_id, document="Lease"))
        refresh_services(session, [rent.service_id], now=NOON)
    return desk


def test_what_is_not_for_the_client_is_left_out_with_the_reason(help_for_some: Scene) -> None:
    asked: dict[str, Any] = {
        "near": "48933",
        "about_age": "17",
        "about_documents": ["photo-id", "birth-certificate"],
    }
    shown = post_form(help_for_some.client, "/desk/search", **asked)

    assert shown.status_code == 200
    assert (
        "Adults only (Lanternfish Pantry), less than 0.1 mi: Not for you: Age 18 and older"
        in words_of(shown.text)
    )
    assert "People who can show: lease" in shown.text
    assert 'value="17"' in shown.text
    assert 'value="photo-id" checked' in shown.text


def test_what_depends_on_more_is_said(help_for_some: Scene) -> None:
    shown = post_form(help_for_some.client, "/desk/search", near="48933", about_age="40")

    assert "Fits what you told us" in shown.text
    assert "That depends on: the papers you have" in shown.text


def test_no_papers_is_another_thing_than_not_saying(help_for_some: Scene) -> None:
    none = {"near": "48933", "about_no_documents": "yes"}

    assert (
        "People who can show: lease" in post_form(help_for_some.client, "/desk/search", **none).text
    )
    assert "left out" not in post_form(help_for_some.client, "/desk/search", near="48933").text


def test_wrong_facts_are_named_beside_their_fields(help_for_some: Scene) -> None:
    wrong = {"near": "48933", "about_age": "old", "about_household_size": "2"}
    out_of_range = {"near": "48933", "about_age": "200"}

    first = post_form(help_for_some.client, "/desk/search", **wrong)
    second = post_form(help_for_some.client, "/desk/search", **out_of_range)

    assert first.status_code == second.status_code == 422
    assert 'id="about_age-error"' in first.text
    assert 'value="old"' in first.text
    assert 'value="2"' in first.text
    assert "Give a number from 0 to 150." in second.text


def test_more_results_are_for_the_same_client(help_for_some: Scene) -> None:
    with help_for_some.database.transaction() as session:
        for number in range(25):
            make_offer(session, name=f"Hall {number}")
    asked: dict[str, Any] = {
        "near": "48933",
        "about_age": "17",
        "about_documents": ["photo-id", "lease"],
    }
    shown = post_form(help_for_some.client, "/desk/search", **asked).text

    assert '<input type="hidden" name="about_documents" value="photo-id">' in shown
    assert '<input type="hidden" name="about_documents" value="lease">' in shown
    assert '<input type="hidden" name="about_age" value="17">' in shown
