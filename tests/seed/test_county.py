from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from directory.commands.accounts import sign_in
from directory.database import Database
from directory.errors import InvalidError
from directory.index import find_stale_services
from directory.models.accounts import Role
from directory.models.organizations import Organization
from directory.queries.accounts import find_viewer_of_session
from directory.search_upkeep import count_index_mistakes, find_wrong_words
from seed.county import AlreadySeededError, seed_county
from seed.logins import DEMO_LOGINS, DemoLogin
from tests.conftest import NOON
from tests.seed.conftest import County

#: Made by the commands, or salted, and so different each time; and words found in any order.
RANDOM = {
    ("search_word", "id"),
    ("availability_window", "id"),
    ("window_partner", "window_id"),
    ("window_exception", "window_id"),
    ("slot", "id"),
    ("slot", "window_id"),
    ("slot_place", "slot_id"),
    ("appointment", "slot_id"),
    ("allotment_slot", "slot_id"),
    ("waitlist_entry", "window_id"),
    ("account", "password_hash"),
    ("verification_request", "token_hash"),
}


def contents(session: Session) -> dict[str, Counter[str]]:
    """Every row of every table, leaving out what is random."""
    found = {}
    for table in SQLModel.metadata.sorted_tables:
        if table.name == "search_change":  # what each database noticed, not what there is
            continue
        steady = [column for column in table.c if (table.name, column.name) not in RANDOM]
        rows = session.connection().execute(sa.select(*steady))
        found[table.name] = Counter(str(tuple(row)) for row in rows)
    return found


def test_the_county_is_as_large_as_it_says(seeded: County) -> None:
    summary = seeded.summary
    assert summary.organizations == 40
    assert 115 <= summary.locations <= 130
    assert 290 <= summary.services <= 310
    assert (summary.agreements, summary.windows) == (25, 60)
    assert summary.slots > 2000
    assert summary.appointments > 1000
    assert summary.waiting > 50


def test_every_listed_service_can_be_found(session: Session) -> None:
    listed = session.connection().execute(
        sa.text("SELECT count(DISTINCT service_id) FROM search_entry")
    )
    services = session.connection().execute(sa.text("SELECT count(*) FROM service"))
    assert listed.scalar_one() == services.scalar_one()


def test_searches_find_the_county_as_it_is(session: Session) -> None:
    assert find_stale_services(session, now=NOON) == set()
    assert count_index_mistakes(session) == 0
    assert find_wrong_words(session) == ([], [])


def test_the_same_now_makes_the_same_county_on_any_database(
    session: Session, fresh: Database
) -> None:
    with fresh.transaction() as another:
        seed_county(another, now=NOON)
        assert contents(another) == contents(session)


def test_a_second_seeding_is_refused_and_changes_nothing(session: Session) -> None:
    before = contents(session)
    with pytest.raises(AlreadySeededError) as refused:
        seed_county(session, now=NOON)
    assert refused.value.code == "already-seeded"
    assert contents(session) == before


def test_a_scale_of_two_is_the_county_and_a_copy_of_its_directory_elsewhere(
    fresh: Database,
) -> None:
    with fresh.transaction() as session:
        summary = seed_county(session, now=NOON, scale=2)
        assert (summary.organizations, summary.services, summary.windows) == (80, 600, 60)
        states = session.connection().execute(
            sa.text("SELECT state_province FROM address GROUP BY state_province")
        )
        assert len(states.all()) == 2


@pytest.mark.parametrize("scale", [-1, 0, 301])
def test_a_scale_out_of_range_is_refused(fresh: Database, scale: int) -> None:
    with fresh.transaction() as session, pytest.raises(InvalidError):
        seed_county(session, now=NOON, scale=scale)


@pytest.mark.parametrize("login", DEMO_LOGINS, ids=lambda login: login.role)
def test_the_demo_logins_work(session: Session, login: DemoLogin) -> None:
    token = sign_in(session, email=login.email, password=login.password, now=NOON)
    session.flush()
    viewer = find_viewer_of_session(session, token, now=NOON)
    assert viewer is not None
    assert viewer.role is login.role
    agency = session.get(Organization, viewer.organization_id)
    assert agency is not None
    assert agency.name == login.agency


def test_the_demo_logins_are_one_of_each_kind() -> None:
    assert [login.role for login in DEMO_LOGINS] == [
        Role.PUBLISHER,
        Role.COORDINATOR,
        Role.ADMINISTRATOR,
    ]


def test_some_agreements_have_allotments_and_one_covers_a_consortium(every: Any) -> None:
    assert len(every("allotment")) == 3
    assert sum(row.covers_members for row in every("agreement")) == 1
    assert {row.status for row in every("consortium_member")} == {"active", "invited"}
    covered = {row.allotment_id for row in every("allotment_slot")}
    assert covered == {row.id for row in every("allotment")}
