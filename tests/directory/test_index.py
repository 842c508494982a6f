"""The search table says what its sources say, after every kind of change."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from directory.database import Row, find_rows
from directory.eligibility_rules import Condition, Group, Range
from directory.index import find_stale_services, refresh_hours, refresh_services
from directory.models.contacts import Language, Phone
from directory.models.locations import (
    Accessibility,
    Address,
    AddressVisibility,
    Location,
    LocationType,
)
from directory.models.organizations import Organization
from directory.models.schedules import Schedule
from directory.models.services import (
    CostOption,
    RequiredDocument,
    Service,
    ServiceArea,
    ServiceAtLocation,
    ServiceStatus,
)
from directory.models.taxonomies import Attribute, Taxonomy, TaxonomyTerm
from directory.offers import entries
from directory.search_rules import find_rules, id_of, rules
from tests.conftest import NOON
from tests.factories import add_needs, make_offer, weekly

HOUR = timedelta(hours=1)


def row_of(session: Session, offer: ServiceAtLocation) -> Row:
    (row,) = find_rows(session, sa.select(entries).where(entries.c.id == offer.id))
    return row


def service_of(session: Session, offer: ServiceAtLocation) -> Service:
    return session.get_one(Service, offer.service_id)


def place_of(session: Session, offer: ServiceAtLocation) -> Location:
    return session.get_one(Location, offer.location_id)


Change = Callable[[Session, ServiceAtLocation], None]


def rename_organization(session: Session, offer: ServiceAtLocation) -> None:
    agency = session.get_one(Organization, service_of(session, offer).organization_id)
    agency.name = "Ünïted Help"


def add_phone(session: Session, offer: ServiceAtLocation) -> None:
    session.add(Phone(service_id=offer.service_id, number="555-0100", extension="2"))


def add_fax(session: Session, offer: ServiceAtLocation) -> None:
    session.add(Phone(service_id=offer.service_id, number="555-0199", type="fax"))


def add_hours(session: Session, offer: ServiceAtLocation) -> None:
    hours = weekly("MO", time(6), time(18))
    session.add(Schedule(service_at_location_id=offer.id, **hours))


def add_term(session: Session, offer: ServiceAtLocation) -> None:
    add_needs(session, offer.service_id, ["meals"])


def add_area(session: Session, offer: ServiceAtLocation) -> None:
    session.add(ServiceArea(service_id=offer.service_id, extent="48933 OH"))


def add_language(session: Session, offer: ServiceAtLocation) -> None:
    session.add(Language(service_id=offer.service_id, code="ES"))


def add_price(session: Session, offer: ServiceAtLocation) -> None:
    session.add(CostOption(service_id=offer.service_id, amount_cents=0))


def add_prices(session: Session, offer: ServiceAtLocation) -> None:
    for cents, currency in ((700, "USD"), (500, None), (100, "CAD"), (None, "USD")):
        session.add(CostOption(service_id=offer.service_id, amount_cents=cents, currency=currency))


def let_adults_in(session: Session, offer: ServiceAtLocation) -> None:
    service_of(session, offer).minimum_age = 18


def write_a_rule(session: Session, offer: ServiceAtLocation) -> None:
    service_of(session, offer).eligibility_rule = {"fact": "veteran", "is": True}


def ask_for_a_lease(session: Session, offer: ServiceAtLocation) -> None:
    session.add(RequiredDocument(service_id=offer.service_id, document="Lease"))


def say_pregnant(session: Session, offer: ServiceAtLocation) -> None:
    taxonomy = Taxonomy(name="Open Eligibility 2.0 - situations")
    session.add(taxonomy)
    session.flush()
    term = TaxonomyTerm(taxonomy_id=taxonomy.id, code="20043", name="Pregnant")
    session.add(term)
    session.flush()
    session.add(
        Attribute(link_entity="service", link_id=offer.service_id, taxonomy_term_id=term.id)
    )


def build_a_ramp(session: Session, offer: ServiceAtLocation) -> None:
    session.add(Accessibility(location_id=offer.location_id, description="Step-free entrance"))


def go_online(session: Session, offer: ServiceAtLocation) -> None:
    place_of(session, offer).location_type = LocationType.VIRTUAL


def add_address(session: Session, offer: ServiceAtLocation) -> None:
    session.add(
        Address(
            location_id=offer.location_id,
            address_1="1 Elm",
            city="Lansing",
            state_province="MI",
            postal_code="48933",
        )
    )


def move(session: Session, offer: ServiceAtLocation) -> None:
    place = place_of(session, offer)
    place.latitude, place.longitude = 43.0, -85.0


def close_for_now(session: Session, offer: ServiceAtLocation) -> None:
    service_of(session, offer).status = ServiceStatus.TEMPORARILY_CLOSED


def verify(session: Session, offer: ServiceAtLocation) -> None:
    service_of(session, offer).assured_date = date(2030, 6, 1)


#: Midnight in Detroit: a day on which something was checked counts from its beginning.
JUNE_FIRST = datetime(2030, 6, 1, 4, tzinfo=UTC)

CHANGES: list[tuple[Change, dict[str, Any]]] = [
    (rename_organization, {"organization_name": "Ünïted Help"}),
    (add_phone, {"phone": "555-0100 ext. 2", "vital": " phone "}),
    (add_fax, {"phone": None}),
    (
        add_hours,
        {
            "hours_known": True,
            "opens_at": NOON - 2 * HOUR,
            "closes_at": NOON + 10 * HOUR,
            "vital": " hours ",
        },
    ),
    (add_term, {"needs": " food meals "}),
    (add_area, {"areas": " 48933 OH "}),
    (add_language, {"languages": " es "}),
    (add_price, {"is_free": True, "price_cents": 0, "vital": " cost "}),
    (add_prices, {"price_cents": 500, "vital": " cost "}),
    (let_adults_in, {"rule_id": id_of(Condition("age", Range(18))), "vital": " eligibility "}),
    (
        write_a_rule,
        {"rule_id": id_of(Condition("veteran", test=True)), "vital": " eligibility "},
    ),
    (ask_for_a_lease, {"rule_id": id_of(Condition("documents", "lease")), "vital": " documents "}),
    (say_pregnant, {"rule_id": id_of(Condition("pregnant", test=True)), "needs": " 20043 "}),
    (build_a_ramp, {"step_free": True}),
    (go_online, {"remote": True}),
    (add_address, {"address": "1 Elm, Lansing, MI 48933", "vital": " address "}),
    (move, {"latitude": 43.0, "longitude": -85.0}),
    (close_for_now, {"temporarily_closed": True}),
    (
        verify,
        {
            "verified_on": "2030-06-01",
            "checked_at": JUNE_FIRST,
            "checked_how": "source",
            "hours_checked_at": JUNE_FIRST,
            "hours_checked_how": "source",
        },
    ),
]


@pytest.mark.parametrize(("change", "columns"), CHANGES, ids=[c.__name__ for c, _ in CHANGES])
def test_a_change_arrives_and_only_it(
    session: Session, change: Change, columns: dict[str, Any]
) -> None:
    offer = make_offer(session)
    before = dict(row_of(session, offer))

    change(session, offer)
    refresh_services(session, [offer.service_id], now=NOON)

    after = dict(row_of(session, offer))
    assert {name: after[name] for name in columns} == columns
    derived = {"text", "areas", "cell", "x", "y", "z"}
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= set(columns) | derived


def test_a_row_names_the_rule_of_all_that_is_said(session: Session) -> None:
    offer, other = make_offer(session), make_offer(session)
    for each in (offer, other):
        for change in (write_a_rule, let_adults_in, ask_for_a_lease):
            change(session, each)
    refresh_services(session, [offer.service_id], now=NOON)
    refresh_services(session, [other.service_id], now=NOON)

    rule = Group(
        "all",
        (
            Condition("age", Range(18)),
            Condition("veteran", test=True),
            Condition("documents", "lease"),
        ),
    )
    ids = {row_of(session, each)["rule_id"] for each in (offer, other)}
    assert find_rules(session, ids) == {id_of(rule): rule}
    assert len(find_rows(session, sa.select(rules))) == 1


def test_words_follow_a_new_name(session: Session) -> None:
    offer = make_offer(session)
    rename_organization(session, offer)
    refresh_services(session, [offer.service_id], now=NOON)

    assert " united help " in row_of(session, offer)["text"]
    assert "lanternfish" not in row_of(session, offer)["text"]


@pytest.mark.parametrize("status", [ServiceStatus.DEFUNCT, ServiceStatus.INACTIVE])
def test_a_service_that_is_over_leaves_no_row(session: Session, status: ServiceStatus) -> None:
    offer, other = make_offer(session), make_offer(session)
    service_of(session, offer).status = status

    assert refresh_services(session, [offer.service_id], now=NOON) == 0

    assert [row["id"] for row in find_rows(session, sa.select(entries))] == [other.id]


@pytest.mark.parametrize("visibility", [AddressVisibility.HIDDEN, AddressVisibility.AREA_ONLY])
def test_a_place_that_is_not_public_leaves_nothing_to_find_it_by(
    session: Session, visibility: AddressVisibility
) -> None:
    offer = make_offer(session)
    add_address(session, offer)
    place = place_of(session, offer)
    place.name = "Canary House"
    refresh_services(session, [offer.service_id], now=NOON)
    assert "canary" in row_of(session, offer)["text"]

    place.address_visibility = visibility
    place.latitude = place.longitude = None
    refresh_services(session, [offer.service_id], now=NOON)

    row = row_of(session, offer)
    gone = ("location_id", "location_name", "address", "latitude", "longitude", "cell", "x", "y")
    assert {row[name] for name in gone} == {None}
    assert not [name for name, value in row.items() if "anary" in str(value) or "Elm" in str(value)]


def test_refreshing_hours_gives_what_is_over_its_next_hours_and_changes_nothing_else(
    session: Session,
) -> None:
    over = make_offer(session, hours=[weekly("MO", time(6), time(9))])  # until 13:00 UTC
    last = make_offer(session, hours=[{**weekly("MO", time(6), time(9)), "until": NOON.date()}])
    running = make_offer(session, hours=[weekly("MO", time(6), time(18))])
    unknown = make_offer(session)
    before = {offer.id: row_of(session, offer) for offer in (over, last, running, unknown)}

    assert refresh_hours(session, now=NOON + HOUR) == 2

    next_week = NOON + timedelta(days=7, hours=-2)
    none = {"opens_at": None, "closes_at": None}
    assert row_of(session, over) == {
        **before[over.id],
        "opens_at": next_week,
        "closes_at": next_week + 3 * HOUR,
    }
    assert row_of(session, last) == {**before[last.id], **none}
    assert row_of(session, running) == before[running.id]
    assert row_of(session, unknown) == before[unknown.id]
    assert refresh_hours(session, now=NOON + HOUR) == 0
    assert find_stale_services(session, now=NOON + HOUR) == set()


def test_hours_of_a_hidden_place_are_refreshed_by_its_location(session: Session) -> None:
    offer = make_offer(session, point=None)
    place_of(session, offer).address_visibility = AddressVisibility.HIDDEN
    session.add(Schedule(location_id=offer.location_id, **weekly("MO", time(6), time(9))))
    refresh_services(session, [offer.service_id], now=NOON)

    refresh_hours(session, now=NOON + HOUR)

    row = row_of(session, offer)
    assert row["location_id"] is None
    assert row["opens_at"] == NOON + timedelta(days=7, hours=-2)


def test_what_was_kept_current_equals_what_is_made_from_scratch(session: Session) -> None:
    for change, _ in CHANGES:
        offer = make_offer(session)
        change(session, offer)
        refresh_services(session, [offer.service_id], now=NOON)
    kept = find_rows(session, sa.select(entries).order_by(entries.c.id))

    session.connection().execute(sa.delete(entries))
    refresh_services(session, list(session.exec(select(Service.id))), now=NOON)

    assert find_rows(session, sa.select(entries).order_by(entries.c.id)) == kept


# -------------------------------------------------------------------------------- consistency


def test_a_table_that_was_kept_current_has_nothing_stale(session: Session) -> None:
    make_offer(session, hours=[weekly("MO", time(6), time(9))])
    make_offer(session, point=None)
    make_offer(session, hours=[weekly("MO,TU,WE,TH,FR,SA,SU", time(0), time(0))])

    assert find_stale_services(session, now=NOON) == set()
    for later in (HOUR / 2, HOUR, 3 * timedelta(days=1), timedelta(days=30)):
        assert find_stale_services(session, now=NOON + later) == set()


def test_a_change_that_nobody_mirrored_is_found(session: Session) -> None:
    fine, renamed, ended, lost = (make_offer(session) for _ in range(4))
    assert fine.id
    rename_organization(session, renamed)
    service_of(session, ended).status = ServiceStatus.DEFUNCT
    session.connection().execute(sa.delete(entries).where(entries.c.id == lost.id))

    stale = find_stale_services(session, now=NOON)

    assert stale == {renamed.service_id, ended.service_id, lost.service_id}


def test_hours_that_nobody_mirrored_are_found_though_the_old_ones_are_not_over(
    session: Session,
) -> None:
    offer = make_offer(session, hours=[weekly("MO", time(6), time(18))])
    session.add(
        Schedule(service_at_location_id=offer.id, valid_from=NOON.date(), valid_to=NOON.date())
    )

    assert find_stale_services(session, now=NOON) == {offer.service_id}


def test_looking_for_stale_rows_changes_none(session: Session) -> None:
    offer = make_offer(session)
    rename_organization(session, offer)
    before = find_rows(session, sa.select(entries))

    find_stale_services(session, now=NOON)

    assert find_rows(session, sa.select(entries)) == before


def test_own_line_of_a_hidden_place_is_told_nowhere(session: Session) -> None:
    offer = make_offer(session, point=None)
    place = place_of(session, offer)
    organization_id = service_of(session, offer).organization_id
    session.add(Phone(location_id=place.id, number="555-0101"))
    session.add(Phone(organization_id=organization_id, number="555-0102"))
    refresh_services(session, [offer.service_id], now=NOON)
    in_the_open = row_of(session, offer)["phone"]
    place.address_visibility = AddressVisibility.HIDDEN
    refresh_services(session, [offer.service_id], now=NOON)

    assert (in_the_open, row_of(session, offer)["phone"]) == ("555-0101", "555-0102")


def test_hours_too_far_ahead_to_be_stored_are_not_held_against_a_row(session: Session) -> None:
    """A search looks them up by itself, as it does those that are over."""
    far = {"dtstart": date(2031, 7, 1), "opens_at": time(9), "closes_at": time(17)}
    offer = make_offer(session, hours=[far])

    assert row_of(session, offer)["closes_at"] is None
    assert find_stale_services(session, now=NOON + timedelta(days=60)) == set()
