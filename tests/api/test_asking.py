"""From the riskiest listing to its agency's answer, through a real mail server."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import select

from api.asking import ask_agencies, ask_some, find_a_link, rank_listings
from api.background import send_mail
from api.settings import Settings
from directory.database import Database
from directory.models.verifications import Verification, VerificationRequest
from tests.api.pages.browsing import goes_to, send
from tests.api.pages.conftest import book
from tests.api.test_mail import SENDER, Office, running
from tests.conftest import NOON
from tests.factories import make_offer, make_organization, make_slot, make_viewer

DAY = timedelta(days=1)


def test_an_agency_is_asked_reminded_and_answers(
    database: Database, settings: Settings, client: TestClient[Litestar]
) -> None:
    with database.transaction() as session:
        make_offer(session, email="desk@lanternfish.example", fees_description="Free")
    with running(office := Office()) as server:
        told = replace(
            settings,
            smtp_url=f"smtp://127.0.0.1:{server.port}",
            mail_from=SENDER,
            base_url="https://openings.example/",
        )

        def at(now: datetime) -> tuple[int, int]:
            return (
                ask_agencies(database, told, lambda: now),
                send_mail(database, told, lambda: now),
            )

        assert at(NOON) == (1, 1)
        assert at(NOON + DAY) == (0, 0)
        assert at(NOON + 7 * DAY) == (1, 1)

    asked, reminder = office.messages
    assert asked["To"] == reminder["To"] == "desk@lanternfish.example"
    assert reminder["Subject"] == "Reminder: is this still right? Food parcels"
    links = re.findall(r"https://openings\.example(/verify/\S+)", asked.get_content())
    assert links == re.findall(r"https://openings\.example(/verify/\S+)", reminder.get_content())
    (link,) = links
    assert goes_to(send(client, client.get(link), link, do="all")) == "/verified"
    with database.reading() as session:
        assert [row.field for row in session.exec(select(Verification))] == ["cost"]


def test_limits_come_from_the_settings(database: Database, settings: Settings) -> None:
    with database.transaction() as session:
        for name in "abcd":
            make_offer(
                session, organization=make_organization(session, name), email=f"{name}@x.example"
            )
    told = replace(settings, smtp_url="smtp://localhost", mail_from=SENDER, verifications_per_day=3)

    assert ask_agencies(database, told, lambda: NOON) == 3
    assert ask_agencies(database, told, lambda: NOON + DAY / 2) == 0
    assert ask_agencies(database, told, lambda: NOON + DAY) == 1


def test_bookings_count_as_use(database: Database) -> None:
    with database.transaction() as session:
        agency = make_organization(session, "Q")
        quiet = make_offer(session, name="Quiet", organization=agency).service_id
        slot = make_slot(session)
        book(session, slot, make_viewer(session, make_organization(session, "Booker")))
        ranked = rank_listings(session, now=NOON)

    assert [each.uses for each in ranked] == [1, 0]
    assert ranked[1].service_id == quiet


def test_a_demo_shows_a_link_although_nothing_is_sent(
    database: Database, settings: Settings, client: TestClient[Litestar]
) -> None:
    with database.transaction() as session:
        assert find_a_link(session, settings, now=NOON) is None
        make_offer(session, email="desk@lanternfish.example", fees_description="Free")
        assert ask_some(session, settings, number=3, now=NOON) == 1
        link = find_a_link(session, settings, now=NOON)

    assert link is not None
    assert link.startswith(f"{settings.public_url}/verify/")
    assert client.get(link.removeprefix(settings.public_url)).status_code == 200
    with database.reading() as session:
        request = session.exec(select(VerificationRequest)).one()
        assert request.token_hash not in link
