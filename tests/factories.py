"""Rows with sensible values, so that a test states only what matters to it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import Session

from directory.commands.needs import ensure_needs
from directory.commands.search_counts import add_counts, report_searches
from directory.index import refresh_services
from directory.models.accounts import Account, Role
from directory.models.locations import Location
from directory.models.organizations import Organization
from directory.models.schedules import Schedule
from directory.models.services import Service, ServiceAtLocation
from directory.models.taxonomies import Attribute
from directory.unmet_need import Kind, Outcome, Results
from directory.viewer import Viewer
from scheduling.commands.allotments import cover_slots
from scheduling.commands.windows import publish_window
from scheduling.drafts import WindowDraft
from scheduling.models.agreements import Agreement, AgreementStatus
from scheduling.models.allotments import Allotment, AllotmentService, AllotmentWindow
from scheduling.models.windows import AvailabilityWindow, BookableBy
from scheduling.queries.slots import find_bookable_slots
from tests.conftest import NOON

LANSING = (42.7335, -84.5555)


def make_organization(session: Session, name: str = "Lanternfish Pantry") -> Organization:
    organization = Organization(name=name)
    session.add(organization)
    session.flush()
    return organization


def make_account(
    session: Session,
    organization: Organization,
    role: Role = Role.COORDINATOR,
    email: str | None = None,
    password_hash: str = "",
) -> Account:
    account = Account(
        organization_id=organization.id,
        email=email or f"{role}-{organization.id}@tests.example",
        name="Test Person",
        role=role,
        password_hash=password_hash,
        created_at=NOON,
    )
    session.add(account)
    session.flush()
    return account


def make_viewer(
    session: Session, organization: Organization, role: Role = Role.COORDINATOR
) -> Viewer:
    account = make_account(session, organization, role, email=f"{organization.id}{role}@t.example")
    return Viewer(organization.id, role, account.id, account.name)


def make_offer(
    session: Session,
    *,
    name: str = "Food parcels",
    organization: Organization | None = None,
    point: tuple[float, float] | None = LANSING,
    timezone: str = "America/Detroit",
    needs: Sequence[str] = (),
    hours: Sequence[dict[str, Any]] = (),
    now: datetime = NOON,
    **service_fields: Any,
) -> ServiceAtLocation:
    """A service at a location, found by search."""
    organization = organization or make_organization(session)
    service = Service(organization_id=organization.id, name=name, **service_fields)
    location = Location(
        name="The Hall",
        latitude=point[0] if point else None,
        longitude=point[1] if point else None,
        timezone=timezone,
    )
    session.add_all([service, location])
    session.flush()
    offer = ServiceAtLocation(service_id=service.id, location_id=location.id)
    session.add(offer)
    session.flush()
    session.add_all(Schedule(service_at_location_id=offer.id, **row) for row in hours)
    add_needs(session, service.id, needs)
    refresh_services(session, [service.id], now=now)
    return offer


def add_needs(session: Session, service_id: UUID, needs: Sequence[str]) -> None:
    if needs:
        ids = ensure_needs(session)
        session.add_all(
            Attribute(link_entity="service", link_id=service_id, taxonomy_term_id=ids[code])
            for code in needs
        )


def weekly(byday: str, opens: time, closes: time) -> dict[str, Any]:
    return {"freq": "WEEKLY", "byday": byday, "opens_at": opens, "closes_at": closes}


def make_agreement(
    session: Session,
    host: UUID,
    partner: UUID,
    status: AgreementStatus = AgreementStatus.ACTIVE,
    **fields: Any,
) -> Agreement:
    agreement = Agreement(
        host_organization_id=host,
        partner_organization_id=partner,
        title="Shared intake",
        status=status,
        starts_on=fields.pop("starts_on", date(2030, 1, 1)),
        host_signed_at=NOON,
        partner_signed_at=NOON,
        **fields,
    )
    session.add(agreement)
    session.flush()
    return agreement


def make_allotment(
    session: Session,
    agreement: Agreement,
    places: int,
    *,
    windows: Sequence[AvailabilityWindow] = (),
    services: Sequence[UUID] = (),
    release_minutes: int | None = None,
) -> Allotment:
    """So many places a week in these windows and services, laid over their slots."""
    allotment = Allotment(agreement_id=agreement.id, places=places, release_minutes=release_minutes)
    session.add(allotment)
    session.flush()
    session.add_all(
        AllotmentWindow(allotment_id=allotment.id, window_id=window.id) for window in windows
    )
    session.add_all(
        AllotmentService(allotment_id=allotment.id, service_id=service) for service in services
    )
    session.flush()
    cover_slots(session, agreement_id=agreement.id)
    return allotment


def make_window(
    session: Session,
    offer: ServiceAtLocation | None = None,
    *,
    now: datetime = NOON,
    **terms: Any,
) -> AvailabilityWindow:
    """Tuesdays 13:00-15:00 in half hours, one place each, open to the public."""
    offer = offer or make_offer(session)
    host = session.get_one(Service, offer.service_id).organization_id
    draft: dict[str, Any] = {
        "service_at_location_id": offer.id,
        "title": "Intake",
        "timezone": "America/Detroit",
        "starts_on": date(2030, 6, 4),
        "freq": "WEEKLY",
        "byday": ("TU",),
        "opens_at": time(13),
        "closes_at": time(15),
        "slot_minutes": 30,
        "horizon_days": 21,
        "bookable_by": BookableBy.PUBLIC,
        **terms,
    }
    return publish_window(
        session, WindowDraft(**draft), viewer=Viewer(host, Role.PUBLISHER), now=now
    )


def make_slot(session: Session, *, now: datetime = NOON, **terms: Any) -> UUID:
    """The first slot of a new window."""
    window = make_window(session, now=now, **terms)
    viewer = Viewer(window.organization_id, Role.PUBLISHER)
    first = find_bookable_slots(
        session,
        viewer,
        now=now,
        service_at_location_ids=[window.service_at_location_id],
        limit=1,
    )
    slot_id: UUID = first[0]["id"]
    return slot_id


def make_report(session: Session) -> None:
    """Reports of the two quarters before NOON, from counts of which some are small."""
    for day, more in ((date(2029, 12, 3), 0), (date(2030, 2, 4), 100)):
        ended = {
            ("dental", "MI:Ingham_County", Outcome.FOUND): 1200 + more,
            ("dental", "MI:Ingham_County", Outcome.COST): 45,
            ("dental", "MI:Ingham_County", Outcome.FARTHER): 7,
            ("dental", "489", Outcome.NOTHING): 33,
            ("dental", "", Outcome.CLOSED): 5,
            ("shelter", "MI:Eaton_County", Outcome.FULL): 29,
            ("mental-health", "MI", Outcome.FOUND): 26,
            ("tax-help", "MI:Eaton_County", Outcome.NOTHING): 3,
            ("words", "MI:Eaton_County", Outcome.NOT_ELIGIBLE): 14,
        }
        searches = {
            Kind(day, need, area, Results.NONE, outcome): n
            for (need, area, outcome), n in ended.items()
        }
        add_counts(session, searches, now=datetime.combine(day, time(12), tzinfo=UTC))
    report_searches(session, now=NOON)


TEN_MINUTES = timedelta(minutes=10)

PASSWORD = "a long password"  # noqa: S105  (of accounts that exist for a test)


@cache
def password_hash() -> str:
    """A hash that is cheap to check: Argon2 is slow by design, and its cost is in the hash."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def sign_in(
    client: TestClient[Litestar], organization_id: UUID, role: Role = Role.COORDINATOR
) -> Viewer:
    """Sign in as a new member of staff, through the form; whoever was signed in is not any more."""
    client.cookies.clear()
    email = f"{uuid4()}@tests.example"
    with client.app.state.database.transaction() as session:
        organization = session.get_one(Organization, organization_id)
        account = make_account(session, organization, role, email, password_hash())
        viewer = Viewer(organization_id, role, account.id, account.name)
    client.get("/sign-in")
    signed_in = post_form(client, "/sign-in", email=email, password=PASSWORD)
    assert signed_in.status_code == 303
    return viewer


def post_form(client: TestClient[Litestar], path: str, **fields: Any) -> Response:
    """Post a form with the token that the browser's last page had in it; redirects stay."""
    token = client.cookies.get("openings-csrf") or ""
    return client.post(path, data={"_csrf_token": token, **fields}, follow_redirects=False)
