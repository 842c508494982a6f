import re
from datetime import timedelta
from uuid import UUID

import pytest
from icalendar import Calendar
from litestar import Litestar
from litestar.testing import TestClient

from directory.database import Database
from directory.viewer import PUBLIC
from scheduling.commands.appointments import confirm_hold
from scheduling.commands.holds import place_hold
from tests.api.pages.browsing import goes_to, send
from tests.conftest import NOON
from tests.factories import make_slot

Client = TestClient[Litestar]


def book(database: Database, slot_id: UUID) -> str:
    """Book as a member of the public, and return the path of their page."""
    with database.transaction() as session:
        hold = place_hold(session, slot_id, viewer=PUBLIC, now=NOON)
        booked = confirm_hold(session, hold["id"], viewer=PUBLIC, now=NOON)
    return f"/my/{booked.manage_token}"


@pytest.fixture
def slot_id(database: Database) -> UUID:
    with database.transaction() as session:
        return make_slot(session, instructions="Ring twice.", cancel_cutoff_minutes=60)


@pytest.fixture
def my(database: Database, slot_id: UUID) -> str:
    return book(database, slot_id)


def test_page_shows_the_code_and_the_time(client: Client, my: str) -> None:
    page = client.get(my)

    assert page.status_code == 200
    assert re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", page.text)
    for said in ("Tomorrow", "1 pm", "Food parcels", "Lanternfish Pantry", "Ring twice."):
        assert said in page.text


def test_page_is_kept_nowhere_and_told_to_nobody(client: Client, my: str) -> None:
    headers = client.get(my).headers

    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"


def test_unknown_link_is_not_found(client: Client) -> None:
    assert client.get("/my/nonsense").status_code == 404
    assert client.get("/my/nonsense/calendar.ics").status_code == 404


def test_calendar_file_has_the_time_and_names_no_service(client: Client, my: str) -> None:
    answer = client.get(f"{my}/calendar.ics")

    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event.decoded("DTSTART") == NOON + timedelta(days=1, hours=5)
    assert "Food" not in answer.text
    assert my.removeprefix("/my/") not in answer.text
    assert answer.headers["content-type"].startswith("text/calendar")


def test_cancelling_frees_the_time_at_once(client: Client, my: str, slot_id: UUID) -> None:
    page = client.get(my)

    assert goes_to(send(client, page, f"{my}/cancel")) == my

    assert "This appointment is cancelled" in client.get(my).text
    assert client.get(f"/book/{slot_id}").status_code == 200
    assert b"STATUS:CANCELLED" in client.get(f"{my}/calendar.ics").content


def test_cancelling_twice_is_the_same_as_once(client: Client, my: str) -> None:
    page = client.get(my)

    send(client, page, f"{my}/cancel")

    assert goes_to(send(client, page, f"{my}/cancel")) == my


def test_looking_cancels_nothing(client: Client, my: str) -> None:
    assert client.get(f"{my}/cancel").status_code == 405
    assert "You are booked" in client.get(my).text


def test_too_late_to_cancel_says_to_call(client: Client, my: str) -> None:
    page = client.get(my)
    client.app.state.clock = lambda: NOON + timedelta(days=1, hours=4, minutes=30)

    refused = send(client, page, f"{my}/cancel")

    assert refused.status_code == 409
    assert "It is too late to change this here." in refused.text
    assert "Cancel this appointment" not in client.get(my).text
