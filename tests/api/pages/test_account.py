import re

from directory.models.accounts import Role
from tests.api.pages.conftest import Scene
from tests.factories import post_form


def make_address(scene: Scene) -> str:
    made = post_form(scene.client, "/account/calendar")
    assert made.status_code == 200
    found = re.search(r'value="http://[^/]+(/calendars/[^"]+\.ics)"', made.text)
    assert found
    return found[1]


def test_account_says_who_has_signed_in(scene: Scene) -> None:
    scene.sign_in(scene.host, Role.AUDITOR)

    shown = scene.client.get("/account").text

    for words in ("Test Person", "Lanternfish Pantry", "Auditor", "Make my calendar address"):
        assert words in shown


def test_calendar_address_is_shown_once_and_works(scene: Scene) -> None:
    scene.sign_in(scene.host, Role.PUBLISHER)
    address = make_address(scene)

    calendar = scene.client.get(address)

    assert scene.code in calendar.text
    assert "Moonbeam" not in calendar.text
    shown = scene.client.get("/account").text
    assert "/calendars/" not in shown
    assert "You made an address on Mon, Jun 3." in shown


def test_new_calendar_address_ends_the_old_one(scene: Scene) -> None:
    scene.sign_in(scene.host, Role.PUBLISHER)
    old = make_address(scene)
    new = make_address(scene)

    assert old != new
    assert scene.client.get(old).status_code == 404
    assert scene.client.get(new).status_code == 200


def test_network_counts_what_there_is(scene: Scene) -> None:
    scene.sign_in(scene.host, Role.ADMINISTRATOR)

    counts = re.findall(r'big-number">(\d+)</span><br>([^<]+)<', scene.client.get("/network").text)

    assert [(int(count), words) for count, words in counts] == [
        (3, "Agencies"),
        (1, "Services at places"),
        (1, "Published windows"),
        (1, "Agreements in force"),
        (0, "Said, and still counts"),
        (0, "Said too long ago: reads “ask”"),
        (1, "Never said"),
        (0, "Checked lately"),
        (0, "Checked too long ago"),
        (1, "Not checked yet"),
        (0, "Hours not claimed any more"),
    ]
