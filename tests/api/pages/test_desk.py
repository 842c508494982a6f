from datetime import timedelta
from uuid import UUID

import pytest

from directory.models.accounts import Role
from scheduling.models.agreements import Agreement, AgreementStatus
from scheduling.models.waitlists import WaitlistEntry
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
