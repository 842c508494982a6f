"""Two people save at the same moment: nobody's work is overwritten unseen (T11)."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

from directory.commands.history import API
from directory.commands.records.editing import change_record, create_record
from directory.commands.records.errors import AlreadyOfferedError, StaleError
from directory.database import Database
from directory.index import find_stale_services
from directory.kinds.locations import LocationDraft
from directory.kinds.organizations import OrganizationDraft
from directory.kinds.services import NewServiceAtLocationDraft, ServiceDraft
from directory.models.accounts import Role
from directory.models.services import Service
from directory.queries.history import find_history
from directory.viewer import Viewer
from tests.conftest import NOON
from tests.factories import make_offer, make_organization, make_viewer

PAIRS = 200


def test_of_each_pair_of_edits_with_the_same_version_one_wins(database: Database) -> None:
    with database.transaction() as session:
        viewer = make_viewer(session, make_organization(session), Role.PUBLISHER)
        service = create_record(
            session, "service", ServiceDraft(name="Food"), viewer=viewer, now=NOON, origin=API
        )
    together = Barrier(2)

    def edit(who: str) -> list[bool]:
        return [won(database, service, viewer, f"{who} {n}", n + 1, together) for n in range(PAIRS)]

    with ThreadPoolExecutor(2) as pool:
        ann, bob = pool.map(edit, ["Ann", "Bob"])

    assert [a + b for a, b in zip(ann, bob, strict=True)] == [1] * PAIRS
    with database.reading() as session:
        row = session.get_one(Service, service)
        last = f"{'Ann' if ann[-1] else 'Bob'} {PAIRS - 1}"
        assert (row.version, row.name) == (PAIRS + 1, last)
        assert len(find_history(session, service, limit=2 * PAIRS)) == PAIRS + 1
        assert find_stale_services(session, now=NOON) == set()


def won(
    database: Database, service: UUID, viewer: Viewer, name: str, seen: int, together: Barrier
) -> bool:
    together.wait(timeout=60)
    try:
        with database.transaction() as session:
            change_record(
                session, "service", service, ServiceDraft(name=name), expected=seen,
                viewer=viewer, now=NOON, origin=API,
            )  # fmt: skip
    except StaleError:
        return False
    return True


def test_edits_of_an_agency_its_places_and_its_services_at_once_leave_searches_true(
    database: Database,
) -> None:
    with database.transaction() as session:
        organization = make_organization(session)
        viewer = make_viewer(session, organization, Role.PUBLISHER)
        offer = make_offer(session, organization=organization)
        drafts = [
            ("organization", organization.id, OrganizationDraft),
            ("location", offer.location_id, LocationDraft),
            ("service", offer.service_id, ServiceDraft),
        ]
    together = Barrier(len(drafts))

    def edit(each: tuple[str, UUID, type]) -> None:
        table, record_id, kind = each
        for n in range(40):
            together.wait(timeout=60)
            with database.transaction() as session:
                change_record(
                    session, table, record_id, kind(name=f"{table} {n}"), expected=n + 1,
                    viewer=viewer, now=NOON, origin=API,
                )  # fmt: skip

    with ThreadPoolExecutor(len(drafts)) as pool:
        list(pool.map(edit, drafts))

    with database.reading() as session:
        assert find_stale_services(session, now=NOON) == set()


def test_a_service_is_put_into_a_place_once_by_two_at_once(database: Database) -> None:
    with database.transaction() as session:
        viewer = make_viewer(session, make_organization(session), Role.PUBLISHER)
        made = [
            create_record(session, table, draft, viewer=viewer, now=NOON, origin=API)
            for _ in range(20)
            for table, draft in (
                ("service", ServiceDraft(name="Food")),
                ("location", LocationDraft(name="Hall")),
            )
        ]
    pairs = [NewServiceAtLocationDraft(service_id=made[n], location_id=made[n + 1])
             for n in range(0, len(made), 2)]  # fmt: skip
    together = Barrier(2)

    def offer(_who: int) -> int:
        done = 0
        for draft in pairs:
            together.wait(timeout=60)
            try:
                with database.transaction() as session:
                    create_record(
                        session, "service_at_location", draft, viewer=viewer, now=NOON, origin=API
                    )
                done += 1
            except AlreadyOfferedError:
                pass
        return done

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(offer, range(2))) == len(pairs)
