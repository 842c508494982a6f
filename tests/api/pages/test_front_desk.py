import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from directory.commands.openings import OpeningReport, report_openings
from directory.models.accounts import Role
from directory.models.openings import OpeningStatus, ServiceCapacity
from directory.models.organizations import Organization
from directory.viewer import Viewer
from scheduling.models.waitlists import WaitlistEntry
from tests.api.pages.conftest import Scene
from tests.api.pages.test_desk import words_of
from tests.conftest import NOON
from tests.factories import TEN_MINUTES, make_offer, make_window, post_form


@pytest.fixture
def desk(scene: Scene) -> Scene:
    """The host's front desk has signed in."""
    scene.sign_in(scene.host, Role.PUBLISHER)
    return scene


def say(scene: Scene, **fields: Any) -> Any:
    return post_form(scene.client, f"/front-desk/openings/{scene.offer}", **fields)


def said(scene: Scene) -> list[tuple[OpeningStatus, int | None, int | None]]:
    """Every report, oldest first."""
    with scene.database.reading() as session:
        rows = session.exec(select(ServiceCapacity).order_by(col(ServiceCapacity.updated))).all()
        return [(row.status, row.available, row.maximum) for row in rows]


def report_earlier(scene: Scene, **fields: Any) -> None:
    """Said ten minutes before NOON."""
    with scene.database.transaction() as session:
        report_openings(
            session,
            scene.offer,
            OpeningReport(**fields),
            viewer=Viewer(scene.host, Role.PUBLISHER),
            now=NOON - TEN_MINUTES,
        )


def test_day_shows_who_comes_by_place_and_from_which_agency(desk: Scene) -> None:
    shown = desk.client.get("/front-desk?day=2030-06-04").text

    assert "Food parcels, The Hall" in shown
    assert desk.code in shown
    assert "1 place, Moonbeam Desk" in words_of(shown)
    assert "Nobody is booked on this day." in desk.client.get("/front-desk").text


def test_week_says_how_many_places_are_taken(desk: Scene) -> None:
    shown = words_of(desk.client.get("/front-desk").text)

    assert "Next: Tue, Jun 4, 1 pm" in shown
    assert "1 of 8 places taken" in shown


def test_everybody_who_waits_here_is_counted(desk: Scene) -> None:
    with desk.database.transaction() as session:
        session.add_all(
            WaitlistEntry(
                service_at_location_id=desk.offer,
                organization_id=agency,
                client_handle="AAAA-AAAA" if agency else None,
                manage_token_hash=None if agency else "of a person",
                arrived_at=NOON,
            )
            for agency in (desk.partner, desk.stranger, None)
        )

    assert "3 for Food parcels" in words_of(desk.client.get("/front-desk").text)


def test_number_said_is_shown_at_once_with_its_age_and_end(desk: Scene) -> None:
    done = say(desk, available="3", maximum="10", unit="beds", valid_for_minutes="120")

    assert done.status_code == 303
    assert done.headers["location"] == f"/front-desk#openings-{desk.offer}"
    shown = words_of(desk.client.get("/front-desk").text)
    assert "3 + of 10 beds free Open" in shown
    assert "Said just now. People read “ask” from Mon, Jun 3, 10 am" in shown


def test_searches_show_it_too(desk: Scene) -> None:
    say(desk, available="3", maximum="10", unit="beds")

    assert "3 of 10 beds free, just now" in desk.client.get("/?near=48933").text


def test_taps_count_up_and_down_from_the_newest_number(desk: Scene) -> None:
    report_earlier(desk, available=1, maximum=2)

    for seconds, do in enumerate(("fewer", "fewer", "more", "more", "more")):
        desk.set_clock(NOON + timedelta(seconds=seconds))
        say(desk, available="1", shown="1", maximum="2", do=do)

    full, free = OpeningStatus.FULL, OpeningStatus.OPEN
    assert said(desk)[1:] == [
        (full, 0, 2),
        (full, 0, 2),
        (free, 1, 2),
        (free, 2, 2),
        (free, 2, 2),
    ]


def test_tap_after_typing_counts_from_what_was_typed(desk: Scene) -> None:
    report_earlier(desk, available=1, maximum=9)

    say(desk, available="6", shown="1", maximum="9", do="more")

    assert said(desk)[-1] == (OpeningStatus.OPEN, 7, 9)


def test_first_tap_of_all_says_one(desk: Scene) -> None:
    say(desk, do="more")

    assert said(desk) == [(OpeningStatus.OPEN, 1, None)]


def test_full_today_holds_until_midnight_there(desk: Scene) -> None:
    report_earlier(desk, available=4, maximum=10)

    say(desk, available="4", shown="4", maximum="10", do="full-today")

    assert said(desk)[-1] == (OpeningStatus.FULL, 0, 10)
    shown = words_of(desk.client.get("/front-desk").text)
    assert "from Tue, Jun 4, midnight" in shown


def test_report_that_is_too_old_reads_ask(desk: Scene) -> None:
    report_earlier(desk, available=4, valid_for_minutes=5)

    shown = words_of(desk.client.get("/front-desk").text)

    assert "places free Ask" in shown
    assert "Said 10 min ago, which is too long ago" in shown


def test_enter_in_a_field_saves_what_was_typed(desk: Scene) -> None:
    """Browsers press the first button of a form."""
    shown = desk.client.get("/front-desk").text

    form = shown.partition('action="/front-desk/openings/')[2].partition("</form>")[0]
    assert re.findall(r'<button[^>]* value="([a-z-]+)"', form)[0] == "say"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, ["available"]),
        ({"available": "many", "maximum": "-1"}, ["available", "maximum"]),
        ({"available": "11", "maximum": "10"}, ["available"]),
        ({"available": "0", "status": "open"}, ["status"]),
        ({"available": "2", "status": "full"}, ["status"]),
        ({"available": "2", "status": "maybe"}, ["status"]),
        ({"available": "2", "valid_for_minutes": "0"}, ["valid_for_minutes"]),
        ({"available": "2", "note": "x" * 201, "unit": "y" * 61}, ["note", "unit"]),
    ],
)
def test_every_mistake_is_said_beside_its_field(
    desk: Scene, fields: dict[str, str], wrong: list[str]
) -> None:
    refused = say(desk, **fields)

    assert refused.status_code == 422
    assert f'id="openings-{desk.offer}"' in refused.text
    for field in wrong:
        assert f'id="{desk.offer}-{field}-error"' in refused.text
    for value in (value for field, value in fields.items() if field != "status"):
        assert value in refused.text
    assert said(desk) == []


def test_more_places_need_no_more_questions(desk: Scene) -> None:
    few = questions(desk, "/front-desk")
    with desk.database.transaction() as session:
        organization = session.get_one(Organization, desk.host)
        for name in ("Clothes", "Soup", "Books"):
            offer = make_offer(session, name=name, organization=organization)
            make_window(session, offer)

    assert questions(desk, "/front-desk") == few


def questions(scene: Scene, path: str) -> int:
    """How many statements a page sends to the database."""
    sent: list[str] = []

    def note(*args: Any) -> None:
        sent.append(args[2])

    sa.event.listen(scene.database.engine, "before_cursor_execute", note)
    assert scene.client.get(path).status_code == 200
    sa.event.remove(scene.database.engine, "before_cursor_execute", note)
    return len(sent)


def test_what_somebody_counts_in_is_a_text_and_never_markup(desk: Scene) -> None:
    assert say(desk, available=3, maximum=5, unit="<b>100%</b> %(x)s", do="say").status_code == 303

    shown = desk.client.get("/front-desk")

    assert shown.status_code == 200
    assert "<b>100%" not in shown.text
    assert "of 5 &lt;b&gt;100%&lt;/b&gt; %(x)s free" in shown.text


@pytest.mark.parametrize("typed", ["<b>bold</b>", "100%", "%(x)s"])
def test_refusal_that_repeats_what_was_typed_repeats_it_as_text(desk: Scene, typed: str) -> None:
    refused = say(desk, available=3, unit="places", do="say", status=typed)

    assert refused.status_code == 422
    assert "<b>bold" not in refused.text


def test_counts_of_several_people_have_forms_of_their_own(desk: Scene) -> None:
    say(desk, available="2", maximum="10", unit="beds", population="women with children")
    say(desk, available="0", maximum="20", unit="beds", population="men")

    shown = words_of(desk.client.get("/front-desk").text)
    assert "beds (men) Save &minus; 0 + of 20 beds free Full" in shown
    assert "beds (women with children) Save &minus; 2 + of 10 beds free Open" in shown

    say(desk, available="0", shown="0", unit="beds", population="men", maximum="20", do="more")
    assert "1 of 20 beds free (men), just now" in desk.client.get(f"/services/{desk.offer}").text


def test_mistake_is_said_in_the_form_that_was_sent(desk: Scene) -> None:
    say(desk, available="2", unit="beds", population="men")
    say(desk, available="2", unit="beds", population="women")

    refused = say(desk, available="9", maximum="8", unit="Beds", population="women")
    assert f'id="{desk.offer}-1-available-error"' in refused.text
    assert refused.text.count("-available-error") == 2  # the words, and the field they are of

    refused = say(desk, available="9", maximum="8", unit="seats")
    assert f'id="{desk.offer}-available-error"' in refused.text
    assert refused.text.count('value="seats"') == 2  # what was typed, and a suggestion


def test_undo_at_the_front_desk(desk: Scene) -> None:
    report_earlier(desk, available=3, maximum=10, unit="beds")
    say(desk, available="9", maximum="10", unit="beds")
    shown = desk.client.get("/front-desk").text
    assert "Undo: back to “3 of 10 beds free”, said 10 min ago" in shown
    (report_id,) = re.findall(r'name="report_id" value="([^"]+)"', shown)

    assert say(desk, unit="beds", do="undo", report_id=report_id).status_code == 303
    assert "3 of 10 beds free, 10 min ago" in desk.client.get("/?near=48933").text

    refused = say(desk, unit="beds", do="undo", report_id=report_id)
    assert refused.status_code == 409
    assert "Something else was said since." in refused.text


def test_calendar_and_reliability_are_beside_the_number(desk: Scene) -> None:
    report_earlier(desk, available=3)
    desk.set_clock(NOON + timedelta(days=1))  # a day of the scene's windows
    desk.sign_in(desk.host, Role.PUBLISHER)

    shown = words_of(desk.client.get("/front-desk").text)
    assert "Your calendar has 7 free places today." in shown
    assert "people could read a number that counted 50% of the time" in shown

    say(desk, do="calendar")
    assert said(desk)[-1] == (OpeningStatus.OPEN, 7, None)


def test_history_tells_of_every_report_and_undo(desk: Scene) -> None:
    report_earlier(desk, available=3, unit="beds", note="Ring twice.")
    say(desk, available="9", unit="beds")
    say(desk, unit="beds", do="undo")
    say(desk, unit="beds", do="undo")

    shown = words_of(desk.client.get(f"/front-desk/openings/{desk.offer}/history").text)

    assert "9 beds free Taken back" in shown
    assert "3 beds free Undo" in shown
    assert "by Test Person for Lanternfish Pantry" in shown
    assert "Nothing was said before: people read “ask”." in shown
    assert "Ring twice." in shown


def test_history_is_read_page_by_page(desk: Scene) -> None:
    with desk.database.transaction() as session:
        for number in range(1, 61):
            report_openings(
                session,
                desk.offer,
                OpeningReport(available=number),
                viewer=Viewer(desk.host, Role.PUBLISHER),
                now=NOON,
            )
    path = f"/front-desk/openings/{desk.offer}/history"

    first = desk.client.get(path).text
    (more,) = re.findall(r'href="(\?next=[^"]+)"', first)
    second = desk.client.get(path + more).text

    counts = [re.findall(r"<strong>(\d+) places free", page) for page in (first, second)]
    assert [len(each) for each in counts] == [50, 10]
    assert [int(each) for each in counts[0] + counts[1]] == list(reversed(range(1, 61)))
    assert desk.client.get(path + "?next=nonsense").status_code == 422
