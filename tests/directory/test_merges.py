"""Merging keeps every reference, and undoing brings everything back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel

from directory.commands.merges import (
    CannotMergeError,
    MergeChangedError,
    merge_records,
    undo_merge,
)
from directory.database import Database
from directory.duplicates import Described, Sign
from directory.errors import NotFoundError
from directory.index import find_stale_services, refresh_services
from directory.models.accounts import Role
from directory.models.contacts import Phone
from directory.models.locations import Address, AddressVisibility, Location
from directory.models.organizations import Organization
from directory.models.schedules import Schedule
from directory.models.services import Service, ServiceAtLocation
from directory.queries.duplicates import find_alike, find_likely_pairs, find_successor
from directory.queries.history import find_history
from directory.queries.records import find_records
from directory.search import search
from directory.search_query import SearchQuery
from directory.viewer import Viewer
from tests.conftest import NOON
from tests.factories import (
    add_needs,
    make_account,
    make_agreement,
    make_offer,
    make_organization,
    make_slot,
)

ADMINISTRATOR = Viewer(uuid4(), Role.ADMINISTRATOR)
NOBODY = Viewer()
#: Where it is kept that there was a merge.
ACCOUNT = ("record_merge", "metadata", "search_change", "search_rule", "search_word")


def contents(session: Session) -> dict[str, list[str]]:
    """Every row of every table, but for the account of merges, versions and search rows' order."""
    session.flush()
    return {
        table.name: sorted(
            str({name: value for name, value in row._mapping.items() if name != "version"})
            for row in session.connection().execute(sa.select(table))
        )
        for table in SQLModel.metadata.sorted_tables
        if table.name not in ACCOUNT
    }


def merge(session: Session, kind: str, kept: UUID, merged: UUID) -> UUID:
    return merge_records(session, kind, kept, merged, viewer=NOBODY, now=NOON)


def references_to(session: Session, record_id: UUID) -> set[str]:
    """Which columns of any table hold an identifier, but for the account of the merge."""
    return {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.Uuid) and column.name != "id" and table.name not in ACCOUNT
        if session.connection().execute(sa.select(column).where(column == record_id)).first()
    }


def two_agencies(session: Session) -> tuple[Organization, Organization]:
    """The same agency twice, both with services, staff, partners and bookable times."""
    kept, twin = make_organization(session, "Heron House"), make_organization(session, "Heron Hse")
    partner = make_organization(session, "Moonbeam Desk")
    for agency in (kept, twin):
        offer = make_offer(session, organization=agency, needs=["food"])
        make_account(session, agency)
        make_agreement(session, agency.id, partner.id, starts_on=date(2030, 1, 1))
        make_slot(session, offer=offer, partner_organization_ids=())
        session.add(Phone(organization_id=agency.id, number="517-555-0101"))
        refresh_services(session, [offer.service_id], now=NOON)
    return kept, twin


def test_everything_that_was_about_an_agency_is_about_the_other_afterwards(
    session: Session,
) -> None:
    kept, twin = two_agencies(session)
    before = references_to(session, twin.id)

    merge(session, "organization", kept.id, twin.id)

    assert {"service.organization_id", "account.organization_id", "slot.service_at_location_id"} & (
        before
    ) == {"service.organization_id", "account.organization_id"}
    # What describes it stays where the other has its own.
    assert references_to(session, twin.id) == {"phone.organization_id"}
    assert find_successor(session, [twin.id]) == {twin.id: kept.id}
    found = search(session, SearchQuery(), now=NOON)
    assert {hit.entry["organization_id"] for hit in found.hits} == {kept.id}
    assert find_stale_services(session, now=NOON) == set()


def test_details_fill_what_the_kept_record_does_not_say(session: Session) -> None:
    agency = make_organization(session)
    kept = make_offer(session, organization=agency)
    twin = make_offer(session, organization=agency, needs=["food"])
    session.add(Schedule(service_id=twin.service_id, freq="WEEKLY", byday="MO"))
    session.flush()

    merge(session, "service", kept.service_id, twin.service_id)

    assert references_to(session, twin.service_id) == set()
    (row, other) = sorted(
        search(session, SearchQuery(needs=["food"]), now=NOON).hits,
        key=lambda hit: hit.entry["id"] != kept.id,
    )
    assert row.entry["service_id"] == other.entry["service_id"] == kept.service_id


def test_one_service_twice_at_one_place_becomes_one(session: Session) -> None:
    agency = make_organization(session)
    kept = make_offer(session, organization=agency)
    twin = Service(organization_id=agency.id, name="Parcels of food")
    session.add(twin)
    session.flush()
    at_same_place = ServiceAtLocation(service_id=twin.id, location_id=kept.location_id)
    session.add(at_same_place)
    session.flush()
    make_slot(session, offer=at_same_place)

    done = merge(session, "service", kept.service_id, twin.id)

    assert references_to(session, at_same_place.id) == set()
    assert "slot.service_at_location_id" in references_to(session, kept.id)
    assert find_successor(session, [at_same_place.id]) == {at_same_place.id: kept.id}
    assert [hit.entry["id"] for hit in search(session, SearchQuery(), now=NOON).hits] == [kept.id]
    undo_merge(session, done, viewer=NOBODY, now=NOON)
    assert "slot.service_at_location_id" in references_to(session, at_same_place.id)


def two_services(session: Session) -> tuple[UUID, UUID]:
    agency = make_organization(session)
    kept = make_offer(session, organization=agency, needs=["food"])
    twin = make_offer(session, organization=agency, needs=["food", "meals"])
    make_slot(session, offer=twin)
    return kept.service_id, twin.service_id


def two_places(session: Session) -> tuple[UUID, UUID]:
    agency = make_organization(session)
    kept, twin = make_offer(session, organization=agency), make_offer(session, organization=agency)
    shared = ServiceAtLocation(service_id=kept.service_id, location_id=twin.location_id)
    session.add(shared)
    session.flush()
    refresh_services(session, [kept.service_id], now=NOON)
    make_slot(session, offer=shared)
    return kept.location_id, twin.location_id


def ids(make: Callable[[Session], Any]) -> Callable[[Session], tuple[UUID, UUID]]:
    def made(session: Session) -> tuple[UUID, UUID]:
        kept, twin = make(session)
        return kept.id, twin.id

    return made


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("organization", ids(two_agencies)),
        ("service", two_services),
        ("location", two_places),
    ],
)
def test_undone_it_is_as_if_it_had_never_been(
    session: Session, kind: str, make: Callable[[Session], tuple[UUID, UUID]]
) -> None:
    kept, twin = make(session)
    before = contents(session)

    done = merge(session, kind, kept, twin)
    assert contents(session) != before
    undo_merge(session, done, viewer=NOBODY, now=NOON)

    assert contents(session) == before
    assert find_stale_services(session, now=NOON) == set()


@given(turns=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=6))
@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_any_chain_of_merges_undone_backwards_is_the_start(
    database: Database, turns: list[tuple[int, int]]
) -> None:
    with database.transaction() as session:
        agencies = [make_organization(session, f"Agency {n}") for n in range(5)]
        for agency in agencies:
            make_offer(session, organization=agency)
        before = contents(session)

        done = []
        for kept, merged in turns:
            try:
                done.append(merge(session, "organization", agencies[kept].id, agencies[merged].id))
            except (NotFoundError, CannotMergeError):  # merged away already, or itself
                continue
            assert find_stale_services(session, now=NOON) == set()
        for first in done[:-1][:1]:
            if _is_covered(session, done, first):
                with pytest.raises(MergeChangedError):
                    undo_merge(session, first, viewer=NOBODY, now=NOON)
        for each in reversed(done):
            undo_merge(session, each, viewer=NOBODY, now=NOON)

        assert contents(session) == before
        session.rollback()


def _is_covered(session: Session, done: list[UUID], first: UUID) -> bool:
    """Whether a later merge has merged the record that the first one kept."""
    merges = SQLModel.metadata.tables["record_merge"]
    rows = {row.id: row for row in session.connection().execute(sa.select(merges))}
    return any(rows[each].merged_id == rows[first].kept_id for each in done[1:])


def test_what_cannot_be_one_is_refused(session: Session) -> None:
    one, other = make_organization(session, "One"), make_organization(session, "Other")
    here = make_offer(session, organization=one)
    there = make_offer(session, organization=other)
    session.get_one(Location, there.location_id).latitude = None
    session.get_one(Location, there.location_id).longitude = None
    session.get_one(Location, there.location_id).address_visibility = AddressVisibility.HIDDEN
    make_agreement(session, one.id, other.id)
    session.flush()

    for kind, kept, merged in (
        ("organization", one.id, one.id),
        ("organization", one.id, other.id),
        ("service", here.service_id, there.service_id),
        ("location", here.location_id, there.location_id),
    ):
        with pytest.raises(CannotMergeError):
            merge(session, kind, kept, merged)
    with pytest.raises(NotFoundError):
        merge(session, "organization", one.id, uuid4())


def test_undoing_twice_is_refused(session: Session) -> None:
    kept, twin = two_services(session)
    done = merge(session, "service", kept, twin)
    undo_merge(session, done, viewer=NOBODY, now=NOON)

    with pytest.raises(MergeChangedError):
        undo_merge(session, done, viewer=NOBODY, now=NOON)
    with pytest.raises(NotFoundError):
        undo_merge(session, uuid4(), viewer=NOBODY, now=NOON)


def test_merged_records_are_in_no_list(session: Session) -> None:
    kept, twin = two_agencies(session)
    merge(session, "organization", kept.id, twin.id)

    assert twin.id not in {each.id for each in find_records(session, Organization)}


def test_something_new_is_compared_with_what_is_there(session: Session) -> None:
    offer = make_offer(session, name="Lanternfish Food Parcels")
    add_needs(session, offer.service_id, ["food"])
    make_offer(session, name="Dentist", point=(42.9, -84.0))

    (alike,) = find_alike(session, Described(name="Food Parcels of Lanternfish"))

    assert alike.id == offer.id
    assert alike.score >= 80
    assert find_alike(session, Described(name="Swimming lessons")) == []


def test_a_new_place_is_compared_with_the_places_of_what_is_there(session: Session) -> None:
    offer = make_offer(session, name="Dentist")
    session.add(Address(location_id=offer.location_id, address_1="1 Lantern Lane", city="Mason"))
    refresh_services(session, [offer.service_id], now=NOON)

    (by_name,) = find_alike(session, Described(name="The Hall", street="1 Lantern Ln."))
    assert by_name.id == offer.id
    assert by_name.signs == {Sign.NAME, Sign.ADDRESS}
    assert find_alike(session, Described(name="Heron House", street="1 Lantern Ln.")) == []
    assert find_alike(session, Described(name="The Barn")) == []


def test_pairs_that_look_the_same_are_listed_with_their_reasons(session: Session) -> None:
    kept, twin = two_agencies(session)
    make_organization(session, "Owl House")

    pairs = [pair for pair in find_likely_pairs(session) if pair.kind == "organization"]

    (pair,) = pairs
    assert {pair.first["id"], pair.second["id"]} == {kept.id, twin.id}
    assert {str(sign) for sign in pair.signs} == {"name", "phone"}


def test_the_history_of_both_says_who_merged_them_and_who_undid_it(session: Session) -> None:
    kept, twin = make_organization(session, "Heron House"), make_organization(session, "Heron Hse")
    somebody = replace(ADMINISTRATOR, account_id=None, name="Wren Quill")

    done = merge_records(session, "organization", kept.id, twin.id, viewer=somebody, now=NOON)
    undo_merge(session, done, viewer=somebody, now=NOON + timedelta(hours=1))

    for agency in (kept, twin):
        history = find_history(session, agency.id)
        assert [(each.action, each.by) for each in history] == [
            ("undo", "Wren Quill"),
            ("merge", "Wren Quill"),
        ]
        assert not any(each.can_be_undone for each in history)
