"""Writing down that somebody made sure, and what a listing then says."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from directory.commands.verifications import MadeSure, record_verification
from directory.errors import InvalidError, NotFoundError
from directory.index import find_stale_services, refresh_services
from directory.models.accounts import Role
from directory.models.contacts import Phone
from directory.models.history import Suggestion, SuggestionState
from directory.models.locations import Address, AddressVisibility, Location
from directory.models.organizations import Organization
from directory.models.services import Service, ServiceAtLocation, ServiceStatus
from directory.models.verifications import Verification, VerificationMethod, VitalField
from directory.queries.checks import find_checks
from directory.queries.verifications import get_entry, vital_fields_of
from directory.viewer import Viewer
from tests.conftest import NOON
from tests.factories import make_offer, make_organization, weekly

DAY = timedelta(days=1)
HOURS, PHONE, COST = VitalField.HOURS, VitalField.PHONE, VitalField.COST
BY_PHONE = MadeSure(method=VerificationMethod.PHONE)


def listing(session: Session, **fields: Any) -> ServiceAtLocation:
    """Has hours, a phone and a price."""
    offer = make_offer(
        session, hours=[weekly("MO", time(9), time(17))], fees_description="Free", **fields
    )
    session.add(Phone(service_id=offer.service_id, number="517-555-0101"))
    refresh_services(session, [offer.service_id], now=NOON)
    return offer


def owner(session: Session, offer: ServiceAtLocation, role: Role = Role.PUBLISHER) -> Viewer:
    return Viewer(session.get_one(Service, offer.service_id).organization_id, role)


def entry(session: Session, offer: ServiceAtLocation) -> Any:
    return get_entry(session, offer.id)


def test_all_that_a_listing_has_is_checked_where_nothing_is_named(session: Session) -> None:
    offer = listing(session)

    rows = record_verification(session, offer.id, BY_PHONE, viewer=owner(session, offer), now=NOON)

    assert [row.field for row in rows] == [COST, HOURS, PHONE]
    assert {row.said_by for row in rows} == {"Lanternfish Pantry"}
    row = entry(session, offer)
    assert (row["checked_at"], row["checked_how"]) == (NOON, "phone")
    assert (row["hours_checked_at"], row["verified_on"]) == (NOON, "2030-06-03")


def test_a_part_is_not_the_whole(session: Session) -> None:
    offer = listing(session)

    sure = MadeSure(method=VerificationMethod.VISIT, fields=[HOURS])
    record_verification(session, offer.id, sure, viewer=owner(session, offer), now=NOON)

    row = entry(session, offer)
    assert (row["checked_at"], row["hours_checked_at"]) == (None, NOON)


def test_the_newest_counts_whoever_wrote_it_down_first(session: Session) -> None:
    offer = listing(session)
    for ago, method in ((1, VerificationMethod.EMAIL), (9, VerificationMethod.VISIT)):
        record_verification(
            session,
            offer.id,
            MadeSure(method=method),
            viewer=owner(session, offer),
            now=NOON - ago * DAY,
        )

    row = entry(session, offer)
    assert (row["checked_at"], row["checked_how"]) == (NOON - DAY, "email")


def test_a_check_of_the_service_counts_at_all_its_places_and_one_at_a_place_only_there(
    session: Session,
) -> None:
    offer = listing(session)
    other_place = Location(name="Annex", timezone="America/Detroit")
    session.add(other_place)
    session.flush()
    other = ServiceAtLocation(service_id=offer.service_id, location_id=other_place.id)
    session.add(other)
    refresh_services(session, [offer.service_id], now=NOON)
    viewer = owner(session, offer)

    record_verification(session, offer.id, BY_PHONE, viewer=viewer, now=NOON)
    assert entry(session, other)["checked_at"] is None
    record_verification(session, offer.service_id, BY_PHONE, viewer=viewer, now=NOON + DAY)

    assert entry(session, other)["checked_at"] == NOON + DAY
    assert entry(session, offer)["checked_at"] == NOON + DAY


def test_what_a_source_assures_is_derived_and_a_newer_check_is_newer(session: Session) -> None:
    offer = listing(session, assured_date=date(2030, 5, 1), source="county-guide")

    checks = find_checks(session, [entry(session, offer)], now=NOON)[offer.id]

    assert {check.method for check in checks.values()} == {VerificationMethod.SOURCE}
    assert {check.said_by for check in checks.values()} == {"county-guide"}
    assert session.exec(select(Verification)).all() == []
    sure = MadeSure(method=VerificationMethod.WEBSITE, fields=[PHONE])
    record_verification(session, offer.id, sure, viewer=owner(session, offer), now=NOON)
    checks = find_checks(session, [entry(session, offer)], now=NOON)[offer.id]
    assert (checks[PHONE].method, checks[HOURS].method) == ("website", "source")


def test_a_day_to_come_is_no_check(session: Session) -> None:
    offer = listing(session, assured_date=date(2035, 1, 1))

    assert entry(session, offer)["checked_at"] is None


def test_another_agencys_listing_is_not_there_but_for_administrators(session: Session) -> None:
    offer = listing(session)
    stranger = make_organization(session, "Moonbeam Desk")

    with pytest.raises(NotFoundError):
        record_verification(
            session, offer.id, BY_PHONE, viewer=Viewer(stranger.id, Role.PUBLISHER), now=NOON
        )
    rows = record_verification(
        session, offer.id, BY_PHONE, viewer=Viewer(stranger.id, Role.ADMINISTRATOR), now=NOON
    )

    assert {row.said_by for row in rows} == {"Moonbeam Desk"}


def test_what_is_not_listed_is_not_there(session: Session) -> None:
    offer = listing(session)
    session.get_one(Service, offer.service_id).status = ServiceStatus.DEFUNCT

    with pytest.raises(NotFoundError):
        record_verification(session, offer.id, BY_PHONE, viewer=owner(session, offer), now=NOON)


@pytest.mark.parametrize("method", [VerificationMethod.LINK, VerificationMethod.SOURCE])
def test_nobody_can_say_that_a_link_or_a_source_said_so(
    session: Session, method: VerificationMethod
) -> None:
    offer = listing(session)

    with pytest.raises(InvalidError) as refused:
        record_verification(
            session, offer.id, MadeSure(method=method), viewer=owner(session, offer), now=NOON
        )

    assert [mistake.path for mistake in refused.value.errors] == ["method"]


def test_a_listing_that_says_nothing_cannot_be_checked_as_a_whole(session: Session) -> None:
    offer = make_offer(session)

    with pytest.raises(InvalidError) as refused:
        record_verification(session, offer.id, BY_PHONE, viewer=owner(session, offer), now=NOON)

    assert [mistake.path for mistake in refused.value.errors] == ["fields"]


def test_the_address_of_a_hidden_place_is_not_asked_about(session: Session) -> None:
    offer = listing(session, point=None)
    place = session.get_one(Location, offer.location_id)
    place.address_visibility = AddressVisibility.HIDDEN
    session.add(Phone(location_id=place.id, number="517-555-0199"))
    session.add(Address(location_id=place.id, address_1="9 Hidden Way", city="Lansing"))
    refresh_services(session, [offer.service_id], now=NOON)

    assert VitalField.ADDRESS not in vital_fields_of(entry(session, offer))


def test_hours_that_the_agency_disputes_fall_until_its_correction_is_decided(
    session: Session,
) -> None:
    offer = listing(session)
    session.add(
        Verification(
            service_id=offer.service_id,
            field=HOURS,
            method=VerificationMethod.LINK,
            changed=True,
            verified_at=NOON,
            said_by="Lanternfish",
        )
    )
    told = Suggestion(
        service_id=offer.service_id, field_name="hours", words="10 to 2 now", created_at=NOON
    )
    session.add(told)
    refresh_services(session, [offer.service_id], now=NOON)
    assert entry(session, offer)["hours_claimed_until"] == NOON

    told.state = SuggestionState.ACCEPTED
    session.add(told)
    refresh_services(session, [offer.service_id], now=NOON)

    assert entry(session, offer)["hours_claimed_until"] is None


def test_a_readers_suggestion_does_not_take_the_hours_away(session: Session) -> None:
    offer = listing(session)
    record_verification(
        session,
        offer.id,
        MadeSure(method=VerificationMethod.PHONE, changed=True),
        viewer=owner(session, offer),
        now=NOON,
    )
    session.add(
        Suggestion(
            service_id=offer.service_id, field_name="hours", words="Closed!", created_at=NOON
        )
    )
    refresh_services(session, [offer.service_id], now=NOON)

    assert entry(session, offer)["hours_claimed_until"] is None


def test_search_rows_stay_what_they_would_be_if_made_anew(session: Session) -> None:
    offer = listing(session)
    record_verification(session, offer.id, BY_PHONE, viewer=owner(session, offer), now=NOON)

    assert find_stale_services(session, now=NOON + 400 * DAY) == set()


def test_long_names_fit(session: Session) -> None:
    offer = listing(session)
    agency = session.get_one(Organization, owner(session, offer).organization_id)
    agency.name = "A" * 300

    rows = record_verification(session, offer.id, BY_PHONE, viewer=owner(session, offer), now=NOON)

    assert {len(row.said_by) for row in rows} == {200}
