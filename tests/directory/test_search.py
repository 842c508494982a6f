"""The search against an oracle that looks at every entry, by geodesic and in plain Python."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from geopy.distance import geodesic
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from directory.commands.needs import ensure_needs
from directory.commands.prices import refresh_prices
from directory.database import find_rows
from directory.eligibility import Verdict
from directory.eligibility_rules import Condition, Group, Rule, as_json
from directory.folding import fold
from directory.hours import OpeningRule, current_or_next, is_open, parse_byday
from directory.index import find_stale_services, refresh_services
from directory.models.contacts import Language
from directory.models.locations import Accessibility, AddressVisibility, Location
from directory.models.openings import OpeningStatus, ServiceCapacity, Unit
from directory.models.schedules import Schedule
from directory.models.services import (
    CostOption,
    RequiredDocument,
    Service,
    ServiceArea,
    ServiceAtLocation,
    ServiceStatus,
)
from directory.models.verifications import VerificationRequest
from directory.need_words import NEED_WORDS
from directory.needs import EVERYDAY_NEEDS
from directory.offers import entries, services
from directory.search_page import MOST_LEFT_OUT
from directory.search_query import Answer, Asked, Hit, Match, SearchQuery, Sort
from directory.week_times import WeekTime
from geo.places import Place
from geo.points import Point
from tests.conftest import NOON
from tests.directory.eligibility_made import by_table, rules, told
from tests.directory.engines import search
from tests.factories import LANSING, add_needs, make_offer, make_organization, weekly

HERE = Point(*LANSING)
PARENT_OF = {need.code: need.parent for need in EVERYDAY_NEEDS}
NAME_OF = {need.code: need.name for need in EVERYDAY_NEEDS}


# ------------------------------------------------------------------ what a catalogue is made of


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    status: OpeningStatus
    available: int | None
    valid_for: timedelta


@dataclass(frozen=True, slots=True)
class Price:
    """Cents, from a day and until a day, by the clocks of the listing."""

    cents: int
    first: date | None = None
    last: date | None = None

    def counts(self, on: date) -> bool:
        return (self.first is None or self.first <= on) and (self.last is None or on <= self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One service as a test wants it: with a place, a hidden place, or none."""

    name: str = "Food parcels"
    point: Point | None = HERE
    hidden: bool = False
    needs: Sequence[str] = ()
    languages: Sequence[str] = ()
    areas: str | None = None
    free: bool = False
    prices: Sequence[Price] = ()
    step_free: bool = False
    rule: Rule | None = None
    papers: Sequence[str] = ()  # their codes, of which the name is the words
    status: ServiceStatus = ServiceStatus.ACTIVE
    zone: str = "America/Detroit"
    hours: Sequence[dict[str, Any]] = ()
    report: Report | None = None
    unanswered_since: datetime | None = None  # the deadline of a question about the hours
    checked: date = date(2029, 12, 9)  # of a listing with a question

    @property
    def placed(self) -> bool:
        return self.point is not None and not self.hidden

    @property
    def rules(self) -> list[OpeningRule]:
        return [
            OpeningRule(**{**row, "byday": parse_byday(row.get("byday") or "")})
            for row in self.hours
        ]

    @property
    def all_needs(self) -> set[str]:
        found: set[str] = set()
        for code in self.needs:
            each: str | None = code
            while each is not None:
                found.add(each)
                each = PARENT_OF[each]
        return found

    @property
    def own_words(self) -> list[str]:
        place = "The Hall" if self.placed else ""
        return fold(f"{self.name} Lanternfish {place}").split()

    @property
    def need_words(self) -> list[str]:
        names = [NAME_OF[code] for code in self.all_needs]
        names += [
            words
            for code in self.all_needs
            for language in NEED_WORDS[code].values()
            for words in language
        ]
        return fold(" ".join(names)).split()

    @property
    def words(self) -> list[str]:
        return [*self.own_words, *self.need_words]


def origin_at(point: Point) -> Place:
    return Place("here", point, "48933", "", "Ingham County", "MI", "America/Detroit", "zip")


SERVES_THE_ORIGIN = {"48933", "MI", "MI:Ingham_County"}


def add_listing(session: Session, listing: Listing, organization_id: UUID) -> UUID:
    """Write a listing; return the id of its search row."""
    service = Service(
        organization_id=organization_id,
        name=listing.name,
        status=listing.status,
        fees_description="Free" if listing.free else "Ten dollars",
        assured_date=listing.checked if listing.unanswered_since is not None else None,
        eligibility_rule=as_json(listing.rule) if listing.rule else None,
    )
    session.add(service)
    session.flush()
    session.add_all(
        CostOption(
            service_id=service.id,
            amount_cents=each.cents,
            valid_from=each.first,
            valid_to=each.last,
        )
        for each in listing.prices
    )
    session.add_all(
        RequiredDocument(service_id=service.id, document=each) for each in listing.papers
    )
    add_needs(session, service.id, listing.needs)
    if listing.unanswered_since is not None:
        session.add(_question(service.id, listing.unanswered_since))
    session.add_all(Language(service_id=service.id, code=code) for code in listing.languages)
    if listing.areas is not None:
        kind = "geojson" if listing.areas.startswith("{") else "text"
        session.add(ServiceArea(service_id=service.id, extent=listing.areas, extent_type=kind))
    if listing.point is None:
        session.add_all(Schedule(service_id=service.id, **row) for row in listing.hours)
        return service.id
    return _add_place(session, listing, service)


def _add_place(session: Session, listing: Listing, service: Service) -> UUID:
    point = None if listing.hidden else listing.point
    location = Location(
        name="The Hall",
        latitude=point.latitude if point else None,
        longitude=point.longitude if point else None,
        timezone=listing.zone,
        address_visibility=AddressVisibility.HIDDEN if listing.hidden else AddressVisibility.PUBLIC,
    )
    session.add(location)
    session.flush()
    offer = ServiceAtLocation(service_id=service.id, location_id=location.id)
    session.add(offer)
    session.flush()
    session.add_all(Schedule(service_at_location_id=offer.id, **row) for row in listing.hours)
    if listing.step_free:
        session.add(Accessibility(location_id=location.id, description="Step-free entrance"))
    if listing.report is not None:
        session.add(_capacity(session, listing.report, service.id, offer.id))
    return offer.id


LIFETIME = timedelta(days=180)

#: When hours were checked that are old four days after NOON, and that were old before.
CHECKED = (date(2029, 12, 9), date(2029, 11, 1))


def _question(service_id: UUID, deadline: datetime) -> VerificationRequest:
    return VerificationRequest(
        service_id=service_id,
        email="desk@lanternfish.example",
        token_hash=str(service_id),
        asked_at=deadline - timedelta(days=21),
        expires_at=deadline,
    )


def _capacity(session: Session, report: Report, service_id: UUID, offer_id: UUID) -> Any:
    unit = session.exec(select(Unit).where(Unit.name == "beds")).first()
    if unit is None:
        unit = Unit(name="beds")
        session.add(unit)
        session.flush()
    return ServiceCapacity(
        service_id=service_id,
        service_at_location_id=offer_id,
        unit_id=unit.id,
        status=report.status,
        available=report.available,
        updated=NOON,
        expires_at=NOON + report.valid_for,
        said_by="Lanternfish",
    )


@contextmanager
def catalogue(session: Session, listings: Sequence[Listing]) -> Iterator[dict[UUID, Listing]]:
    """Write listings at NOON, and undo them at the end."""
    with session.begin_nested() as savepoint:
        organization = make_organization(session, "Lanternfish")
        ensure_needs(session)
        written = {add_listing(session, each, organization.id): each for each in listings}
        refresh_all(session)
        yield written
        savepoint.rollback()
        session.expunge_all()


def refresh_all(session: Session) -> None:
    session.flush()
    ids = session.connection().execute(sa.select(services.c.id)).scalars()
    refresh_services(session, list(ids), now=NOON)


# --------------------------------------------------------------------------------- the oracle


def kilometres(query: SearchQuery, listing: Listing) -> float | None:
    if query.origin is None or not listing.placed or listing.point is None:
        return None
    return float(geodesic(query.origin.point, listing.point).kilometers)


def stands(listing: Listing, now: datetime) -> bool:
    """Old hours about which a question went unanswered are shown, but claimed no more."""
    if listing.unanswered_since is None:
        return True
    checked = datetime.combine(listing.checked, time(0), zone_of(listing))
    old_from = checked.astimezone(NOON.tzinfo) + LIFETIME
    return now < listing.unanswered_since or now < old_from


def open_at(listing: Listing, at: datetime, now: datetime) -> bool:
    if listing.status is ServiceStatus.TEMPORARILY_CLOSED or not stands(listing, now):
        return False
    return is_open(listing.rules, zone_of(listing), at)


def zone_of(listing: Listing) -> ZoneInfo:
    return ZoneInfo(listing.zone if listing.point is not None else "UTC")


def instant_of(asked: datetime | WeekTime, listing: Listing, now: datetime) -> datetime:
    if isinstance(asked, WeekTime):
        return asked.next_instant(zone_of(listing), now)
    return asked


def has_room(listing: Listing, now: datetime) -> bool:
    report = listing.report if listing.point is not None else None
    return (
        report is not None
        and report.status is OpeningStatus.OPEN
        and now < NOON + report.valid_for
        and report.available != 0
    )


def prices_now(listing: Listing, now: datetime) -> list[int]:
    today = now.astimezone(zone_of(listing)).date()
    return [price.cents for price in listing.prices if price.counts(today)]


def costs_nothing(listing: Listing, now: datetime) -> bool:
    prices = prices_now(listing, now)
    return not any(prices) if prices else listing.free


def lowest_price(listing: Listing, now: datetime) -> float:
    if costs_nothing(listing, now):
        return 0
    return min(prices_now(listing, now), default=float("inf"))


def rule_of(listing: Listing) -> Rule | None:
    papers = [Condition("documents", each) for each in listing.papers]
    parts = (*((listing.rule,) if listing.rule else ()), *papers)
    return Group("all", parts) if parts else None


def verdict(listing: Listing, query: SearchQuery) -> Verdict | None:
    """The verdict by Kleene's tables, folded; None where the listing has no rule."""
    rule = rule_of(listing)
    if rule is None:
        return None
    told = by_table(rule, query.facts)
    return {True: Verdict.ELIGIBLE, False: Verdict.NOT_ELIGIBLE, None: Verdict.NEEDS_MORE}[told]


def failed(query: SearchQuery, listing: Listing, now: datetime) -> Iterator[Asked]:
    """What was asked that the listing has not, in the order in which it is told."""
    if query.facts and verdict(listing, query) is Verdict.NOT_ELIGIBLE:
        yield Asked.ELIGIBLE
    if query.step_free and not (listing.placed and listing.step_free):
        yield Asked.STEP_FREE
    if query.remote and listing.point is not None:
        yield Asked.REMOTE
    if query.languages and not set(listing.languages) & set(query.languages):
        yield Asked.LANGUAGE
    if query.free and not costs_nothing(listing, now):
        yield Asked.FREE
    if query.price_at_most is not None and lowest_price(listing, now) > query.price_at_most:
        yield Asked.PRICE
    if query.openings and not has_room(listing, now):
        yield Asked.ROOM
    if query.open_at is not None and not open_at(
        listing, instant_of(query.open_at, listing, now), now
    ):
        yield Asked.OPEN


def reached(query: SearchQuery, listing: Listing) -> bool:
    if query.origin is None:
        return True
    return matched(query, listing) is not None


def serves(listing: Listing) -> bool | None:
    """Say whether what is stated takes in the origin; None where it cannot be told."""
    if not listing.areas or "Greater" in listing.areas:
        return None
    if listing.areas.startswith("{"):
        return bool(json.loads(listing.areas)["properties"]["here"])
    return bool(set(listing.areas.split()) & SERVES_THE_ORIGIN)


def matched(query: SearchQuery, listing: Listing) -> Match | None:
    distance = kilometres(query, listing)
    if distance is not None and distance <= query.within_km:
        return Match.NEAR
    if serves(listing):
        return Match.AREA
    return Match.ANYWHERE if not listing.placed and serves(listing) is None else None


def about(query: SearchQuery, listing: Listing) -> bool:
    return (
        listing.status in (ServiceStatus.ACTIVE, ServiceStatus.TEMPORARILY_CLOSED)
        and reached(query, listing)
        and (not query.needs or bool(listing.all_needs & set(query.needs)))
        and all(
            any(word.startswith(asked) for word in listing.words)
            for asked in fold(query.words).split()
        )
        and not listing.all_needs & set(query.without_needs)
        and not any(
            f" {fold(phrase)} " in f" {' '.join(listing.own_words)} "
            for phrase in query.without_words
        )
    )


def wanted(query: SearchQuery, listing: Listing, now: datetime) -> bool:
    return about(query, listing) and not any(failed(query, listing, now))


def left_out(
    query: SearchQuery, listings: dict[UUID, Listing], farthest: float, now: datetime
) -> list[tuple[UUID, Asked]]:
    """What is nearer than the farthest result and fails something, nearest first."""
    found = []
    for id_, listing in listings.items():
        distance = kilometres(query, listing)
        reasons = [*failed(query, listing, now)]
        if distance is not None and distance <= farthest and about(query, listing) and reasons:
            found.append((distance, listing.name, id_, reasons[0]))
    return [(id_, reason) for _, _, id_, reason in sorted(found)]


def assert_left_out(
    answer: Answer, listings: dict[UUID, Listing], query: SearchQuery, now: datetime
) -> None:
    told = [(each.hit.entry["id"], each.asked) for each in answer.excluded_nearer]
    if query.origin is None:
        assert told == []
        return
    placed = [each.distance_km for each in answer.hits if each.distance_km is not None]
    edge = max(placed, default=query.within_km)
    sure = left_out(query, listings, edge - 1e-3, now)
    allowed = dict(left_out(query, listings, edge + 1e-3, now))

    assert len(told) == len(set(told)) <= MOST_LEFT_OUT
    assert all(allowed.get(id_) is reason for id_, reason in told)
    assert len(told) >= min(len(sure), MOST_LEFT_OUT)
    distances = [each.hit.distance_km or 0.0 for each in answer.excluded_nearer]
    assert distances == sorted(distances)
    if len(told) == MOST_LEFT_OUT:
        further = [kilometres(query, listings[id_]) or 0.0 for id_, _ in sure[MOST_LEFT_OUT:]]
        assert all(distances[-1] <= each + 1e-3 for each in further)


def score(listing: Listing, words: str) -> int:
    """4 for a word of the name, 3 for the beginning of one, 2 for one of its needs, 1 elsewhere."""
    name = fold(listing.name).split()
    total = 0
    for asked in dict.fromkeys(fold(words).split()):
        if asked in name:
            total += 4
        elif any(word.startswith(asked) for word in name):
            total += 3
        elif any(word.startswith(asked) for word in listing.need_words):
            total += 2
        else:
            total += 1
    return total


def assert_in_order(hits: Sequence[Hit], listings: dict[UUID, Listing], query: SearchQuery) -> None:
    """By relevance those with the same score together, the greatest first; each as by distance."""
    if query.sort is Sort.RELEVANCE or (query.sort is None and query.origin is None):
        scores = [score(listings[hit.entry["id"]], query.words) for hit in hits]
        assert scores == sorted(scores, reverse=True)
        for each in set(scores):
            tied = [hit for hit, its in zip(hits, scores, strict=True) if its == each]
            assert_by_distance(tied, listings, query)
    else:
        assert_by_distance(hits, listings, query)


def assert_by_distance(
    hits: Sequence[Hit], listings: dict[UUID, Listing], query: SearchQuery
) -> None:
    """Nearest first, then those without a place; at the same point by name and id."""

    def exact(hit: Hit) -> tuple[str, UUID]:
        return hit.entry["service_name"], hit.entry["id"]

    distances = [kilometres(query, listings[hit.entry["id"]]) for hit in hits]
    for before, after, first, second in zip(hits, hits[1:], distances, distances[1:], strict=False):
        if first is None or second is None:
            assert first is not None or second is None or query.origin is None
            in_place = first is None and second is None
        else:
            assert first <= second + 1e-3  # a metre
            in_place = listings[before.entry["id"]].point == listings[after.entry["id"]].point
        if in_place:
            assert exact(before) < exact(after)


def assert_right(
    session: Session, query: SearchQuery, listings: dict[UUID, Listing], now: datetime
) -> Answer:
    answer = search(session, query, now=now)
    query = replace(query, within_km=answer.within_km)  # what "widened" searched
    expected = {id_ for id_, each in listings.items() if wanted(query, each, now)}
    found = [listings[id_] for id_ in expected]

    assert {hit.entry["id"] for hit in answer.hits} == expected
    assert answer.total == len(answer.hits) == len(expected)
    assert_in_order(answer.hits, listings, query)
    counted = found if query.facets else []
    assert answer.needs == Counter(code for each in counted for code in each.all_needs)
    assert answer.languages == Counter(code for each in counted for code in set(each.languages))
    assert answer.free == sum(costs_nothing(each, now) for each in counted)
    if query.facts:
        assert answer.verdicts == Counter(verdict(each, query) for each in found)
    assert_left_out(answer, listings, query, now)
    assert answer.open_now == sum(open_at(each, now, now) for each in counted)
    for hit in answer.hits:
        assert_hit_is_true(hit, listings[hit.entry["id"]], query, now)
    return answer


def assert_hit_is_true(hit: Hit, listing: Listing, query: SearchQuery, now: datetime) -> None:
    assert (hit.judgement.verdict if hit.judgement else None) == verdict(listing, query)
    found = (None, None) if query.origin is None else (matched(query, listing), serves(listing))
    assert (hit.match, hit.serves) == found
    distance = kilometres(query, listing)
    if distance is None:
        assert hit.distance_km is None
    else:
        assert hit.distance_km == pytest.approx(distance, abs=1e-3)  # a metre
    if listing.status is ServiceStatus.TEMPORARILY_CLOSED or not stands(listing, now):
        assert hit.hours is None
        return
    expected = current_or_next(listing.rules, zone_of(listing), now)
    assert (hit.hours is None) == (expected is None)
    assert (hit.hours is not None and hit.hours.contains(now)) == open_at(listing, now, now)
    if hit.hours is not None and expected is not None:
        assert hit.hours.contains(now) or hit.hours.starts_at == expected.starts_at
        assert hit.hours.ends_at == expected.ends_at or hit.hours.ends_at - NOON > timedelta(7)


# ------------------------------------------------------------------------ random catalogues

CENTRES = (
    HERE,
    Point(0.0, 0.0),
    Point(89.995, 10.0),
    Point(-90.0, 0.0),
    Point(51.0, 179.999),
    Point(-17.0, -180.0),
)

TODAY = date(2030, 6, 3)
TOMORROW = date(2030, 6, 4)

HOURS: tuple[tuple[dict[str, Any], ...], ...] = (
    (),
    (weekly("MO,TU,WE,TH,FR", time(9), time(17)),),
    (weekly("MO,TU,WE,TH,FR,SA,SU", time(19), time(7)),),  # overnight
    (weekly("SU", time(0), time(0)), weekly("SA", time(22), time(4))),
    (weekly("SU", time(1, 30), time(2, 30)),),  # the hour that the clocks skip or repeat
    ({"freq": "MONTHLY", "byday": "1MO,-1FR", "opens_at": time(8), "closes_at": time(20)},),
    ({"freq": "WEEKLY", "byday": "MO", "by_appointment": True},),
    (weekly("MO", time(8), time(18)), {"valid_from": TODAY, "valid_to": TODAY}),  # closed today
    ({"dtstart": date(2030, 6, 20), "opens_at": time(8), "closes_at": time(9)},),
    (weekly("MO,TU,WE,TH,FR,SA,SU", time(0), time(0)),),  # always open
)  # fmt: skip

NAMES = ("apple", "Zebra", "Éclair", "ärzte", "a_b", "axb", "100% help", "Їжа", "b-side", "B side")
WORDS = ("", "", "a", "a_b", "%", "їЖа", "eclair", "food", "hall", "b s", "lantern z")


def near(centre: Point) -> st.SearchStrategy[Point]:
    """Points within some 60 km of a centre, also across a pole and the 180th meridian."""
    steps = st.sampled_from((0.0, 0.0001, 0.01, -0.02, 0.1, -0.3, 0.5))
    wide = st.sampled_from((0.0, 0.001, -0.02, 0.2, -0.5, 90.0, 180.0))

    def moved(north: float, east: float) -> Point:
        longitude = centre.longitude + (east if abs(centre.latitude) > 80 or abs(east) < 1 else 0.0)
        return Point(max(-90.0, min(90.0, centre.latitude + north)), (longitude + 180) % 360 - 180)

    return st.builds(moved, steps, wide)


#: Deadlines of questions: before and after the hours grow old, and before and after an instant.
DEADLINES = (NOON - timedelta(hours=1), NOON + timedelta(hours=1), NOON + timedelta(days=19))


AREAS = (None, None, "", "MI", "OH", "OH MI:Ingham_County", "48933", "Greater Lansing")


def drawn(centre: Point, *, here: bool) -> str:
    """A polygon that the centre is in, or one beside it."""
    north, east = centre if here else Point(centre.latitude / 2, centre.longitude / 2 + 20)
    south, top = max(-90.0, north - 0.4), min(90.0, north + 0.4)
    corners = ((-1, south), (1, south), (1, top), (-1, top), (-1, south))
    ring = [(east + side, latitude) for side, latitude in corners]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return json.dumps({"type": "Feature", "geometry": geometry, "properties": {"here": here}})


PRICES: tuple[tuple[Price, ...], ...] = (
    (),
    (),
    (Price(0),),
    (Price(500),),
    (Price(1500), Price(200)),
    (Price(0), Price(700)),
    (Price(0, last=TODAY), Price(700, first=TOMORROW)),
    (Price(500, first=TOMORROW, last=TOMORROW), Price(1500)),
    (Price(0, last=TODAY - timedelta(days=1)),),
    (Price(200, first=date(2030, 11, 3), last=date(2031, 3, 8)), Price(500, last=date.max)),
)


def listings_near(centre: Point) -> st.SearchStrategy[Listing]:
    return st.builds(
        Listing,
        name=st.sampled_from(NAMES),
        point=st.one_of(near(centre), near(centre), near(centre), st.none()),
        hidden=st.sampled_from((False, False, False, True)),
        needs=st.lists(st.sampled_from(("food", "meals", "shelter", "dental")), unique=True),
        languages=st.lists(st.sampled_from(("en", "es", "ar")), unique=True),
        areas=st.sampled_from((*AREAS, drawn(centre, here=True), drawn(centre, here=False))),
        free=st.booleans(),
        prices=st.sampled_from(PRICES),
        step_free=st.booleans(),
        rule=st.none() | rules,
        papers=st.lists(st.sampled_from(("lease", "referral")), max_size=2, unique=True),
        status=st.sampled_from((ServiceStatus.ACTIVE,) * 3 + tuple(ServiceStatus)),
        zone=st.sampled_from(("America/Detroit", "UTC", "Pacific/Kiritimati")),
        hours=st.sampled_from(HOURS),
        report=st.none()
        | st.builds(
            Report,
            status=st.sampled_from(OpeningStatus),
            available=st.sampled_from((None, 0, 3)),
            valid_for=st.sampled_from((timedelta(minutes=1), timedelta(hours=2), timedelta(7))),
        ),
        unanswered_since=st.sampled_from((None, None, None, *DEADLINES)),
        checked=st.sampled_from(CHECKED),
    )


INSTANTS = st.sampled_from(
    (
        NOON,
        NOON + timedelta(hours=2),
        NOON + timedelta(hours=15),
        NOON + timedelta(hours=16) - timedelta.resolution,  # the last of the day in Detroit
        NOON + timedelta(hours=16),
        NOON + timedelta(days=5),
        NOON + timedelta(days=20),
        datetime(2030, 11, 3, 5, 45, tzinfo=NOON.tzinfo),  # 1:45 in Detroit, for the first time
        datetime(2030, 11, 3, 6, 45, tzinfo=NOON.tzinfo),  # and again
        datetime(2031, 3, 9, 7, 15, tzinfo=NOON.tzinfo),  # 3:15; 2:15 does not exist
    )
)


@st.composite
def searches(draw: st.DrawFn) -> tuple[list[Listing], SearchQuery, datetime]:
    centre = draw(st.sampled_from(CENTRES))
    listings = draw(st.lists(listings_near(centre), max_size=8))
    now = draw(INSTANTS)
    query = SearchQuery(
        origin=draw(st.sampled_from((origin_at(centre), origin_at(centre), None))),
        within_km=draw(st.sampled_from((0.1, 2.0, 25.0, 50.0, 100.0))),
        needs=draw(st.sampled_from(((), (), ("food",), ("meals", "dental")))),
        languages=draw(st.sampled_from(((), (), ("es",), ("ar", "en")))),
        words=draw(st.sampled_from(WORDS)),
        without_needs=draw(st.sampled_from(((), (), ("food",), ("meals", "dental")))),
        without_words=draw(st.sampled_from(((), (), (), ("The hall!",), ("b side",), ("ax",)))),
        sort=draw(st.sampled_from((None, *Sort))),
        facets=draw(st.sampled_from((True, True, False))),
        free=draw(st.sampled_from((False, False, True))),
        price_at_most=draw(st.sampled_from((None, None, None, 0, 200, 1000))),
        step_free=draw(st.sampled_from((False, False, False, True))),
        remote=draw(st.sampled_from((False, False, False, False, True))),
        facts=draw(st.just({}) | told.map(lambda pair: pair[0])),
        openings=draw(st.sampled_from((False, False, True))),
        open_at=draw(
            st.sampled_from((None, None, now, now + timedelta(days=3), now + timedelta(hours=9)))
            | st.builds(WeekTime, st.integers(0, 6), st.sampled_from((time(2), time(22), time(9))))
        ),
        limit=100,
    )
    # Right at the edge of the circle a chord and a geodesic may differ by a millimetre.
    for each in listings:
        distance = kilometres(query, each)
        assume(distance is None or all(abs(distance - km) > 1e-3 for km in (0.1, 2, 25, 50, 100)))
    return listings, query, now


ONE_SESSION = settings(
    max_examples=settings().max_examples // 7,  # each makes a directory
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@ONE_SESSION
@given(case=searches())
@example(case=([Listing(), Listing(name="Zebra")], SearchQuery(limit=100), NOON))
@example(
    case=(
        [Listing(name="apple"), Listing(name="b a"), Listing(name="ab")],
        SearchQuery(origin=origin_at(HERE), words="a", sort=Sort.RELEVANCE, limit=100),
        NOON,
    )
)
def test_search_finds_what_looking_at_every_entry_finds(
    session: Session, case: tuple[list[Listing], SearchQuery, datetime]
) -> None:
    listings, query, now = case
    with catalogue(session, listings) as written:
        refresh_prices(session, now=now)
        assert_right(session, query, written, now)
        assert find_stale_services(session, now=now) == set()


def pages(session: Session, query: SearchQuery, *, now: datetime = NOON) -> Iterator[Answer]:
    while True:
        answer = search(session, query, now=now)
        yield answer
        if not answer.more:
            return
        query = replace(query, after=answer.hits[-1].cursor)


@ONE_SESSION
@given(case=searches(), limit=st.integers(1, 3))
@example(
    case=(
        [Listing(name=name) for name in ("apple", "b a", "ab", "a", "c apple")],
        SearchQuery(words="a", limit=100),
        NOON,
    ),
    limit=1,
)
def test_pages_together_are_the_whole_list_once(
    session: Session, case: tuple[list[Listing], SearchQuery, datetime], limit: int
) -> None:
    listings, query, now = case
    with catalogue(session, listings):
        whole = search(session, query, now=now)
        query = replace(query, limit=limit, within_km=whole.within_km)
        answers = list(pages(session, query, now=now))

    paged = [hit.entry["id"] for answer in answers for hit in answer.hits]
    assert paged == [hit.entry["id"] for hit in whole.hits]
    assert {answer.total for answer in answers} == {whole.total}


@ONE_SESSION
@given(data=st.data(), centre=st.sampled_from(CENTRES))
def test_pages_lose_and_repeat_nothing_while_entries_come_and_go(
    session: Session, data: st.DataObject, centre: Point
) -> None:
    listings = data.draw(st.lists(listings_near(centre), min_size=3, max_size=7))
    query = SearchQuery(
        origin=data.draw(st.sampled_from((origin_at(centre), None))),
        within_km=100.0,
        words=data.draw(st.sampled_from(("", "a", "lantern", "food h"))),
        sort=data.draw(st.sampled_from((None, *Sort))),
        limit=2,
    )
    with catalogue(session, listings) as written:
        stayed = {
            hit.entry["id"] for hit in search(session, replace(query, limit=100), now=NOON).hits
        }
        seen: list[UUID] = []
        for answer in pages(session, query):
            seen += [hit.entry["id"] for hit in answer.hits]
            gone = data.draw(st.sampled_from(sorted(written)))
            stayed.discard(gone)
            session.connection().execute(sa.delete(entries).where(entries.c.id == gone))
            add_late(session, data.draw(listings_near(centre)))

    assert len(seen) == len(set(seen))
    assert stayed <= set(seen)


def add_late(session: Session, listing: Listing) -> None:
    organization = make_organization(session, "Latecomer")
    added = add_listing(session, listing, organization.id)
    offer = session.get(ServiceAtLocation, added)
    refresh_services(session, [offer.service_id if offer else added], now=NOON)


# ------------------------------------------------------------------------------- one at a time


def test_a_search_from_nowhere_says_no_distance(session: Session) -> None:
    make_offer(session)

    (hit,) = search(session, SearchQuery(), now=NOON).hits

    assert hit.distance_km is None


def test_names_are_in_the_same_order_on_every_database(session: Session) -> None:
    organization = make_organization(session)
    for name in ("b-side", "B side", "apple", "Zebra", "Éclair", "a b", "ab"):
        make_offer(session, name=name, organization=organization)

    hits = search(session, SearchQuery(), now=NOON).hits

    names = [hit.entry["service_name"] for hit in hits]
    assert names == sorted(names)


def test_a_search_that_finds_nothing_near_looks_further_and_says_so(session: Session) -> None:
    make_offer(session, point=(43.3, -84.5555))  # some 63 km north

    answer = search(session, SearchQuery(origin=origin_at(HERE)), now=NOON)

    assert (answer.total, answer.widened, answer.within_km) == (1, True, 100.0)


def test_a_search_that_finds_something_near_does_not_look_further(session: Session) -> None:
    make_offer(session)
    make_offer(session, point=(43.3, -84.5555))

    answer = search(session, SearchQuery(origin=origin_at(HERE)), now=NOON)

    assert (answer.total, answer.widened, answer.within_km) == (1, False, 25.0)


def test_a_search_that_finds_nothing_anywhere_keeps_its_radius(session: Session) -> None:
    make_offer(session, point=(10.0, 10.0))

    answer = search(session, SearchQuery(origin=origin_at(HERE), within_km=7.0), now=NOON)

    assert (answer.total, answer.widened, answer.within_km) == (0, False, 7.0)


def test_a_helpline_does_not_keep_a_search_from_looking_further(session: Session) -> None:
    make_offer(session, name="Helpline", point=None)
    make_offer(session, name="Far hall", point=(43.3, -84.5555))

    answer = search(session, SearchQuery(origin=origin_at(HERE)), now=NOON)

    assert [hit.entry["service_name"] for hit in answer.hits] == ["Far hall", "Helpline"]
    assert answer.widened


def test_later_pages_of_a_widened_search_stay_as_wide(session: Session) -> None:
    organization = make_organization(session)
    for north in (43.30, 43.31, 43.32):
        make_offer(session, organization=organization, point=(north, -84.5555))
    query = SearchQuery(origin=origin_at(HERE), limit=2)

    first = search(session, query, now=NOON)
    second = search(session, replace(query, after=first.hits[-1].cursor), now=NOON)

    assert first.more
    assert len(second.hits) == 1
    assert second.total == first.total


@pytest.mark.parametrize("within_km", [0.1, 2.0, 25.0, 100.0])
@pytest.mark.parametrize("bearing", [0, 37, 90, 250])
def test_the_circle_ends_where_the_geodesic_does(
    session: Session, within_km: float, bearing: int
) -> None:
    for name, kilometres_away in (("in", within_km - 0.002), ("out", within_km + 0.002)):
        there = geodesic(kilometers=kilometres_away).destination(HERE, bearing)
        make_offer(session, name=name, point=(there.latitude, there.longitude))

    hits = search(session, SearchQuery(origin=origin_at(HERE), within_km=within_km), now=NOON).hits

    assert [hit.entry["service_name"] for hit in hits] == ["in"]


def test_a_time_of_the_week_is_that_of_each_place_and_not_of_one_of_them(session: Session) -> None:
    """At 9 on a Saturday evening in Detroit it is 6 in Los Angeles."""
    evenings = [weekly("SA", time(20), time(22))]
    east = make_offer(session, name="East", hours=evenings)
    west = make_offer(session, name="West", hours=evenings, timezone="America/Los_Angeles")
    make_offer(session, name="Early", hours=[weekly("SA", time(17), time(19))])

    found = search(session, SearchQuery(open_at=WeekTime(5, time(21))), now=NOON)
    one_instant = search(
        session, SearchQuery(open_at=datetime(2030, 6, 9, 1, tzinfo=NOON.tzinfo)), now=NOON
    )

    assert [hit.entry["id"] for hit in found.hits] == [east.id, west.id]
    assert [hit.entry["id"] for hit in one_instant.hits] == [east.id]


def test_hours_of_the_place_count_where_the_place_is_hidden(session: Session) -> None:
    """Its search row does not name the place, and its hours have to be looked up by it."""
    offer = make_offer(session, point=None)
    place = session.get_one(Location, offer.location_id)
    place.address_visibility = AddressVisibility.HIDDEN
    session.add(Schedule(location_id=place.id, **weekly("MO", time(6), time(18))))
    refresh_services(session, [offer.service_id], now=NOON)
    next_week = NOON + timedelta(days=7)

    (hit,) = search(session, SearchQuery(open_at=next_week), now=next_week).hits

    assert hit.hours is not None
    assert hit.hours.contains(next_week)


def test_a_row_whose_days_cannot_be_read_says_nothing_and_stops_nothing(session: Session) -> None:
    good = weekly("MO", time(6), time(18))
    offer = make_offer(session, hours=[good, {**good, "byday": "Moonday"}, {**good, "wkst": "XX"}])

    (hit,) = search(session, SearchQuery(), now=NOON).hits

    assert hit.entry["id"] == offer.id
    assert hit.hours is not None
    assert hit.hours.contains(NOON)


def test_more_places_can_be_looked_up_than_a_statement_has_room_for(session: Session) -> None:
    """SQLite takes 32,766 values in a statement."""
    offer = make_offer(session)
    session.add(Schedule(service_id=offer.service_id, **weekly("MO", time(6), time(18))))
    refresh_services(session, [offer.service_id], now=NOON)
    (row,) = find_rows(session, sa.select(entries))
    twin = {**row, "service_at_location_id": None, "opens_at": None, "closes_at": None}
    session.connection().execute(
        sa.insert(entries), [{**twin, "id": uuid4()} for _ in range(33_000)]
    )

    found = search(session, SearchQuery(open_at=NOON + timedelta(days=7), limit=1), now=NOON)

    assert found.total == 33_001


@pytest.mark.parametrize("later", [timedelta(hours=2), timedelta(days=10)])
def test_old_hours_that_nobody_answered_for_are_not_open_any_more(
    session: Session, later: timedelta
) -> None:
    """Left out of "open now" and of its count, and still found and shown without it."""
    always = weekly("MO,TU,WE,TH,FR,SA,SU", time(0), time(0))
    deadline = NOON + timedelta(hours=1)
    listing = Listing(hours=(always,), unanswered_since=deadline, checked=CHECKED[1])
    now = NOON + later
    with catalogue(session, [listing]):
        before = search(session, SearchQuery(open_at=now), now=NOON)
        after = search(session, SearchQuery(open_at=now), now=now)
        found = search(session, SearchQuery(), now=now)

    assert (before.total, before.open_now) == (1, 1)  # it is claimed, for later too
    assert (after.total, after.open_now) == (0, 0)
    assert (found.total, found.open_now, found.hits[0].hours) == (1, 0, None)
