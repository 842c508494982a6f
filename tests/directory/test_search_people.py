"""Searching for somebody: who is left out, who is asked for more, and what is said of it."""

from typing import Any

import pytest
from sqlmodel import Session

from directory.eligibility import Facts, Verdict
from directory.eligibility_rules import Condition, Range
from directory.index import refresh_services
from directory.models.locations import Accessibility
from directory.models.services import CostOption, RequiredDocument
from directory.search_query import Answer, Asked, SearchQuery
from geo.places import Place
from geo.points import Point
from tests.conftest import NOON
from tests.directory.engines import search
from tests.factories import LANSING, make_offer, weekly

HERE = Place("here", Point(*LANSING), "48933", "", "Ingham County", "MI", "America/Detroit", "zip")
AWAY = (LANSING[0] + 0.05, LANSING[1])  # some 5.6 km north
VETERANS = {"fact": "veteran", "is": True}


def names(answer: Answer) -> list[str]:
    return [hit.entry["service_name"] for hit in answer.hits]


def find(session: Session, facts: Facts | None = None, **asked: Any) -> Answer:
    return search(session, SearchQuery(origin=HERE, facts=facts or {}, **asked), now=NOON)


def test_only_what_is_known_to_be_for_others_is_left_out(session: Session) -> None:
    make_offer(session, name="Adults", minimum_age=18)
    make_offer(session, name="Older", minimum_age=60)
    make_offer(session, name="Everybody")
    make_offer(session, name="Veterans", eligibility_rule=VETERANS)

    everything = find(session)
    answer = find(session, {"age": 30})

    assert names(everything) == ["Adults", "Everybody", "Older", "Veterans"]
    assert everything.verdicts == {}
    assert names(answer) == ["Adults", "Everybody", "Veterans"]
    assert answer.total == 3
    assert answer.verdicts == {Verdict.ELIGIBLE: 1, None: 1, Verdict.NEEDS_MORE: 1}


def test_a_result_says_why_and_what_is_still_to_be_told(session: Session) -> None:
    make_offer(session, name="Adults", minimum_age=18)
    make_offer(session, name="Everybody")
    make_offer(
        session,
        name="Poor",
        eligibility_rule={"fact": "income_poverty_percent", "at_most": 200},
    )

    adults, everybody, poor = find(session, {"age": 30, "household_size": 2}).hits

    assert adults.judgement is not None
    assert adults.judgement.because == (Condition("age", Range(18)),)
    assert everybody.judgement is None
    assert poor.judgement is not None
    assert poor.judgement.ask == ("income_month",)


def test_papers_to_bring_count_once_it_is_known_which_there_are(session: Session) -> None:
    offer = make_offer(session, name="Rent")
    session.add(RequiredDocument(service_id=offer.service_id, document="Lease"))
    refresh_services(session, [offer.service_id], now=NOON)

    assert names(find(session)) == ["Rent"]
    assert names(find(session, {"documents": frozenset({"lease"})})) == ["Rent"]
    assert names(find(session, {"documents": frozenset()})) == []


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"facts": {"age": 12}}, Asked.ELIGIBLE),
        ({"step_free": True}, Asked.STEP_FREE),
        ({"remote": True}, Asked.REMOTE),
        ({"languages": ["es"]}, Asked.LANGUAGE),
        ({"free": True}, Asked.FREE),
        ({"price_at_most": 500}, Asked.PRICE),
        ({"openings": True}, Asked.ROOM),
        ({"open_at": NOON}, Asked.OPEN),
        ({"openings": True, "free": True, "facts": {"age": 12}}, Asked.ELIGIBLE),
        ({"openings": True, "free": True}, Asked.FREE),
    ],
)
def test_a_nearer_place_is_told_with_the_first_of_what_speaks_against_it(
    session: Session, asked: dict[str, Any], reason: Asked
) -> None:
    """Nothing is known of its room, its price and its hours: that must not lose it."""
    near = make_offer(session, name="Near", minimum_age=18)

    answer = find(session, **asked)

    assert [(each.hit.entry["id"], each.asked) for each in answer.excluded_nearer] == [
        (near.id, reason)
    ]
    assert answer.total == 0


def test_what_is_farther_than_the_last_result_is_not_told(session: Session) -> None:
    hours = [weekly("MO", *(NOON.replace(hour=h).time() for h in (0, 23)))]
    make_offer(session, name="Near and closed")
    make_offer(session, name="Farther and open", point=AWAY, hours=hours)
    make_offer(session, name="Farthest and closed", point=(AWAY[0] + 0.05, AWAY[1]))

    answer = find(session, open_at=NOON)

    assert names(answer) == ["Farther and open"]
    assert [each.hit.entry["service_name"] for each in answer.excluded_nearer] == [
        "Near and closed"
    ]


def test_what_was_not_asked_for_by_its_kind_is_not_told(session: Session) -> None:
    make_offer(session, name="Dentist", needs=["dental"])

    assert find(session, needs=["food"], free=True).excluded_nearer == []


def test_later_pages_and_searches_from_nowhere_tell_of_no_nearer_places(session: Session) -> None:
    make_offer(session, name="Costs something")
    for _ in range(2):
        make_offer(session, name="Free", fees_description="Free", point=AWAY)

    first = find(session, free=True, limit=1)
    second = find(session, free=True, limit=1, after=first.hits[0].cursor)

    assert len(first.excluded_nearer) == 1
    assert second.excluded_nearer == []
    assert search(session, SearchQuery(free=True), now=NOON).excluded_nearer == []


def test_the_lowest_price_and_a_step_count_as_the_agency_says(session: Session) -> None:
    cheap, dear, free, unknown = (
        make_offer(session, name=name) for name in ("Cheap", "Dear", "Free", "Unknown")
    )
    for offer, amounts in ((cheap, (1500, 500)), (dear, (1500,)), (free, (0,))):
        for cents in amounts:
            session.add(CostOption(service_id=offer.service_id, amount_cents=cents))
    session.add(Accessibility(location_id=dear.location_id, description="Ramp at the door"))
    offers = (cheap, dear, free, unknown)
    refresh_services(session, [offer.service_id for offer in offers], now=NOON)

    assert names(find(session, price_at_most=500)) == ["Cheap", "Free"]
    assert names(find(session, price_at_most=0)) == ["Free"]
    assert names(find(session, step_free=True)) == ["Dear"]
