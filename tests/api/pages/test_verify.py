"""The page behind the link in an e-mail, as the agency and as a mail scanner opens it."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import Session, select
from structlog.testing import capture_logs

from api.asking import token_maker
from api.languages import language
from api.letters import verification_letters
from api.logs import access_log, answer_head
from api.settings import Settings
from directory.commands.asking import ask, remind
from directory.commands.outbox import claim_message, mark_sent
from directory.database import Database
from directory.index import refresh_services
from directory.models.contacts import Phone
from directory.models.history import Suggestion
from directory.models.locations import Address, AddressVisibility, Location
from directory.models.services import CostOption, RequiredDocument, Service, ServiceAtLocation
from directory.models.verifications import Verification, VerificationRequest
from directory.queries.asking import Chosen
from tests.api.pages.browsing import Forms, goes_to, send
from tests.api.pages.test_desk import words_of
from tests.api.pages.test_roles import contents
from tests.conftest import NOON
from tests.factories import make_offer, make_organization, weekly

DAY = timedelta(days=1)
Client = TestClient[Litestar]
CANARIES = ("CANARY-STREET", "CANARY-HALL", "517-555-0166", "CANARY-WAY-IN")


def full_listing(session: Session) -> ServiceAtLocation:
    """A listing that has every vital field."""
    offer = make_offer(
        session,
        organization=make_organization(session, "Lanternfish {link} Pantry"),
        name="Food parcels",
        hours=[weekly("MO,TU,WE,TH,FR", time(7), time(17))],
        eligibility_description="People of Ingham County.",
        minimum_age=18,
        eligibility_rule={"fact": "veteran", "is": True},
        fees_description="Two dollars",
        assured_date=date(2029, 1, 1),
    )
    session.add_all(
        [
            Phone(service_id=offer.service_id, number="517-555-0101"),
            Address(
                location_id=offer.location_id,
                address_1="1 Lantern Way",
                city="Lansing",
                state_province="MI",
                postal_code="48933",
            ),
            RequiredDocument(service_id=offer.service_id, document="A photo ID"),
            CostOption(service_id=offer.service_id, amount_cents=200, currency="USD"),
        ]
    )
    refresh_services(session, [offer.service_id], now=NOON)
    return offer


def add_hidden_place(session: Session, offer: ServiceAtLocation) -> None:
    """Offer the service in a place that nobody may find, too."""
    hidden = Location(name="CANARY-HALL", address_visibility=AddressVisibility.HIDDEN)
    session.add(hidden)
    session.flush()
    session.add_all(
        [
            ServiceAtLocation(
                service_id=offer.service_id, location_id=hidden.id, description="CANARY-WAY-IN"
            ),
            Address(location_id=hidden.id, address_1="9 CANARY-STREET", city="Lansing"),
            Phone(location_id=hidden.id, number="517-555-0166"),
        ]
    )
    refresh_services(session, [offer.service_id], now=NOON)


def question(
    database: Database, settings: Settings, *, hidden: bool = False, now: datetime = NOON
) -> str:
    """Ask about a full listing; return the address in the e-mail."""
    with database.transaction() as session:
        offer = full_listing(session)
        if hidden:
            add_hidden_place(session, offer)
        ask(
            session,
            [Chosen(offer.service_id, "desk@lanternfish.example")],
            make_token=token_maker(settings),
            write=verification_letters(language("en"), "https://openings.example"),
            now=now,
        )
    (link,) = links_in_mail(database, now)
    return link


def links_in_mail(database: Database, now: datetime) -> list[str]:
    """Take the e-mails that wait, as a server would; return the paths of the links in them."""
    found: list[str] = []
    while True:
        with database.transaction() as session:
            message = claim_message(session, now=now)
            if message is None:
                return found
            assert "\n\n" in message.body
            found += re.findall(r"https://openings\.example(\S+)", message.body)
            mark_sent(session, message, now=now)


def rows(database: Database, kind: Any) -> Any:
    with database.reading() as session:
        found = session.exec(select(kind)).all()
        session.expunge_all()
        return found


def test_page_shows_just_what_to_confirm_and_needs_no_password(
    client: Client, database: Database, settings: Settings
) -> None:
    page = client.get(question(database, settings))

    said = words_of(page.text)
    assert page.status_code == 200
    for shown in (
        "Is this still right?",
        "Food parcels",
        "Mon\N{EN DASH}Fri",
        "7 am\N{EN DASH}5 pm",
        "517-555-0101",
        "1 Lantern Way",
        "People of Ingham County.",
        "Age 18 and older",
        "People who have served in the armed forces",
        "A photo ID",
        "Two dollars",
        "We are closed for now",
        "until June 24, 2030",
    ):
        assert shown in said
    assert "Room" not in said
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert "noindex" in page.text


def test_one_button_says_that_all_of_it_is_right(
    client: Client, database: Database, settings: Settings
) -> None:
    link = question(database, settings)

    done = send(client, client.get(link), link, do="all")

    assert goes_to(done) == "/verified"
    assert "Thank you" in client.get("/verified").text
    checks = rows(database, Verification)
    assert {(row.field, row.changed) for row in checks} == {
        (field, False)
        for field in ("hours", "phone", "address", "eligibility", "documents", "cost")
    }
    assert "Checked today by the agency" in client.get("/?near=48933").text


def test_what_changed_is_passed_on_and_the_listing_says_so(
    client: Client, database: Database, settings: Settings
) -> None:
    link = question(database, settings)
    page = client.get(link)

    done = send(
        client, page, link,
        hours="changed", hours_words="Mondays only", phone="right", cost_words="Free now",
    )  # fmt: skip

    assert goes_to(done) == "/verified"
    told = {(row.field_name, row.words) for row in rows(database, Suggestion)}
    assert told == {("hours", "Mondays only"), ("cost", "Free now")}
    found = client.get("/?near=48933").text
    assert "The agency says its hours have changed; call first" in found
    assert "Open until" not in found
    open_now = client.get("/?near=48933&open_now=yes").text.split("<main")[1]
    assert "Food parcels" not in open_now.partition("Nearer, but left out")[0]
    listing = client.get(f"/services/{rows(database, ServiceAtLocation)[0].id}").text
    assert "The agency says its hours have changed; call first" in listing
    assert "The agency says that this has changed; call first" in listing
    assert "7 am" in listing  # old hours are shown all the same
    assert "badge-open" not in listing
    assert "Mondays only" not in listing  # nobody has looked at it yet


def test_closed_for_now_needs_no_words(
    client: Client, database: Database, settings: Settings
) -> None:
    link = question(database, settings)

    goes_to(send(client, client.get(link), link, hours="closed"))

    assert [row.words for row in rows(database, Suggestion)] == ["Closed for now."]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choose an answer for at least one of them."),
        ({"hours": "changed"}, "Say what is right now."),
        ({"hours": "changed", "hours_words": "x" * 301}, "Give at most 300 letters."),
        ({"phone": "changed", "phone_words": "555", "do": "all"}, "Send that instead."),
        ({"hours": "perhaps"}, "This was not sent yet."),
        ({"phone_words": "\x07"}, "Leave out control characters."),
    ],
)
def test_a_form_that_is_wrong_comes_back_as_it_was(
    client: Client, database: Database, settings: Settings, fields: dict[str, str], said: str
) -> None:
    link = question(database, settings)
    before = contents(database)

    again = send(client, client.get(link), link, **fields)

    assert again.status_code == 422
    assert said in words_of(again.text)
    assert contents(database) == before
    marked = [value for value in fields.values() if value in ("changed", "right")]
    assert again.text.count(" checked>") == len(marked)  # what was marked still is
    assert goes_to(send(client, client.get(link), link, do="all")) == "/verified"


def test_a_form_cannot_be_sent_from_another_site(
    client: Client, database: Database, settings: Settings
) -> None:
    link = question(database, settings)

    assert client.post(link, data={"do": "all"}).status_code == 403
    assert rows(database, Verification) == []


def unusable(client: Client, link: str) -> tuple[int, str]:
    page = client.get(link)
    return page.status_code, words_of(page.text)


def test_used_expired_and_unknown_links_look_the_same(
    client: Client, database: Database, settings: Settings
) -> None:
    link = question(database, settings)
    used = client.get(link)
    goes_to(send(client, used, link, do="all"))

    unknown = unusable(client, "/verify/" + "A" * 43)
    answers = [unusable(client, link), unusable(client, "/verify/x")]
    answers.append(unusable(client, "/verify/%00%ff" + "y" * 3000))
    with database.transaction() as session:
        request = session.exec(select(VerificationRequest)).one()
        request.closed_at = request.answered_at = None
        session.add(request)
    client.app.state.clock = lambda: NOON + 21 * DAY
    answers.append(unusable(client, link))

    assert unknown[0] == 404
    assert "does not work any more" in unknown[1]
    assert {status for status, _ in answers} == {404}
    assert {text for _, text in answers} == {unknown[1]}
    sent = send(client, used, link, do="all")  # from a page that was left open
    assert sent.status_code == 404
    assert "does not work any more" in sent.text


def test_guessing_learns_and_changes_nothing(
    client: Client, database: Database, settings: Settings
) -> None:
    link = question(database, settings)
    page = client.get(link)
    before = contents(database)

    token = link.rpartition("/")[2]
    guesses = {token[:-1] + last for last in "ABCDEFGH"} - {token}
    seen = set()
    for guess in guesses:
        seen.add((client.get(f"/verify/{guess}").status_code,))
        fields = {**Forms(page.text).found[link], "do": "all"}
        answer = client.post(f"/verify/{guess}", data=fields, follow_redirects=False)
        seen.add((answer.status_code,))

    assert seen == {(404,)}
    assert contents(database) == before


def test_mail_scanners_change_nothing(database: Database, settings: Settings) -> None:
    """Every link of every e-mail, three times by each method that a scanner uses (T47)."""
    from api.app import create_app  # noqa: PLC0415  (served, with HEAD, as in production)

    links = [question(database, settings)]
    with database.transaction() as session:
        remind(
            session,
            make_token=token_maker(settings),
            write=verification_letters(language("en"), "https://openings.example"),
            now=NOON + 8 * DAY,
        )
    links += links_in_mail(database, NOON + 8 * DAY)
    assert len(links) == 2
    before = contents(database)

    app = create_app(settings, database=database, clock=lambda: NOON + 8 * DAY)
    with TestClient(access_log(answer_head(app))) as scanner, capture_logs() as logs:
        for link in links:
            for method in ("GET", "HEAD", "OPTIONS"):
                for _ in range(3):
                    answered = scanner.request(method, link)
                    assert answered.status_code == (200 if method != "OPTIONS" else 204)

    assert contents(database) == before
    assert links[0].rpartition("/")[2] not in repr(logs)
    assert "/verify/{token" in repr(logs)


def test_reminder_has_the_link_of_the_question(database: Database, settings: Settings) -> None:
    link = question(database, settings)
    with database.transaction() as session:
        assert remind(
            session,
            make_token=token_maker(settings),
            write=verification_letters(language("es"), "https://openings.example"),
            now=NOON + 8 * DAY,
        )

    with database.transaction() as session:
        message = claim_message(session, now=NOON + 8 * DAY)
    assert message is not None
    assert message.subject == "Recordatorio: ¿sigue siendo correcto? Food parcels"
    assert f"https://openings.example{link}\n" in message.body
    assert "Hola, Lanternfish {link} Pantry." in message.body


def test_a_hidden_place_is_in_no_part_of_it(
    client: Client, database: Database, settings: Settings
) -> None:
    link = question(database, settings, hidden=True)

    page = client.get(link).text

    assert "A place whose address is not public" in page
    for canary in CANARIES:
        assert canary not in page


def test_page_is_in_the_readers_language(
    client: Client, database: Database, settings: Settings
) -> None:
    page = client.get(question(database, settings), headers={"accept-language": "es"})

    assert "¿Sigue siendo correcto?" in page.text
    assert "Sigue siendo correcto" in page.text


def test_old_hours_that_nobody_answered_for_say_since_when(
    client: Client, database: Database, settings: Settings
) -> None:
    question(database, settings, now=NOON - 30 * DAY)

    found = client.get("/?near=48933").text

    assert "Hours not checked since January 2029; call first" in words_of(found)
    with database.reading() as session:
        service_id = session.exec(select(Service.id)).one()
    listing = client.get(
        f"/services/{rows(database, ServiceAtLocation)[0].id}", headers={"accept-language": "es"}
    )
    assert "Horario sin comprobar desde enero de 2029; llame primero" in words_of(listing.text)
    assert service_id
