from datetime import date, time
from uuid import uuid4

from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import Session

from directory.database import Database
from directory.index import refresh_services
from directory.models.contacts import Language, Phone
from directory.models.locations import Accessibility, Address, AddressVisibility, Location
from directory.models.services import (
    CostOption,
    RequiredDocument,
    Service,
    ServiceAtLocation,
    ServiceStatus,
)
from scheduling.models.windows import BookableBy
from tests.conftest import NOON
from tests.factories import make_offer, make_organization, make_window, weekly

Client = TestClient[Litestar]


def make_full_listing(session: Session) -> ServiceAtLocation:
    offer = make_offer(
        session,
        name="Dental clinic",
        description="Check-ups and fillings.",
        hours=[weekly("MO,TU,WE,TH,FR", time(9), time(17))],
        eligibility_description="People without insurance.",
        minimum_age=18,
        assured_date=date(2030, 5, 1),
    )
    session.add_all(
        [
            RequiredDocument(service_id=offer.service_id, document="A photo ID"),
            CostOption(service_id=offer.service_id, option="Check-up", amount_cents=1500),
            Phone(service_id=offer.service_id, number="517-555-0100", extension="4"),
            Language(service_id=offer.service_id, code="es"),
            Accessibility(location_id=offer.location_id, description="Ramp at the side door"),
            Address(
                location_id=offer.location_id,
                address_1="1 Lantern Way",
                city="Lansing",
                state_province="MI",
                postal_code="48933",
            ),
        ]
    )
    refresh_services(session, [offer.service_id], now=NOON)
    return offer


def test_prices_say_from_when_until_when_and_are_gone_when_they_are_over(
    client: Client, database: Database
) -> None:
    today = date(2030, 6, 3)
    with database.transaction() as session:
        offer = make_offer(session)
        for option, first, last in (
            ("Past", None, date(2030, 6, 2)),
            ("Last", date(2030, 1, 1), today),
            ("<b>Next", date(2030, 6, 4), date(2030, 12, 31)),
        ):
            session.add(
                CostOption(
                    service_id=offer.service_id,
                    option=option,
                    amount_cents=250,
                    valid_from=first,
                    valid_to=last,
                )
            )
        path = f"/services/{offer.id}"

    page = client.get(path).text
    spanish = client.get(path, headers={"accept-language": "es"}).text

    assert "Past" not in page
    assert "Cost: Last $2.50, until June 3, 2030<" in page
    assert "Cost: &lt;b&gt;Next $2.50, from June 4, 2030, until December 31, 2030<" in page
    assert "desde el 4 de junio de 2030, hasta el 31 de diciembre de 2030" in spanish


def test_listing_tells_all_that_is_known(client: Client, database: Database) -> None:
    with database.transaction() as session:
        offer = make_full_listing(session)
        offer_id = offer.id

    page = client.get(f"/services/{offer_id}")

    assert page.status_code == 200
    for said in (
        "Dental clinic",
        "Lanternfish Pantry",
        "Check-ups and fillings.",
        "Opens at 9 am",
        "Mon\N{EN DASH}Fri",
        "People without insurance.",
        "Age 18 and older",
        "A photo ID",
        "$15.00",
        "tel:5175550100",
        "Spanish",
        "Ramp at the side door",
        "1 Lantern Way",
        "geo:42.7335,-84.5555",
        "Checked 33 days ago by the directory it comes from",
        "Ask if there is room",
    ):
        assert said in page.text


def test_times_to_book_are_shown_by_local_day(client: Client, database: Database) -> None:
    with database.transaction() as session:
        offer = make_offer(session)
        make_window(session, offer)
        offer_id = offer.id

    page = client.get(f"/services/{offer_id}").text

    assert page.count('href="/book/') == 12
    assert "Tomorrow" in page
    assert "Tue, Jun 11" in page
    assert ">1:30 pm<" in page


def test_times_for_partners_only_are_not_shown_to_the_public(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        offer = make_offer(session)
        make_window(session, offer, bookable_by=BookableBy.PARTNERS)
        offer_id = offer.id

    page = client.get(f"/services/{offer_id}").text

    assert "/book/" not in page
    assert "No times can be booked here online" in page


def test_hidden_place_is_not_given_away(client: Client, database: Database) -> None:
    with database.transaction() as session:
        offer = make_full_listing(session)
        session.add(Phone(location_id=offer.location_id, number="517-555-0199"))
        offer.description = "Behind the blue gate"
        place = session.get_one(Location, offer.location_id)
        place.latitude = place.longitude = None
        place.transportation = "Bus 9 stops here"
        place.address_visibility = AddressVisibility.HIDDEN
        refresh_services(session, [offer.service_id], now=NOON)
        offer_id = offer.id
        location_id = offer.location_id

    page = client.get(f"/services/{offer_id}").text

    assert "The address is not public" in page
    assert "Opens at 9 am" in page
    for secret in (
        "Lantern Way",
        "The Hall",
        "geo:",
        "Ramp",
        "Bus 9",
        "blue gate",
        "0199",
        str(location_id),
    ):
        assert secret not in page


def test_service_without_a_place_has_a_page(client: Client, database: Database) -> None:
    with database.transaction() as session:
        organization = make_organization(session)
        line = Service(organization_id=organization.id, name="Night line")
        session.add(line)
        session.flush()
        refresh_services(session, [line.id], now=NOON)
        line_id = line.id

    page = client.get(f"/services/{line_id}")

    assert page.status_code == 200
    assert "you need not go anywhere" in page.text


def test_closed_for_now_is_said(client: Client, database: Database) -> None:
    with database.transaction() as session:
        offer = make_offer(
            session,
            status=ServiceStatus.TEMPORARILY_CLOSED,
            hours=[weekly("MO", time(0), time(23))],
            alert="Water damage.",
        )
        offer_id = offer.id

    page = client.get(f"/services/{offer_id}").text

    assert "Closed for now" in page
    assert "Water damage." in page


def test_unlisted_and_unknown_services_are_not_found(client: Client, database: Database) -> None:
    with database.transaction() as session:
        offer = make_offer(session, status=ServiceStatus.INACTIVE)
        offer_id = offer.id

    assert client.get(f"/services/{offer_id}").status_code == 404
    assert client.get(f"/services/{uuid4()}").status_code == 404
    assert client.get("/services/nonsense").status_code == 404


def test_nobody_is_left_without_a_number_to_call(client: Client, database: Database) -> None:
    with database.transaction() as session:
        full, bare = make_full_listing(session).id, make_offer(session).id

    assert "has not told us how to reach it. Call 211" in client.get(f"/services/{bare}").text
    assert "how to reach it" not in client.get(f"/services/{full}").text


def test_link_that_is_not_to_the_web_is_left_out(client: Client, database: Database) -> None:
    with database.transaction() as session:
        offer = make_offer(session, url="javascript:alert(1)")
        offer_id = offer.id

    assert "javascript:" not in client.get(f"/services/{offer_id}").text


def test_closed_for_now_is_said_with_the_usual_hours_and_no_week(
    client: Client, database: Database
) -> None:
    with database.transaction() as session:
        hours = [weekly("MO,TU,WE,TH,FR", time(9), time(17))]
        usual = make_offer(session, hours=hours)
        closed = make_offer(session, hours=hours, status=ServiceStatus.TEMPORARILY_CLOSED)
        usual_id, closed_id = usual.id, closed.id

    usual_page = client.get(f"/services/{usual_id}").text
    closed_page = client.get(f"/services/{closed_id}").text

    sentence = "Mon\N{EN DASH}Fri 9 am\N{EN DASH}5 pm"
    assert f"<p>{sentence}</p>" in usual_page
    assert "Hours in the next seven days" in usual_page
    assert f"Usual hours: {sentence}" in closed_page
    assert "Closed for now. Call before you go." in closed_page
    assert "Hours in the next seven days" not in closed_page
