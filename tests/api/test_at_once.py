"""What memory answers is what the database would, to the byte, at every moment."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from litestar.testing import TestClient
from sqlmodel import Session, select
from structlog.testing import capture_logs

from api.app import create_app
from api.at_once import answer_at_once
from api.copy_keeper import CopyKeeper
from api.quick_search import QuickSearch
from api.settings import Settings
from api.tally import SearchTally
from directory.commands.openings import OpeningReport, report_openings
from directory.database import Database
from directory.index import refresh_services
from directory.models.accounts import Role
from directory.models.organizations import Organization
from directory.models.services import Service, ServiceAtLocation
from directory.search_copy.copy import SearchCopy
from directory.viewer import PUBLIC, Viewer
from directory.watch import Watch
from scheduling.commands.hold_limits import NO_LIMITS
from scheduling.commands.holds import place_hold, release_hold
from scheduling.models.agreements import Agreement, AgreementStatus
from scheduling.models.allotments import Allotment, AllotmentPlace
from scheduling.models.bookings import Hold
from scheduling.models.windows import AvailabilityWindow, BookableBy, WindowStatus
from scheduling.queries.slots import find_bookable_slots
from tests.api.conftest import MakeKey, assert_problem
from tests.api.test_tally import Clock
from tests.conftest import NOON
from tests.factories import (
    make_account,
    make_agreement,
    make_allotment,
    make_offer,
    make_organization,
    make_viewer,
    make_window,
    weekly,
)

PATH = "/api/v1/search"
SPANISH = {"accept-language": "es"}


class Served:
    """The application as it is served, which may answer at once, and one that never does."""

    def __init__(self, folder: Path) -> None:
        settings = Settings(data_dir=folder, home="48933")
        self.clock = Clock()
        self.passed = 0
        self.app = create_app(settings, clock=self.tell)
        self._plain_app = create_app(replace(settings, search_copy=False), clock=self.tell)
        passed_on = self.app.asgi_handler

        async def counted(scope: Any, receive: Any, send: Any) -> None:
            self.passed += scope["type"] == "http"
            await passed_on(scope, receive, send)

        self.app.asgi_handler = counted
        self.plain = TestClient(self._plain_app, raise_server_exceptions=False)
        self.served = TestClient(answer_at_once(self.app), raise_server_exceptions=False)

    def tell(self) -> datetime:
        return self.clock()

    def begin(self, database: Database) -> None:
        """Forget all, and use this database, at NOON."""
        self.clock.now, self.passed = NOON, 0
        for app in (self.app, self._plain_app):
            app.state.database = database
            app.state.quick_search = QuickSearch()
            app.state.tally = SearchTally()

    def get(self, query: str, **headers: str) -> Any:
        """Ask both, and make sure that they say the same."""
        answer = self.served.get(f"{PATH}?{query}", headers=headers)
        expected = self.plain.get(f"{PATH}?{query}", headers=headers)
        assert answer.status_code == expected.status_code
        assert answer.content == expected.content, query
        assert sorted(answer.headers.items()) == sorted(expected.headers.items())
        return answer.json()

    def get_at_once(self, query: str, **headers: str) -> Any:
        """Ask twice: the second time the application must not have been asked."""
        self.get(query, **headers)
        before = self.passed
        answer = self.get(query, **headers)
        assert self.passed == before, "The application was asked."
        return answer


@pytest.fixture
def offers(database: Database) -> dict[str, UUID]:
    """Some services near Lansing, and a calendar that everybody may book."""
    with database.transaction() as session:
        organization = make_organization(session)
        hours = [weekly("MO", time(6), time(9, 30)), weekly("TU", time(6), time(18))]
        made = {
            "pantry": make_offer(
                session, name="Pantry", organization=organization, needs=["food"], hours=hours
            ),
            "clinic": make_offer(
                session, name="Clinic", organization=organization, point=(42.75, -84.6)
            ),
            "line": make_offer(session, name="Helpline", organization=organization, point=None),
        }
        make_window(session, made["pantry"], bookable_by=BookableBy.PUBLIC, capacity=1)
        return {name: offer.id for name, offer in made.items()}


@pytest.fixture(scope="module")
def applications(tmp_path_factory: pytest.TempPathFactory) -> Served:
    """Built once: that takes longer than any test here."""
    return Served(tmp_path_factory.mktemp("served"))


@pytest.fixture
def served(applications: Served, database: Database, offers: dict[str, UUID]) -> Iterator[Served]:
    assert offers
    applications.begin(database)
    with applications.plain, applications.served:
        yield applications


@pytest.mark.parametrize(
    "query",
    [
        "near=48933",
        "near=48933&need=food",
        "near=48933&need=food&need=dental",
        "near=48933&openings=true&free=true",
        "near=48933&open_at=now",
        "near=48933&q=pantri",
        "near=42.7335,-84.5555&within_km=3",
        "near=Lansing%2C+MI&limit=1",
        "near=10001",
    ],
)
def test_at_once_the_answer_is_the_same(served: Served, query: str) -> None:
    assert served.get_at_once(query)["within_km"]
    served.get_at_once(query, **SPANISH)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=pantry",
        "near=48933&sort=soonest",
        "near=48933&bookable_within_days=7",
        "near=48933&open_at=saturday+22:00",
        "near=48933&need=groceries",
        "near=nowhere+at+all",
        "near=48933&within_km=0",
        "near=48933&nearby=yes",
        "near=48933&facts.age=7",
        "near=48933&need=unheard-of",
        "near=48933&next=made-up",
        "near=%00",
    ],
)
def test_what_is_not_plain_the_application_answers(served: Served, query: str) -> None:
    served.get(query)
    served.get(query)

    assert served.passed == 2


def test_pages_follow_each_other_at_once(served: Served) -> None:
    first = served.get_at_once("near=48933&limit=1")
    second = served.get_at_once(f"near=48933&limit=1&next={first['next']}")

    assert first["results"][0]["service"]["name"] == "Pantry"
    assert second["results"][0]["service"]["name"] == "Clinic"


def test_a_key_makes_it_another_question(served: Served, make_key: MakeKey) -> None:
    served.get_at_once("near=48933")
    before = served.passed

    wrong = served.served.get(f"{PATH}?near=48933", headers={"authorization": "Bearer x"})
    right = served.served.get(f"{PATH}?near=48933", headers=make_key())

    assert_problem(wrong, 401, "bad-key")
    assert right.status_code == 200
    assert served.passed == before + 2


def test_what_is_booked_is_gone_from_the_very_next_answer(
    served: Served, database: Database
) -> None:
    """Also when nobody touched a search row: a hold, its release, and its end by the clock."""
    first = served.get_at_once("near=48933")["results"][0]["next_slot"]

    with database.transaction() as session:
        viewer = _booker(session)
        hold = place_hold(session, UUID(first["id"]), viewer=viewer, now=served.clock())
    second = served.get_at_once("near=48933")["results"][0]["next_slot"]
    assert second["starts_at"] > first["starts_at"]

    with database.transaction() as session:
        release_hold(session, hold["id"], viewer=viewer, now=NOON)
    assert served.get_at_once("near=48933")["results"][0]["next_slot"] == first

    with database.transaction() as session:
        hold = place_hold(session, UUID(first["id"]), viewer=viewer, now=served.clock())
    assert served.get_at_once("near=48933")["results"][0]["next_slot"] == second
    served.clock.now = hold["expires_at"]
    assert served.get("near=48933")["results"][0]["next_slot"] == first


def test_a_calendar_that_is_new_is_seen_at_once(
    served: Served, offers: dict[str, UUID], database: Database
) -> None:
    before = served.get_at_once("near=48933")["results"][1]
    with database.transaction() as session:
        clinic = session.get_one(ServiceAtLocation, offers["clinic"])
        make_window(session, clinic, bookable_by=BookableBy.PUBLIC)

    after = served.get_at_once("near=48933")["results"][1]

    assert before["next_slot"] is None
    assert after["next_slot"] is not None


def _host(session: Session) -> Viewer:
    """Whoever the services are of."""
    service = session.exec(select(Service).limit(1)).one()
    return Viewer(service.organization_id, Role.PUBLISHER)


def _booker(session: Session) -> Viewer:
    account = make_account(session, make_organization(session, "Heron House"))
    return Viewer(account.organization_id, account.role, account.id)


def test_a_window_that_is_ended_is_offered_no_more(served: Served, database: Database) -> None:
    assert served.get_at_once("near=48933")["results"][0]["next_slot"] is not None

    with database.transaction() as session:
        session.exec(select(AvailabilityWindow)).one().status = WindowStatus.ENDED

    assert served.get_at_once("near=48933")["results"][0]["next_slot"] is None


def test_what_another_process_writes_is_in_the_very_next_answer(
    served: Served, database_url: str
) -> None:
    served.get_at_once("near=48933")

    with closing(Database(database_url)) as other, other.transaction() as session:
        service = session.exec(select(Service).where(Service.name == "Pantry")).one()
        service.name = "Pantry of the Heron"
        refresh_services(session, [service.id], now=NOON)

    names = [hit["service"]["name"] for hit in served.get_at_once("near=48933")["results"]]
    assert "Pantry of the Heron" in names


def test_the_clock_alone_changes_what_is_said(
    served: Served, offers: dict[str, UUID], database: Database
) -> None:
    """Hours end at 9:30; a report grows older each minute and counts for thirty."""
    with database.transaction() as session:
        report = OpeningReport(available=2, valid_for_minutes=30)
        report_openings(session, offers["clinic"], report, viewer=_host(session), now=NOON)
    said = set()
    for seconds in (0, 59, 60, 61, 1799, 1800, 5399, 5399.999999, 5400, 5401, 86_400, 99_000):
        served.clock.now = NOON + timedelta(seconds=seconds)
        answer = served.get_at_once("near=48933")
        said.add((answer["facets"]["open_now"], answer["results"][1]["opening"]["words"]))

    assert {open_now for open_now, _ in said} == {0, 1}
    assert {words for _, words in said} > {"2 places free, just now", "Ask if there is room"}


def test_searches_at_once_are_counted_and_logged_like_any_other(served: Served) -> None:
    served.get_at_once("near=48933&need=food")
    tally = served.app.state.tally

    with capture_logs() as logs:
        served.get("near=48933&need=food")

    assert logs == []  # the log is outside
    assert sum(tally._counted.values()) == 3


# ------------------------------------------------------------------------------ one look for many


def test_a_request_waits_for_a_look_that_began_after_it_came(database: Database) -> None:
    """Of three, the second and the third share a look; neither takes the first one's."""
    with database.transaction() as session:
        make_offer(session)
    keeper = CopyKeeper(SearchCopy())
    looks: list[int] = []
    looked = keeper._look

    def look(database: Database) -> Any:
        looks.append(len(looks))
        return looked(database)

    keeper._look = look  # type: ignore[method-assign]

    async def ask() -> list[bool]:
        first = asyncio.ensure_future(keeper.refreshed(database))
        await asyncio.sleep(0)  # its look has begun
        await asyncio.sleep(0)
        second = asyncio.ensure_future(keeper.refreshed(database))
        third = asyncio.ensure_future(keeper.refreshed(database))
        return list(await asyncio.gather(first, second, third))

    answers = asyncio.run(ask())
    keeper.close()

    assert answers == [True, True, True]
    assert looks == [0, 1]


def test_moments_differ_when_somebody_committed(database: Database, database_url: str) -> None:
    watch = Watch(database)
    first = watch.moment()
    with closing(Database(database_url)) as other:
        with other.transaction() as session:
            make_offer(session)
            during = watch.moment()
        after = watch.moment()
        with other.transaction() as session:
            make_offer(session)
            session.rollback()
        undone = watch.moment()
    watch.close()

    assert after not in (first, during)
    if database.is_sqlite:  # PostgreSQL notices what is under way, and what others do elsewhere
        assert (during, undone) == (first, after)


def test_a_watch_that_breaks_begins_anew_at_another_moment(database: Database) -> None:
    watch = Watch(database)
    first = watch.moment()
    watch._connection.driver_connection.close()

    with pytest.raises(sa.exc.OperationalError):
        watch.moment()

    assert watch.moment() != first
    watch.close()


# --------------------------------------------------------------------------------- a random life


@pytest.mark.parametrize("seed", range(3))
def test_through_a_random_life_both_always_say_the_same(
    served: Served, offers: dict[str, UUID], database: Database, seed: int
) -> None:
    random = Random(seed)  # noqa: S311  (no secrets here)
    with database.transaction() as session:
        viewer = _booker(session)
    questions = ("near=48933", "near=48933&need=food", "near=48933&openings=true", "near=48910")
    for _ in range(40):
        step = random.choice(("hold", "report", "rename", "add", "clock", "clock", "nothing"))
        now = served.clock.now
        with database.transaction() as session:
            if step == "hold":
                slots = find_bookable_slots(session, PUBLIC, now=now, limit=3)
                if slots:
                    place_hold(
                        session,
                        random.choice(slots)["id"],
                        viewer=viewer,
                        now=now,
                        limits=NO_LIMITS,
                    )
            elif step == "report":
                report = OpeningReport(
                    available=random.choice((0, 3)),
                    valid_for_minutes=random.choice((1, 20, 600)),
                )
                place = random.choice([offers["pantry"], offers["clinic"]])
                report_openings(session, place, report, viewer=_host(session), now=now)
            elif step == "add":
                organization = session.exec(select(Organization)).first()
                make_offer(
                    session,
                    name=f"Late {random.random()}",
                    organization=organization,
                    needs=["food"],
                )
            elif step == "rename":
                service = session.exec(select(Service).limit(1)).one()
                service.name = f"Named {random.random()}"
                refresh_services(session, [service.id], now=now)
        if step == "clock":
            served.clock.now += timedelta(seconds=random.choice((1, 59, 601, 7200, 90_000)))
        for question in random.sample(questions, 2):
            served.get(question)
            served.get(question)


@pytest.mark.parametrize("seed", range(3))
def test_what_an_allotment_opens_or_closes_elsewhere_is_known_at_once(
    served: Served, offers: dict[str, UUID], database: Database, seed: int
) -> None:
    """One week's reserve lies over the calendars of two places: each moves the other's."""
    random = Random(seed)  # noqa: S311  (no secrets here)
    with database.transaction() as session:
        clinic = session.get_one(ServiceAtLocation, offers["clinic"])
        second = make_window(session, clinic, bookable_by=BookableBy.PUBLIC, capacity=2)
        first = session.exec(select(AvailabilityWindow)).first()
        assert first is not None
        partner = make_organization(session, "Partner")
        agreement = make_agreement(session, second.organization_id, partner.id)
        allotment = make_allotment(
            session,
            agreement,
            5,
            windows=list(session.exec(select(AvailabilityWindow)).all()),
            release_minutes=120,
        )
        agreement_id, allotment_id = agreement.id, allotment.id
        ours = make_viewer(session, partner)
        others = make_viewer(session, make_organization(session, "Others"))
    for _ in range(30):
        step = random.choice(
            ("take", "take", "use", "use", "release", "status", "number", "clock", "clock")
        )
        now = served.clock.now
        with database.transaction() as session:
            if step in ("take", "use"):
                viewer = ours if step == "use" else others
                slots = find_bookable_slots(session, viewer, now=now, limit=9)
                if slots:
                    slot_id = random.choice(slots)["id"]
                    place_hold(session, slot_id, viewer=viewer, now=now, limits=NO_LIMITS)
            elif step == "release":
                for hold in session.exec(select(Hold).limit(1)):
                    holder = Viewer(hold.organization_id, Role.COORDINATOR, hold.account_id)
                    release_hold(session, hold.id, viewer=holder, now=NOON)
            elif step == "status":
                row = session.get_one(Agreement, agreement_id)
                active = row.status == AgreementStatus.ACTIVE
                row.status = AgreementStatus.SUSPENDED if active else AgreementStatus.ACTIVE
            elif step == "number":
                used = session.exec(select(AllotmentPlace.number)).all()
                if not used:
                    session.get_one(Allotment, allotment_id).places = random.choice((2, 5, 11))
        if step == "clock":
            served.clock.now += timedelta(seconds=random.choice((59, 601, 7200, 90_000)))
        served.get("near=48933")
        served.get("near=48933")
