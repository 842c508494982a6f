import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import pytest

from directory.eligibility import conditions_in
from directory.eligibility_rules import parse_rule
from directory.models.locations import AddressVisibility
from directory.models.services import ServiceStatus
from directory.needs import EVERYDAY_NEEDS
from directory.queries.schedules import as_rule
from seed.listings import list_region
from seed.places import region
from seed.rows import Rows
from tests.conftest import NOON

Every = Callable[[str], Sequence[Any]]

FICTIONAL_PHONE = re.compile(r"\(\d{3}\) 555-01\d\d")
FICTIONAL_MAIL = re.compile(r"[a-z-]+@([a-z-]+\.example|example\.org)")
FICTIONAL_URL = re.compile(r"https://([a-z-]+\.example|example\.org)/[a-z-]*")


def test_every_need_is_met_by_some_service(every: Every) -> None:
    codes = {term.id: term.code for term in every("taxonomy_term")}
    met = Counter(codes[row.taxonomy_term_id] for row in every("attribute"))
    assert set(met) == {need.code for need in EVERYDAY_NEEDS}


def test_every_service_meets_a_need(every: Every) -> None:
    assert {row.id for row in every("service")} == {row.link_id for row in every("attribute")}


def test_no_phone_can_be_anybodys(every: Every) -> None:
    phones = every("phone")
    assert phones
    assert [row.number for row in phones if not FICTIONAL_PHONE.fullmatch(row.number)] == []


@pytest.mark.parametrize("table", ["organization", "service", "contact", "account"])
def test_no_mail_can_reach_anybody(every: Every, table: str) -> None:
    emails = [row.email for row in every(table)]
    assert emails
    assert [email for email in emails if not FICTIONAL_MAIL.fullmatch(email)] == []


def test_no_web_page_can_be_anybodys(every: Every) -> None:
    urls = [row.website for row in every("organization")] + [row.url for row in every("service")]
    assert [url for url in urls if not FICTIONAL_URL.fullmatch(url)] == []


def test_every_directory_record_says_that_it_is_a_demo(every: Every) -> None:
    for table in ("organization", "service", "location", "service_at_location", "phone"):
        assert {row.source for row in every(table)} == {"demo"}


def test_two_shelters_give_away_nothing(every: Every) -> None:
    hidden = {
        row.id: row
        for row in every("location")
        if row.address_visibility == AddressVisibility.HIDDEN
    }
    assert len(hidden) == 2
    assert {(row.latitude, row.longitude) for row in hidden.values()} == {(None, None)}
    assert not {row.location_id for row in every("address")} & set(hidden)
    assert not {row.location_id for row in every("phone")} & set(hidden)
    sheltered = {r.service_id for r in every("service_at_location") if r.location_id in hidden}
    served = {row.service_id: row.extent for row in every("service_area")}
    for service_id in sheltered:
        assert "MI:Ingham_County" in served[service_id].split()


def test_fifteen_services_have_no_place_but_an_area_and_a_phone(every: Every) -> None:
    placed = {row.service_id for row in every("service_at_location")}
    placeless = {row.id for row in every("service")} - placed
    assert len(placeless) == 15
    assert placeless <= {row.service_id for row in every("service_area")}
    assert placeless <= {row.service_id for row in every("phone")}


def test_shown_branches_do_not_share_a_point(every: Every) -> None:
    points = [(row.latitude, row.longitude) for row in every("location") if row.latitude]
    assert len(points) == len(set(points))


def test_all_hours_can_be_read(every: Every) -> None:
    rules = [as_rule(row._mapping) for row in every("schedule")]
    assert any(rule.byday and rule.byday[0][0] for rule in rules)
    assert any(rule.by_appointment for rule in rules)
    assert any(
        rule.opens_at and rule.closes_at and rule.closes_at < rule.opens_at for rule in rules
    )
    assert any(rule.freq is None and rule.opens_at is None for rule in rules)
    assert any(rule.interval == 2 for rule in rules)


def test_costs_ages_languages_and_papers_differ(every: Every) -> None:
    assert {row.option for row in every("cost_option")} == {"free", "sliding", "fixed"}
    assert {row.code for row in every("language")} >= {"en", "es", "ar", "ase"}
    services = every("service")
    assert any(row.minimum_age for row in services)
    assert any(row.maximum_age for row in services)
    assert any("poverty level" in (row.eligibility_description or "") for row in services)
    assert len({row.document for row in every("required_document")}) > 8
    assert every("accessibility")


def test_words_that_can_be_checked_are_rules_of_many_facts_and_the_rest_stays_words(
    every: Every,
) -> None:
    services = every("service")
    ruled = [row for row in services if row.eligibility_rule is not None]
    rules = [parse_rule(row.eligibility_rule) for row in ruled]
    facts = {condition.fact for rule in rules for condition in conditions_in(rule)}

    assert facts == {
        *("children_ages", "county", "documents", "income_month", "income_poverty_percent"),
        "pregnant",
    }
    assert any(row.eligibility_description and row.eligibility_rule is None for row in services)


def test_a_few_services_are_closed_for_a_while_and_say_why(every: Every) -> None:
    closed = [row for row in every("service") if row.status == ServiceStatus.TEMPORARILY_CLOSED]
    assert 3 <= len(closed) <= 8
    assert all(row.alert for row in closed)
    bookable = {row.service_at_location_id for row in every("availability_window")}
    at = {row.id: row.service_id for row in every("service_at_location")}
    assert not {at[place] for place in bookable} & {row.id for row in closed}


def test_a_copy_offers_the_same_under_other_names_and_identifiers() -> None:
    need_ids = {need.code: uuid4() for need in EVERYDAY_NEEDS}
    home = list_region(Rows(), region(0), need_ids, now=NOON)
    copy = list_region(Rows(), region(1), need_ids, now=NOON)
    assert [each.offer_key for each in copy] == [each.offer_key for each in home]
    assert not {each.service_id for each in copy} & {each.service_id for each in home}
