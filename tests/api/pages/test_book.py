from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import Session, col, func, select

from directory.commands.accounts import hash_password
from directory.database import Database
from directory.models.accounts import Role
from directory.models.services import RequiredDocument, Service, ServiceAtLocation
from directory.viewer import PUBLIC
from scheduling.commands.holds import place_hold
from scheduling.models.bookings import Appointment, Hold
from scheduling.models.slots import Slot
from scheduling.models.windows import AvailabilityWindow, BookableBy, WindowStatus
from tests.api.pages.browsing import goes_to, send
from tests.conftest import NOON
from tests.factories import (
    TEN_MINUTES,
    make_account,
    make_agreement,
    make_offer,
    make_organization,
    make_slot,
)

Client = TestClient[Litestar]
PASSWORD = "correct horse battery"  # noqa: S105  (of a test's account)


@pytest.fixture
def slot_id(database: Database) -> UUID:
    """A time for everybody, with one place."""
    with database.transaction() as session:
        offer = make_offer(session)
        session.add(RequiredDocument(service_id=offer.service_id, document="A photo ID"))
        return make_slot(session, offer=offer, instructions="Ring twice.", documents=["A letter"])


def sign_in(client: Client, database: Database, slot_id: UUID) -> None:
    """Sign in as a coordinator of an agency that has an agreement with the slot's host."""
    with database.transaction() as session:
        partner = make_organization(session, "Partner")
        make_account(
            session, partner, email="c@tests.example", password_hash=hash_password(PASSWORD)
        )
        slot = session.get_one(Slot, slot_id)
        offer = session.get_one(ServiceAtLocation, slot.service_at_location_id)
        host = session.get_one(Service, offer.service_id).organization_id
        make_agreement(session, host, partner.id)
    page = client.get("/sign-in")
    goes_to(send(client, page, "/sign-in", email="c@tests.example", password=PASSWORD))


def keep(client: Client, slot_id: UUID) -> Response:
    """Keep a time, and return the page that asks to confirm."""
    page = client.get(f"/book/{slot_id}")
    return client.get(goes_to(send(client, page, f"/book/{slot_id}")))


def take(database: Database, slot_id: UUID) -> None:
    """Have somebody else take the one place."""
    with database.transaction() as session:
        place_hold(session, slot_id, viewer=PUBLIC, now=NOON)


def count(database: Database, table: type[Hold] | type[Appointment]) -> int:
    with database.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def test_time_is_shown_with_what_to_bring(client: Client, slot_id: UUID) -> None:
    page = client.get(f"/book/{slot_id}")

    assert page.status_code == 200
    for said in ("Tomorrow", "1 pm", "to 1:30 pm", "A photo ID", "A letter", "Ring twice."):
        assert said in page.text


def test_looking_takes_nothing(client: Client, database: Database, slot_id: UUID) -> None:
    client.get(f"/book/{slot_id}")

    assert count(database, Hold) == 0


def test_public_books_and_gets_a_code(client: Client, slot_id: UUID) -> None:
    kept = keep(client, slot_id)
    assert "Kept for you until 8:10 am." in kept.text

    my = client.get(goes_to(send(client, kept, kept.url.path)))

    assert my.status_code == 200
    assert "You are booked" in my.text


def test_keeping_twice_keeps_one_place(client: Client, database: Database, slot_id: UUID) -> None:
    page = client.get(f"/book/{slot_id}")

    first = goes_to(send(client, page, f"/book/{slot_id}"))
    second = goes_to(send(client, page, f"/book/{slot_id}"))

    assert first == second
    assert count(database, Hold) == 1


def test_confirming_twice_leads_to_the_one_appointment(
    client: Client, database: Database, slot_id: UUID
) -> None:
    kept = keep(client, slot_id)

    first = goes_to(send(client, kept, kept.url.path))
    second = goes_to(send(client, kept, kept.url.path))

    assert first == second
    assert count(database, Appointment) == 1


def test_form_without_its_token_is_refused(
    client: Client, database: Database, slot_id: UUID
) -> None:
    refused = client.post(f"/book/{slot_id}", data={"key": str(uuid4())})

    assert refused.status_code == 403
    assert count(database, Hold) == 0


def test_taken_time_offers_the_next_ones(client: Client, database: Database, slot_id: UUID) -> None:
    take(database, slot_id)

    page = client.get(f"/book/{slot_id}")

    assert page.status_code == 409
    assert "This time has just been taken." in page.text
    assert page.text.count('href="/book/') == 11
    assert str(slot_id) not in page.text.split("Next free times")[1]


def test_time_taken_meanwhile_is_told_when_keeping_it(
    client: Client, database: Database, slot_id: UUID
) -> None:
    page = client.get(f"/book/{slot_id}")
    take(database, slot_id)

    refused = send(client, page, f"/book/{slot_id}")

    assert refused.status_code == 409
    assert "Next free times" in refused.text


def test_time_that_has_begun_is_told(client: Client, slot_id: UUID) -> None:
    client.app.state.clock = lambda: NOON + timedelta(days=1, hours=6)

    page = client.get(f"/book/{slot_id}")

    assert page.status_code == 409
    assert "can no longer be booked" in page.text


def test_last_time_of_all_says_whom_to_call(client: Client, database: Database) -> None:
    with database.transaction() as session:
        slot_id = make_slot(session, freq=None, byday=(), slot_minutes=120)
    take(database, slot_id)

    assert "No other times are free here" in client.get(f"/book/{slot_id}").text


def test_lapsed_hold_is_told_and_books_nothing(
    client: Client, database: Database, slot_id: UUID
) -> None:
    kept = keep(client, slot_id)
    client.app.state.clock = lambda: NOON + TEN_MINUTES

    assert client.get(kept.url.path).status_code == 409
    refused = send(client, kept, kept.url.path)

    assert refused.status_code == 409
    assert "kept for ten minutes" in refused.text
    assert count(database, Appointment) == 0


def test_time_that_is_let_go_is_free_at_once(
    client: Client, database: Database, slot_id: UUID
) -> None:
    kept = keep(client, slot_id)

    to = goes_to(send(client, kept, f"{kept.url.path}/release"))

    assert to.startswith("/services/")
    assert count(database, Hold) == 0
    assert client.get(f"/book/{slot_id}").status_code == 200


def test_time_that_is_not_for_the_public_is_not_found(client: Client, database: Database) -> None:
    with database.transaction() as session:
        slot_id = make_slot(session, bookable_by=BookableBy.PARTNERS)

    assert client.get(f"/book/{slot_id}").status_code == 404
    assert client.get(f"/book/{uuid4()}").status_code == 404
    assert client.get(f"/book/holds/{uuid4()}").status_code == 404


def test_coordinator_books_for_a_new_client(
    client: Client, database: Database, slot_id: UUID
) -> None:
    sign_in(client, database, slot_id)
    kept = keep(client, slot_id)
    assert "Client handle" in kept.text

    to = goes_to(send(client, kept, kept.url.path))

    with database.reading() as session:
        appointment = session.exec(select(Appointment)).one()
    assert to == f"/appointments/{appointment.id}"
    assert appointment.client_handle is not None
    assert appointment.agreement_id is not None


def test_coordinator_s_misspelt_handle_is_told_beside_the_field(
    client: Client, database: Database, slot_id: UUID
) -> None:
    sign_in(client, database, slot_id)
    kept = keep(client, slot_id)

    refused = send(client, kept, kept.url.path, client_handle="Smith")

    assert refused.status_code == 422
    assert "Give a handle such as" in refused.text
    assert 'value="Smith"' in refused.text
    assert count(database, Appointment) == 0


def test_hold_of_the_agency_does_not_exist_for_the_public(
    client: Client, database: Database, slot_id: UUID
) -> None:
    sign_in(client, database, slot_id)
    kept = keep(client, slot_id)
    client.cookies.delete("openings-session")

    assert client.get(kept.url.path).status_code == 404


def test_auditor_may_not_book(client: Client, database: Database, slot_id: UUID) -> None:
    with database.transaction() as session:
        _make_auditor(session)
    page = client.get("/sign-in")
    goes_to(send(client, page, "/sign-in", email="a@tests.example", password=PASSWORD))

    assert client.get(f"/book/{slot_id}").status_code == 403


def _make_auditor(session: Session) -> None:
    make_account(
        session,
        make_organization(session, "Auditors"),
        Role.AUDITOR,
        email="a@tests.example",
        password_hash=hash_password(PASSWORD),
    )


def test_appointment_belongs_to_nobody_s_account_when_the_public_books(
    client: Client, database: Database, slot_id: UUID
) -> None:
    kept = keep(client, slot_id)
    send(client, kept, kept.url.path)

    with database.reading() as session:
        found = session.exec(
            select(Appointment).where(
                col(Appointment.organization_id).is_(None), col(Appointment.client_handle).is_(None)
            )
        ).all()
    assert len(found) == 1


def pause_window(database: Database) -> None:
    with database.transaction() as session:
        session.exec(select(AvailabilityWindow)).one().status = WindowStatus.PAUSED


def test_window_that_closed_while_somebody_decided_is_told(
    client: Client, database: Database, slot_id: UUID
) -> None:
    page = keep(client, slot_id)
    pause_window(database)

    refused = send(client, page, page.url.path)

    assert refused.status_code == 409
    assert "the agreement or the window has ended" in refused.text


def test_place_in_a_window_that_closed_can_still_be_let_go(
    client: Client, database: Database, slot_id: UUID
) -> None:
    page = keep(client, slot_id)
    pause_window(database)

    goes_to(send(client, page, f"{page.url.path}/release"))

    with database.reading() as session:
        assert session.exec(select(func.count(col(Hold.id)))).one() == 0
